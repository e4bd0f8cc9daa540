"""The manager's help with a draft as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field

from api.caller import Call
from api.idempotency import Key
from api.manager import assisting
from api.owner.draft_routes import DraftInput, Name, Typed
from api.policy import MANAGER_ASSISTS
from api.replies import Seen, one, tagged
from api.routes import Router
from api.views import DraftView
from api.wire import Input, Text

router = Router(prefix="/v1/manager", tags=["manager"])


class AssistInput(Input):
    """Whose application, by their phone, and what was typed; a first field is needed to begin."""

    phone: Text
    fields: Annotated[dict[Name, Typed], Field(min_length=1, max_length=40)]


@router.post("/drafts", policy=MANAGER_ASSISTS, **one(DraftView))
async def begin_draft(call: Call, body: AssistInput, key: Key, seen: Seen) -> Response:
    """Type into the draft of the customer with this phone; it begins if there is none."""
    person_id = await assisting.customer_of(call, body.phone, f"{key}.who"[:128])
    found = await assisting.save(call, person_id, body.fields, seen=seen or 0, key=key)
    return tagged(found, found.version)


@router.get("/drafts/{draft_id}", policy=MANAGER_ASSISTS, **one(DraftView))
async def draft(call: Call, draft_id: UUID) -> Response:
    """What stands in a draft. The customer sees that somebody looked."""
    _, found = await assisting.read(call, draft_id)
    return tagged(found, found.version)


@router.patch("/drafts/{draft_id}", policy=MANAGER_ASSISTS, **one(DraftView))
async def save_draft(call: Call, draft_id: UUID, body: DraftInput, key: Key, seen: Seen) -> Response:
    """Type more of it."""
    person_id, _ = await assisting.read(call, draft_id)
    found = await assisting.save(call, person_id, body.fields, seen=seen or 0, key=key)
    return tagged(found, found.version)
