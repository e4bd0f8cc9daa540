"""What a lead does on a late task's page: take it, give it away, tell another time."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.manager import leading
from api.policy import LEADS
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from infra.phrases import BEIJING
from lending.refusals import Refusal
from web.asking import again, sent, shown_id
from web.manager.visits import visit_with
from web.showing import go

router = Router(include_in_schema=False)
HERE = "/manager/late"


@router.post(HERE + "/{task_id:uuid}/take", policy=LEADS)
async def take(request: Request, call: Call, task_id: UUID) -> Response:
    """It is one's own from now on."""
    return await _said(request, call, task_id, lambda form: leading.take(call, task_id, form.get("key", "")))


@router.post(HERE + "/{task_id:uuid}/give", policy=LEADS)
async def give(request: Request, call: Call, task_id: UUID) -> Response:
    """A manager has it from now on."""
    return await _said(
        request,
        call,
        task_id,
        lambda form: leading.give(call, task_id, shown_id(form.get("to", "")), form.get("key", "")),
    )


@router.post(HERE + "/{task_id:uuid}/promise", policy=LEADS)
async def promise(request: Request, call: Call, task_id: UUID) -> Response:
    """Another time, as it is typed on the lender's clock."""
    return await _said(
        request, call, task_id, lambda form: leading.promise(call, task_id, _typed(form), form.get("key", ""))
    )


def _typed(form: dict[str, str]) -> datetime:
    try:
        found = datetime.fromisoformat(form.get("due_at", ""))
    except ValueError:
        raise BadFields(fields=(FieldError("due_at", "not_one_of_these"),)) from None
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


async def _said(
    request: Request, call: Caller, task_id: UUID, act: Callable[[dict[str, str]], Awaitable[object]]
) -> Response:
    form = await sent(request)
    try:
        await act(form)
    except (Refusal, Problem) as no:
        return await visit_with(request, call, task_id, lead=again(f"{HERE}/{task_id}", form, no, call))
    return go(f"/manager/offline/{task_id}")
