"""Filling in for a customer: by their phone, never beginning, consenting or signing in their place."""

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.manager import assisting
from api.owner import shopping
from api.policy import MANAGER_ASSISTS
from api.problems import DraftChanged, Problem
from api.routes import Router
from lending.application_steps import KEPT
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.drafting import asking_of, note_of, seen_in, typed_in, values_of
from web.showing import shell_of, show
from web.views import manager

router = Router(include_in_schema=False)
HERE = "/manager/drafts"


@router.get("/manager/drafts", policy=MANAGER_ASSISTS)
async def drafts(request: Request, call: Call) -> Response:
    """Whose?"""
    return await _show(request, call, manager.AssistPage(shown(HERE)))


@router.post("/manager/drafts", policy=MANAGER_ASSISTS)
async def assist(request: Request, call: Call) -> Response:
    """Open the customer's draft; with fields, keep them."""
    form = await sent(request)
    phone, key = form.get("phone", "").strip(), form.get("key", "")
    purposes = (await shopping.product_card(call)).purposes
    asking = asking_of(call.tools.policies.profiles)
    try:
        person_id = await assisting.customer_of(call, phone, f"{key}.who"[:128])
        typed = {name: value for name, value in typed_in(form).items() if value.strip() or form.get("opened")}
        before = await assisting.find(call, person_id)
        if typed:
            before = await assisting.save(call, person_id, typed, seen=seen_in(form), key=key)
    except DraftChanged as no:
        mine = {name: value for name, value in form.items() if name in KEPT}
        page = manager.AssistPage(shown(HERE, mine), phone, purposes, note_of(no.draft, no), asking)
        return await _show(request, call, page, no.status)
    except (Refusal, Problem) as no:
        return await _show(request, call, manager.AssistPage(again(HERE, form, no, call), purposes=()), 422)
    page = manager.AssistPage(
        shown(HERE, values_of(before)), phone, purposes, note_of(before, saved=bool(typed)), asking
    )
    return await _show(request, call, page)


async def _show(request: Request, call: Caller, page: manager.AssistPage, status: int = 200) -> Response:
    return show(request, "manager/draft.html", page, await shell_of(request, call, "manager", tab="customers"), status)
