"""The question after a payoff, and how the answers lie."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.owner import surveying
from api.policy import CARE, FIRM_LOANS, OWNER_SIGNS
from api.replies import one, shown
from api.routes import Router
from api.views.survey import SurveySpread, SurveyView
from api.wire import Input

router = Router(prefix="/v1", tags=["owner"])


class SurveyInput(Input):
    """1 to 5, or nothing for "I would rather not say"; words if one likes; ``never``: ask after no other loan."""

    answer: Annotated[int, Field(ge=1, le=5)] | None = None
    words: Annotated[str, StringConstraints(max_length=2_000)] = ""
    never: bool = False


@router.get("/loans/{loan_id}/survey", policy=FIRM_LOANS, **one(SurveyView))
async def survey(call: Call, loan_id: UUID) -> Response:
    """Whether the question is asked of a loan that was paid off."""
    return shown(await surveying.survey(call, loan_id))


@router.post("/loans/{loan_id}/survey", policy=OWNER_SIGNS, **one(SurveyView))
async def answer(call: Call, loan_id: UUID, body: SurveyInput, key: Key) -> Response:
    """Answer it, once."""
    return shown(await surveying.answer(call, loan_id, surveying.Said(body.answer, body.words, body.never), key))


@router.get("/desk/surveys", policy=CARE, **one(SurveySpread))
async def spread(call: Call) -> Response:
    """How the answers lie."""
    return shown(await surveying.spread(call))
