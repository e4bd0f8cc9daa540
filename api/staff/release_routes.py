"""The release desk's JSON."""

from uuid import UUID

from fastapi.responses import Response

from api.caller import Call
from api.idempotency import Key
from api.policy import RELEASES
from api.replies import RECEIPT, listed, many, told
from api.routes import Router
from api.staff import releases
from api.views import CallBackCase, ReleaseCase
from api.wire import Input, Text

router = Router(prefix="/v1/desk", tags=["desk"])


class AnswerInput(Input):
    """What is said about what was shown under this hash."""

    say: Text
    approval_hash: Text
    reason: Text = ""


class CalledInput(Input):
    """What came of the call."""

    theirs: bool
    words: Text


@router.get("/releases", policy=RELEASES, **many(ReleaseCase))
async def cases(call: Call) -> Response:
    """What takes a second person, by when it is due, then what was answered."""
    return listed(await releases.cases(call))


@router.post("/releases/{payout_id}/answer", policy=RELEASES, **RECEIPT)
async def answer(call: Call, payout_id: UUID, body: AnswerInput, key: Key) -> Response:
    """Approve, release or hold back."""
    said = releases.Answer(body.say, body.approval_hash, body.reason)
    return told(await releases.answer(call, payout_id, said, key))


@router.get("/call-backs", policy=RELEASES, **many(CallBackCase))
async def call_backs(call: Call) -> Response:
    """Whom to call about money that is held."""
    return listed(await releases.call_backs(call))


@router.post("/call-backs/{task_id}/answer", policy=RELEASES, **RECEIPT)
async def called(call: Call, task_id: UUID, body: CalledInput, key: Key) -> Response:
    """Say what came of the call."""
    return told(await releases.called(call, task_id, releases.Called(body.theirs, body.words), key))
