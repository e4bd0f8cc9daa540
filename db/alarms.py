"""Alarms for the credit desk: raised once while they last, counted when they come again, closed by a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import audits
from db.tables import Alarm

Json = dict[str, Any]

# Somebody at the desk looks at it on the same working day.
WITHIN = timedelta(hours=4)


async def raise_alarm(
    session: AsyncSession, *, kind: str, object_kind: str, object_id: str, detail: Json, at: datetime
) -> bool:
    """Whether it is new; one that is open already is counted, and keeps its first hour. ``detail`` holds no names."""
    values = {"kind": kind, "object_kind": object_kind, "object_id": object_id, "detail": detail}
    came = (
        await session.execute(
            insert(Alarm)
            .values(id=uuid4(), raised_at=at, last_at=at, due_at=at + WITHIN, **values)
            .on_conflict_do_update(
                index_elements=[Alarm.kind, Alarm.object_id],
                index_where=text("closed_at is null"),
                set_={"last_at": at, "times": Alarm.times + 1, "detail": detail},
            )
            .returning(Alarm.id, Alarm.times)
        )
    ).one()
    if came.times == 1:
        await audits.append(
            session,
            actor="system:watch",
            action="alarm.raise",
            object_kind="alarm",
            object_id=str(came.id),
            detail={"kind": kind, object_kind: object_id},
            request_id=None,
        )
    return came.times == 1


async def open_alarms(session: AsyncSession) -> Sequence[Alarm]:
    """What is open, the oldest first."""
    return (await session.scalars(select(Alarm).where(Alarm.closed_at.is_(None)).order_by(Alarm.raised_at))).all()


async def closed_alarms(session: AsyncSession, limit: int = 20) -> Sequence[Alarm]:
    """The last that were closed."""
    return (
        await session.scalars(
            select(Alarm).where(Alarm.closed_at.is_not(None)).order_by(Alarm.closed_at.desc()).limit(limit)
        )
    ).all()


async def close(session: AsyncSession, alarm_id: UUID, *, by: str, outcome: str, at: datetime) -> bool:
    """What came of it; False if there is none or it was closed before. What is still so comes again as a new one."""
    done = await session.execute(
        update(Alarm)
        .where(Alarm.id == alarm_id, Alarm.closed_at.is_(None))
        .values(closed_at=at, closed_by=by, outcome=outcome)
        .returning(Alarm.kind)
    )
    kind = done.scalar()
    if kind is None:
        return False
    await audits.append(
        session,
        actor=by,
        action="alarm.close",
        object_kind="alarm",
        object_id=str(alarm_id),
        detail={"kind": kind},
        request_id=None,
    )
    return True


async def close_of(session: AsyncSession, kind: str, object_id: str, *, by: str, outcome: str, at: datetime) -> None:
    """End what rang about something, since what it rang for was done."""
    asked = select(Alarm.id).where(Alarm.kind == kind, Alarm.object_id == object_id, Alarm.closed_at.is_(None))
    for alarm_id in (await session.scalars(asked)).all():
        await close(session, alarm_id, by=by, outcome=outcome, at=at)
