"""The business clock: segments on which business time runs at some speed beside real time. Pure arithmetic.

Production has one segment of speed 1. Time-lapse and test clocks append segments; nothing is ever changed or removed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


class ClockWouldGoBack(Exception):
    """A new segment would make business time run backwards: interest would be charged twice or lost."""

    code = "clock_would_go_back"


class NoClock(Exception):
    """No segment has begun at the instant that was asked for."""

    code = "no_clock"


@dataclass(frozen=True, slots=True)
class Segment:
    """From the instant ``real_at`` on, business time starts at ``business_at`` and runs ``speed`` times as fast.

    Speed 0 is a stopped clock.
    """

    real_at: datetime
    business_at: datetime
    speed: int = 1

    def __post_init__(self) -> None:
        if self.real_at.tzinfo is None or self.business_at.tzinfo is None:
            raise ValueError("a clock segment needs instants with a time zone")
        if self.speed < 0:
            raise ValueError("a clock cannot run backwards")

    def at(self, real_now: datetime) -> datetime:
        return self.business_at + (real_now - self.real_at) * self.speed


def business_now(segments: Sequence[Segment], real_now: datetime) -> datetime:
    """Business time at ``real_now``; ``segments`` in order of ``real_at``. Raises :class:`NoClock` before the first."""
    return _running(segments, real_now).at(real_now)


def real_wait(segments: Sequence[Segment], real_now: datetime, until_business: datetime) -> float:
    """Real seconds from ``real_now`` until business time reaches ``until_business``.

    0.0 when it has, ``inf`` when it never will on these segments (a stopped clock); segments still to come count.
    """
    current = _running(segments, real_now)
    start = real_now
    for following in [*(segment for segment in segments if segment.real_at > real_now), None]:
        end = None if following is None else following.real_at
        reached = _reach(current, start, end, until_business)
        if reached is not None:
            return (reached - real_now).total_seconds()
        if following is None:
            break
        current, start = following, following.real_at
    return float("inf")


def next_segment(
    segments: Sequence[Segment], real_now: datetime, *, speed: int | None = None, jump_to: datetime | None = None
) -> Segment:
    """The segment to append to change the speed, jump ahead, or both, now. Raises :class:`ClockWouldGoBack`."""
    current = _running(segments, real_now)
    here = current.at(real_now)
    if jump_to is not None and jump_to < here:
        raise ClockWouldGoBack("the clock cannot be set back")
    return Segment(real_now, jump_to or here, current.speed if speed is None else speed)


def _running(segments: Sequence[Segment], real_now: datetime) -> Segment:
    begun = [segment for segment in segments if segment.real_at <= real_now]
    if not begun:
        raise NoClock("no clock segment has begun yet")
    return begun[-1]


def _reach(segment: Segment, start: datetime, end: datetime | None, until: datetime) -> datetime | None:
    """The real instant in [start, end) at which ``segment`` shows ``until`` or more; None when it never does."""
    here = segment.at(start)
    if here >= until:
        return start
    if segment.speed == 0:
        return None
    # Rounded up to the microsecond, so that a sleeper never wakes a hair too early.
    micros = -((here - until) // timedelta(microseconds=1) // segment.speed)
    reached = start + timedelta(microseconds=micros)
    return reached if end is None or reached < end else None
