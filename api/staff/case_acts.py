"""What somebody at the desk does with a case: take it, give it back, hand it up, step back, say that it was seen."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import authority
from api.caller import Caller
from api.idempotency import Json, perform
from api.staff import cases
from api.views import CaseView
from db import audits, case_fields, clocks, desk
from lending.case_changes import case_hash
from lending.refusals import CaseChanged, ReviewClosed


async def take(caller: Caller, application_id: UUID, key: str) -> CaseView:
    """The case is the caller's; :class:`CaseHeld` where somebody else was first."""
    return await _hold(caller, application_id, "take", key)


async def give_back(caller: Caller, application_id: UUID, key: str) -> CaseView:
    """Anybody may take it again."""
    return await _hold(caller, application_id, "give_back", key)


async def _hold(caller: Caller, application_id: UUID, what: str, key: str) -> CaseView:
    async def act(session: AsyncSession) -> Json:
        row, _ = await cases.opened(session, application_id)
        if row.state != "open":
            raise ReviewClosed
        change = desk.take if what == "take" else desk.give_back
        await change(session, row.id, caller.staff_id)
        await _audit(session, caller, what, application_id, {"task_id": str(row.id)})
        return {}

    body = {"application_id": application_id, "what": what}
    await perform(caller, f"staff.case_{what}", key, body, act, scope="staff", object_id=str(application_id))
    return await cases.case(caller, application_id)


async def looked(caller: Caller, application_id: UUID, seen_hash: str, key: str) -> CaseView:
    """ "I have seen what changed": the case as it is now is what later looks are compared with."""

    async def act(session: AsyncSession) -> Json:
        _, application = await cases.opened(session, application_id)
        fields_now = await case_fields.fields_of(session, application)
        if case_hash(fields_now) != seen_hash:
            raise CaseChanged
        now = await clocks.now(session, caller.tools.settings.clock_id)
        employee = await desk.employee(session, caller.staff_id)
        await desk.keep_look(session, application, employee, fields_now, now=now)
        return {}

    body = {"application_id": application_id, "seen_hash": seen_hash}
    await perform(caller, "staff.case_looked", key, body, act, scope="staff", object_id=str(application_id))
    return await cases.case(caller, application_id)


async def send_up(caller: Caller, application_id: UUID, words: str, key: str) -> CaseView:
    """Hand a case up to whoever may say yes, with what one would do oneself."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row, _ = await cases.opened(session, application_id)
    await authority.send_up(caller, row.id, words, key)
    return await cases.case(caller, application_id)


async def tie(caller: Caller, application_id: UUID, key: str) -> CaseView:
    """ "This customer is mine, a relative or a friend": from now on the caller decides nothing of theirs."""

    async def act(session: AsyncSession) -> Json:
        row, application = await cases.opened(session, application_id)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        employee = await desk.employee(session, caller.staff_id)
        await desk.tie(session, employee, application.person_id, by=caller.principal.actor, now=now)
        if row.state == "open" and row.owner_id == caller.staff_id:
            await desk.give_back(session, row.id, caller.staff_id)
        await _audit(session, caller, "tie", application_id, {})
        return {}

    body = {"application_id": application_id}
    await perform(caller, "staff.case_tie", key, body, act, scope="staff", object_id=str(application_id))
    return await cases.case(caller, application_id)


async def _audit(session: AsyncSession, caller: Caller, what: str, application_id: UUID, detail: Json) -> None:
    await audits.append(
        session,
        actor=caller.principal.actor,
        action=f"case.{what}",
        object_kind="application",
        object_id=str(application_id),
        detail=detail,
        request_id=caller.request_id,
    )
