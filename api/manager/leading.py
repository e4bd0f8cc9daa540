"""What is late and has a lead by name: the lead takes it, gives it to somebody, or tells a new time (B3)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.auditing import noted
from api.caller import Caller
from api.idempotency import Json, perform
from api.problems import BadFields, FieldError, NotFound
from api.views.offline import LateTask
from db import applications, clocks, handing_up, leaves, managing, offline, reading
from db.tables import Application, Task
from lending.applications import Stage
from lending.handing_up import LEADS_FARTHEST
from lending.identifiers import derived_id
from lending.refusals import ReviewClosed, SlotTaken

Act = Callable[[AsyncSession, Task, Application, datetime], Awaitable[None]]


async def take(caller: Caller, task_id: UUID, key: str) -> LateTask:
    """Have it oneself from now on."""

    async def act(session: AsyncSession, task: Task, _application: Application, now: datetime) -> None:
        await _give(session, caller, task, caller.staff_id, now)

    return await _act(caller, task_id, "given", {}, act, key)


async def give(caller: Caller, task_id: UUID, to: UUID, key: str) -> LateTask:
    """Give it to a manager who is there; the customer reads who it is now."""

    async def act(session: AsyncSession, task: Task, _application: Application, now: datetime) -> None:
        there = {one.id for one in await leaves.colleagues(session, managing.MANAGER, UUID(int=0))}
        if to not in there or not await leaves.is_there(session, to, now):
            raise BadFields(fields=(FieldError("to", "not_one_of_these"),))
        await _give(session, caller, task, to, now)

    return await _act(caller, task_id, "given", {"to": str(to)}, act, key)


async def promise(caller: Caller, task_id: UUID, due_at: datetime, key: str) -> LateTask:
    """Tell the customer another time: ahead, and not behind the day on which the task ends by itself."""

    async def act(session: AsyncSession, task: Task, application: Application, now: datetime) -> None:
        kept = task.params.get(offline.KEPT_UNTIL)
        last = min(now + LEADS_FARTHEST, datetime.fromisoformat(kept) if kept else now + LEADS_FARTHEST)
        if due_at.tzinfo is None or due_at <= now:
            raise BadFields(fields=(FieldError("due_at", "in_the_past"),))
        if due_at > last:
            raise BadFields(fields=(FieldError("due_at", "promised_too_late", (("days", (last - now).days),)),))
        task.params = {**task.params, offline.PROMISED: due_at.isoformat()}
        if application.stage == Stage.REVIEW.value and offline.decides(task):
            application.due_at = due_at

    return await _act(caller, task_id, "promised", {"due_at": due_at.isoformat()}, act, key)


async def _give(session: AsyncSession, caller: Caller, task: Task, to: UUID, now: datetime) -> None:
    handing_up.give(task, to)
    await session.flush()
    kind = caller.tools.policies.offline.kind(task.kind)
    if kind is None or task.slot_at is None or task.slot_at <= now:
        return
    every = caller.tools.policies.offline.slots.every
    if await offline.promised_elsewhere(session, task, task.slot_at, every, task.way):
        raise SlotTaken  # an hour that was arranged with the customer is kept by whoever can


async def _act(caller: Caller, task_id: UUID, what: str, said: Json, act: Act, key: str) -> LateTask:
    async def store(session: AsyncSession) -> Json:
        found = await reading.task(session, task_id)
        if found is None:
            raise NotFound
        application = await applications.locked(session, found[1].id)
        task = await offline.locked(session, task_id)
        if task.escalated_at is None:
            raise NotFound
        if task.state != "open":
            raise ReviewClosed
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await act(session, task, application, now)
        # Whoever acts on it leads it from now on: the customer reads one name.
        task.params = {**task.params, handing_up.LEAD_ID: str(caller.staff_id)}
        outside = offline.is_outside(task)
        params: Json = {
            "who": await offline.name_of(session, task.owner_id) or "",
            "due_at": offline.promised_at(task).isoformat(),
            **({"offline_kind": task.kind, "task_id": str(task.id)} if outside else {}),
        }
        cause = str(derived_id("leading", f"{task_id}/{what}/{key}"))
        kind = f"{'offline' if outside else 'review'}_{what}"
        await applications.announce(
            session, application, cause=cause, kind=kind, actor="manager", at=now, params=params
        )
        await noted(session, caller, f"manager.late_{what}", "task", str(task_id), said)
        return {}

    body = {"task_id": task_id, **said}
    await perform(caller, f"manager.late_{what}", key, body, store, scope="staff", object_id=str(task_id))
    async with caller.tools.sessions.begin(scope="staff") as session:
        task = await offline.locked(session, task_id)
        return LateTask(
            task_id=task.id,
            kind=task.kind,
            lead=await handing_up.lead_of(session, task),
            owner=await offline.name_of(session, task.owner_id),
            due_at=offline.promised_at(task),
        )
