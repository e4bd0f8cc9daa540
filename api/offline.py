"""Tasks outside, as both sides read them: the same owner, the same slot, the same clock."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.looking import look
from api.problems import BadFields, FieldError, NotFound
from api.views import OutsideDone
from db import clocks, offline, people
from db.tables import Application, Task
from lending.offline import Kind, Way, free_slots
from lending.refusals import ReviewClosed

PLACE_LONGEST = 200


def kind_of(caller: Caller, task: Task) -> Kind:
    """What a task outside is; :class:`NotFound` for any other task."""
    kind = caller.tools.policies.offline.kind(task.kind)
    if kind is None or not offline.is_outside(task):
        raise NotFound
    return kind


async def slots(session: AsyncSession, caller: Caller, task: Task, kind: Kind) -> tuple[datetime, ...]:
    """When it can be booked; nothing for one that needs no hour, or is over."""
    if not kind.booked or task.state != "open":
        return ()
    tools = caller.tools
    now = await clocks.now(session, tools.settings.clock_id)
    working = tools.policies.calendars[tools.settings.jurisdiction].is_business_day
    taken = [at for at in await offline.slots_of(session, task.owner_id, now) if at != task.slot_at]
    return free_slots(tools.policies.offline.slots, now, working, taken)


async def place(session: AsyncSession, caller: Caller, task: Task) -> str:
    """Where somebody comes; empty where nobody said, or the person was erased."""
    if task.place_sealed is None:
        return ""
    key = await people.key_of(session, caller.tools.vault, task.person_id)
    return caller.tools.vault.open(key, offline.WHERE, task.id, task.place_sealed)


async def book(
    caller: Caller,
    task_id: UUID,
    *,
    slot_at: datetime,
    way: str,
    where: str,
    key: str,
    person: UUID | None = None,
) -> Receipt:
    """Choose when somebody comes, and how and where. ``person``: the customer themselves; None: the lender's people."""
    tools = caller.tools
    form = fields.Form()
    if way not in (one.value for one in Way):
        form.refuse("way", "not_one_of_these")
    place = (
        form.take("place", lambda text: fields.line(text, longest=PLACE_LONGEST, least=4), where, "")
        if way == (Way.ON_SITE.value)
        else ""
    )
    form.done()

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        task = await session.get(Task, task_id, with_for_update=True)
        if task is None or (person is not None and task.person_id != person):
            raise NotFound
        kind = kind_of(caller, task)
        if task.state != "open":
            raise ReviewClosed
        if Way(way) not in kind.ways:
            raise BadFields(fields=(FieldError("way", "not_one_of_these"),))
        if slot_at not in await slots(session, caller, task, kind):
            raise BadFields(fields=(FieldError("slot", "not_one_of_these"),))
        if person is None:
            await look(session, caller, await session.get_one(Application, task.application_id), "visit")
        sealing = await people.key_of(session, tools.vault, task.person_id)
        task.place_sealed = tools.vault.seal(sealing, offline.WHERE, task.id, place) if place else None

    detail = {"slot_at": slot_at.isoformat(), "way": way, "actor": "owner" if person else "manager"}
    body = {"task_id": task_id, "slot_at": slot_at.isoformat(), "way": way, "place": place}
    return await issue(
        caller,
        order(task_id, "book", detail),
        use="offline.book",
        key=key,
        body=body,
        store=store,
        scope="worker" if person else "staff",
        audited={"slot_at": slot_at.isoformat(), "way": way},
    )


def order(task_id: UUID, update: str, detail: Json) -> Order:
    """Something said to a running task."""
    return Order(
        workflow_type="OfflineTask",
        workflow_id=clocks.workflow_of("task", task_id),
        update=update,
        object_kind="task",
        object_id=task_id,
        detail=detail,
    )


async def first_missing(session: AsyncSession, caller: Caller, application: Application) -> str | None:
    """The kind of step outside that a yes needs and that nobody has taken; None: all were."""
    asked = caller.tools.policies.offline.asked_of(application.product_id, application.amount_minor)
    done = await offline.done_kinds(session, application.id)
    return next((kind.id for kind in asked if kind.id not in done), None)


async def of_case(session: AsyncSession, application: Application) -> tuple[OutsideDone, ...]:
    """What somebody went to see before this case is decided, the oldest first."""
    found: list[OutsideDone] = []
    for task in await offline.of_application(session, application.id):
        outcome = task.outcome or {}
        found.append(
            OutsideDone(
                task_id=task.id,
                kind=task.kind,
                state=task.state,
                result=outcome.get("result"),
                way=outcome.get("way"),
                words=str(outcome.get("words", "")),
                who=await offline.name_of(session, task.owner_id),
                things=len(await offline.evidence_of(session, task.id)),
                ended_at=task.finished_at,
            )
        )
    return tuple(found)
