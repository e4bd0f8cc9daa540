"""Day counts and simple interest: the only place that knows how long a year is.

Interest by day is kept exactly as an integer of *interest units*: one day of interest on ``p`` minor units at an annual
rate of ``r`` (in 1e-8) is ``p * r`` units, and ``RATE_SCALE * days in the year`` units make one minor unit. Nothing
is lost until somebody asks for whole fen.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from lending.money import divide_half_even

# An annual rate carries at most eight decimals (a hundredth of a basis point of a basis point): 0.073, 0.03450000.
RATE_SCALE = 10**8


class RateTooFine(ValueError):
    """An annual rate with more than eight decimals."""


class DayCountNeedsDates(ValueError):
    """This day count needs both dates; a number of days does not tell."""


class DayCount(StrEnum):
    """How days become a part of a year."""

    ACT_365 = "ACT/365"
    ACT_360 = "ACT/360"
    ACT_ACT = "ACT/ACT"  # ISDA: each part of the span over the length of its own calendar year
    THIRTY_360 = "30/360"  # bond basis: every month has 30 days

    @property
    def days_in_year(self) -> int:
        """The fixed denominator; ACT/ACT has none."""
        match self:
            case DayCount.ACT_365:
                return 365
            case DayCount.ACT_360 | DayCount.THIRTY_360:
                return 360
            case DayCount.ACT_ACT:
                raise DayCountNeedsDates("ACT/ACT has no fixed year")

    @property
    def counts_calendar_days(self) -> bool:
        """Whether one calendar day is always the same part of a year, as interest by day needs."""
        return self in (DayCount.ACT_365, DayCount.ACT_360)


def days_30_360(start: date, end: date) -> int:
    """Days between two dates when every month has thirty (bond basis: a 31st is a 30th)."""
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def year_fraction(start: date, end: date, day_count: DayCount) -> Fraction:
    """The part of a year from ``start`` (counted) to ``end`` (not counted), exact; negative if end is earlier."""
    match day_count:
        case DayCount.ACT_365 | DayCount.ACT_360:
            return Fraction((end - start).days, day_count.days_in_year)
        case DayCount.THIRTY_360:
            return Fraction(days_30_360(start, end), 360)
        case DayCount.ACT_ACT:
            if end < start:
                return -year_fraction(end, start, day_count)
            total = Fraction(0)
            while start.year < end.year:
                new_year = date(start.year + 1, 1, 1)
                total += Fraction((new_year - start).days, days_in_calendar_year(start.year))
                start = new_year
            return total + Fraction((end - start).days, days_in_calendar_year(start.year))


def days_in_calendar_year(year: int) -> int:
    """365 or 366."""
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


def interest(principal_minor: int, annual_rate: Decimal, days: int, day_count: DayCount) -> Decimal:
    """Simple interest in minor units, not rounded to whole ones.

    ``annual_rate`` is a fraction (0.073 is 7.3 %); ``days`` are counted by ``day_count``, whose year is fixed.
    """
    return principal_minor * annual_rate * days / day_count.days_in_year


def rate_units(annual_rate: Decimal) -> int:
    """The annual rate in 1e-8: 7.3 % is 7 300 000."""
    scaled = annual_rate * RATE_SCALE
    if scaled != int(scaled):
        raise RateTooFine(f"an annual rate has at most eight decimals: {annual_rate}")
    return int(scaled)


def units_per_minor(day_count: DayCount) -> int:
    """How many interest units make one minor unit; only for counts by calendar day."""
    if not day_count.counts_calendar_days:
        raise DayCountNeedsDates(f"interest by day needs ACT/365 or ACT/360, not {day_count}")
    return RATE_SCALE * day_count.days_in_year


def whole_minor(units: int, per_minor: int) -> int:
    """Interest units as whole minor units, half-even: what may be settled or reported."""
    return divide_half_even(units, per_minor)
