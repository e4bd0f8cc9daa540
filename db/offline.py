"""Tasks outside: who has them, when somebody comes, and what was brought home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import any_, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import managing
from db.tables import Application, Staff, StaffLeave, Task, TaskEvidence
from lending.identifiers import derived_id
from lending.offline import Captured, Way

# What the words and the place of a thing brought home, and the thing itself, are sealed for.
WORDS, PLACE, FILE = "task_evidence.words", "task_evidence.place", "task_evidence.file"
# Where somebody comes, as the customer said it.
WHERE = "task.place"
# Where that lies on the earth, and the room of a live video with both its links.
POINT, ROOM = "task.point", "task.room"
# How a task outside is told from one at a desk: its parameters carry until when it is kept open.
KEPT_UNTIL = "kept_until"
# What its customer was told last, where the first time passed.
PROMISED = "promised_at"
# Which number of a thing whoever goes there copies (policies/collateral.yaml).
NUMBER = "number"
# Why a manager has a task elsewhere than what is looked at is known to be, and who said where it goes: a login, or
# ``owner``.
PLACE_WHY, PLACE_BY, OWNER = "place_why", "place_by", "owner"
# Which piece of collateral a task is about.
PIECE = "piece"


@dataclass(frozen=True, slots=True)
class New:
    """A task to open. ``why``: the rule's or the person's reason; ``words``: of whoever asked for it; ``number``: which
    number of a thing is copied there; ``piece``: the piece of collateral that it is about."""

    id: UUID
    kind: str
    role: str
    within: timedelta
    kept_open: timedelta
    why: str
    words: str = ""
    number: str = ""
    piece: UUID | None = None


async def open_task(session: AsyncSession, application: Application, new: New, *, now: datetime) -> Task:
    """Open one, with somebody who has it: the customer's own manager, else of those who are there, whoever has the
    fewest."""
    due_at = now + new.within
    own = await managing.who_comes(session, application.person_id, new.role, now)
    task = Task(
        id=new.id,
        kind=new.kind,
        application_id=application.id,
        person_id=application.person_id,
        role=new.role,
        owner_id=own or await somebody(session, new.role, now),
        state="open",
        params={
            "why": new.why,
            "words": new.words,
            KEPT_UNTIL: (due_at + new.kept_open).isoformat(),
            **({NUMBER: new.number} if new.number else {}),
            **({PIECE: str(new.piece)} if new.piece else {}),
        },
        created_at=now,
        due_at=due_at,
    )
    session.add(task)
    await session.flush()
    return task


async def somebody(session: AsyncSession, role: str, now: datetime, *, but: UUID | None = None) -> UUID | None:
    """Whoever has the fewest open tasks of those in this role who are there; None where nobody is."""
    away = select(StaffLeave.staff_id).where(
        StaffLeave.begins_at <= now, StaffLeave.ends_at > now, StaffLeave.ended_at.is_(None)
    )
    load = select(func.count()).where(Task.owner_id == Staff.id, Task.state == "open").scalar_subquery()
    query = select(Staff.id).where(
        literal(role) == any_(Staff.roles), Staff.disabled_at.is_(None), Staff.id.not_in(away)
    )
    if but is not None:
        query = query.where(Staff.id != but)
    return await session.scalar(query.order_by(load, Staff.created_at, Staff.id).limit(1))


def room_id(task_id: UUID, slot_at: datetime) -> UUID:
    """The live video of a task at an hour; at another hour it is another one."""
    return derived_id("live", f"{task_id}/{slot_at.isoformat()}")


def recording_id(session_id: str) -> UUID:
    """The recording of a live video: one of each room."""
    return derived_id("recording", session_id)


def recording_of(task: Task) -> UUID | None:
    """The recording that makes a live video a visit: of the room of its hour, and agreed to; None without those."""
    if task.slot_at is None or task.agreed_at is None:
        return None
    return recording_id(str(room_id(task.id, task.slot_at)))


def is_outside(task: Task) -> bool:
    """Whether this is a task of ``policies/offline.yaml``."""
    return KEPT_UNTIL in task.params


def number_of(task: Task) -> str:
    """Which number is copied there, as a code."""
    return str(task.params.get(NUMBER, Captured.SERIAL.value))


def promised_at(task: Task) -> datetime:
    """The time that the customer was told: the first, or the last one after it was handed up."""
    again = task.params.get(PROMISED)
    return datetime.fromisoformat(again) if again else task.due_at


def said_by_customer(task: Task) -> bool:
    """Whether its customer said where it goes."""
    return task.params.get(PLACE_BY) == OWNER


def was_seen(task: Task) -> bool:
    """Whether somebody was there, and what they brought was taken as evidence of it."""
    return task.state == "done" and (task.outcome or {}).get("result") == "done"


def decides(task: Task) -> bool:
    """Whether a decision waits for it: not for what is looked at because it secures something."""
    return task.params.get("why") != "collateral"


async def locked(session: AsyncSession, task_id: UUID) -> Task:
    """One task, which nobody changes meanwhile."""
    found = select(Task).where(Task.id == task_id).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(found)).one()


async def of_application(session: AsyncSession, application_id: UUID) -> Sequence[Task]:
    """An application's tasks outside, oldest first."""
    return [one for one in await tasks_of(session, application_id) if KEPT_UNTIL in (one.params or {})]


