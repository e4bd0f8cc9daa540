"""Our own time: what somebody outside takes is shown apart and not counted in what we promised (P33, B2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Away:
    """From when to when somebody outside had it; ``end`` None: they have it still, and promised it by ``promised``."""

    begin: datetime
    end: datetime | None
    promised: datetime


def outside(begin: datetime, now: datetime, spans: Sequence[Away]) -> timedelta:
    """How much of the time from ``begin`` to ``now`` somebody outside had it; who had it together count once."""
    gone, reached = NOTHING, begin
    for one in sorted(spans, key=lambda span: span.begin):
        first, last = max(one.begin, reached), min(one.end or now, now)
        if last > first:
            gone, reached = gone + (last - first), last
    return gone


def due(begin: datetime, whole: timedelta, now: datetime, spans: Sequence[Away]) -> datetime:
    """By when we answer: what is left of ``whole``, our own time, from now on or from when the last of those outside
    has promised to be done."""
    ours = (now - begin) - outside(begin, now, spans)
    awaited = max((one.promised for one in spans if one.end is None), default=now)
    return max(now, awaited) + max(whole - ours, NOTHING)
