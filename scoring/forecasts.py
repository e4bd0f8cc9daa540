"""What a firm will sell: each day and month with P10, P50 and P90, and whole courses for a loan that lives on sales.

The middle is the firm's pattern (:mod:`scoring.patterns`). How far it may be missed is no assumption: forecasts of the
same method were compared with what firms then sold (:mod:`scoring.usual`), by how much history there was and how far
ahead, in units of the firm's own unsteadiness. No training happens here: a firm takes milliseconds, and the same days
give the same figures.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist

import numpy as np

from lending.calendars import add_months
from scoring.lines import Floats, Ints, day_number
from scoring.patterns import BLOCK, Pattern, Trade, pattern_of
from scoring.sales import Sales, TradeCalendar

LEVELS = (0.1, 0.5, 0.9)
HISTORIES = (92, 183, 365, 730)  # days from which on more is known
AHEAD = (31, 61, 92, 183, 366, 731)  # days up to which a forecast reaches
SEASON_TURNS = 91  # days in which a season becomes another one
DAYS_IN_MONTH = 25.0  # open days whose noise evens out in a month
# What a forecast does not know; the words are in the catalogue.
NO_SALES, SHORT_HISTORY, NO_WHOLE_YEAR, OLD_BILLS, FAR_AHEAD = GAPS = (
    "no_sales", "short_history", "no_whole_year", "old_bills", "far_ahead",
)  # fmt: skip
OLD = 45  # days
_LEVEL = np.linspace(0.001, 0.999, 999)
_NORMAL = (_LEVEL, np.array([NormalDist().inv_cdf(level) for level in _LEVEL]))
_NORMAL_P90 = NormalDist().inv_cdf(0.9)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of many firms: trades by key (``""`` is any trade), and the errors of earlier forecasts.

    ``days``, ``months`` and ``courses`` are (history, ahead, level): quantiles of an error in units of the firm's own
    spread, for a day, for a month's sum, and for the sum of all months up to there.
    """

    trades: dict[str, Trade]
    days: Floats
    months: Floats
    courses: Floats
    label: str

    def trade(self, key: str | None) -> Trade:
        return self.trades.get(key or "", self.trades[""])


@dataclass(frozen=True, slots=True)
class MonthQuantiles:
    """Net sales of one month from ``starts_on`` (the day of the month on which the first began), in minor units."""

    starts_on: date
    p10: int
    p50: int
    p90: int


@dataclass(frozen=True, slots=True)
class Courses:
    """Monthly sales of three courses: ``slow`` is that course whose sum up to each month only one in ten falls below.

    A month at its own P10, month after month, is far rarer than one in ten: bad months are followed by better ones.
    """

    slow: tuple[int, ...]
    usual: tuple[int, ...]
    good: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """``gaps`` name what was not known and made the band wider; ``seasons``: years of its own that a firm showed."""

    months: tuple[MonthQuantiles, ...]
    courses: Courses
    gaps: tuple[str, ...]


def day_quantiles(
    pattern: Pattern, usual: Usual, calendar: TradeCalendar, first: int, count: int, *, opens: bool = True
) -> Floats:
    """(day, level): P10, P50 and P90 of the sales of ``count`` days from ``first`` on.

    Given that the shop ``opens``; else a day on which it may be closed counts too, with its chance.
    """
    kinds = calendar.kinds(first, count)
    ahead = np.arange(first, first + count) - pattern.ends
    errors = _errors(usual.days, pattern, ahead, day_spread(pattern, ahead))
    middle = pattern.usual(kinds)
    if opens:
        return np.exp(middle[:, None] + errors)
    closed = 1.0 - pattern.open_on(kinds)[:, None]
    among_open = (np.array(LEVELS) - closed) / np.maximum(1.0 - closed, 1e-9)
    # Between and beyond the three levels the errors lie as on the two halves of a normal distribution.
    place = np.interp(np.clip(among_open, _NORMAL[0][0], _NORMAL[0][-1]), *_NORMAL) / _NORMAL_P90
    side = np.where(place < 0, errors[:, 1:2] - errors[:, :1], errors[:, 2:] - errors[:, 1:2])
    return np.where(among_open > 0, np.exp(middle[:, None] + errors[:, 1:2] + place * side), 0.0)


