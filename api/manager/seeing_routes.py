"""The manager's side of being seen, as JSON."""

from uuid import UUID

from fastapi.responses import Response

from api.caller import Call
from api.idempotency import Key
from api.manager import seeing
from api.policy import MANAGER, MANAGER_DECIDES
from api.replies import RECEIPT, listed, many, one, shown, told
from api.routes import Router
from api.views import SeeingCard, SeeingCase
from api.wire import Input, Text

router = Router(prefix="/v1/manager", tags=["manager"])


class SawInput(Input):
    """What was seen: whether the card is in order and theirs, whether the person is the one on it, and in words."""

    card_matches: bool
    face_matches: bool
    note: Text


@router.get("/seeings", policy=MANAGER, **many(SeeingCard))
async def seeings(call: Call) -> Response:
    """Whom to see, the soonest first."""
    return listed(await seeing.waiting(call))


@router.get("/seeings/{task_id}", policy=MANAGER, **one(SeeingCase))
async def case(call: Call, task_id: UUID) -> Response:
    """Whom, with name and number to compare with the card; the look is on the person's record."""
    return shown(await seeing.case(call, task_id))


@router.post("/seeings/{task_id}", policy=MANAGER_DECIDES, **RECEIPT)
async def saw(call: Call, task_id: UUID, body: SawInput, key: Key) -> Response:
    """Say what was seen."""
    said = {"card_matches": body.card_matches, "face_matches": body.face_matches}
    return told(await seeing.saw(call, task_id, **said, note=body.note, key=key))
