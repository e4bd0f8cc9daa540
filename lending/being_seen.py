"""Being seen by a person instead of showing one's face to a camera: when, and what counts (lending practice P17).

It costs nothing, proves the same, and no score hears of it.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from lending.calendars import BEIJING

# A manager's day, on the lender's wall clock; a talk takes a quarter of an hour.
OPENS, CLOSES = time(9), time(18)
EVERY = timedelta(minutes=30)
# Long enough for a manager to open the case, short enough that nobody waits for a first free hour.
NOT_BEFORE = timedelta(minutes=15)
OFFERED = 6
# A person who did not come is asked again; the manager has until then to say what was seen.
WITHIN = timedelta(hours=2)
# A face before a camera may be borrowed within minutes; one that a person has seen beside its card is that person's.
SEEN_FOR = timedelta(days=7)


def slots(now: datetime, is_working: Callable[[date], bool], *, many: int = OFFERED) -> tuple[datetime, ...]:
    """The next free half-hours in which a manager can look, in UTC, the soonest first."""
    start = (now + NOT_BEFORE).astimezone(BEIJING)
    at = start.replace(minute=0, second=0, microsecond=0)
    while at < start:
        at += EVERY
    found: list[datetime] = []
    while len(found) < many:
        if not is_working(at.date()) or at.time() >= CLOSES:
            at = datetime.combine(at.date() + timedelta(days=1), OPENS, BEIJING)
        elif at.time() < OPENS:
            at = datetime.combine(at.date(), OPENS, BEIJING)
        else:
            found.append(at.astimezone(UTC))
            at += EVERY
    return tuple(found)


def proves(*, card_matches: bool, face_matches: bool) -> bool:
    """Both: the card is theirs and in order, and the person is the one on the card."""
    return card_matches and face_matches
