"""Choosing when somebody comes, and seeing who it is."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.owner import visits
from api.policy import OWNER, OWNER_APPLIES
from api.problems import NotFound, Problem
from api.routes import Router
from lending.refusals import Refusal
from web.asking import again, instant, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.visits import VisitPage

router = Router(include_in_schema=False)
HERE = "/visits/{application_id:uuid}/{task_id:uuid}"


@router.get(HERE, policy=OWNER)
async def visit(request: Request, call: Call, application_id: UUID, task_id: UUID) -> Response:
    """Who comes, why, by when."""
    return await _visit(request, call, application_id, task_id)


async def _visit(
    request: Request, call: Caller, application_id: UUID, task_id: UUID, wrong: Form | None = None
) -> Response:
    step = next((one for one in await visits.steps(call, application_id) if one.task_id == task_id), None)
    if step is None:
        raise NotFound
    values = {"way": step.way or step.ways[0], "place": step.place}
    here = f"/visits/{application_id}/{task_id}"
    form = wrong or shown(here, values)
    asks = step.live is not None and step.live.agreed_at is None and call.may("own.apply")
    agreement = shown(f"{here}/agreement") if asks else None
    page = VisitPage(step, form if step.slots else None, f"/progress/{application_id}", agreement)
    shell = await shell_of(request, call, "owner", tab="progress")
    return show(request, "owner/visit.html", page, shell, 422 if wrong else 200)


@router.post(HERE, policy=OWNER_APPLIES)
async def book(request: Request, call: Call, application_id: UUID, task_id: UUID) -> Response:
    """Choose the hour."""
    form = await sent(request)
    here = f"/visits/{application_id}/{task_id}"
    try:
        said = {"way": form.get("way", ""), "place": form.get("place", ""), "key": form.get("key", "")}
        await visits.book(call, application_id, task_id, slot_at=instant(form, "slot"), **said)
    except (Refusal, Problem) as no:
        return await _visit(request, call, application_id, task_id, again(here, form, no, call))
    return go(here)


@router.post(HERE + "/agreement", policy=OWNER_APPLIES)
async def agree(request: Request, call: Call, application_id: UUID, task_id: UUID) -> Response:
    """Agree to be recorded; the link to the video stands on the page from then on."""
    form = await sent(request)
    said = {"sha256": form.get("sha256", ""), "key": form.get("key", "")}
    await visits.agree(call, application_id, task_id, **said)
    return go(f"/visits/{application_id}/{task_id}")
