"""Leading a simulated clock: as far and as fast as was asked, but never past what has been promised or not yet closed.

A clock that runs ahead shows debts of days on which nothing was collected yet, and a payout that was promised for four
o'clock leaves next month. So a wish ("a month from now", "a week a second") is kept in the clock's last segment, and
whoever paces it appends steps: up to the next payout's hour, up to a day beyond the first day that is not closed.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db import clocks, ledger
from db.clocks import Reading, Wish
from db.tables import ClockWaiter, Close, Payout, PayoutAttempt
from infra.clock import ClockWouldGoBack
from lending.calendars import Jurisdiction, midnight_after
from lending.release import UNDER_WAY

# The clock stops on the morning after a day that is still to be closed: its midnight has passed, its close can run.
MORNING = timedelta(hours=9)
# So long an answer of the rail is waited for; one that takes longer is an outage, and time goes on.
A_BANK = timedelta(seconds=15)
# A step that nobody seems to have heard is said again.
SAY_AGAIN = timedelta(seconds=10)


async def furthest(session: AsyncSession, clock_id: str, jurisdiction: str, reading: Reading) -> datetime | None:
    """The instant that the clock must not pass yet; None where nothing is promised and nobody owes anything."""
    if await _money_is_moving(session, reading.real_now):
        return reading.now
    promised = await session.scalar(
        select(func.min(ClockWaiter.until)).where(
            ClockWaiter.clock_id == clock_id, ClockWaiter.workflow_id.startswith("payout/")
        )
    )
    first_open = await ledger.first_live_on(session, jurisdiction)
    closing = await session.scalar(
        select(func.min(Close.on_date)).where(Close.jurisdiction == jurisdiction, Close.state == "running")
    )
    days = [day for day in (first_open, closing) if day is not None]
    stops = [promised] if promised is not None else []
    if days:
        stops.append(midnight_after(min(days), Jurisdiction(jurisdiction)) + MORNING)
    return min(stops, default=None)


async def _money_is_moving(session: AsyncSession, real_now: datetime) -> bool:
    """Whether the rail was just handed a payout: a bank needs a second for it, not a week."""
    found = await session.scalar(
        select(func.count())
        .select_from(Payout)
        .join(PayoutAttempt, PayoutAttempt.payout_id == Payout.id)
        .where(Payout.state.in_(UNDER_WAY), PayoutAttempt.begun_at > real_now - A_BANK)
    )
    return bool(found)


async def go(
    session: AsyncSession,
    clock_id: str,
    jurisdiction: str,
    *,
    reason: str,
    to: datetime | None = None,
    speed: int | None = None,
) -> None:
    """Ask the clock to go ``to`` an instant, or on at another ``speed`` (0 stops it), or both.

    What of the way is free is gone at once; the rest is a wish. Raises ``infra.clock.ClockWouldGoBack``.
    """
    reading = await clocks.hold(session, clock_id)
    here = reading.now
    if to is not None and to < here:
        raise ClockWouldGoBack("the clock cannot be set back")
    pace = reading.wish.speed if speed is None else speed
    landing = here
    if to is not None:
        stop = await furthest(session, clock_id, jurisdiction, reading)
        landing = to if stop is None else max(here, min(to, stop))
    until = to if to is not None and landing < to else None
    await _append(session, clock_id, Wish(pace, until), landing if landing > here else None, reason)


async def step(session: AsyncSession, clock_id: str, jurisdiction: str) -> bool:
    """One step towards what was asked, if there is one; whether the clock still has somewhere to go."""
    wish = (await clocks.read(session, clock_id)).wish
    if wish.until is None and wish.speed <= 1:
        return False
    reading = await clocks.hold(session, clock_id)
    wish, here = reading.wish, reading.now
    goal = wish.until or _as_fast_as_asked(reading)
    stop = await furthest(session, clock_id, jurisdiction, reading)
    landing = goal if stop is None else min(goal, stop)
    waited = reading.real_now - reading.segments[-1].real_at
    if landing <= here and not (wish.until and here >= wish.until) and waited < SAY_AGAIN:
        return True
    arrived = wish.until is not None and max(landing, here) >= wish.until
    left = Wish(wish.speed, None if arrived else wish.until)
    await _append(session, clock_id, left, landing if landing > here else None, "pace")
    return left.until is not None or left.speed > 1


def _as_fast_as_asked(reading: Reading) -> datetime:
    """Where the clock would be if it had run at the wished speed since its last segment."""
    last = reading.segments[-1]
    return last.business_at + (reading.real_now - last.real_at) * reading.wish.speed


async def _append(session: AsyncSession, clock_id: str, wish: Wish, landing: datetime | None, reason: str) -> None:
    """A segment that runs like real time, or not at all; what is wished beyond that is said in it."""
    said = wish if wish.until is not None or wish.speed > 1 else None
    await clocks.move(session, clock_id, speed=min(wish.speed, 1), jump_to=landing, reason=reason, wish=said)
