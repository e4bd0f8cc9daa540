"""The customer's side of tasks outside, as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field

from api.caller import Call
from api.idempotency import Key
from api.owner import visits
from api.policy import OWNER, OWNER_APPLIES
from api.replies import RECEIPT, listed, many, told
from api.routes import Router
from api.views import OfflineStep
from api.wire import Input, Text

router = Router(prefix="/v1", tags=["owner"])


class VisitInput(Input):
    """When, how (on_site or video), and where for a visit on site."""

    slot_at: Annotated[datetime, Field(strict=False)]
    way: Text
    place: Text = ""


class AgreementInput(Input):
    """The SHA-256 of the words that were read."""

    sha256: Text


@router.get("/applications/{application_id}/offline", policy=OWNER, **many(OfflineStep))
async def steps(call: Call, application_id: UUID) -> Response:
    """Who comes, why, by when: the same clock that the lender's people see."""
    return listed(await visits.steps(call, application_id))


@router.post("/applications/{application_id}/offline/{task_id}/slot", policy=OWNER_APPLIES, **RECEIPT)
async def book(call: Call, application_id: UUID, task_id: UUID, body: VisitInput, key: Key) -> Response:
    """Choose the hour; chosen again, the later one counts."""
    said = {"way": body.way, "place": body.place}
    return told(await visits.book(call, application_id, task_id, slot_at=body.slot_at, **said, key=key))


@router.post("/applications/{application_id}/offline/{task_id}/agreement", policy=OWNER_APPLIES, **RECEIPT)
async def agree(call: Call, application_id: UUID, task_id: UUID, body: AgreementInput, key: Key) -> Response:
    """Agree to be recorded in the live video; the link to it stands with the step from then on."""
    return told(await visits.agree(call, application_id, task_id, sha256=body.sha256, key=key))
