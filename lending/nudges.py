"""Letters that offer credit: rarely, by day, and never to somebody who said no (issue: no nagging). And letters that
somebody is owed, which are no offer: by day, so many a day and a week, whatever they want to be offered."""

from datetime import datetime, timedelta
from enum import StrEnum

# One in so long for each person, whatever there would be to say.
EVERY = timedelta(days=30)
# What nobody could send for so long is old news.
STALE = timedelta(days=14)


class Nudge(StrEnum):
    """What such a letter may be about."""

    LEVEL_ROSE = "level_rose"
    MAY_BORROW_AGAIN = "may_borrow_again"
    GUARANTEED_OVERDUE = "guaranteed_overdue"  # whoever answers for a loan hears that it is late (P2)


# What is told because it concerns the reader's own duties.
OWED = frozenset({Nudge.GUARANTEED_OVERDUE})


class Answer(StrEnum):
    """What became of an ask."""

    SENT = "sent"
    NOT_WANTED = "not_wanted"
    TOO_SOON = "too_soon"
    APPLYING = "applying"  # they are asking already
    LATE = "late"  # a loan is past due: more credit is no help
    STALE = "stale"


def answer(
    now: datetime,
    *,
    asked_at: datetime,
    wanted: bool,
    last_sent_at: datetime | None,
    quiet: bool,
    applying: bool = False,
    late: bool = False,
) -> Answer | None:
    """Whether the letter leaves now; None: ask again when the quiet hours are over.

    ``wanted`` False is final for every letter, whenever it was asked for. ``last_sent_at``: of any of them.
    """
    if not wanted:
        return Answer.NOT_WANTED
    if now - asked_at >= STALE:
        return Answer.STALE
    if last_sent_at is not None and now - last_sent_at < EVERY:
        return Answer.TOO_SOON
    if applying:
        return Answer.APPLYING
    if late:
        return Answer.LATE
    return None if quiet else Answer.SENT


def answer_owed(
    now: datetime, *, asked_at: datetime, quiet: bool, sent_today: int, sent_this_week: int, a_day: int, a_week: int
) -> Answer | None:
    """Whether a letter that somebody is owed leaves now; None: ask again by day, or when fewer have left.

    ``sent_…``: letters that this sender sent them within a day and a week; ``a_day``, ``a_week``: how many may.
    """
    if now - asked_at >= STALE:
        return Answer.STALE
    return None if quiet or sent_today >= a_day or sent_this_week >= a_week else Answer.SENT
