"""The nightly fairness report: decisions of a year by trade, age, size and region, compared at the same terms."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from db import treatment
from db.treatment import Treated
from policies.care_shapes import FairnessSection
from scoring.fairness import APPROVAL, LIMIT, PRICE, Cases, Gap, age_band, report, size_band, two_prices

MEASURES = 4


class FairnessWatch:
    """Writes the report of a closed day."""

    def __init__(self, rules: FairnessSection) -> None:
        self._rules = rules

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, Any]:
        """The report as JSON, which the night's row keeps."""
        until = datetime.combine(on + timedelta(days=1), time(), UTC)
        since = until - timedelta(days=self._rules.window_days)
        return told(await treatment.treated(session, since, until), self._rules, on)


def told(rows: Sequence[Treated], rules: FairnessSection, on: date) -> dict[str, Any]:
    """The report: every group with its gaps and intervals, what counts as a difference, and terms at two prices."""
    cases = cases_of(rows)
    least = {
        APPROVAL: float(rules.approval_least),
        PRICE: float(rules.price_least),
        LIMIT: float(rules.limit_least),
    }
    parts = report(cases)
    differences = [[_gap(gap, least[gap.measure]) for gap in part.gaps] for part in parts]
    groups = [
        {
            "kind": part.kind,
            "group": part.group,
            "firms": part.firms,
            "approved": part.approved,
            "rate_low": round(part.rate_low, MEASURES),
            "rate_high": round(part.rate_high, MEASURES),
            "gaps": gaps,
        }
        for part, gaps in zip(parts, differences, strict=True)
    ]
    prices = [{"terms": one.stratum, "prices": list(one.prices), "firms": one.firms} for one in two_prices(cases)]
    found = sum(bool(gap["found"]) for gaps in differences for gap in gaps)
    return {
        "as_of": on.isoformat(),
        "window_days": rules.window_days,
        "decisions": len(cases),
        "groups": groups,
        "two_prices": prices,
        "differences": found,
    }


def _gap(gap: Gap, least: float) -> dict[str, Any]:
    figures = {name: round(getattr(gap, name), MEASURES) for name in ("gap", "low", "high")}
    return {"measure": gap.measure, **figures, "firms": gap.firms, "found": gap.found(least)}


def cases_of(rows: Sequence[Treated]) -> Cases:
    """Decisions as columns. Without a price or a usual revenue a figure is missing, and counts for nothing."""

    def column(values: list[Any]) -> Any:
        return np.array([np.nan if value is None else float(value) for value in values], np.float64)

    limit = [row.limit_minor / row.monthly_revenue_minor if row.monthly_revenue_minor else None for row in rows]
    return Cases(
        approved=np.array([row.approved for row in rows], np.bool_),
        stratum=np.array([f"{row.product_id}/{row.months}/{row.grade}" for row in rows], np.str_),
        price=column([row.annual_rate for row in rows]),
        limit=column(limit),
        groups={
            "trade": np.array([row.trade or "" for row in rows], np.str_),
            "region": np.array([row.region or "" for row in rows], np.str_),
            "age": age_band(column([row.months_of_history and row.months_of_history / 12 for row in rows])),
            "size": size_band(column([row.monthly_revenue_minor and row.monthly_revenue_minor / 100 for row in rows])),
        },
    )
