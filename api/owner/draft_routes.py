"""The owner's draft as JSON."""

from typing import Annotated

from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api import drafting
from api.caller import Call
from api.hands import owners
from api.idempotency import Key
from api.policy import OWNER_APPLIES
from api.replies import Seen, one, shown, tagged
from api.routes import Router
from api.views import DraftView
from api.wire import Input
from lending.drafts import LONGEST

router = Router(prefix="/v1", tags=["owner"])

Name = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
Typed = Annotated[str, StringConstraints(max_length=LONGEST)]


class DraftInput(Input):
    """What was typed; an empty text empties a field. Other fields stay as they are."""

    fields: Annotated[dict[Name, Typed], Field(min_length=1, max_length=40)]


class RemindersInput(Input):
    """Whether to be reminded."""

    wanted: bool


@router.get("/draft", policy=OWNER_APPLIES, **one(DraftView))
async def draft(call: Call) -> Response:
    """What was typed so far, in whichever channel. Its ``ETag`` belongs into ``If-Match`` of the next save."""
    found = await drafting.read(call, owners(call))
    return tagged(found, found.version)


@router.patch("/draft", policy=OWNER_APPLIES, **one(DraftView))
async def save_draft(call: Call, body: DraftInput, key: Key, seen: Seen) -> Response:
    """Keep what was typed; without ``If-Match`` as if nothing had been seen."""
    found = await drafting.save(call, owners(call), body.fields, seen=seen or 0, key=key)
    return tagged(found, found.version)


@router.delete("/draft", policy=OWNER_APPLIES, status_code=204)
async def throw_away(call: Call, key: Key) -> Response:
    """Forget it."""
    await drafting.throw_away(call, key)
    return Response(status_code=204)


@router.post("/draft/reminders", policy=OWNER_APPLIES, **one(DraftView))
async def reminders(call: Call, body: RemindersInput, key: Key) -> Response:
    """Stop or allow reminders of it."""
    return shown(await drafting.set_reminders(call, wanted=body.wanted, key=key))