def forecast(
    sales: Sales, usual: Usual, calendar: TradeCalendar, start: date, months: int, trade: str | None = None
) -> Forecast:
    """The months from ``start`` on; zero, with its reason, for a firm that never sold anything."""
    starts = [add_months(start, n) for n in range(months + 1)]
    pattern = pattern_of(sales, usual.trade(trade), calendar)
    if pattern is None:
        nothing = (0,) * months
        rows = tuple(MonthQuantiles(on, 0, 0, 0) for on in starts[:-1])
        return Forecast(rows, Courses(nothing, nothing, nothing), (NO_SALES,))
    bounds = np.array([day_number(on) for on in starts])
    each, summed = month_quantiles(pattern, usual, calendar, bounds)
    # Sums up to a month never fall, and the courses never cross.
    summed = np.maximum.accumulate(np.rint(summed).astype(np.int64), axis=0)
    steps = np.diff(summed, axis=0, prepend=np.zeros((1, 3), np.int64)).T.tolist()
    rows = tuple(
        MonthQuantiles(on, *(int(value) for value in row)) for on, row in zip(starts, np.rint(each), strict=False)
    )
    slow, middle, good = (tuple(step) for step in steps)
    return Forecast(rows, Courses(slow, middle, good), _gaps(pattern, start, months))


def monthly_quantiles(
    sales: Sales, usual: Usual, calendar: TradeCalendar, start: date, months: int, trade: str | None = None
) -> tuple[MonthQuantiles, ...]:
    """P10, P50 and P90 of each month's net sales from ``start`` on, in minor units."""
    return forecast(sales, usual, calendar, start, months, trade).months


def month_quantiles(pattern: Pattern, usual: Usual, calendar: TradeCalendar, bounds: Ints) -> tuple[Floats, Floats]:
    """(month, level) twice: of each month between ``bounds`` (days), and of all months up to its end."""
    means = pattern.mean_of(calendar.kinds(int(bounds[0]), int(bounds[-1] - bounds[0])))
    sums = np.add.reduceat(means, (bounds[:-1] - bounds[0]).astype(np.intp))
    ahead = bounds[1:] - pattern.ends
    spread = np.full(len(ahead), month_spread(pattern))
    each = sums[:, None] * np.exp(_errors(usual.months, pattern, ahead, spread))
    summed = np.cumsum(sums)[:, None] * np.exp(_errors(usual.courses, pattern, ahead, spread))
    return each, summed


def day_spread(pattern: Pattern, ahead: Ints) -> Floats:
    """The unit in which a day's error counts: the noise of a day, and a level that moves away."""
    return np.sqrt(pattern.noise**2 + pattern.drift**2 * np.minimum(ahead, 365) / BLOCK)


def month_spread(pattern: Pattern) -> float:
    """The unit in which a month's error counts."""
    return float(np.sqrt(pattern.drift**2 + pattern.noise**2 / DAYS_IN_MONTH))


def history_class(history: int) -> int:
    """Which row of the errors a history of so many days reads."""
    return int(np.searchsorted(HISTORIES, history, side="right"))


def _errors(table: Floats, pattern: Pattern, ahead: Ints, spread: Floats) -> Floats:
    """(ahead, level), as logarithms: between the points that were measured in a straight line; ever wider beyond the
    last; and wider by a season that neither the firm nor its trade has shown yet."""
    row = table[history_class(pattern.history)]
    found = np.stack([np.interp(ahead, AHEAD, row[:, level]) for level in range(len(LEVELS))], axis=1)
    unseen = pattern.unseen**2 * np.minimum(ahead / SEASON_TURNS, 1.0) / spread**2
    wider = np.sqrt(1.0 + unseen) * np.sqrt(np.maximum(ahead / AHEAD[-1], 1.0))
    middle = found[:, 1:2]
    return spread[:, None] * (middle + (found - middle) * wider[:, None])


def _gaps(pattern: Pattern, start: date, months: int) -> tuple[str, ...]:
    gaps: list[str] = []
    if pattern.history < HISTORIES[1]:
        gaps.append(SHORT_HISTORY)
    elif not pattern.seasons:
        gaps.append(NO_WHOLE_YEAR)
    if day_number(start) - pattern.ends > OLD:
        gaps.append(OLD_BILLS)
    if day_number(add_months(start, months) - timedelta(days=1)) - pattern.ends > AHEAD[-1]:
        gaps.append(FAR_AHEAD)
    return tuple(gaps)
