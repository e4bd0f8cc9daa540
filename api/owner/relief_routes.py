"""Relief: an owner's JSON."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.owner import relieving
from api.policy import FIRM_LOANS, OWNER_SIGNS
from api.replies import one, shown
from api.routes import Router
from api.views.relief import ReliefView
from api.wire import Input, Text

router = Router(prefix="/v1/loans", tags=["owner"])


class TroubleInput(Input):
    """disaster, illness, buyer, season or other."""

    why: Text


class WayInput(Input):
    """One way, by the hash of what was shown of it."""

    way: Annotated[str, StringConstraints(max_length=40)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@router.get("/{loan_id}/relief", policy=FIRM_LOANS, **one(ReliefView))
async def relief(call: Call, loan_id: UUID) -> Response:
    """What was asked for, and each way that is offered with its cost beside doing nothing."""
    return shown(await relieving.seen(call, loan_id))


@router.post("/{loan_id}/relief", policy=OWNER_SIGNS, **one(ReliefView))
async def ask(call: Call, loan_id: UUID, body: TroubleInput, key: Key) -> Response:
    """Say what happened: no paper is needed."""
    return shown(await relieving.ask(call, loan_id, body.why, key))


@router.post("/{loan_id}/relief/agree", policy=OWNER_SIGNS, **one(ReliefView))
async def agree(call: Call, loan_id: UUID, body: WayInput, key: Key) -> Response:
    """Agree to one way: from then on nothing is past due."""
    return shown(await relieving.agree(call, loan_id, body.way, body.sha256, key))
