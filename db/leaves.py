"""Who of the lender is away, and who stands in."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import any_, exists, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Staff, StaffLeave, Task


async def add(
    session: AsyncSession,
    leave_id: UUID,
    staff_id: UUID,
    deputy_id: UUID,
    *,
    begins_at: datetime,
    ends_at: datetime,
    now: datetime,
    said_by: str | None = None,
) -> None:
    """Write a leave down; ``said_by``: who said it, where it was not they themselves."""
    session.add(
        StaffLeave(
            id=leave_id,
            staff_id=staff_id,
            deputy_id=deputy_id,
            begins_at=begins_at,
            ends_at=ends_at,
            said_at=now,
            said_by=said_by,
        )
    )
    await session.flush()


async def locked(session: AsyncSession, leave_id: UUID) -> StaffLeave:
    """One, locked."""
    return (await session.scalars(select(StaffLeave).where(StaffLeave.id == leave_id).with_for_update())).one()


async def of_staff(session: AsyncSession, staff_id: UUID, now: datetime) -> Sequence[tuple[StaffLeave, str]]:
    """Somebody's leaves that are not over, each with the deputy's name."""
    found = await session.execute(
        select(StaffLeave, Staff.name)
        .join(Staff, Staff.id == StaffLeave.deputy_id)
        .where(StaffLeave.staff_id == staff_id, StaffLeave.ends_at > now, StaffLeave.ended_at.is_(None))
        .order_by(StaffLeave.begins_at)
    )
    return [(leave, name) for leave, name in found]


async def overlaps(session: AsyncSession, staff_id: UUID, begins_at: datetime, ends_at: datetime) -> bool:
    """Whether somebody is away at some time in between."""
    away = exists().where(
        StaffLeave.staff_id == staff_id,
        StaffLeave.ended_at.is_(None),
        StaffLeave.begins_at < ends_at,
        StaffLeave.ends_at > begins_at,
    )
    return bool(await session.scalar(select(away)))


async def is_there(session: AsyncSession, staff_id: UUID, now: datetime) -> bool:
    """Whether somebody works here and is not away now."""
    works = exists().where(Staff.id == staff_id, Staff.disabled_at.is_(None))
    away = exists().where(
        StaffLeave.staff_id == staff_id,
        StaffLeave.ended_at.is_(None),
        StaffLeave.begins_at <= now,
        StaffLeave.ends_at > now,
    )
    return bool(await session.scalar(select(works & ~away)))


async def deputy_of(session: AsyncSession, staff_id: UUID, now: datetime) -> UUID | None:
    """Who stands in for somebody who is away now."""
    return await session.scalar(
        select(StaffLeave.deputy_id).where(
            StaffLeave.staff_id == staff_id,
            StaffLeave.ended_at.is_(None),
            StaffLeave.begins_at <= now,
            StaffLeave.ends_at > now,
        )
    )


async def colleagues(session: AsyncSession, role: str, but: UUID) -> Sequence[Staff]:
    """Who may stand in: everybody else in the role."""
    found = await session.scalars(
        select(Staff)
        .where(literal(role) == any_(Staff.roles), Staff.disabled_at.is_(None), Staff.id != but)
        .order_by(Staff.name, Staff.login)
        .limit(200)
    )
    return found.all()


async def open_tasks(session: AsyncSession, staff_id: UUID) -> Sequence[Task]:
    """What somebody has, locked in one order."""
    found = await session.scalars(
        select(Task)
        .where(Task.owner_id == staff_id, Task.state == "open")
        .order_by(Task.application_id, Task.id)
        .with_for_update()
    )
    return found.all()


async def take_back(session: AsyncSession, leave_id: UUID, staff_id: UUID, now: datetime) -> bool:
    """Somebody is back, or does not go after all; what went over stays where it is. False: not theirs, or over."""
    changed = await session.execute(
        update(StaffLeave)
        .where(StaffLeave.id == leave_id, StaffLeave.staff_id == staff_id, StaffLeave.ended_at.is_(None))
        .values(ended_at=now)
        .returning(StaffLeave.id)
    )
    return changed.first() is not None