async def tasks_of(session: AsyncSession, application_id: UUID) -> Sequence[Task]:
    """Everything that somebody has or had to do for an application, oldest first."""
    found = select(Task).where(Task.application_id == application_id)
    return (await session.scalars(found.order_by(Task.created_at, Task.id))).all()


async def waiting(session: AsyncSession) -> Sequence[tuple[Task, Application]]:
    """All that are open, by when they are due."""
    found = await session.execute(
        select(Task, Application)
        .join(Application, Application.id == Task.application_id)
        .where(Task.state == "open", Task.params.has_key(KEPT_UNTIL))
        .order_by(Task.due_at)
        .limit(200)
    )
    return [(task, application) for task, application in found]


async def done_kinds(session: AsyncSession, application_id: UUID) -> set[str]:
    """The kinds of which one was done; a task that was not possible is none."""
    return {
        task.kind
        for task in await of_application(session, application_id)
        if task.state == "done" and (task.outcome or {}).get("result") == "done"
    }


async def told_where(session: AsyncSession, person_id: UUID) -> Sequence[Task]:
    """A customer's tasks outside of which somebody said where, the newest first."""
    found = await session.scalars(
        select(Task)
        .where(Task.person_id == person_id, Task.place_sealed.is_not(None), Task.params.has_key(KEPT_UNTIL))
        .order_by(Task.created_at.desc(), Task.id)
        .limit(20)
    )
    return found.all()


async def slots_of(session: AsyncSession, owner_id: UUID | None, now: datetime) -> list[datetime]:
    """When somebody is out already."""
    found = await session.scalars(
        select(Task.slot_at).where(Task.owner_id == owner_id, Task.state == "open", Task.slot_at > now)
    )
    return [at for at in found if at is not None]


async def promised_elsewhere(
    session: AsyncSession, task: Task, slot_at: datetime, every: timedelta, way: str | None = None
) -> bool:
    """Whether whoever has this task is out at that hour for another; locks them until the transaction ends.

    On site at the very hour of another task of the same application they are there already: one visit (B2).
    """
    if task.owner_id is None:
        return False
    await session.execute(select(Staff.id).where(Staff.id == task.owner_id).with_for_update())
    others = select(Task.id).where(
        Task.owner_id == task.owner_id,
        Task.id != task.id,
        Task.state == "open",
        Task.slot_at > slot_at - every,
        Task.slot_at < slot_at + every,
    )
    if way == Way.ON_SITE.value:
        same = (Task.application_id == task.application_id) & (Task.slot_at == slot_at) & (Task.way == way)
        others = others.where(~same)
    return bool(await session.scalar(select(others.exists())))


async def name_of(session: AsyncSession, staff_id: UUID | None) -> str | None:
    """Who has it, by name."""
    return await session.scalar(select(Staff.name).where(Staff.id == staff_id)) if staff_id else None


async def ended(session: AsyncSession, since: datetime) -> Sequence[Task]:
    """Tasks outside that a person ended since then, by application."""
    found = await session.scalars(
        select(Task)
        .where(Task.state == "done", Task.finished_at >= since, Task.params.has_key(KEPT_UNTIL))
        .order_by(Task.application_id, Task.created_at)
        .limit(20_000)
    )
    return found.all()


# --- what was brought home --------------------------------------------------------------------------------------------


async def keep(session: AsyncSession, **values: Any) -> bool:
    """One thing, by the columns of the table; False if it was sent before."""
    kept = await session.scalar(
        insert(TaskEvidence).values(**values).on_conflict_do_nothing().returning(TaskEvidence.id)
    )
    return kept is not None


async def evidence_of_all(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[TaskEvidence]]:
    """Everything of several tasks in one statement."""
    found: dict[UUID, list[TaskEvidence]] = {one: [] for one in ids}
    if ids:
        rows = select(TaskEvidence).where(TaskEvidence.task_id.in_(ids))
        for row in await session.scalars(rows.order_by(TaskEvidence.received_at, TaskEvidence.id)):
            found[row.task_id].append(row)
    return {one: rows[:500] for one, rows in found.items()}


async def evidence_of(session: AsyncSession, task_id: UUID) -> Sequence[TaskEvidence]:
    """Everything of a task, as it came in."""
    found = await session.scalars(
        select(TaskEvidence)
        .where(TaskEvidence.task_id == task_id)
        .order_by(TaskEvidence.received_at, TaskEvidence.id)
        .limit(500)
    )
    return found.all()


async def evidence(session: AsyncSession, evidence_id: UUID, *, locked: bool = False) -> TaskEvidence | None:
    """One thing."""
    return await session.get(TaskEvidence, evidence_id, with_for_update=locked, populate_existing=locked)
