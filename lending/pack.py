"""The days of a signed loan as its owner keeps them: when the money comes, when progress is looked at, the last one."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lending.calendars import BusinessCalendar
from lending.minimum_path import checkpoints
from lending.paths import first_path, instalments
from lending.terms import Terms


class Mark(StrEnum):
    """What a day is for."""

    MONEY = "money"
    LOOK = "look"
    LAST = "last"
    DUE = "due"  # an instalment of a plan by dates
    LAST_DUE = "last_due"


@dataclass(frozen=True, slots=True)
class PackDay:
    """One day. ``amount_minor``: the money that comes, or the principal to be repaid by the end of that day at least;
    the interest of the last day comes on top. Of a plan by dates it is the instalment. ``number`` counts from 1."""

    mark: Mark
    number: int
    on: date
    amount_minor: int


def days(terms: Terms, on: date, calendar: BusinessCalendar | None = None) -> tuple[PackDay, ...]:
    """All days of a loan whose money is credited ``on``; lending-practice P12, the same path as on the key facts."""
    if terms.by_dates:
        due = instalments(first_path(terms, on, calendar), terms, on)
        return (
            PackDay(Mark.MONEY, 0, on, terms.amount_minor),
            *(
                PackDay(Mark.LAST_DUE if one is due[-1] else Mark.DUE, one.number, one.due_on, one.amount_minor)
                for one in due
            ),
        )
    looks = checkpoints(terms, on, calendar)
    return (
        PackDay(Mark.MONEY, 0, on, terms.amount_minor),
        *(
            PackDay(
                Mark.LAST if look is looks[-1] else Mark.LOOK,
                look.number,
                look.on,
                terms.amount_minor - look.principal_at_most_minor,
            )
            for look in looks
        ),
    )
