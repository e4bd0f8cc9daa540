"""The owner's list of what to bring, as JSON."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from api import checklist
from api.caller import Call
from api.hands import owners
from api.idempotency import Key
from api.policy import OWNER, OWNER_APPLIES
from api.replies import one, shown
from api.routes import Router, attachment
from api.uploads import FILE, form_of, one_file
from api.views import Checklist

router = Router(prefix="/v1", tags=["owner"])

ItemId = Annotated[str, Query(), StringConstraints(max_length=40)]
PAPER: dict[str, Any] = form_of({"properties": {"file": FILE}, "additionalProperties": False})


@router.get("/applications/{application_id}/checklist", policy=OWNER, **one(Checklist))
async def brought(call: Call, application_id: UUID) -> Response:
    """What to bring, why, how, and how far each item has come, whoever brought it."""
    return shown(await checklist.seen(call, owners(call), application_id))


@router.post("/applications/{application_id}/documents", policy=OWNER_APPLIES, openapi_extra=PAPER, **one(Checklist))
async def bring(request: Request, call: Call, application_id: UUID, item: ItemId, key: Key) -> Response:
    """Bring one paper (a photo, a scan, a PDF) for an item of the list; it is drawn anew and a person looks at it."""
    async with one_file(request) as upload:
        return shown(await checklist.bring(call, owners(call), application_id, item, upload, key))


@router.get("/documents/{document_id}/file", policy=OWNER, response_model=None)
async def paper(call: Call, document_id: UUID) -> Response:
    """A paper that one brought, as it was drawn."""
    return attachment(await checklist.opened(call, owners(call), document_id))
