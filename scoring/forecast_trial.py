"""How good forecasts are on firms' real days: learned on the first part of each, compared with what came after.

Beside it stands a seasonal-naive forecast, which says that a day is like the last known day of the same weekday.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from scoring.forecasts import LEVELS, Usual, day_quantiles
from scoring.lines import Floats, Ints
from scoring.patterns import WEEK, pattern_of
from scoring.sales import Sales, TradeCalendar
from scoring.usual import learn, shipped, unlearned

HORIZON = (31, 61, 92, 183, 366, 10_000)  # days ahead by which the band is told apart


class NothingToCompare(ValueError):
    """No firm has days on both sides of the date, or none at all."""


@dataclass(frozen=True, slots=True)
class Trial:
    """``inside``: part of the days within P10 to P90; ``below`` P10 and ``above`` P90. ``pinball``: mean loss of the
    three quantiles in the data's own unit; ``naive`` of the naive value alone, ``naive_band`` of it with the quantiles
    of its own errors. ``inside_by_ahead``: by the last day ahead that a class holds. ``ms``: a firm's forecast.
    """

    firms: int
    firms_without_history: int
    days: int
    inside: float
    below: float
    above: float
    pinball: float
    naive: float
    naive_band: float
    inside_by_ahead: dict[int, float]
    ms: float

    @property
    def better(self) -> float:
        """Part of the seasonal-naive forecast's loss that is saved."""
        return _saved(self.pinball, self.naive)

    @property
    def better_than_band(self) -> float:
        """The same against a naive forecast that knows its own errors, which is harder to beat."""
        return _saved(self.pinball, self.naive_band)


def try_out(panel: Sequence[Sales], split: int, calendar: TradeCalendar) -> Trial:
    """Learns on the days before ``split`` (days since 1970-01-01), forecasts the rest. Raises NothingToCompare."""
    before = [sales.until(split) for sales in panel]
    known = [part for part in before if _open_days(part)]
    if not known or all(sales.first + len(sales) <= split for sales in panel):
        raise NothingToCompare
    # Other merchants' year is not that of simulated Chinese shops; how errors are distributed is common.
    base = shipped()
    usual = learn(
        known,
        calendar,
        before=Usual(unlearned().trades, base.days, base.months, base.courses, base.label),
        label="the data's own first part",
    )
    zeros_are_told = any((part.amount == 0).any() for part in known)
    compared = _Compared(zeros_are_told)
    for sales, seen in zip(panel, before, strict=True):
        compared.add(sales, seen, split, usual, calendar)
    return compared.result(len(panel))


class _Compared:
    def __init__(self, zeros_are_told: bool) -> None:
        self._zeros = zeros_are_told
        self._came: list[Floats] = []
        self._said: list[Floats] = []
        self._naive: list[Floats] = []
        self._band: list[Floats] = []
        self._ahead: list[Ints] = []
        self._seconds = 0.0
        self._without = 0

    def add(self, sales: Sales, seen: Sales, split: int, usual: Usual, calendar: TradeCalendar) -> None:
        came = sales.amount[max(0, split - sales.first) :]
        first = max(split, sales.first)
        told = ~np.isnan(came) & ((came > 0) | self._zeros)
        begun = perf_counter()
        pattern = pattern_of(seen, usual.trade(None), calendar)
        if pattern is None:
            self._without += 1
            return
        if not told.any():
            return
        said = day_quantiles(pattern, usual, calendar, first, len(came), opens=not self._zeros)
        self._seconds += perf_counter() - begun
        naive = _naive(seen, first, len(came), self._zeros)
        self._came.append(came[told])
        self._said.append(said[told])
        self._naive.append(np.repeat(naive[told, None], len(LEVELS), axis=1))
        self._band.append(np.maximum(naive[told, None] + _naive_errors(seen), 0.0))
        self._ahead.append(np.flatnonzero(told) + first - split + 1)

    def result(self, firms: int) -> Trial:
        if not self._came:
            raise NothingToCompare
        came, said, ahead = np.concatenate(self._came), np.concatenate(self._said), np.concatenate(self._ahead)
        inside = (came >= said[:, 0]) & (came <= said[:, -1])
        place = np.searchsorted(HORIZON, ahead)
        return Trial(
            firms=len(self._came),
            firms_without_history=self._without,
            days=len(came),
            inside=float(inside.mean()),
            below=float((came < said[:, 0]).mean()),
            above=float((came > said[:, -1]).mean()),
            pinball=pinball(came, said),
            naive=pinball(came, np.concatenate(self._naive)),
            naive_band=pinball(came, np.concatenate(self._band)),
            inside_by_ahead={HORIZON[at]: float(inside[place == at].mean()) for at in np.unique(place)},
            ms=1_000 * self._seconds / len(self._came),
        )


def _saved(ours: float, theirs: float) -> float:
    """None of nothing is saved where the naive forecast misses nothing."""
    return 1.0 - ours / theirs if theirs > 0 else 0.0


def pinball(came: Floats, said: Floats) -> float:
    """Mean pinball loss of the levels P10, P50 and P90, each weighing the same."""
    error = came[:, None] - said
    levels = np.array(LEVELS)
    return float(np.maximum(levels * error, (levels - 1.0) * error).mean())


def _naive(seen: Sales, first: int, count: int, zeros: bool) -> Floats:
    at = np.flatnonzero(~np.isnan(seen.amount) & ((seen.amount > 0) | zeros))
    weekday = (seen.first + at + 3) % WEEK
    last = np.full(WEEK, seen.amount[at[-1]])
    last[weekday] = seen.amount[at]  # the last one written is the last one known
    return last[(np.arange(first, first + count) + 3) % WEEK]


def _naive_errors(seen: Sales) -> Floats:
    """Quantiles of what a day was beside the one a week before it."""
    error = seen.amount[WEEK:] - seen.amount[:-WEEK]
    error = error[~np.isnan(error)]
    return np.quantile(error, LEVELS) if len(error) else np.zeros(len(LEVELS))


def _open_days(sales: Sales) -> int:
    return int(np.count_nonzero(np.nan_to_num(sales.amount) > 0))
