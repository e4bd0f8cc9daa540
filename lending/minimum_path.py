"""The least progress of a revenue-linked loan: when it is looked at and how much principal may then be left (P12)."""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from lending.calendars import BusinessCalendar, DayRule, add_months
from lending.terms import Terms

# How long windows that are kept with a loan are remembered as days: loans of a day and a product share theirs.
Ends = tuple[date, ...]


class Checkpoint(NamedTuple):
    """The end of one window; the principal may not be above ``principal_at_most_minor`` when ``on`` has ended."""

    number: int
    on: date
    principal_at_most_minor: int


def check_on(started_on: date, window_months: int, number: int, shift_days: int = 0) -> date:
    """The last day of window ``number`` (from 1), later by breathing space; until 24:00 of it everything counts."""
    end = add_months(started_on, window_months * number)
    return end + timedelta(days=shift_days) if shift_days else end


@lru_cache(maxsize=1 << 14)
def window_ends(
    started_on: date, window_months: int, windows: int, calendar: BusinessCalendar | None, shift_days: int = 0
) -> Ends:
    """The last days of all windows, each moved to the next working day (P9); ``calendar`` None: by months alone, as
    loans were signed before. The window after it begins and ends where it would have all the same."""
    ends = [check_on(started_on, window_months, number, shift_days) for number in range(1, windows + 1)]
    return tuple(ends if calendar is None else (calendar.moved(end, DayRule.FOLLOWING) for end in ends))


def ends_of(terms: Terms, started_on: date, calendar: BusinessCalendar | None) -> Ends:
    """The same by the day rule that was signed."""
    moves = calendar if terms.day_rule is DayRule.FOLLOWING else None
    return window_ends(started_on, terms.window_months, terms.windows, moves)


def ends_text(ends: Ends) -> str:
    """The last days of windows as they are kept with their loan."""
    return ",".join(end.isoformat() for end in ends)


@lru_cache(maxsize=1 << 14)
def ends_from(text: str) -> Ends:
    """The inverse of :func:`ends_text`. A close reads it of a million loans, which share a few hundred."""
    return tuple(date.fromisoformat(end) for end in text.split(","))


def principal_at_most(amount_minor: int, windows: int, number: int) -> int:
    """What may be left after window ``number``: equal parts, a broken fen in the owner's favour."""
    return -(-amount_minor * (windows - number) // windows)


def checkpoints(
    terms: Terms, started_on: date, calendar: BusinessCalendar | None = None
) -> tuple[Checkpoint, ...]:  # fmt: skip
    """All windows' ends; the last one leaves nothing, and asks for the interest too."""
    return tuple(
        Checkpoint(
            number,
            end,
            principal_at_most(terms.amount_minor, terms.windows, number),
        )
        for number, end in enumerate(ends_of(terms, started_on, calendar), 1)
    )


class Warned(StrEnum):
    """What an owner is told whose progress is slower than the path (journey E5)."""

    HALF = "half"
    THREE_QUARTERS = "three_quarters"
    DEBIT = "debit"  # what is still short will be debited on the window's last day


PARTS = {Warned.HALF: Decimal("0.5"), Warned.THREE_QUARTERS: Decimal("0.75")}
# E5: nothing is debited for the path before it was announced for five whole days; a close is told the morning after it.
NOTICE = timedelta(days=5)
TOLD_BEFORE = NOTICE + timedelta(days=1)


class Marks(NamedTuple):
    """The days of a window on whose close the owner may be told, and the day on which it ends."""

    half_on: date
    three_quarters_on: date
    debit_told_on: date
    due_on: date


class PathWarning(NamedTuple):
    """``short_minor``: principal above what the path allows on ``due_on``, the end of window ``number``."""

    kind: Warned
    number: int
    due_on: date
    short_minor: int


# A close asks for a million loans; their windows begin on a few hundred days.
@lru_cache(maxsize=1 << 16)
def marks(
    started_on: date, window_months: int, number: int, shift_days: int = 0, kept: Ends | None = None
) -> Marks:  # fmt: skip
    """The marks of window ``number`` (from 1). ``kept``: the last days as they were moved, with every shift."""
    if kept is not None:
        begins, ends = kept[number - 2] if number > 1 else started_on, kept[number - 1]
    else:
        begins = check_on(started_on, window_months, number - 1, shift_days if number > 1 else 0)
        ends = check_on(started_on, window_months, number, shift_days)
    days = (ends - begins).days
    half, later = (begins + timedelta(days=int(days * part)) for part in PARTS.values())
    return Marks(half, later, ends - TOLD_BEFORE, ends)


def warned(
    amount_minor: int, windows: int, number: int, principal_minor: int, on: date, at: Marks
) -> PathWarning | None:
    """Whether the close of ``on`` in window ``number`` is to tell of slow progress, and how much is short."""
    if on not in at or on == at.due_on:
        return None
    after = principal_at_most(amount_minor, windows, number)
    if principal_minor <= after:
        return None
    kind = Warned.DEBIT
    if on != at.debit_told_on:
        kind = Warned.HALF if on == at.half_on else Warned.THREE_QUARTERS
        before = principal_at_most(amount_minor, windows, number - 1)
        if principal_minor <= before - (before - after) * PARTS[kind]:
            return None
    return PathWarning(kind, number, at.due_on, principal_minor - after)


def warning(terms: Terms, started_on: date, principal_minor: int, on: date, *, shift_days: int = 0) -> Warned | None:
    """The same for agreed terms, in whichever window ``on`` lies."""
    for number in range(1, terms.windows + 1):
        at = marks(started_on, terms.window_months, number, shift_days)
        if on <= at.due_on:
            found = warned(terms.amount_minor, terms.windows, number, principal_minor, on, at)
            return found.kind if found else None
    return None
