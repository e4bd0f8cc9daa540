"""A loan past due: what was said and why, a promise in two taps, and "this is not right"."""

from datetime import date
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.owner import late
from api.policy import FIRM_LOANS, OWNER_ASKS
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from lending.collecting import DisputeReason
from lending.refusals import Refusal
from web.asking import again, minor, sent, shown
from web.showing import go, shell_of, show
from web.views.late import LatePage
from web.views.parts import Form

router = Router(include_in_schema=False)
REASONS = tuple(one.value for one in DisputeReason)


@router.get("/loans/{loan_id:uuid}/late", policy=FIRM_LOANS)
async def late_loan(request: Request, call: Call, loan_id: UUID) -> Response:
    """The newest stretch of lateness."""
    return await _page(request, call, loan_id)


async def _page(request: Request, call: Caller, loan_id: UUID, which: str = "", form: Form | None = None) -> Response:
    seen = await late.seen(call, loan_id)
    here, open_ = f"/loans/{loan_id}/late", call.may("own.ask") and seen.ended is None and seen.past_due_minor > 0
    promised = any(one.state == "open" for one in seen.promises)
    page = LatePage(
        seen=seen,
        promise=(form if which == "promise" else shown(f"{here}/promise")) if open_ and not promised else None,
        dispute=(form if which == "dispute" else shown(f"{here}/dispute")) if open_ and not seen.frozen else None,
        reasons=REASONS,
    )
    shell = await shell_of(request, call, "owner", tab="loans")
    return show(request, "owner/late.html", page, shell, 422 if form else 200)


@router.post("/loans/{loan_id:uuid}/late/promise", policy=OWNER_ASKS)
async def promise(request: Request, call: Call, loan_id: UUID) -> Response:
    """Promise a day."""
    form, here = await sent(request), f"/loans/{loan_id}/late"
    try:
        said = late.Promised(_day(form.get("on", "")), _amount(form.get("amount", "")))
        await late.promise(call, loan_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, loan_id, "promise", again(f"{here}/promise", form, no, call))
    return go(here)


@router.post("/loans/{loan_id:uuid}/late/dispute", policy=OWNER_ASKS)
async def dispute(request: Request, call: Call, loan_id: UUID) -> Response:
    """Say what is not right."""
    form, here = await sent(request), f"/loans/{loan_id}/late"
    try:
        said = late.Disputed(form.get("reason", ""), form.get("words", ""))
        await late.dispute(call, loan_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, loan_id, "dispute", again(f"{here}/dispute", form, no, call))
    return go(here)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise BadFields(fields=(FieldError("on", "not_a_date"),)) from None


def _amount(typed: str) -> int | None:
    """Empty is all of it."""
    if not typed.strip():
        return None
    amount = minor(typed)
    if amount is None:
        raise BadFields(fields=(FieldError("amount", "not_an_amount"),))
    return amount
