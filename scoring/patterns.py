"""How a firm sells: its level, its week, its year and its festivals, from its own days and from what its trade does.

Everything is a factor, found in logarithms of open days; what a firm's own days do not tell yet is its trade's.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scoring.lines import Floats, Ints
from scoring.sales import Days, Sales, TradeCalendar

Bools = NDArray[np.bool_]
WEEK = 7
YEAR = 12
AROUND = 28  # days on each side that say what a day's level was
RECENT = 91  # days that say how often a shop opens, and how large the mean is beside the median
LEVEL_HALVES = 35  # a day so many days ago counts half for today's level
WEEK_HALVES = 120  # and for the week's pattern
BLOCK = 28
# So many own observations weigh as much as what the trade says: weeks, days of a festival, blocks, years.
TRUST_WEEKS, TRUST_FESTIVAL, TRUST_BLOCKS, TRUST_YEARS, TRUST_DAYS = 3.0, 5.0, 6.0, 1.0, 21.0
FARTHEST = 2.5  # a day counts as at most so many times its usual spread


@dataclass(frozen=True, slots=True)
class Trade:
    """What is usual in a trade. ``week`` (Monday first) and ``year`` (the middle of each month) are logarithms of
    factors on open days; ``festivals`` by name: logarithm of the factor, and of the chance to be open beside usual.
    ``noise``: spread of the logarithm of a day; ``drift``: of a 28-day block against the one before, its own noise
    taken out; ``unseen``: spread of the year's factors where the year is not known, and 0 where it is."""

    week: tuple[float, ...] = (0.0,) * WEEK
    year: tuple[float, ...] = (0.0,) * YEAR
    festivals: dict[str, tuple[float, float]] = field(default_factory=dict)
    noise: float = 0.45
    drift: float = 0.15
    unseen: float = 0.2


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a firm's own days say, completed by its trade. Logarithms as in :class:`Trade`.

    ``open`` is the chance to be open by weekday; ``mean`` what an open day brings on average beside ``level``'s
    median; ``history`` days from the first to the last; ``gaps`` what is missing, in the words of ``forecasts.GAPS``.
    """

    level: float
    week: Floats
    year: Floats
    festivals: Floats
    festival_open: Floats
    open: Floats
    mean: float
    noise: float
    drift: float
    history: int
    ends: int
    seasons: float
    unseen: float

    def usual(self, days: Days) -> Floats:
        """The logarithm of an open day's median sales."""
        found = self.level + self.week[days.weekday] + self._season(days)
        return found + np.where(days.festival >= 0, self.festivals[days.festival], 0.0)

    def mean_of(self, days: Days) -> Floats:
        """The mean sales of each day, closed days counted."""
        return np.exp(self.usual(days)) * self.mean * self.open_on(days)

    def open_on(self, days: Days) -> Floats:
        """The chance of each day to be a day of business."""
        festive = np.where(days.festival >= 0, self.festival_open[days.festival], 1.0)
        return np.minimum(self.open[days.weekday] * festive, 1.0)

    def _season(self, days: Days) -> Floats:
        return season(self.year, days)


def season(year: Floats, days: Days) -> Floats:
    """Between mid-month points the season moves in a straight line."""
    return np.interp(days.position, np.arange(-1, YEAR + 1), np.concatenate([year[-1:], year, year[:1]]))


def pattern_of(sales: Sales, trade: Trade, calendar: TradeCalendar) -> Pattern | None:
    """The pattern of one firm; None if it never sold anything."""
    amount = sales.amount
    at = np.flatnonzero(np.nan_to_num(amount) > 0)
    if not len(at):
        return None
    sales = Sales(sales.first + int(at[0]), amount[at[0] :])
    amount, at = sales.amount, at - at[0]
    count = len(amount)
    days = calendar.kinds(sales.first, count)
    age = count - 1 - at
    festivals = np.array([trade.festivals.get(name, (0.0, 0.0)) for name in calendar.names] or [(0.0, 0.0)])
    year, seasons = _own_year(sales, np.array(trade.year))
    festive = days.festival[at]
    value = np.log(amount[at]) - season(year, days)[at]
    plain = festive < 0
    week = _own_week(value, at, days.weekday[at], plain, age, np.array(trade.week), count)
    value = value - week[days.weekday[at]]
    around = _around(value, at, plain, count)
    effect, opened = _own_festivals(value - around[at], festive, days.festival, festivals)
    value = value - np.where(plain, 0.0, effect[festive])
    rest = value - around[at]
    noise = _spread(rest[age < 365], trade.noise, TRUST_DAYS)
    near = np.clip(rest, -FARTHEST * noise, FARTHEST * noise) + around[at]
    level = float(np.average(near, weights=0.5 ** (age / LEVEL_HALVES)))
    recent = age < RECENT if age[-1] < RECENT // 2 else age < age[-1] + RECENT
    usual = near[recent] - rest.clip(-FARTHEST * noise, FARTHEST * noise)[recent]
    mean = float(np.sum(np.exp(value[recent])) / np.sum(np.exp(usual)))
    return Pattern(
        level=level,
        week=week,
        year=year,
        festivals=effect,
        festival_open=opened,
        open=_open(amount, days),
        mean=min(max(mean, 0.5), 3.0),
        noise=noise,
        drift=_drift(value, at, count, noise, trade.drift),
        history=count,
        ends=sales.first + count - 1,
        seasons=seasons,
        unseen=trade.unseen / (1.0 + seasons),
    )


