"""The manager's side of being seen: whom, when, how, and what they saw. Every look is on the person's record (P17)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.commands import Order, Receipt, issue
from api.looking import look
from api.problems import NotFound
from api.views import SeeingCard, SeeingCase
from db import clocks, people, seeings
from db.seeings import SEE_PERSON
from db.tables import Application, Task
from lending.refusals import ReviewClosed


async def waiting(caller: Caller) -> tuple[SeeingCard, ...]:
    """Whom to see, the soonest first; nobody's name opens for a list."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple(
            SeeingCard(
                task_id=task.id,
                number=application.number,
                method=task.params["method"],
                slot_at=datetime.fromisoformat(task.params["slot_at"]),
                due_at=task.due_at,
            )
            for task, application in await seeings.waiting(session)
        )


async def case(caller: Caller, task_id: UUID) -> SeeingCase:
    """One of them."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        task = await session.get(Task, task_id)
        if task is None or task.kind != SEE_PERSON:
            raise NotFound
        return await _case(session, caller, task, await session.get_one(Application, task.application_id))


async def _case(session: AsyncSession, caller: Caller, task: Task, application: Application) -> SeeingCase:
    await look(session, caller, application, "identity")
    who = await people.identity_of(session, caller.tools.vault, application.person_id)
    return SeeingCase(
        task_id=task.id,
        number=application.number,
        method=task.params["method"],
        slot_at=datetime.fromisoformat(task.params["slot_at"]),
        due_at=task.due_at,
        name=who.name or "",
        id_number=who.id_number or "",
        phone=who.phone,
    )


async def saw(caller: Caller, task_id: UUID, *, card_matches: bool, face_matches: bool, note: str, key: str) -> Receipt:
    """Say what was seen. The first answer counts; what proves something is a rule and not the manager's."""
    form = fields.Form()
    words = form.take("note", lambda text: fields.line(text, longest=500, least=4), note, "")
    form.done()
    detail = {
        "card_matches": card_matches,
        "face_matches": face_matches,
        "note": words,
        "staff_id": str(caller.staff_id),
    }

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        task = await session.get(Task, task_id)
        if task is None or task.kind != SEE_PERSON:
            raise NotFound
        if task.state != "open":
            raise ReviewClosed

    order = Order(
        workflow_type="OfflineTask",
        workflow_id=clocks.workflow_of("task", task_id),
        update="finish",
        object_kind="task",
        object_id=task_id,
        detail=detail,
    )
    said = {"card_matches": card_matches, "face_matches": face_matches}
    body = {"task_id": task_id, "note": words, **said}
    return await issue(caller, order, use="manager.saw", key=key, body=body, store=store, scope="staff", audited=said)
