"""Seeing somebody instead of a camera: whom, when, and what the manager saw."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.manager import seeing
from api.policy import MANAGER, MANAGER_DECIDES
from api.problems import Problem
from api.routes import Router
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views import manager
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/manager/seeings"


@router.get(HERE, policy=MANAGER)
async def waiting(request: Request, call: Call) -> Response:
    """Whom to see, the soonest first."""
    page = manager.SeeingsPage(await seeing.waiting(call))
    return show(request, "manager/seeings.html", page, await shell_of(request, call, "manager", tab="inbox"))


@router.get(HERE + "/{task_id:uuid}", policy=MANAGER)
async def case(request: Request, call: Call, task_id: UUID) -> Response:
    """One of them, with what to compare."""
    return await _case(request, call, task_id, shown(f"{HERE}/{task_id}"))


async def _case(request: Request, call: Caller, task_id: UUID, form: Form) -> Response:
    may = call.may("task.decide")
    page = manager.SeeingPage(await seeing.case(call, task_id), form if may else None)
    shell = await shell_of(request, call, "manager", tab="inbox")
    return show(request, "manager/seeing.html", page, shell, 422 if form.errors else 200)


@router.post(HERE + "/{task_id:uuid}", policy=MANAGER_DECIDES)
async def saw(request: Request, call: Call, task_id: UUID) -> Response:
    """What was seen."""
    form = await sent(request)
    card, face = (form.get(name) == "yes" for name in ("card", "face"))
    try:
        await seeing.saw(
            call, task_id, card_matches=card, face_matches=face, note=form.get("note", ""), key=form.get("key", "")
        )
    except (Refusal, Problem) as no:
        return await _case(request, call, task_id, again(f"{HERE}/{task_id}", form, no, call))
    return go(HERE)
