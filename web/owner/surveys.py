"""One question after a loan was paid off, and the desk's page of its answers."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.owner import surveying
from api.policy import CARE, FIRM_LOANS, OWNER_SIGNS
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.surveys import SpreadPage, SurveyPage

router = Router(include_in_schema=False)
ANSWERS = ("1", "2", "3", "4", "5")
# Buttons beside the five: nothing is said, or nothing is said and nothing is to be asked again.
SKIP, NEVER = "skip", "never"


@router.get("/loans/{loan_id:uuid}/survey", policy=FIRM_LOANS)
async def survey(request: Request, call: Call, loan_id: UUID) -> Response:
    """The question, or thanks."""
    return await _page(request, call, loan_id)


async def _page(request: Request, call: Caller, loan_id: UUID, form: Form | None = None) -> Response:
    asks = (await surveying.survey(call, loan_id)).asks and call.may("own.sign")
    page = SurveyPage(str(loan_id), (form or shown(f"/loans/{loan_id}/survey")) if asks else None)
    shell = await shell_of(request, call, "owner", tab="loans")
    return show(request, "owner/survey.html", page, shell, 422 if form else 200)


@router.post("/loans/{loan_id:uuid}/survey", policy=OWNER_SIGNS)
async def answer(request: Request, call: Call, loan_id: UUID) -> Response:
    """One tap."""
    form, here = await sent(request), f"/loans/{loan_id}/survey"
    said = form.get("say", "")
    try:
        if said not in (*ANSWERS, SKIP, NEVER):
            raise BadFields(fields=(FieldError("say", "not_one_of_these"),))
        told = (
            surveying.Said(int(said), form.get("words", ""))
            if said in ANSWERS
            else surveying.Said(None, "", said == NEVER)
        )
        await surveying.answer(call, loan_id, told, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, loan_id, again(here, form, no, call))
    return go(here)


@router.get("/desk/surveys", policy=CARE)
async def spread(request: Request, call: Call) -> Response:
    """How the answers lie."""
    page = SpreadPage(await surveying.spread(call))
    return show(request, "staff/surveys.html", page, await shell_of(request, call, "staff", tab="surveys"))
