"""The ends of loans at the desk: who waits for an answer by when, and the answer."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.policy import CASES, CASES_DECIDE
from api.problems import Problem
from api.routes import Router
from api.staff import ending
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.endings import EndsPage
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/desk/loan-ends"


@router.get(HERE, policy=CASES)
async def ends(request: Request, call: Call) -> Response:
    """All of them."""
    return await _page(request, call)


async def _page(request: Request, call: Caller, which: UUID | None = None, form: Form | None = None) -> Response:
    found = await ending.ends(call)
    waits = [one for one in found if one.wish in ("renew", "extend") and one.verdict is None]
    forms = {
        one.number: form if form and one.loan_id == which else shown(f"{HERE}/{one.loan_id}")
        for one in waits
        if call.may("case.decide")
    }
    page = EndsPage(found, forms, ending.REASONS)
    shell = await shell_of(request, call, "staff", tab="ends")
    return show(request, "staff/ends.html", page, shell, 422 if form else 200)


@router.post(HERE + "/{loan_id:uuid}", policy=CASES_DECIDE)
async def answer(request: Request, call: Call, loan_id: UUID) -> Response:
    """One choice is the whole answer: so many months, or a reason why not."""
    form = await sent(request)
    said = form.get("say", "")
    months = int(said) if said.isascii() and said.isdigit() and len(said) < 3 else None
    told = ending.EndAnswer("extend", months) if months else ending.EndAnswer("none", None, said)
    try:
        await ending.answer(call, loan_id, told, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, loan_id, again(f"{HERE}/{loan_id}", form, no, call))
    return go(HERE)
