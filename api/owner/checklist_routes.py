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
from api.owner import mailing
from api.policy import FIRM_BRINGS, FIRM_PAPERS, OWNER
from api.replies import RECEIPT, one, shown, told
from api.routes import Router, attachment
from api.uploads import FILE, form_of, one_file
from api.views import Checklist, MailboxView
from api.wire import Input

router = Router(prefix="/v1", tags=["owner"])

ItemId = Annotated[str, Query(), StringConstraints(max_length=40)]
PAPER: dict[str, Any] = form_of({"properties": {"file": FILE}, "additionalProperties": False})


class PasswordInput(Input):
    """What opens a file."""

    password: Annotated[str, StringConstraints(min_length=1, max_length=128)]


@router.get("/applications/{application_id}/checklist", policy=FIRM_PAPERS, **one(Checklist))
async def brought(call: Call, application_id: UUID) -> Response:
    """What to bring, why, how, and how far each item has come, whoever brought it."""
    return shown(await checklist.seen(call, owners(call), application_id))


@router.post("/applications/{application_id}/documents", policy=FIRM_BRINGS, openapi_extra=PAPER, **one(Checklist))
async def bring(request: Request, call: Call, application_id: UUID, item: ItemId, key: Key) -> Response:
    """Bring one paper (a photo, a scan, a PDF) for an item of the list; it is drawn anew and a person looks at it."""
    async with one_file(request) as upload:
        return shown(await checklist.bring(call, owners(call), application_id, item, upload, key))


@router.get("/documents/{document_id}/file", policy=FIRM_PAPERS, response_model=None)
async def paper(call: Call, document_id: UUID) -> Response:
    """A paper that one brought, as it was drawn."""
    return attachment(await checklist.opened(call, owners(call), document_id))


@router.get("/applications/{application_id}/mailbox", policy=OWNER, **one(MailboxView))
async def mailbox(call: Call, application_id: UUID) -> Response:
    """The address that a wallet sends bills of this application to."""
    return shown(await mailing.mailbox(call, application_id))


@router.post("/applications/{application_id}/statements/{file_id}/unlock", policy=FIRM_BRINGS, **RECEIPT)
async def unlock(call: Call, application_id: UUID, file_id: UUID, body: PasswordInput, key: Key) -> Response:
    """Open a bill that came by mail with the password that the wallet sent; it is kept nowhere."""
    return told(await mailing.unlock(call, application_id, file_id, body.password, key))
