"""The lender's side of threads and complaints: JSON."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import StringConstraints

from api import complaining, talking
from api.caller import Call
from api.idempotency import Key
from api.policy import COMPLAINTS, MANAGER
from api.replies import listed, many, one, shown
from api.routes import Router
from api.views import ComplaintCase, ThreadView
from api.wire import Input, Text

router = Router(prefix="/v1", tags=["desk"])

US = talking.LENDER
Words = Annotated[str, StringConstraints(max_length=2_000)]


class SaidInput(Input):
    """What to say to the customer."""

    text: Words


class AnswerInput(Input):
    """What came of a complaint: upheld, partly or not_upheld, and why."""

    outcome: Text
    words: Words


@router.get("/manager/customers/{application_id}/thread", policy=MANAGER, **one(ThreadView))
async def thread(call: Call, application_id: UUID) -> Response:
    """The thread; what the customer wrote counts as read from now on."""
    return shown(await talking.read(call, application_id, US))


@router.post("/manager/customers/{application_id}/thread", policy=MANAGER, **one(ThreadView))
async def say(call: Call, application_id: UUID, body: SaidInput, key: Key) -> Response:
    """Write into it; the customer is told that there is an answer."""
    return shown(await talking.say(call, application_id, body.text, key, US))


@router.get("/desk/complaints", policy=COMPLAINTS, **many(ComplaintCase))
async def complaints(call: Call) -> Response:
    """All complaints, the open ones first by when they are due."""
    return listed(await complaining.cases(call))


@router.post("/desk/complaints/{complaint_id}/answer", policy=COMPLAINTS, **one(ComplaintCase))
async def answer(call: Call, complaint_id: UUID, body: AnswerInput, key: Key) -> Response:
    """Answer one, once."""
    return shown(await complaining.answer(call, complaint_id, body.outcome, body.words, key))
