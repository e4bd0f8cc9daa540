"""有困难 / I have a problem: what happened in one tap, and each way with its cost beside doing nothing."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.owner import relieving
from api.policy import FIRM_LOANS, OWNER_SIGNS
from api.problems import Problem
from api.routes import Router
from lending.refusals import Refusal
from lending.relief import Why
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.relief import ReliefPage

router = Router(include_in_schema=False)
WHYS = tuple(one.value for one in Why)


@router.get("/loans/{loan_id:uuid}/relief", policy=FIRM_LOANS)
async def relief(request: Request, call: Call, loan_id: UUID) -> Response:
    """What was asked for and what is offered."""
    return await _page(request, call, loan_id)


@router.post("/loans/{loan_id:uuid}/relief", policy=OWNER_SIGNS)
async def ask(request: Request, call: Call, loan_id: UUID) -> Response:
    """Say what happened."""
    form, here = await sent(request), f"/loans/{loan_id}/relief"
    try:
        await relieving.ask(call, loan_id, form.get("why", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, loan_id, again(here, form, no, call))
    return go(here)


@router.post("/loans/{loan_id:uuid}/relief/agree", policy=OWNER_SIGNS)
async def agree(request: Request, call: Call, loan_id: UUID) -> Response:
    """Agree to one way."""
    form, here = await sent(request), f"/loans/{loan_id}/relief"
    try:
        await relieving.agree(call, loan_id, form.get("way", ""), form.get("sha256", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, loan_id, again(here, form, no, call))
    return go(here)


async def _page(request: Request, call: Caller, loan_id: UUID, wrong: Form | None = None) -> Response:
    seen = await relieving.seen(call, loan_id)
    here, may = f"/loans/{loan_id}/relief", call.may("own.sign")
    asking = may and seen.open is None and seen.times_left > 0
    page = ReliefPage(
        seen=seen,
        ask=(wrong or shown(here)) if asking else wrong,
        whys=WHYS,
        agree={
            one.way: shown(f"{here}/agree", {"way": one.way, "sha256": one.sha256}) for one in seen.ways if may
        },
    )  # fmt: skip
    shell = await shell_of(request, call, "owner", tab="loans")
    return show(request, "owner/relief.html", page, shell, 422 if wrong else 200)
