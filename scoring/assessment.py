"""What underwriting asks of the score: one firm's evidence in; a score with reasons and the firm's own months out."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from lending.calendars import months_told
from lending.verdicts import Score, ScoreReason
from scoring.catalogue import NAMES
from scoring.evidence import Evidence
from scoring.features import features_of
from scoring.lines import REFUND, SALE, Lines, day_number
from scoring.model import Model
from scoring.series import MONTH_DAYS

STALE_AFTER = timedelta(days=45)  # bills older than this say less about today
STALE_COSTS = Decimal("0.10")  # confidence lost for each further month
FIRST_DAYS = 3  # a bill that begins by the third holds the whole month: shops close on New Year's Day
SERIES_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Assessment:
    """The score, and what the bills say without any model; amounts in minor units.

    ``months_of_history``: whole months of sales; a month without one is none. ``monthly_net_revenue_minor``: the median
    of the last twelve whole months, sales less refunds. ``monthly_series``: those months, oldest first, never below
    zero. ``missing_sources``: of what the firm shows nothing (statements, invoices, receivables, orders, declared).
    """

    score: Score
    months_of_history: int
    monthly_net_revenue_minor: int
    monthly_series: tuple[int, ...]
    features: dict[str, float | None]
    missing_sources: tuple[str, ...] = ()


def assess(model: Model, evidence: Evidence, as_of: date) -> Assessment:
    """Judges one firm by what was known on ``as_of``; whatever is of a later day counts for nothing."""
    known = evidence.known(as_of)
    lines = known.lines if len(known.lines) else known.invoices.as_sales()
    features = features_of(known, as_of)
    scored = model.score(features)
    months, net = monthly_net(lines)
    whole = _whole_months(lines, as_of, months)
    series = tuple(int(net[position]) for position in whole[-SERIES_MONTHS:])
    usual = int(np.median(series)) if series else _daily_rate(lines, as_of)
    return Assessment(
        score=Score(
            pd=scored.pd,
            grade=scored.grade,
            confidence=_aged(scored.confidence, lines, as_of),
            reasons=tuple(ScoreReason(reason.code, reason.weight, reason.params) for reason in scored.reasons),
        ),
        months_of_history=_months_of_sales(lines),
        monthly_net_revenue_minor=max(usual, 0),
        monthly_series=tuple(max(month, 0) for month in series),
        features={
            name: float(value) if np.isfinite(value) else None for name, value in zip(NAMES, features, strict=True)
        },
        missing_sources=scored.missing,
    )


def monthly_net(lines: Lines) -> tuple[np.ndarray, np.ndarray]:
    """Calendar months as numbers since 1970 and the net sales of each, from the first line's month to the last's."""
    if not len(lines):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    month = lines.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    months = np.arange(month.min(), month.max() + 1)
    sold = (lines.kind == SALE) & (lines.direction == 1)
    back = (lines.kind == REFUND) & (lines.direction == -1)
    sign = sold.astype(np.int64) - back.astype(np.int64)
    net = np.zeros(len(months), np.int64)
    np.add.at(net, month - months[0], sign * lines.amount_minor)
    return months, net


def _whole_months(lines: Lines, as_of: date, months: np.ndarray) -> list[int]:
    """Positions of the months that the lines cover from beginning to end."""
    if not len(months):
        return []
    begins = int(lines.day.min())
    ends = int(min(lines.day.max(), day_number(as_of)))
    starts = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    last_days = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
    return [
        position
        for position in range(len(months))
        if begins <= starts[position] + FIRST_DAYS - 1 and ends >= last_days[position] - (FIRST_DAYS - 1)
    ]


def _months_of_sales(lines: Lines) -> int:
    sold = np.unique(lines.day[(lines.kind == SALE) & (lines.direction == 1)]).astype("datetime64[D]")
    if not len(sold):
        return 0
    return months_told(sold[0].astype(date), sold[-1].astype(date), len(np.unique(sold.astype("datetime64[M]"))))


def _daily_rate(lines: Lines, as_of: date) -> int:
    """A month's net sales at the daily rate of what there is, where no month is covered whole."""
    if not len(lines):
        return 0
    _, net = monthly_net(lines)
    days = int(lines.day.max() - lines.day.min()) + 1
    return int(int(net.sum()) / days * MONTH_DAYS)


def _aged(confidence: Decimal, lines: Lines, as_of: date) -> Decimal:
    if not len(lines):
        return Decimal("0.00")
    age = timedelta(days=day_number(as_of) - int(lines.day.max()))
    months = max(0, (age - STALE_AFTER).days) // 30 + (1 if age > STALE_AFTER else 0)
    return max(Decimal("0.00"), confidence - STALE_COSTS * months)
