"""Choosing when somebody comes, and seeing who it is."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.owner import visits
from api.policy import OWNER, OWNER_APPLIES
from api.problems import NotFound, Problem
from api.routes import Router
from lending.offline import Way
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
    steps = {one.task_id: one for one in await visits.steps(call, application_id)}
    step = steps.get(task_id)
    if step is None:
        raise NotFound
    values = {"way": step.way or step.ways[0], "place": step.place or step.known_place, "together": "yes"}
    here = f"/visits/{application_id}/{task_id}"
    form = wrong or shown(here, values)
    asks = step.live is not None and step.live.agreed_at is None and call.may("own.apply")
    agreement = shown(f"{here}/agreement") if asks else None
    also = tuple(steps[one].title for one in step.together)
    page = VisitPage(step, form if step.slots else None, f"/progress/{application_id}", agreement, also)
    shell = await shell_of(request, call, "owner", tab="progress")
    return show(request, "owner/visit.html", page, shell, 422 if wrong else 200)


@router.post(HERE, policy=OWNER_APPLIES)
async def book(request: Request, call: Call, application_id: UUID, task_id: UUID) -> Response:
    """Choose the hour."""
    form = await sent(request)
    here = f"/visits/{application_id}/{task_id}"
    try:
        said = {"way": form.get("way", ""), "place": form.get("place", ""), "key": form.get("key", "")}
        slot_at = instant(form, "slot")
        also = await _seen_too(call, application_id, task_id) if form.get("together") else ()
        await visits.book(call, application_id, task_id, slot_at=slot_at, **said)
        for n, other in enumerate(also if said["way"] == Way.ON_SITE.value else ()):
            key = f"{said['key']}.{n}"
            await visits.book(call, application_id, other, slot_at=slot_at, **{**said, "key": key})
    except (Refusal, Problem) as no:
        return await _visit(request, call, application_id, task_id, again(here, form, no, call))
    return go(here)


async def _seen_too(call: Caller, application_id: UUID, task_id: UUID) -> tuple[UUID, ...]:
    """What can be seen on the same visit, as it stood before this one is booked."""
    return next((one.together for one in await visits.steps(call, application_id) if one.task_id == task_id), ())


@router.post(HERE + "/agreement", policy=OWNER_APPLIES)
async def agree(request: Request, call: Call, application_id: UUID, task_id: UUID) -> Response:
    """Agree to be recorded; the link to the video stands on the page from then on."""
    form = await sent(request)
    said = {"sha256": form.get("sha256", ""), "key": form.get("key", "")}
    await visits.agree(call, application_id, task_id, **said)
    return go(f"/visits/{application_id}/{task_id}")
