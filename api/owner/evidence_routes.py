"""The owner's bills, invoices and money as JSON: what is uploaded, what was understood of it, what was corrected."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from starlette.background import BackgroundTask

from api.caller import Call
from api.commands import After, carry_on
from api.idempotency import Key
from api.owner import flows, photographing, seeing, uploading, verifying
from api.policy import FIRM_BRINGS, FIRM_FLOWS, OWNER, OWNER_APPLIES, PUBLIC
from api.replies import RECEIPT, listed, many, one, shown, told
from api.routes import Router
from api.uploads import FILE, form_of, one_file
from api.views import Evidence, Flows, IdentityPaperView, VerificationView
from api.wire import Input, Text

router = Router(prefix="/v1", tags=["owner"])

Side = Annotated[Literal["sale", "purchase"] | None, Query()]
Mapped = Annotated[str, Query(max_length=1_000)]


PASSWORD = {"type": "string", "format": "password", "maxLength": 128}
ONE_FILE = form_of({"properties": {"file": FILE}, "additionalProperties": False})
ONE_FILE_AND_PASSWORD = form_of({"properties": {"file": FILE, "password": PASSWORD}})


class SideInput(Input):
    """Issued (``sale``) or received (``purchase``)."""

    side: Text


class CorrectionInput(Input):
    """What a line, a counterparty's money or all that was read alike was; no ``use`` takes the word back."""

    target: Text
    key: Text
    direction: Text
    use: Text | None = None


@router.post(
    "/applications/{application_id}/statements",
    policy=FIRM_BRINGS,
    openapi_extra=ONE_FILE_AND_PASSWORD,
    **RECEIPT,
)
async def add_statement(request: Request, call: Call, application_id: UUID, key: Key) -> Response:
    """Upload one bill, as the wallet or bank exported it; ``password`` opens one that has one, and is kept nowhere."""
    async with one_file(request) as upload:
        return told(await uploading.add_statement(call, application_id, upload, key))


@router.post(
    "/identity-papers",
    policy=OWNER_APPLIES,
    openapi_extra=ONE_FILE,
    **RECEIPT,
)
async def add_photo(request: Request, call: Call, key: Key) -> Response:
    """Upload a photo of an identity card or a business licence; what is read of it fills the form, for correction."""
    async with one_file(request) as upload:
        after: After = []
        answer = told(await photographing.add_photo(call, upload, key, after))
    answer.background = BackgroundTask(carry_on, after)
    return answer


@router.get("/identity-papers", policy=OWNER, **many(IdentityPaperView))
async def photos(call: Call) -> Response:
    """One's newest photos of papers and what was read of them."""
    return listed(await photographing.photos(call))


@router.post("/papers/verify", policy=PUBLIC, openapi_extra=ONE_FILE, **one(VerificationView))
async def verify_paper(request: Request, call: Call) -> Response:
    """Check a contract: who signed it, when, whether it is still what was signed. The file is not kept."""
    async with one_file(request) as upload:
        return shown(await verifying.verify(call, upload))


@router.post(
    "/applications/{application_id}/invoices",
    policy=FIRM_BRINGS,
    openapi_extra=ONE_FILE,
    **RECEIPT,
)
async def add_invoices(
    request: Request, call: Call, application_id: UUID, key: Key, side: Side = None, columns: Mapped = ""
) -> Response:
    """Upload one list of invoices or receivables; ``columns`` like ``buyer=客户,issue=Day`` where guesses fail."""
    async with one_file(request) as upload:
        receipt = await uploading.add_invoices(call, application_id, upload, key, side=side or "", mapping=columns)
        return told(receipt)


@router.post("/applications/{application_id}/statements/{file_id}/side", policy=FIRM_BRINGS, **RECEIPT)
async def say_side(call: Call, application_id: UUID, file_id: UUID, body: SideInput, key: Key) -> Response:
    """Say whether a list's invoices were issued or received, where it could not be seen."""
    return told(await uploading.say_side(call, application_id, file_id, body.side, key))


@router.get("/applications/{application_id}/evidence", policy=FIRM_FLOWS, **one(Evidence))
async def evidence(call: Call, application_id: UUID) -> Response:
    """What was understood of the bills."""
    return shown(await seeing.evidence(call, application_id))


@router.post("/applications/{application_id}/statements/{file_id}/dismiss", policy=OWNER_APPLIES, **one(Evidence))
async def dismiss_statement(call: Call, application_id: UUID, file_id: UUID, key: Key) -> Response:
    """Put a bill that could not be read out of sight."""
    return shown(await uploading.dismiss_statement(call, application_id, file_id, key))


@router.get("/applications/{application_id}/flows", policy=OWNER, **one(Flows))
async def money_flows(call: Call, application_id: UUID) -> Response:
    """What the money was, by group and month: business, private, between own accounts, unclear."""
    return shown(await flows.seen(call, application_id))


@router.post("/applications/{application_id}/flows/corrections", policy=OWNER_APPLIES, **one(Flows))
async def correct_flows(call: Call, application_id: UUID, body: CorrectionInput, key: Key) -> Response:
    """Say what money was, or take that back. Each word is kept; a person looks at much revenue by words alone."""
    said = flows.Correction(body.target, body.key, body.direction, body.use)
    return shown(await flows.correct(call, application_id, said, key))
