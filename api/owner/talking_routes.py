"""Talking to the lender, and complaining: an owner's JSON."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import StringConstraints

from api import complaining, talking
from api.caller import Call
from api.idempotency import Key
from api.policy import OWNER, OWNER_ASKS
from api.replies import listed, many, one, shown
from api.routes import Router
from api.views import ComplaintView, ThreadView
from api.wire import Input

router = Router(prefix="/v1", tags=["owner"])

ME = talking.OWNER
Words = Annotated[str, StringConstraints(max_length=2_000)]


class TextInput(Input):
    """What to say."""

    text: Words


class ComplaintInput(Input):
    """What went wrong."""

    words: Words


@router.get("/applications/{application_id}/thread", policy=OWNER, **one(ThreadView))
async def thread(call: Call, application_id: UUID) -> Response:
    """The thread; what we wrote counts as read from now on."""
    return shown(await talking.read(call, application_id, ME))


@router.post("/applications/{application_id}/thread", policy=OWNER_ASKS, **one(ThreadView))
async def say(call: Call, application_id: UUID, body: TextInput, key: Key) -> Response:
    """Write into it."""
    return shown(await talking.say(call, application_id, body.text, key, ME))


@router.get("/complaints", policy=OWNER, **many(ComplaintView))
async def complaints(call: Call) -> Response:
    """One's own complaints with their clocks, the newest first."""
    return listed(await complaining.mine(call))


@router.post("/complaints", policy=OWNER_ASKS, **one(ComplaintView))
async def complain(call: Call, body: ComplaintInput, key: Key) -> Response:
    """Complain; the answer has the number and the time by which a person answers."""
    return shown(await complaining.complain(call, body.words, key))
