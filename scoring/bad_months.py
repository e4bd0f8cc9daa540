"""A month that is worse than nine in ten: by the forecast of the coming year, else by the worst months of the bills."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from math import exp, log
from statistics import NormalDist, fmean

from lending.bad_months import p10_of
from scoring.evidence import Evidence
from scoring.forecasts import NO_SALES, OLD_BILLS, SHORT_HISTORY, MonthQuantiles, forecast
from scoring.sales import Sales, TradeCalendar
from scoring.usual import shipped

YEAR = 12  # months: every season is among them
TENTH = 0.1
FORECAST = "forecast"
# Why the bills speak instead: gaps of the forecast, or no bills at all.
NO_STATEMENTS, NOT_ASKED = "no_statements", "not_asked"
TOO_LITTLE = (NO_SALES, SHORT_HISTORY, OLD_BILLS)
_HALVINGS = 60  # far below a minor unit
_NORMAL = NormalDist()
_NORMAL_P90 = _NORMAL.inv_cdf(0.9)


@dataclass(frozen=True, slots=True)
class BadMonth:
    """``revenue_minor``: net sales of such a month in minor units, None of too little. ``told_by``: the forecast, or
    why the bills had to speak for it."""

    revenue_minor: int | None
    told_by: str


BadMonths = Callable[[Evidence, tuple[int, ...]], BadMonth]


def by_bills(evidence: Evidence, series: tuple[int, ...]) -> BadMonth:
    """By whole months of the bills alone, where nobody asked for a forecast."""
    return BadMonth(p10_of(series), NOT_ASKED)


def by_forecast(calendar: TradeCalendar, as_of: date, trade: str | None) -> BadMonths:
    """A reader of one firm's evidence that looks a year ahead."""
    return partial(_by_forecast, calendar, as_of, trade)


def _by_forecast(
    calendar: TradeCalendar, as_of: date, trade: str | None, evidence: Evidence, series: tuple[int, ...]
) -> BadMonth:
    """``series`` are the whole months of the bills, which speak where a forecast has too little to go by."""
    lines = evidence.known(as_of).lines
    if not len(lines):
        return BadMonth(p10_of(series), NO_STATEMENTS)
    tomorrow = as_of + timedelta(days=1)
    expected = forecast(Sales.of_lines(lines, as_of), shipped(), calendar, tomorrow, YEAR, trade)
    if missing := [gap for gap in TOO_LITTLE if gap in expected.gaps]:
        return BadMonth(p10_of(series), missing[0])
    return BadMonth(worst_tenth(expected.months), FORECAST)


def worst_tenth(months: tuple[MonthQuantiles, ...]) -> int:
    """What one month in ten falls below, whichever of these months it is, in minor units.

    Each month lies about its middle as on the two halves of a normal distribution of logarithms, through its three
    quantiles.
    """
    each = [(log(max(month.p10, 1)), log(max(month.p50, 1)), log(max(month.p90, 1))) for month in months]

    def chance_below(at: float) -> float:
        return fmean(_below(at, *month) for month in each)

    lowest, highest = min(low for low, _, _ in each), max(middle for _, middle, _ in each)
    for _ in range(_HALVINGS):
        at = (lowest + highest) / 2
        lowest, highest = (at, highest) if chance_below(at) < TENTH else (lowest, at)
    return int(exp(highest))


def _below(at: float, low: float, middle: float, high: float) -> float:
    side = (middle - low if at < middle else high - middle) / _NORMAL_P90
    return _NORMAL.cdf((at - middle) / side) if side else float(at >= middle)
