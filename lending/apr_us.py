"""The annual percentage rate of 12 CFR 1026 Appendix J: unit periods, odd days, the actuarial method.

The unit period is the interval that occurs most often, at most a year; odd days before the first full unit period
bear simple interest for their part of one. The annual rate is the rate per unit period times the unit periods in a
year.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum
from itertools import pairwise

from lending.calendars import add_months
from lending.rate_of_return import PRECISION, Timed, rate_per_step
from lending.refusals import NoAnnualRate


class UnitPeriod(StrEnum):
    """What a unit period counts."""

    DAYS = "days"
    WEEKS = "weeks"
    HALF_MONTHS = "half_months"
    MONTHS = "months"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Unit:
    """``count`` of a kind make one unit period: two months, four weeks."""

    kind: UnitPeriod
    count: int = 1

    @property
    def per_year(self) -> Decimal:
        """Unit periods in a year (Appendix J (b)(5)(vii) and the 365-day year)."""
        in_year = {UnitPeriod.DAYS: 365, UnitPeriod.WEEKS: 52, UnitPeriod.HALF_MONTHS: 24, UnitPeriod.MONTHS: 12}
        return Decimal(in_year.get(self.kind, 1)) / self.count


def annual_rate(flows: Sequence[Timed], per_year: Decimal) -> Decimal:
    """The annual percentage rate of flows in unit periods as a fraction; the borrower receives positive amounts."""
    with localcontext(PRECISION):
        return rate_per_step(flows) * per_year


def annual_rate_by_date(advances: Sequence[tuple[date, int]], payments: Sequence[tuple[date, int]]) -> Decimal:
    """The annual percentage rate of dated advances and payments in minor units."""
    if not advances or not payments:
        raise NoAnnualRate(why="no_flows")
    start = min(on for on, _ in advances)
    unit = unit_period(start, [on for on, _ in (*advances, *payments)])
    flows = [timed(start, on, Decimal(amount), unit) for on, amount in advances]
    flows += [timed(start, on, Decimal(-amount), unit) for on, amount in payments]
    return annual_rate(flows, unit.per_year)


def unit_period(start: date, dates: Sequence[date]) -> Unit:
    """The most common interval between the dates (the shorter of two that are as common), at most a year."""
    days = sorted(set(dates))
    others = [day for day in days if day != start]
    if len(others) == 1:
        return _single(start, others[0])
    if _half_months(others):
        return Unit(UnitPeriod.HALF_MONTHS)
    counted = Counter(_interval(one, other) for one, other in pairwise(days))
    most = max(counted.values())
    return min((unit for unit, times in counted.items() if times == most), key=lambda unit: -unit.per_year)


def _single(start: date, end: date) -> Unit:
    """One payment: the term is the unit period, or a year if it is longer (Appendix J (b)(4)(iv))."""
    if end >= add_months(start, 12):
        return Unit(UnitPeriod.YEAR)
    months = _months_between(start, end)
    if months and add_months(start, months) == end:
        return Unit(UnitPeriod.MONTHS, months)
    return Unit(UnitPeriod.DAYS, (end - start).days)


def _interval(one: date, other: date) -> Unit:
    months = _months_between(one, other)
    if _month_end(one) and _month_end(other):
        months = (other.year - one.year) * 12 + other.month - one.month
    elif add_months(one, months) != other:
        months = 0
    if months:
        return Unit(UnitPeriod.YEAR) if months >= 12 else Unit(UnitPeriod.MONTHS, months)
    days = (other - one).days
    return Unit(UnitPeriod.WEEKS, days // 7) if days % 7 == 0 else Unit(UnitPeriod.DAYS, days)


def _half_months(dates: Sequence[date]) -> bool:
    """Two fixed days in every month, fourteen to sixteen days apart."""
    if len({day.day for day in dates}) != 2 or len(dates) < 3:
        return False
    return all(13 <= (other - one).days <= 17 for one, other in pairwise(dates))


def timed(start: date, on: date, amount: Decimal, unit: Unit) -> Timed:
    """A flow in whole unit periods counted back from its date, and the odd days before them."""
    full, rest = _whole_units(start, on, unit)
    length = {UnitPeriod.DAYS: 1, UnitPeriod.WEEKS: 7, UnitPeriod.HALF_MONTHS: 15, UnitPeriod.MONTHS: 30}
    with localcontext(PRECISION):
        odd = Decimal(rest) / (length.get(unit.kind, 365) * unit.count)
        if unit.kind in (UnitPeriod.MONTHS, UnitPeriod.YEAR) and unit.per_year < 12:
            months, days = _months_and_days(start, _back(on, full, unit))
            odd = (months + Decimal(days) / 30) / (12 / unit.per_year)
    return Timed(amount, full, odd)


def _whole_units(start: date, on: date, unit: Unit) -> tuple[int, int]:
    full = 0
    while _back(on, full + 1, unit) >= start:
        full += 1
    return full, (_back(on, full, unit) - start).days


def _back(on: date, count: int, unit: Unit) -> date:
    match unit.kind:
        case UnitPeriod.DAYS:
            return on - timedelta(days=count * unit.count)
        case UnitPeriod.WEEKS:
            return on - timedelta(weeks=count * unit.count)
        case UnitPeriod.MONTHS:
            return _months_back(on, count * unit.count)
        case UnitPeriod.YEAR:
            return _months_back(on, 12 * count)
        case UnitPeriod.HALF_MONTHS:
            whole = _months_back(on, count // 2)
            return whole if count % 2 == 0 else whole - timedelta(days=15)


def _months_back(on: date, months: int) -> date:
    """The same day of an earlier month; a month's last day goes back to a last day."""
    return add_months(on, -months, anchor=31 if _month_end(on) and on.day >= 30 else None)


def _months_between(one: date, other: date) -> int:
    months = (other.year - one.year) * 12 + other.month - one.month
    return months if add_months(one, months) <= other else months - 1


def _months_and_days(start: date, end: date) -> tuple[int, int]:
    """Whole months counted back from the end, and the days before them."""
    months = 0
    while _months_back(end, months + 1) >= start:
        months += 1
    return months, (_months_back(end, months) - start).days


def _month_end(day: date) -> bool:
    return (day + timedelta(days=1)).month != day.month
