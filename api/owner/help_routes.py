"""Help as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response
from pydantic import StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.manager import calling
from api.owner import helping
from api.policy import MANAGER, MANAGER_DECIDES, OWNER_ASKS, PUBLIC
from api.replies import listed, many, one, shown
from api.routes import Router
from api.views import HelpAnswer, HelpCallView
from api.wire import Input, Text

router = Router(prefix="/v1", tags=["help"])

Asked = Annotated[str, Query(), StringConstraints(max_length=helping.ASKED_LONGEST)]


class MissInput(Input):
    """What was asked and not answered."""

    asked: Text


class CalledInput(Input):
    """What came of a call: answered, not_reached or handed_over, and in words."""

    outcome: Text
    words: Annotated[str, StringConstraints(max_length=2_000)]


@router.get("/help", policy=PUBLIC, **many(HelpAnswer))
async def answers(call: Call, q: Asked = "") -> Response:
    """The rules that answer a question, at most two; all of them without one."""
    return listed(await helping.answered(call, q))


@router.post("/help/misses", policy=OWNER_ASKS, **many(HelpCallView))
async def missed(call: Call, body: MissInput, key: Key) -> Response:
    """The answer did not help; the second time within a day a manager calls, and this says by when."""
    waits = await helping.missed(call, body.asked, key)
    return listed((waits,) if waits else ())


@router.get("/manager/calls", policy=MANAGER, **many(HelpCallView))
async def calls(call: Call) -> Response:
    """Who waits for a call, the most urgent first."""
    return listed(await calling.open_calls(call))


@router.post("/manager/calls/{call_id}/close", policy=MANAGER_DECIDES, **one(HelpCallView))
async def close(call: Call, call_id: UUID, body: CalledInput, key: Key) -> Response:
    """Say what came of a call."""
    return shown(await calling.close(call, call_id, calling.Called(body.outcome, body.words), key))
