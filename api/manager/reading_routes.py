"""Words that wait for a second reader, and what may be said without one: JSON."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import StringConstraints

from api import second_reading
from api.caller import Call
from api.idempotency import Key
from api.policy import MANAGER, WORDS
from api.replies import listed, many
from api.routes import Router
from api.views.talking import HeldView, PhraseView
from api.wire import Input

router = Router(prefix="/v1/manager", tags=["manager"])


class GiveBackInput(Input):
    """Why the words do not leave as they are; their writer reads it."""

    reason: Annotated[str, StringConstraints(max_length=1_000)]


@router.get("/phrases", policy=MANAGER, **many(PhraseView))
async def phrases(call: Call) -> Response:
    """What may be said at once about a yes, prices, money and the like."""
    return listed(second_reading.phrases(call))


@router.get("/held-words", policy=WORDS, **many(HeldView))
async def waiting(call: Call) -> Response:
    """Words that wait for somebody other than their writer, the most urgent first."""
    return listed(await second_reading.waiting(call))


@router.post("/held-words/{held_id}/release", policy=WORDS, **many(HeldView))
async def release(call: Call, held_id: UUID, key: Key) -> Response:
    """Let words go as they were written; what waits still."""
    return listed(await second_reading.release(call, held_id, key))


@router.post("/held-words/{held_id}/return", policy=WORDS, **many(HeldView))
async def give_back(call: Call, held_id: UUID, body: GiveBackInput, key: Key) -> Response:
    """Give words back to their writer, with why; what waits still."""
    return listed(await second_reading.give_back(call, held_id, body.reason, key))
