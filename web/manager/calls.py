"""Calls that customers wait for because help did not answer."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.manager import calling
from api.policy import MANAGER, MANAGER_DECIDES
from api.problems import Problem
from api.routes import Router
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.manager import CallPage
from web.views.parts import Form

router = Router(include_in_schema=False)


@router.get("/manager/calls/{call_id:uuid}", policy=MANAGER)
async def call_page(request: Request, call: Call, call_id: UUID) -> Response:
    """One call."""
    return await _call(request, call, call_id)


async def _call(request: Request, call: Caller, call_id: UUID, form: Form | None = None) -> Response:
    seen = await calling.call(call, call_id)
    may = call.may("task.decide") and seen.closed_at is None
    page = CallPage(seen, calling.CALL_OUTCOMES, (form or shown(f"/manager/calls/{call_id}")) if may else None)
    shell = await shell_of(request, call, "manager", tab="inbox")
    return show(request, "manager/call.html", page, shell, 422 if form and form.errors else 200)


@router.post("/manager/calls/{call_id:uuid}", policy=MANAGER_DECIDES)
async def close(request: Request, call: Call, call_id: UUID) -> Response:
    """Say what came of it."""
    form = await sent(request)
    here = f"/manager/calls/{call_id}"
    try:
        said = calling.Called(form.get("outcome", ""), form.get("words", ""))
        await calling.close(call, call_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _call(request, call, call_id, again(here, form, no, call))
    return go("/manager")
