"""How much of the principal one span costs: nominal rate times the part of a year, at nineteen significant digits.

Nineteen digits, half-even, and a result kept to nineteen decimals are what the published schedules were reckoned
with; any other precision differs from them by a cent now and then.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum

from lending.rates import days_in_calendar_year
from lending.spans import Span, Unit, shifted

DIGITS = Context(prec=19, rounding=ROUND_HALF_EVEN)
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_PLACES = Decimal(1).scaleb(-19)
ZERO = Decimal(0)
ONE = Decimal(1)


class YearDays(StrEnum):
    """How many days a year has."""

    ACTUAL = "actual"
    D360 = "360"
    D364 = "364"
    D365 = "365"


class MonthDays(StrEnum):
    """How many days a month has."""

    ACTUAL = "actual"
    D30 = "30"


class InterestPeriod(StrEnum):
    """Whether interest is reckoned by day or once a repayment period, whatever its days."""

    DAILY = "daily"
    REPAYMENT_PERIOD = "repayment_period"


@dataclass(frozen=True, slots=True)
class RateBasis:
    """How a nominal annual rate becomes interest; ``leap_span_only``: 366 days only for a span that holds 29 Feb."""

    year_days: YearDays
    month_days: MonthDays
    every: int
    unit: Unit
    interest_period: InterestPeriod = InterestPeriod.DAILY
    leap_span_only: bool = False
    year_ends_with_december: bool = True

    def factor(self, annual_rate: Decimal, from_on: date, to_on: date, span: Span) -> Decimal:
        """Interest on 1 from ``from_on`` to ``to_on`` inside ``span``; ``annual_rate`` is a fraction."""
        return self._factor(annual_rate, from_on, to_on, span, None)

    def factor_to_due(self, annual_rate: Decimal, from_on: date, span: Span, start: date) -> Decimal:
        """Interest on 1 until the due date of ``span``; thirty-day months count whole months from ``start``."""
        return self._factor(annual_rate, from_on, span.due_on, span, start)

    def _factor(self, rate: Decimal, from_on: date, to_on: date, span: Span, start: date | None) -> Decimal:
        days, whole = Decimal((to_on - from_on).days), Decimal(span.days)
        if self.interest_period is InterestPeriod.REPAYMENT_PERIOD and self.unit in (Unit.MONTHS, Unit.WEEKS):
            in_year = Decimal(12 if self.unit is Unit.MONTHS else 52)
            return _part(rate, ONE, Decimal(self.every), in_year, days, whole)
        if self._passes_year_end(from_on, to_on, span):
            return _part(rate, ONE, self._years(from_on, to_on), ONE, ONE, ONE)
        year = self._days_in_year(from_on, span)
        if self.month_days is MonthDays.ACTUAL:
            return _part(rate, days, ONE, year, ONE, ONE)
        every = Decimal(self.every) if start is None else self._periods(span, start)
        length = {Unit.DAYS: ONE, Unit.WEEKS: Decimal(7), Unit.MONTHS: Decimal(30), Unit.YEARS: Decimal(360)}[self.unit]
        return _part(rate, length, every, year, days, whole)

    def _days_in_year(self, from_on: date, span: Span) -> Decimal:
        match self.year_days:
            case YearDays.D360:
                return Decimal(360)
            case YearDays.D364:
                return Decimal(364)
            case YearDays.D365:
                return Decimal(365)
            case YearDays.ACTUAL:
                days = days_in_calendar_year(from_on.year)
                if days == 366 and self.leap_span_only and not holds_leap_day(span):
                    days = 365
                return Decimal(days)

    def _passes_year_end(self, from_on: date, to_on: date, span: Span) -> bool:
        if self.year_days is not YearDays.ACTUAL or to_on.year == from_on.year:
            return False
        return not self.leap_span_only or holds_leap_day(span)

    def _years(self, from_on: date, to_on: date) -> Decimal:
        """The span in years, each part over the length of its own; the old year ends with 31 December or 1 January."""
        total, here = ZERO, from_on
        for year in range(from_on.year, to_on.year + 1):
            end = date(year, 12, 31) if self.year_ends_with_december else date(year + 1, 1, 1)
            until = to_on if year == to_on.year else end
            part = DIGITS.divide(Decimal((until - here).days), Decimal(days_in_calendar_year(year)))
            total = DIGITS.add(total, part)
            here = until
        return total

    def _periods(self, span: Span, start: date) -> Decimal:
        """How many units the span holds, counted on the grid of the loan's start where the span lies on it."""
        seed = self._seed(span, start)
        before = self._units_between(seed, span.from_on)
        count = before + 1
        reached = span.from_on
        while reached < span.due_on:
            reached = shifted(seed, count, self.unit)
            if reached <= span.due_on:
                count += 1
                continue
            full = reached
            count -= before + 1
            reached = shifted(seed, count, self.unit)
            part = DIGITS.divide(Decimal((span.due_on - reached).days), Decimal((full - reached).days))
            return part + count
        return Decimal(count - before - 1)

    def _seed(self, span: Span, start: date) -> date:
        count = 1
        while shifted(start, count, self.unit) < span.due_on:
            count += 1
        on_grid = shifted(start, count, self.unit)
        back = shifted(on_grid, -self.every, self.unit)
        return start if on_grid == span.due_on and back == span.from_on else span.from_on

    def _units_between(self, seed: date, day: date) -> int:
        match self.unit:
            case Unit.DAYS:
                return (day - seed).days
            case Unit.WEEKS:
                return (day - seed).days // 7
            case Unit.MONTHS:
                month_end = (day + timedelta(days=1)).month != day.month
                if month_end and seed.day > day.day:
                    day += timedelta(days=1)
                return _whole_months(seed, day)
            case Unit.YEARS:
                return _whole_months(seed, day) // 12


def holds_leap_day(span: Span) -> bool:
    """Whether a 29 February lies after the first and not after the last day of the span."""
    for year in range(span.from_on.year, span.due_on.year + 1):
        if days_in_calendar_year(year) == 366 and span.from_on < date(year, 2, 29) <= span.due_on:
            return True
    return False


def _whole_months(start: date, end: date) -> int:
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (1 if end.day < start.day else 0)


def _part(rate: Decimal, length: Decimal, count: Decimal, year: Decimal, days: Decimal, whole: Decimal) -> Decimal:
    if not whole:
        return ZERO
    fraction = DIGITS.divide(DIGITS.multiply(length, count), year)
    interest = DIGITS.divide(DIGITS.multiply(DIGITS.multiply(rate, fraction), days), whole)
    return interest.quantize(_PLACES, context=_WIDE)
