"""Business clocks: their segments, who waits on them, and moving them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import ClockSegment, ClockWaiter
from db.writing import into
from infra.clock import Segment, business_now, next_segment, real_wait

# A stopped clock never gets there; a timer needs a number, and whoever starts the clock wakes the waiters.
FOR_EVER = timedelta(days=365).total_seconds()
CHANNEL = "huoshui_clock"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked of a clock that does not run by itself: how fast it shall go, and up to which instant at once.

    The clock is led there in steps that never outrun the closes (:mod:`db.pacing`).
    """

    speed: int = 1
    until: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """A clock as one transaction reads it: its last segments, the database's own time, how often it was moved."""

    segments: tuple[Segment, ...]
    real_now: datetime
    count: int
    wish: Wish = field(default_factory=Wish)

    @property
    def now(self) -> datetime:
        """Business time."""
        return business_now(self.segments, self.real_now)

    @property
    def speed(self) -> int:
        """Business seconds a real second, as the clock runs by itself; what was asked for is in ``wish``."""
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
    return (await read_beside(session, clock_id, literal(None), last=last))[0]


async def read_beside(
    session: AsyncSession, clock_id: str, column: ColumnElement[T], *, last: int = 3
) -> tuple[Reading, T]:
    """:func:`read`, and one value more in the same round trip."""
    rows = await session.execute(
        select(
            ClockSegment.real_at,
            ClockSegment.business_at,
            ClockSegment.speed,
            func.clock_timestamp(),
            ClockSegment.n,
            ClockSegment.wish_speed,
            ClockSegment.wish_until,
            column,
        )
        .where(ClockSegment.clock_id == clock_id)
        .order_by(ClockSegment.n.desc())
        .limit(last)
    )
    found = list(reversed(rows.all()))
    if not found:
        real_now, value = (await session.execute(select(func.clock_timestamp(), column))).one()
        return Reading((), real_now, 0), value
    segments = tuple(Segment(real, business, speed) for real, business, speed, *_ in found)
    _, _, speed, real_now, number, wish_speed, wish_until, value = found[-1]
    wish = Wish(speed) if wish_speed is None else Wish(wish_speed, wish_until)
    return Reading(segments, real_now, number + 1, wish), value


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


async def hold(session: AsyncSession, clock_id: str) -> Reading:
    """The clock as it stands, moved by nobody else before this transaction ends."""
    await session.execute(text("select pg_advisory_xact_lock(hashtext('huoshui clock ' || :id))"), {"id": clock_id})
    return await read(session, clock_id)


async def move(
    session: AsyncSession,
    clock_id: str,
    *,
    speed: int | None = None,
    jump_to: datetime | None = None,
    reason: str,
    wish: Wish | None = None,
) -> int:
    """Append a segment and tell everyone; the number of the new segment. Raises ``infra.clock.ClockWouldGoBack``.

    ``wish``: what the segment serves, if that is more than itself.
    """
    reading = await hold(session, clock_id)
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
            wish_speed=wish.speed if wish else None,
            wish_until=wish.until if wish else None,
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
        into(ClockWaiter)
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
