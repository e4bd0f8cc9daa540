"""The least progress of a revenue-linked loan: when it is looked at and how much principal may then be left (P12)."""

from datetime import date
from typing import NamedTuple

from lending.calendars import add_months
from lending.terms import Terms


class Checkpoint(NamedTuple):
    """The end of one window; the principal may not be above ``principal_at_most_minor`` when ``on`` has ended."""

    number: int
    on: date
    principal_at_most_minor: int


def check_on(started_on: date, window_months: int, number: int) -> date:
    """The last day of window ``number`` (from 1); until 24:00 of it everything counts."""
    return add_months(started_on, window_months * number)


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
