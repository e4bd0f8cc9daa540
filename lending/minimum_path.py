"""The least progress of a revenue-linked loan: when it is looked at and how much principal may then be left (P12)."""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from lending.calendars import add_months
from lending.terms import Terms


class Checkpoint(NamedTuple):
    """The end of one window; the principal may not be above ``principal_at_most_minor`` when ``on`` has ended."""

    number: int
    on: date
    principal_at_most_minor: int


def check_on(started_on: date, window_months: int, number: int, shift_days: int = 0) -> date:
    """The last day of window ``number`` (from 1), later by breathing space; until 24:00 of it everything counts."""
    end = add_months(started_on, window_months * number)
    return end + timedelta(days=shift_days) if shift_days else end


def principal_at_most(amount_minor: int, windows: int, number: int) -> int:
    """What may be left after window ``number``: equal parts, a broken fen in the owner's favour."""
    return -(-amount_minor * (windows - number) // windows)


def checkpoints(terms: Terms, started_on: date) -> tuple[Checkpoint, ...]:
    """All windows' ends; the last one leaves nothing, and asks for the interest too."""
    return tuple(
        Checkpoint(
            number,
            check_on(started_on, terms.window_months, number),
            principal_at_most(terms.amount_minor, terms.windows, number),
        )
        for number in range(1, terms.windows + 1)
    )


class Warned(StrEnum):
    """How far a window has run when the owner is told that progress is slower than the path (journey E5)."""

    HALF = "half"
    THREE_QUARTERS = "three_quarters"


PARTS = {Warned.HALF: Decimal("0.5"), Warned.THREE_QUARTERS: Decimal("0.75")}


def warning(terms: Terms, started_on: date, principal_minor: int, on: date, *, shift_days: int = 0) -> Warned | None:
    """Whether ``on`` is the day on which half or three quarters of a window have passed with too little repaid."""
    for number in range(1, terms.windows + 1):
        begins = check_on(started_on, terms.window_months, number - 1, shift_days if number > 1 else 0)
        ends = check_on(started_on, terms.window_months, number, shift_days)
        if not begins < on <= ends:
            continue
        for kind, part in PARTS.items():
            if on == begins + timedelta(days=int((ends - begins).days * part)):
                before = principal_at_most(terms.amount_minor, terms.windows, number - 1)
                after = principal_at_most(terms.amount_minor, terms.windows, number)
                return kind if principal_minor > before - (before - after) * part else None
        return None
    return None
