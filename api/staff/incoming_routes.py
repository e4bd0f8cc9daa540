"""Money in suspense at the desk as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.policy import BOOK, MONEY
from api.replies import listed, many, one, shown
from api.routes import Router
from api.staff import incoming
from api.views.incoming import Diverted, IncomingView
from api.wire import Input, Text

router = Router(prefix="/v1/desk", tags=["staff"])

Words = Annotated[str, StringConstraints(max_length=2_000)]


class FoundInput(Input):
    """loan (``number``: its payment reference), receivable (its invoice's number) or give_back; and how one knows."""

    to: Text
    words: Words
    number: Text = ""


@router.get("/incoming", policy=MONEY, **many(IncomingView))
async def waiting(call: Call) -> Response:
    """Money that nobody has explained yet, by when a person must."""
    return listed(await incoming.waiting(call))


@router.get("/incoming/placed", policy=MONEY, **many(IncomingView))
async def placed(call: Call) -> Response:
    """What found its place or went back, the newest first."""
    return listed(await incoming.placed(call))


@router.get("/diversions", policy=BOOK, **many(Diverted))
async def diversions(call: Call) -> Response:
    """What buyers paid to borrowers instead of the account that they were told, and until when it is to be sent on."""
    return listed(await incoming.diversions(call))


@router.post("/incoming/{incoming_id}/place", policy=MONEY, **one(IncomingView))
async def place(call: Call, incoming_id: UUID, body: FoundInput, key: Key) -> Response:
    """Say what it is for, or have it given back."""
    return shown(await incoming.decide(call, incoming_id, incoming.Found(body.to, body.number, body.words), key))
