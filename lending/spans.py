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
    ends = [shifted(start, every * number, unit) for number in range(1, count + 1)]
    if fixed_length is not None:
        ends[-1] = shifted(start, fixed_length, unit)
    starts = [start, *ends[:-1]]
    return [Span(one, other) for one, other in zip(starts, ends, strict=True)]
