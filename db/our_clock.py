"""Reviews whose clock stands while somebody outside has the case, and promises to customers that were not kept."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import DateTime, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from db import offline
from db.reading import REVIEW
from db.tables import Application, Task
from lending.applications import Stage
from lending.our_clock import Away, due

# A promise of somebody outside that is past says nothing of when they are done.
LOOKED_AT_EVERY = timedelta(hours=1)
# How long a review may take of our own time, once its day was moved.
OURS = "ours_seconds"


async def spans(session: AsyncSession, task: Task, kinds: Collection[str]) -> list[Away]:
    """When others than we had the case of a review, by its tasks of these kinds."""
    return [
        Away(one.created_at, one.finished_at, offline.promised_at(one))
        for one in await offline.of_application(session, task.application_id)
        if one.kind in kinds
    ]


async def back_at(session: AsyncSession, task: Task, kinds: Collection[str], now: datetime) -> datetime | None:
    """When to look again at a review that somebody outside has: when they promised to be done, and within the hour
    where that is past; None where nobody has it."""
    awaited = [one.promised for one in await spans(session, task, kinds) if one.end is None]
    return max(*awaited, now + LOOKED_AT_EVERY) if awaited else None


async def review_of(session: AsyncSession, application: Application) -> Task | None:
    """The review that waits, locked."""
    return await session.scalar(
        select(Task)
        .where(Task.application_id == application.id, Task.kind == REVIEW, Task.state == "open")
        .with_for_update()
    )


async def move(
    session: AsyncSession, task: Task, application: Application, kinds: Collection[str], now: datetime
) -> bool:
    """Write down by when a review is done, with what others took left out; whether they have it still."""
    away = await spans(session, task, kinds)
    if away and task.escalated_at is None:
        whole = timedelta(seconds=task.params.get(OURS) or (task.due_at - task.created_at).total_seconds())
        task.params = {**task.params, OURS: whole.total_seconds()}
        task.due_at = due(task.created_at, whole, now, away)
        if application.stage == Stage.REVIEW.value:
            application.due_at = task.due_at
    return any(one.end is None for one in away)


async def broken(session: AsyncSession, now: datetime) -> Sequence[tuple[Task, Application]]:
    """Reviews of which the time that their customer was told is past, those that nobody else is looking at just now."""
    found = await session.execute(
        select(Task, Application)
        .join(Application, Application.id == Task.application_id)
        .where(Task.kind == REVIEW, Task.state == "open")
        .where(Application.stage == Stage.REVIEW.value, Application.due_at <= now)
        .order_by(Application.due_at)
        .limit(200)
        .with_for_update(skip_locked=True)
    )
    return [(row[0], row[1]) for row in found]


async def slipped_outside(session: AsyncSession, now: datetime) -> Sequence[tuple[Task, Application]]:
    """Tasks outside that were handed up and of which the time that was promised then is past as well."""
    promised = cast(Task.params[offline.PROMISED].astext, DateTime(timezone=True))
    found = await session.execute(
        select(Task, Application)
        .join(Application, Application.id == Task.application_id)
        .where(Task.state == "open", Task.params.has_key(offline.KEPT_UNTIL), Task.escalated_at.is_not(None))
        .where(Task.params.has_key(offline.PROMISED), promised <= now)
        .order_by(Task.due_at, Task.id)
        .limit(200)
        .with_for_update(skip_locked=True)
    )
    return [(row[0], row[1]) for row in found]
