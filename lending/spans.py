"""The spans between due dates: from one date (counted) to the next (not counted), by days, weeks, months or years."""

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from lending.calendars import add_months


class Unit(StrEnum):
    """What a repayment frequency counts."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


class Span(NamedTuple):
    """One instalment's time: interest runs from ``from_on`` until ``due_on``, the last day not counted."""

    from_on: date
    due_on: date

    @property
    def days(self) -> int:
        return (self.due_on - self.from_on).days


def shifted(day: date, count: int, unit: Unit) -> date:
    """``day`` moved by ``count`` units; months and years fall back to the month's last day."""
    match unit:
        case Unit.DAYS:
            return day + timedelta(days=count)
        case Unit.WEEKS:
            return day + timedelta(weeks=count)
        case Unit.MONTHS:
            return add_months(day, count)
        case Unit.YEARS:
            return add_months(day, 12 * count)


def spans(start: date, count: int, every: int, unit: Unit, *, fixed_length: int | None = None) -> list[Span]:
    """``count`` spans of ``every`` units from ``start``, all counted from it: a loan of the 31st asks on the 31st
    again.

    ``fixed_length`` (in the same unit) is when the last one ends whatever the frequency says.
    """
    ends = ends_of(start, count, every, unit)
    if fixed_length is not None:
        ends[-1] = shifted(start, fixed_length, unit)
    return list(map(Span._make, zip([start, *ends[:-1]], ends, strict=True)))


def ends_of(start: date, count: int, every: int, unit: Unit) -> list[date]:
    """The days on which ``count`` spans of ``every`` units from ``start`` end."""
    match unit:
        case Unit.DAYS | Unit.WEEKS:
            step = every if unit is Unit.DAYS else 7 * every
            first = start.toordinal()
            return [date.fromordinal(first + step * number) for number in range(1, count + 1)]
        case Unit.MONTHS:
            return _months_on(start, count, every)
        case Unit.YEARS:
            return _months_on(start, count, 12 * every)


def _months_on(start: date, count: int, every: int) -> list[date]:
    """The same day every so many months; schedules of 360 months are made by the million, so this is kept bare."""
    day, index = start.day, start.year * 12 + start.month - 1
    if day <= 28:
        return [date(at // 12, at % 12 + 1, day) for at in range(index + every, index + every * count + 1, every)]
    ends: list[date] = []
    for at in range(index + every, index + every * count + 1, every):
        year, month = divmod(at, 12)
        if day > 28 and day > (last := LAST_DAYS[month]) and not (month == 1 and day == 29 and _leap(year)):
            ends.append(date(year, month + 1, last + (month == 1 and _leap(year))))
        else:
            ends.append(date(year, month + 1, day))
    return ends


LAST_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
