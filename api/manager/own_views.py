"""One's own view of a case: said before the score, corrected before the look, remarked on after it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.manager import tasks
from api.views import OwnView, TaskView
from db import clocks, committee, desk
from lending.refusals import ReasonMissing


async def give_own_view(caller: Caller, task_id: UUID, view: OwnView, key: str, *, opens: bool = True) -> TaskView:
    """Say what one thinks before the score is shown to one. What one said first stays; with ``opens`` the score is
    shown at once, without it one may still correct a slip (:func:`correct_own_view`) before :func:`open_score`."""
    clean = tasks.checked_verdict(caller, view.verdict, view.amount_minor, view.reason)

    async def act(session: AsyncSession) -> Json:
        await tasks.row_of(session, task_id)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        told = {"given_at": now.isoformat(), "looked_at": now.isoformat() if opens else None}
        said = {**plain(clean), "staff_id": str(caller.staff_id), **told}
        if await desk.give_view(session, task_id, caller.staff_id, said):
            await tasks.audited(session, caller, "manager.own_view", task_id, {"verdict": clean.verdict})
        return {}

    body = {"task_id": task_id, **plain(clean), **({} if opens else {"opens": False})}
    await perform(caller, "manager.own_view", key, body, act, scope="staff", object_id=str(task_id))
    return await tasks.task(caller, task_id)


async def open_score(caller: Caller, task_id: UUID, key: str) -> TaskView:
    """One's own view is right: score, registers and others' views open, and it is corrected no more."""

    async def act(session: AsyncSession) -> Json:
        row, application = await tasks.row_of(session, task_id)
        if row.state == "open" and desk.view_of(row, caller.staff_id) is None:
            raise ReasonMissing
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await desk.open_views(session, application.id, caller.staff_id, now)
        await tasks.audited(session, caller, "manager.score_opened", task_id, {})
        return {}

    await perform(caller, "manager.open_score", key, {"task_id": task_id}, act, scope="staff", object_id=str(task_id))
    return await tasks.task(caller, task_id)


async def correct_own_view(caller: Caller, task_id: UUID, view: OwnView, why: str, key: str) -> TaskView:
    """A slip in one's own view: before one has seen the score, a vote or others' views the correction takes its place,
    with what was said first, the reason and both times beside it. After that it is a remark that changes nothing."""
    clean = tasks.checked_verdict(caller, view.verdict, view.amount_minor, view.reason)
    form = fields.Form()
    reason = form.take("why", lambda text: fields.line(text, longest=tasks.REASON_LONGEST, least=4), why, "")
    form.done()

    async def act(session: AsyncSession) -> Json:
        _, application = await tasks.row_of(session, task_id)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        employee = await desk.employee(session, caller.staff_id)
        voted = await committee.has_voted(session, application.id, employee)
        said = {name: plain(clean).get(name) for name in desk.VIEW}
        took = await desk.correct_view(session, task_id, caller.staff_id, said, why=reason, at=now, late=voted)
        await tasks.audited(session, caller, "manager.own_view_corrected", task_id, {"after_look": not took})
        return {}

    body = {"task_id": task_id, **plain(clean), "why": reason}
    await perform(caller, "manager.correct_own_view", key, body, act, scope="staff", object_id=str(task_id))
    return await tasks.task(caller, task_id)
