"""A task that is late has a lead by name: who looks after it beside whoever has it, and what was promised anew."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db import leaves, offline
from db.managing import MANAGER
from db.reading import REVIEW
from db.tables import Task
from lending.handing_up import again, late_by

# The role of whoever leads managers (policies/roles.yaml), and whose part it is where nobody is that.
LEAD, OFFICER = "lead", "officer"
# What a task says of it: who leads, what was promised last, and how often a promise was not kept.
LEAD_ID, SLIPS = "lead_id", "slips"
# How long somebody is there before it is strange that nothing was said of it.
AN_HOUR_OF_IT = timedelta(hours=2)


def lead_id(task: Task) -> UUID | None:
    """Who was named when it was late."""
    said = task.params.get(LEAD_ID)
    return UUID(said) if said else None


async def lead_of(session: AsyncSession, task: Task) -> str | None:
    """Their name."""
    return await offline.name_of(session, lead_id(task))


async def lead_of_case(session: AsyncSession, application_id: UUID) -> str | None:
    """Who leads the open review of an application."""
    task = await session.scalar(
        select(Task).where(Task.application_id == application_id, Task.kind == REVIEW, Task.state == "open").limit(1)
    )
    return await lead_of(session, task) if task is not None else None


async def hand_up(session: AsyncSession, task: Task, now: datetime) -> tuple[str, datetime]:
    """(the lead's name, empty where nobody could be one; the new promise, which lies ahead).

    Whoever has it keeps it until the lead takes it or gives it to somebody: who knows the customer is there. One that
    is nobody's, or of somebody who is away, is the lead's at once. A case that the desk or the committee has keeps its
    place: an officer of another name looks after it.
    """
    lead = lead_id(task)
    if lead is None or not await leaves.is_there(session, lead, now):
        lead = await _somebody(session, task, now)
    if task.role == MANAGER:
        task.role = LEAD
    task.escalated_at = task.escalated_at or now
    slips = int(task.params.get(SLIPS, 0))
    kept = task.params.get(offline.KEPT_UNTIL)
    promised = again(now, slips, slot_at=task.slot_at, until=datetime.fromisoformat(kept) if kept else None)
    task.params = {
        **task.params,
        SLIPS: slips + 1,
        offline.PROMISED: promised.isoformat(),
        **({LEAD_ID: str(lead)} if lead else {}),
    }
    holds = task.owner_id is not None and await leaves.is_there(session, task.owner_id, now)
    if lead is not None and not holds and task.role == LEAD:
        give(task, lead)
    return await offline.name_of(session, lead) or "", promised


def give(task: Task, to: UUID) -> None:
    """Somebody else has it from now on; from whom it came stays with it."""
    if task.owner_id == to:
        return
    if task.owner_id is not None:
        task.params = {**task.params, "handed_from": str(task.owner_id)}
    task.owner_id = to


def late_minutes(task: Task, now: datetime) -> int | None:
    """By how much what its customer was told is past; None while it lies ahead, or the task is over."""
    late = late_by(offline.promised_at(task), now) if task.state == "open" else None
    return None if late is None else late // timedelta(minutes=1)


def missed(task: Task, now: datetime) -> bool:
    """Whether the hour that was arranged has passed and nobody has said that it was done."""
    return task.state == "open" and task.slot_at is not None and task.slot_at + AN_HOUR_OF_IT <= now


async def _somebody(session: AsyncSession, task: Task, now: datetime) -> UUID | None:
    if task.role in (MANAGER, LEAD):
        found = await offline.somebody(session, LEAD, now, but=task.owner_id)
        if found is not None:
            return found
    return await offline.somebody(session, OFFICER, now, but=task.owner_id)