def _own_week(value: Floats, at: Ints, weekday: Ints, plain: Bools, age: Ints, usual: Floats, count: int) -> Floats:
    """Each weekday against the level around it, leaning on the trade's week until there are some of it."""
    week = usual.copy()
    weights = np.where(plain, 0.5 ** (age / WEEK_HALVES), 0.0)
    weight = np.bincount(weekday, weights, WEEK)
    for _ in range(2):  # the level around a day is cleaner once the week is known
        beside = value - _around(value - week[weekday], at, plain, count)[at]
        spread = max(float(np.median(np.abs(beside - week[weekday]))) * 1.4826, 0.05)
        near = week[weekday] + np.clip(beside - week[weekday], -FARTHEST * spread, FARTHEST * spread)
        week = (np.bincount(weekday, near * weights, WEEK) + TRUST_WEEKS * usual) / (weight + TRUST_WEEKS)
    return week


def _around(value: Floats, at: Ints, plain: Bools, count: int) -> Floats:
    """The mean of the plain days within :data:`AROUND` days of each day; of all where there are none."""
    known = np.zeros(count)
    known[at[plain]] = 1.0
    total = np.zeros(count)
    total[at[plain]] = value[plain]
    number, sums = (np.concatenate([[0.0], np.cumsum(column)]) for column in (known, total))
    low, high = np.maximum(np.arange(count) - AROUND, 0), np.minimum(np.arange(count) + AROUND + 1, count)
    inside = number[high] - number[low]
    everywhere = float(value.mean())
    return np.where(inside > 0, (sums[high] - sums[low] + everywhere) / (inside + 1.0), everywhere)


def _own_festivals(rest: Floats, festive: Ints, all_festive: Ints, usual: Floats) -> tuple[Floats, Floats]:
    """Effect on an open day and chance to be open, by festival."""
    inside, names = festive >= 0, len(usual)
    seen = np.bincount(festive[inside], minlength=names)
    effect = (np.bincount(festive[inside], rest[inside], names) + TRUST_FESTIVAL * usual[:, 0]) / (
        seen + TRUST_FESTIVAL
    )
    met = np.bincount(all_festive[all_festive >= 0], minlength=names)
    opened = (seen + TRUST_FESTIVAL * np.exp(usual[:, 1])) / (met + TRUST_FESTIVAL)
    return effect, opened


def _own_year(sales: Sales, usual: Floats) -> tuple[Floats, float]:
    """The year's factors, and how many years of its own a firm has to show.

    A month counts with the same month of other years, each against the twelve months around it: a firm that grows is
    not thereby seasonal.
    """
    stamp = sales.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    month = stamp - stamp[0]
    known = ~np.isnan(sales.amount)
    count = np.bincount(month, known)
    total = np.bincount(month, np.nan_to_num(sales.amount))
    whole = (count >= 10) & (total > 0)
    if whole.sum() < YEAR + 1:
        return usual, 0.0
    level = np.where(whole, np.log(np.maximum(total, 1e-9) / np.maximum(count, 1)), np.nan)
    of_year = (stamp[0] + np.arange(len(level))) % YEAR
    beside = level - usual[of_year]
    # The line through what the trade's year does not explain is the firm's growth.
    at = np.flatnonzero(~np.isnan(beside))
    slope, start = np.polyfit(at, beside[at], 1)
    left = beside - (start + slope * np.arange(len(level)))
    seen = np.bincount(of_year[at], minlength=YEAR)
    mine = np.bincount(of_year[at], left[at], YEAR)
    # One year cannot tell its season from its luck: only what comes back counts fully.
    own = mine / (seen + TRUST_YEARS) * np.where(seen > 1, 1.0, 0.5)
    year = usual + own
    return year - year.mean(), float(len(at) / YEAR)


def _spread(rest: Floats, usual: float, trust: float) -> float:
    """A robust spread, leaning on what is usual until there are some values."""
    if not len(rest):
        return usual
    own = float(np.subtract(*np.quantile(rest, [0.9, 0.1]))) / 2.5631
    return float(np.sqrt((len(rest) * own**2 + trust * usual**2) / (len(rest) + trust)))


def _drift(value: Floats, at: Ints, count: int, noise: float, usual: float) -> float:
    """How far one block of days lies from the one before, beyond what the days' own noise explains."""
    block = (count - 1 - at) // BLOCK
    number = np.bincount(block)
    mean = np.bincount(block, value) / np.maximum(number, 1)
    pair = (number[1:] >= 8) & (number[:-1] >= 8)
    step = (mean[:-1] - mean[1:])[pair]
    own = step**2 - noise**2 * (1 / number[1:][pair] + 1 / number[:-1][pair])
    near = np.clip(own, -(usual**2), 9 * usual**2)
    mixed = (np.sum(near) + TRUST_BLOCKS * usual**2) / (len(near) + TRUST_BLOCKS)
    return float(np.sqrt(max(mixed, (0.3 * usual) ** 2)))


def _open(amount: Floats, days: Days) -> Floats:
    """The chance to be open by weekday, of the days outside festivals in the last months."""
    recent = np.arange(len(amount)) >= len(amount) - RECENT
    recent &= days.festival < 0
    if not recent.any():
        recent = np.arange(len(amount)) >= len(amount) - RECENT
    met = np.bincount(days.weekday[recent], minlength=WEEK)
    opened = np.bincount(days.weekday[recent], np.nan_to_num(amount[recent]) > 0, WEEK)
    overall = opened.sum() / met.sum()
    return (opened + 0.5 * overall) / (met + 0.5)
