"""The equal way besides a camera: a manager looks, by video or at a branch. Free, not scored, one tap (P17)."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import proving
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.owner.applying import command, own_application
from api.problems import BadFields, FieldError
from api.views import SeeingView
from db import clocks, seeings
from lending.applications import Stage
from lending.assertions import SEEN
from lending.being_seen import WITHIN, slots
from lending.refusals import NotInThisStage

METHODS = tuple(method.value for method in SEEN)


async def seeing(caller: Caller, application_id: UUID) -> SeeingView | None:
    """How it stands; None where the person shows their face to a camera."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        application = await own_application(session, application_id, caller.person_id)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        task = await seeings.newest(session, application_id)
    asked = application.note.get("being_seen")
    if task is None and asked is None:
        return None
    method = str(asked or (task.params["method"] if task else METHODS[0]))
    state = "choose"
    if task is not None and task.state == "open":
        state = "waiting"
    elif application.note.get("seen"):
        state = str(application.note["seen"])
    free = slots(now, caller.tools.policies.calendars[caller.tools.settings.jurisdiction].is_business_day)
    slot_at = datetime.fromisoformat(task.params["slot_at"]) if task and state == "waiting" else None
    return SeeingView(method, state, free if state in ("choose", "not_seen", "mismatch") else (), slot_at)


async def choose(caller: Caller, application_id: UUID, method: str, slot_at: datetime, key: str) -> Receipt:
    """Be seen then: a manager has the task from this moment."""
    if method not in METHODS:
        raise BadFields(fields=(FieldError("method", "not_one_of_these"),))
    tools, person, task_id = caller.tools, caller.person_id, uuid4()
    at: Json = {}

    async def store(session: AsyncSession, command_id: UUID) -> None:
        application = await own_application(session, application_id, person)
        if application.stage != Stage.IDENTITY.value or application.firm_id is None:
            raise NotInThisStage(stage=application.stage, step="be_seen")
        now = await clocks.now(session, tools.settings.clock_id)
        if slot_at not in slots(now, tools.policies.calendars[tools.settings.jurisdiction].is_business_day):
            raise BadFields(fields=(FieldError("slot", "not_one_of_these"),))
        at.update(await proving.whence(session, caller))
        await seeings.open_task(
            session,
            task_id=task_id,
            application=application,
            method=method,
            slot_at=slot_at,
            command_id=command_id,
            now=now,
            due_at=slot_at + WITHIN,
        )

    order = Order(
        workflow_type="Seeing",
        workflow_id=clocks.workflow_of("seeing", task_id),
        update="see",
        object_kind="task",
        object_id=task_id,
        start={"task_id": str(task_id), "clock_id": tools.settings.clock_id},
        detail=at,
    )
    body = {"application_id": application_id, "method": method, "slot_at": slot_at.isoformat()}
    return await issue(
        caller, order, use="owner.be_seen", key=key, body=body, store=store, scope="worker", audited={"method": method}
    )


async def go_on(caller: Caller, application_id: UUID, key: str) -> Receipt:
    """Have it looked at again with what was said before: nothing is typed twice."""

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        application = await own_application(session, application_id, caller.person_id)
        if application.firm_id is None:
            raise NotInThisStage(stage=application.stage, step="identify")
        at.update(await proving.whence(session, caller))

    at: Json = {}
    return await command(caller, application_id, "identify", key=key, store=store, detail=at)
