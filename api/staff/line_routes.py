"""The desk's JSON about lines."""

from uuid import UUID

from fastapi.responses import Response

from api.caller import Call
from api.idempotency import Key
from api.policy import BOOK, LINES
from api.replies import ACCEPTED, listed, many, one, shown, told
from api.routes import Router
from api.staff import lines
from api.views import LineCase
from api.wire import Input, MoneyInput, Text

router = Router(prefix="/v1/desk", tags=["desk"])


class ActInput(Input):
    """freeze, reduce, close, call, reopen or keep; the signed clause; why; the lower limit."""

    act: Text
    clause: Text = ""
    reason: Text
    limit: MoneyInput | None = None


class AnswerInput(Input):
    """Whether the change that waits is allowed."""

    allow: bool


@router.get("/lines", policy=BOOK, **many(LineCase))
async def cases(call: Call) -> Response:
    """The lines, those first about which somebody is asked."""
    return listed(await lines.cases(call))


@router.get("/lines/{line_id}", policy=BOOK, **one(LineCase))
async def case(call: Call, line_id: UUID) -> Response:
    """One line with its owner, its draws and its changes."""
    return shown(await lines.case(call, line_id))


@router.post("/lines/{line_id}/changes", policy=LINES, responses=ACCEPTED, response_model=None)
async def act_on(call: Call, line_id: UUID, body: ActInput, key: Key) -> Response:
    """Change a line by a clause that was signed; the line with its proposal where a second person must allow it."""
    limit = body.limit.minor if body.limit else None
    return await _done(
        call, line_id, await lines.act_on(call, line_id, lines.Act(body.act, body.clause, body.reason, limit), key)
    )


@router.post("/lines/{line_id}/proposal", policy=LINES, responses=ACCEPTED, response_model=None)
async def answer(call: Call, line_id: UUID, body: AnswerInput, key: Key) -> Response:
    """Allow the change that waits, or turn it down: never whoever made it, by person."""
    return await _done(call, line_id, await lines.answer(call, line_id, allow=body.allow, key=key))


async def _done(call: Call, line_id: UUID, done: lines.Done) -> Response:
    if done.receipt is not None:
        return told(done.receipt)
    return shown(await lines.case(call, line_id))
