"""Business clocks: their segments, who waits on them, and moving them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import ClockSegment, ClockWaiter
from infra.clock import Segment, business_now, next_segment, real_wait

# A stopped clock never gets there; a timer needs a number, and whoever starts the clock wakes the waiters.
FOR_EVER = timedelta(days=365).total_seconds()
CHANNEL = "huoshui_clock"


@dataclass(frozen=True)
class Reading:
    """A clock as one transaction reads it: its last segments, the database's own time, how often it was moved."""

    segments: tuple[Segment, ...]
    real_now: datetime
    count: int

    @property
    def now(self) -> datetime:
        """Business time."""
        return business_now(self.segments, self.real_now)

    @property
    def speed(self) -> int:
        """Business seconds a real second."""
        return self.segments[-1].speed

    def business(self, real: datetime) -> datetime:
        """The business instant at a real instant, such as one that a rail reports."""
        return business_now(self.segments, max(real, self.segments[0].real_at))

    def seconds_until(self, instant: datetime) -> float:
        """Real seconds until business time reaches ``instant``; 0 when it has."""
        return min(real_wait(self.segments, self.real_now, instant), FOR_EVER)


async def read(session: AsyncSession, clock_id: str, *, last: int = 3) -> Reading:
    """The clock now, by its last segments; ``infra.clock.NoClock`` is raised on use if nobody started it.

    A few segments reach back far enough for what an outside party says of a moment ago.
    """
    rows = await session.execute(
        select(
            ClockSegment.real_at, ClockSegment.business_at, ClockSegment.speed, func.clock_timestamp(), ClockSegment.n
        )
        .where(ClockSegment.clock_id == clock_id)
        .order_by(ClockSegment.n.desc())
        .limit(last)
    )
    found = list(reversed(rows.all()))
    real_now = found[0][3] if found else await session.scalar(select(func.clock_timestamp()))
    assert real_now is not None  # noqa: S101
    segments = tuple(Segment(real, business, speed) for real, business, speed, _, _ in found)
    return Reading(segments, real_now, found[-1][4] + 1 if found else 0)


async def now(session: AsyncSession, clock_id: str) -> datetime:
    """Business time."""
    return (await read(session, clock_id)).now


async def ensure(session: AsyncSession, clock_id: str) -> None:
    """Start the clock at real time and speed 1, if nobody did."""
    instant = await session.scalar(select(func.clock_timestamp()))
    await session.execute(
        insert(ClockSegment)
        .values(clock_id=clock_id, n=0, real_at=instant, business_at=instant, speed=1, reason="start")
        .on_conflict_do_nothing()
    )


async def move(
    session: AsyncSession, clock_id: str, *, speed: int | None = None, jump_to: datetime | None = None, reason: str
) -> int:
    """Append a segment and tell everyone; the number of the new segment. Raises ``infra.clock.ClockWouldGoBack``."""
    await session.execute(text("select pg_advisory_xact_lock(hashtext('huoshui clock ' || :id))"), {"id": clock_id})
    reading = await read(session, clock_id)
    segment = next_segment(reading.segments, reading.real_now, speed=speed, jump_to=jump_to)
    number = reading.count
    session.add(
        ClockSegment(
            clock_id=clock_id,
            n=number,
            real_at=segment.real_at,
            business_at=segment.business_at,
            speed=segment.speed,
            reason=reason,
        )
    )
    await session.flush()
    await session.execute(select(func.pg_notify(CHANNEL, clock_id)))
    return number


async def wait(session: AsyncSession, clock_id: str, workflow_id: str, until: datetime) -> float:
    """Note that a workflow waits for a business instant; the real seconds left."""
    reading = await read(session, clock_id)
    await note_wait(session, clock_id, workflow_id, until)
    return reading.seconds_until(until)


async def note_wait(session: AsyncSession, clock_id: str, workflow_id: str, until: datetime) -> None:
    """Remember who waits for when, for whoever moves the clock."""
    await session.execute(
        insert(ClockWaiter)
        .values(workflow_id=workflow_id, clock_id=clock_id, until=until)
        .on_conflict_do_update(index_elements=["workflow_id"], set_={"clock_id": clock_id, "until": until})
    )


async def waiters(session: AsyncSession, clock_id: str, until: datetime | None = None) -> list[str]:
    """Workflows that wait on the clock, all or only those whose instant is not after ``until``."""
    query = select(ClockWaiter.workflow_id).where(ClockWaiter.clock_id == clock_id)
    if until is not None:
        query = query.where(ClockWaiter.until <= until)
    return list(await session.scalars(query.order_by(ClockWaiter.until)))


async def forget(session: AsyncSession, workflow_id: str) -> None:
    """The workflow has ended: nobody to wake."""
    await session.execute(delete(ClockWaiter).where(ClockWaiter.workflow_id == workflow_id))


def workflow_of(kind: str, object_id: UUID) -> str:
    """The workflow id of an object: ``application/…``."""
    return f"{kind}/{object_id}"
