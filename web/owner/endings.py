"""The end of a loan: what is missing for a renewal, what one wants, and an extension that is agreed to."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.owner import ending
from api.policy import FIRM_LOANS, OWNER_SIGNS
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from lending.maturity import Wish
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.endings import EndPage
from web.views.parts import Form

router = Router(include_in_schema=False)


@router.get("/loans/{loan_id:uuid}/end", policy=FIRM_LOANS)
async def end(request: Request, call: Call, loan_id: UUID) -> Response:
    """The radar of a loan."""
    return await _page(request, call, loan_id)


async def _page(request: Request, call: Caller, loan_id: UUID, form: Form | None = None) -> Response:
    seen = await ending.end(call, loan_id)
    may, here = call.may("own.sign"), f"/loans/{loan_id}/end"
    offered = may and seen.verdict == "extend" and seen.agreed_at is None
    page = EndPage(
        seen=seen,
        wish=(form or shown(here, {"wish": seen.wish or ""})) if may and seen.verdict is None else None,
        agree=(form or shown(f"{here}/extension")) if offered else None,
    )
    shell = await shell_of(request, call, "owner", tab="loans")
    return show(request, "owner/end.html", page, shell, 409 if form else 200)


@router.post("/loans/{loan_id:uuid}/end", policy=OWNER_SIGNS)
async def wish(request: Request, call: Call, loan_id: UUID) -> Response:
    """Say what is wanted."""
    form, here = await sent(request), f"/loans/{loan_id}/end"
    try:
        if form.get("wish", "") not in set(Wish):
            raise BadFields(fields=(FieldError("wish", "not_one_of_these"),))
        await ending.wish(call, loan_id, ending.Said(form["wish"]), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, loan_id, again(here, form, no, call))
    return go(here)


@router.post("/loans/{loan_id:uuid}/end/extension", policy=OWNER_SIGNS)
async def agree(request: Request, call: Call, loan_id: UUID) -> Response:
    """Take the extension."""
    form, here = await sent(request), f"/loans/{loan_id}/end"
    try:
        await ending.agree(call, loan_id, form.get("shown", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, loan_id, again(f"{here}/extension", form, no, call))
    return go(here)
