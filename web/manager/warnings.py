"""A borrower's sign of difficulty: why, the loan, and what came of the call."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.manager import warnings
from api.policy import MANAGER, MANAGER_DECIDES
from api.problems import Problem
from api.routes import Router
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.care import WarningPage
from web.views.parts import Form

router = Router(include_in_schema=False)


@router.get("/manager/warnings/{warning_id:uuid}", policy=MANAGER)
async def warning(request: Request, call: Call, warning_id: UUID) -> Response:
    """One warning."""
    return await _warning(request, call, warning_id)


async def _warning(request: Request, call: Caller, warning_id: UUID, form: Form | None = None) -> Response:
    seen = await warnings.warning(call, warning_id)
    card = seen.card
    may = call.may("task.decide") and card.closed_at is None
    page = WarningPage(
        seen=seen,
        customer=" · ".join(part for part in (card.customer, card.firm) if part),
        number=f"A-{card.number}",
        loan_href=f"/desk/loans/{card.loan_id}",
        customer_href=f"/manager/customers/{card.application_id}",
        form=(form or shown(f"/manager/warnings/{warning_id}")) if may else None,
    )
    shell = await shell_of(request, call, "manager", tab="inbox")
    return show(request, "manager/warning.html", page, shell, 422 if form and form.errors else 200)


@router.post("/manager/warnings/{warning_id:uuid}", policy=MANAGER_DECIDES)
async def close(request: Request, call: Call, warning_id: UUID) -> Response:
    """Say what came of it."""
    form = await sent(request)
    here = f"/manager/warnings/{warning_id}"
    try:
        said = warnings.Closed(form.get("outcome", ""), form.get("words", ""))
        await warnings.close(call, warning_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _warning(request, call, warning_id, again(here, form, no, call))
    return go(here)
