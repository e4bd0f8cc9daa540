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
from api.views.incoming import Diverted, IncomingView, RefusedView
from api.wire import Input, Text

router = Router(prefix="/v1/desk", tags=["staff"])

Words = Annotated[str, StringConstraints(max_length=2_000)]


class FoundInput(Input):
    """loan (``number``: its payment reference), receivable (its invoice's number) or give_back; and how one knows."""

    to: Text
    words: Words
    number: Text = ""


class SecondInput(Input):
    """Whether it is as the colleague said, and how one knows."""

    agrees: bool
    words: Words


class JudgeInput(Input):
    """again or suspense; and why."""

    act: Text
    words: Words


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


@router.post("/incoming/{incoming_id}/confirmation", policy=MONEY, **one(IncomingView))
async def confirm(call: Call, incoming_id: UUID, body: SecondInput, key: Key) -> Response:
    """Confirm what a colleague said that much money is for, or send it back to be found out anew."""
    return shown(await incoming.confirm(call, incoming_id, agrees=body.agrees, words=body.words, key=key))


@router.get("/outgoing/refused", policy=MONEY, **many(RefusedView))
async def refused(call: Call) -> Response:
    """What the rail would not send on, by when a person judges it."""
    return listed(await incoming.refused(call))


@router.post("/outgoing/{outgoing_id}/judgement", policy=MONEY, **many(RefusedView))
async def judge(call: Call, outgoing_id: UUID, body: JudgeInput, key: Key) -> Response:
    """Send it once more, or put it back into suspense; what still waits."""
    await incoming.judge_refused(call, outgoing_id, body.act, body.words, key)
    return listed(await incoming.refused(call))
