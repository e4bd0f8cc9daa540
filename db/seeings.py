"""Tasks in which a manager sees a person instead of a camera."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, Task

SEE_PERSON = "see_person"


async def open_task(
    session: AsyncSession,
    *,
    task_id: UUID,
    application: Application,
    method: str,
    slot_at: datetime,
    command_id: UUID,
    now: datetime,
    due_at: datetime,
) -> None:
    """A manager sees this person at ``slot_at``, and says what was seen by ``due_at``."""
    session.add(
        Task(
            id=task_id,
            kind=SEE_PERSON,
            application_id=application.id,
            person_id=application.person_id,
            role="manager",
            state="open",
            params={"method": method, "slot_at": slot_at.isoformat(), "command_id": str(command_id)},
            created_at=now,
            due_at=due_at,
        )
    )
    await session.flush()


async def newest(session: AsyncSession, application_id: UUID) -> Task | None:
    """The last time that somebody asked to be seen."""
    found = select(Task).where(Task.application_id == application_id, Task.kind == SEE_PERSON)
    return await session.scalar(found.order_by(Task.created_at.desc()).limit(1))


async def waiting(session: AsyncSession) -> Sequence[tuple[Task, Application]]:
    """Whom a manager is to see, the soonest first."""
    found = await session.execute(
        select(Task, Application)
        .join(Application, Application.id == Task.application_id)
        .where(Task.state == "open", Task.kind == SEE_PERSON)
        .order_by(Task.due_at)
        .limit(100)
    )
    return [(task, application) for task, application in found]
