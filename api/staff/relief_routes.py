"""Relief at the desk: JSON."""

from uuid import UUID

from fastapi.responses import Response

from api.caller import Call
from api.idempotency import Key
from api.policy import COLLECTIONS, COLLECTIONS_ACTS
from api.replies import listed, many
from api.routes import Router
from api.staff import reliefs
from api.views.relief import ReliefTask
from api.wire import Input, Text

router = Router(prefix="/v1/desk/reliefs", tags=["desk"])


class AnswerInput(Input):
    """offer, or decline with what helps instead (talk, pay_part, advice); consented: of all who stand behind it."""

    verdict: Text
    helps_instead: Text = ""
    consented: bool = False


@router.get("", policy=COLLECTIONS, **many(ReliefTask))
async def waiting(call: Call) -> Response:
    """What waits for an answer, the nearest clock first."""
    return listed(await reliefs.waiting(call))


@router.post("/{relief_id}", policy=COLLECTIONS_ACTS, **many(ReliefTask))
async def answer(call: Call, relief_id: UUID, body: AnswerInput, key: Key) -> Response:
    """Offer the ways of the rule, or decline."""
    told = await reliefs.answer(call, relief_id, body.verdict, body.helps_instead, body.consented, key)
    return listed(told)
