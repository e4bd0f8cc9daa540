"""A promise that was not kept: a lead is named, and a new time is told that lies ahead (journey 2, B3; X2)."""

from datetime import datetime, timedelta

from lending.applications import REVIEW_WITHIN

# A time that slips again and again is told each time, but not each day: every new one is twice as far as the last.
FARTHEST = timedelta(days=14)
# How far ahead a lead may put a new time by hand.
LEADS_FARTHEST = timedelta(days=30)


def again(now: datetime, slips: int, *, slot_at: datetime | None = None, until: datetime | None = None) -> datetime:
    """The next promise: always ahead of ``now``, behind an hour that is arranged, and not behind the end.

    ``slips``: how many promises were not kept before this one; ``until``: when the task ends by itself.
    """
    farther = min(REVIEW_WITHIN * 2 ** min(slips, 10), FARTHEST)
    promised = max(now, slot_at or now) + farther
    return min(promised, until) if until is not None and until > now else promised


def late_by(due_at: datetime, now: datetime) -> timedelta | None:
    """How late a promise is; None while it lies ahead."""
    return now - due_at if due_at <= now else None
