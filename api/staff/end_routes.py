"""The ends of loans as JSON for the desk."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field

from api.caller import Call
from api.idempotency import Key
from api.policy import CASES, CASES_DECIDE
from api.replies import listed, many
from api.routes import Router
from api.staff import ending
from api.views.ending import EndLine
from api.wire import Input, Text

router = Router(prefix="/v1/desk/loan-ends", tags=["desk"])


class EndAnswerInput(Input):
    """extend by months, or none for a reason."""

    verdict: Text
    months: Annotated[int, Field(ge=1, le=60)] | None = None
    reason: Text | None = None


@router.get("", policy=CASES, **many(EndLine))
async def ends(call: Call) -> Response:
    """Loans within sixty days of their end: those that wait for an answer first, with the clock of each."""
    return listed(await ending.ends(call))


@router.post("/{loan_id}/answer", policy=CASES_DECIDE, **many(EndLine))
async def answer(call: Call, loan_id: UUID, body: EndAnswerInput, key: Key) -> Response:
    """Offer an extension, or say no with a reason."""
    said = ending.EndAnswer(body.verdict, body.months, body.reason or "")
    return listed(await ending.answer(call, loan_id, said, key))
