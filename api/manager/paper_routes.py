"""The manager's side of a customer's papers, as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.manager import papers
from api.owner.checklist_routes import PAPER, ItemId
from api.owner.evidence_routes import ONE_FILE_AND_PASSWORD
from api.policy import MANAGER, MANAGER_ASSISTS, MANAGER_DECIDES
from api.replies import RECEIPT, one, shown, told
from api.routes import Router, attachment
from api.uploads import one_file
from api.views import Checklist
from api.wire import Input

router = Router(prefix="/v1/manager", tags=["manager"])


class JudgedInput(Input):
    """Good, or refused for one of the item's reasons; the customer reads ``words``."""

    accepted: bool
    refusal: Annotated[str, StringConstraints(max_length=40)] = ""
    words: Annotated[str, StringConstraints(max_length=1_000)] = ""


@router.get("/customers/{application_id}/checklist", policy=MANAGER, **one(Checklist))
async def brought(call: Call, application_id: UUID) -> Response:
    """What the customer brings, the same list that they see."""
    return shown(await papers.seen(call, application_id))


@router.post("/customers/{application_id}/documents", policy=MANAGER_ASSISTS, openapi_extra=PAPER, **one(Checklist))
async def bring(request: Request, call: Call, application_id: UUID, item: ItemId, key: Key) -> Response:
    """Scan a paper that the customer handed over."""
    async with one_file(request) as upload:
        return shown(await papers.bring(call, application_id, item, upload, key))


@router.post(
    "/customers/{application_id}/statements",
    policy=MANAGER_ASSISTS,
    openapi_extra=ONE_FILE_AND_PASSWORD,
    **RECEIPT,
)
async def bring_bill(request: Request, call: Call, application_id: UUID, key: Key) -> Response:
    """Upload a bill that the customer handed over, as the wallet or bank exported it."""
    async with one_file(request) as upload:
        return told(await papers.bring_bill(call, application_id, upload, key), commands="/v1/manager/commands")


@router.get("/documents/{document_id}/file", policy=MANAGER, response_model=None)
async def paper(call: Call, document_id: UUID) -> Response:
    """A customer's paper, as it was drawn; the look is on record."""
    return attachment(await papers.opened(call, document_id))


@router.post("/documents/{document_id}/judge", policy=MANAGER_DECIDES, **one(Checklist))
async def judge(call: Call, document_id: UUID, body: JudgedInput, key: Key) -> Response:
    """Say whether a paper will do; what is wrong with it is told to the customer at once."""
    return shown(await papers.judge(call, document_id, papers.Judged(body.accepted, body.refusal, body.words), key))
