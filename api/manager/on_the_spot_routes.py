"""What a person says of a number that was copied on the spot, or of a photo that says no place or time, as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.manager import on_the_spot, vouching
from api.policy import MANAGER_DECIDES
from api.replies import one, shown
from api.routes import Router
from api.views import OfflineCase
from api.wire import Input

router = Router(prefix="/v1/manager/offline/evidence/{evidence_id}", tags=["manager"])


class ExplainInput(Input):
    """Why a number on the spot is not the one that its piece has."""

    explanation: Annotated[str, StringConstraints(max_length=2_000)]


@router.post("/explanation", policy=MANAGER_DECIDES, **one(OfflineCase))
async def explain(call: Call, evidence_id: UUID, body: ExplainInput, key: Key) -> Response:
    """Explain it, once; what is said stays beside it."""
    return shown(await on_the_spot.explain(call, evidence_id, explanation=body.explanation, key=key))


class VouchInput(Input):
    """Why a photo is evidence although it does not show by itself where and when it was taken."""

    reason: Annotated[str, StringConstraints(max_length=2_000)]


@router.post("/voucher", policy=MANAGER_DECIDES, **one(OfflineCase))
async def vouch(call: Call, evidence_id: UUID, body: VouchInput, key: Key) -> Response:
    """Take a photo as evidence by one's own word, after one opened it: another person than whoever brought it."""
    return shown(await vouching.vouch(call, evidence_id, reason=body.reason, key=key))
