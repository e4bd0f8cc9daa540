"""Talking to the lender, and complaining: pages that an owner finds from wherever they are."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import complaining, talking
from api.caller import Call, Caller
from api.policy import OWNER, OWNER_ASKS
from api.problems import Problem
from api.routes import Router
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.talking import ComplaintsPage, ThreadPage

router = Router(include_in_schema=False)
POLL = 10


@router.get("/thread/{application_id:uuid}", policy=OWNER)
async def thread(request: Request, call: Call, application_id: UUID) -> Response:
    """The thread of one application."""
    return await _thread(request, call, application_id, shown(f"/thread/{application_id}"))


async def _thread(request: Request, call: Caller, application_id: UUID, form: Form, status: int = 200) -> Response:
    page = ThreadPage(await talking.read(call, application_id, talking.OWNER), form)
    shell = await shell_of(request, call, "owner", tab="messages", poll=POLL)
    return show(request, "owner/thread.html", page, shell, status)


@router.post("/thread/{application_id:uuid}", policy=OWNER_ASKS)
async def say(request: Request, call: Call, application_id: UUID) -> Response:
    """Write into it."""
    form = await sent(request)
    here = f"/thread/{application_id}"
    try:
        await talking.say(call, application_id, form.get("text", ""), form.get("key", ""), talking.OWNER)
    except (Refusal, Problem) as no:
        return await _thread(request, call, application_id, again(here, form, no, call), 422)
    return go(here)


@router.get("/complaints", policy=OWNER)
async def complaints(request: Request, call: Call) -> Response:
    """One's own complaints, and the place to make one."""
    return await _complaints(request, call, shown("/complaints"))


async def _complaints(request: Request, call: Caller, form: Form, status: int = 200) -> Response:
    policies = call.tools.policies
    page = ComplaintsPage(
        form,
        await complaining.mine(call),
        days=policies.complaint_within.days,
        complaint_phone=policies.lender.complaint_phone,
        regulator_phone=policies.jurisdiction(call.tools.settings.jurisdiction).regulator_phone,
    )
    return show(request, "owner/complaints.html", page, await shell_of(request, call, "owner", tab="profile"), status)


@router.post("/complaints", policy=OWNER_ASKS)
async def complain(request: Request, call: Call) -> Response:
    """Make one."""
    form = await sent(request)
    try:
        await complaining.complain(call, form.get("words", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _complaints(request, call, again("/complaints", form, no, call), 422)
    return go("/complaints")
