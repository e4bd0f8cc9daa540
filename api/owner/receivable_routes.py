"""The owner's receivables as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import Field

from api.auth.codes import CodeSent
from api.caller import Call
from api.idempotency import Key
from api.owner import bringing_invoices, receiving
from api.policy import OWNER, OWNER_APPLIES, OWNER_SIGNS
from api.replies import RECEIPT, listed, many, one, shown, told
from api.routes import Router
from api.uploads import FILE, form_of, one_file
from api.views import BaseView, LateClaim
from api.views.receivable import InvoicePaperView
from api.wire import Input, MoneyInput, Text

router = Router(prefix="/v1", tags=["owner"])

Day = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class ReceivableInput(Input):
    """An open sales invoice, the amount with tax; ``former_names`` of the seller, if it had any."""

    buyer: Text
    buyer_licence: Text
    number: Text
    amount: MoneyInput
    issued_on: Day
    due_on: Day
    delivered_on: Day | None = None
    former_names: Annotated[tuple[Text, ...], Field(max_length=receiving.FORMER_AT_MOST, strict=False)] = ()


class PledgeInput(Input):
    """The code that was sent for this pledge."""

    code: Text


@router.get("/lines/{line_id}/base", policy=OWNER, **one(BaseView))
async def base(call: Call, line_id: UUID) -> Response:
    """What one's receivables count for today, each with why it does not."""
    return shown(await receiving.base(call, line_id))


@router.post("/lines/{line_id}/receivables", policy=OWNER_APPLIES, **RECEIPT)
async def offer(call: Call, line_id: UUID, body: ReceivableInput, key: Key) -> Response:
    """Offer an open invoice for one's line."""
    said = receiving.NewReceivable(
        buyer=body.buyer,
        buyer_licence=body.buyer_licence,
        number=body.number,
        amount_minor=body.amount.minor,
        issued_on=receiving.day("issued_on", body.issued_on),
        due_on=receiving.day("due_on", body.due_on),
        former_names=body.former_names,
        delivered_on=receiving.day("delivered_on", body.delivered_on) if body.delivered_on else None,
    )
    return told(await receiving.offer(call, line_id, said, key))


@router.post(
    "/lines/{line_id}/invoice-papers",
    policy=OWNER_APPLIES,
    openapi_extra=form_of({"properties": {"file": FILE}, "additionalProperties": False}),
    **RECEIPT,
)
async def bring_invoice(request: Request, call: Call, line_id: UUID, key: Key) -> Response:
    """Bring an invoice instead of typing it: a photo of its square code, its XML, OFD or PDF, or a list of invoices.
    What was read of it stands under ``GET``, to be looked at before it is offered."""
    async with one_file(request) as upload:
        return told(await bringing_invoices.bring(call, line_id, upload, key))


@router.get("/lines/{line_id}/invoice-papers", policy=OWNER, **many(InvoicePaperView))
async def invoice_papers(call: Call, line_id: UUID) -> Response:
    """What was brought for one's line and what was read of it, completed by the tax bureau; the newest first."""
    return listed(await bringing_invoices.papers(call, line_id))


@router.post("/receivables/{receivable_id}/look", policy=OWNER_APPLIES, **RECEIPT)
async def look(call: Call, receivable_id: UUID, key: Key) -> Response:
    """Look now whether the buyer has answered."""
    return told(await receiving.look(call, receivable_id, key))


@router.post("/receivables/{receivable_id}/proofs", policy=OWNER_APPLIES, **RECEIPT)
async def prove(call: Call, receivable_id: UUID, key: Key) -> Response:
    """Prove it by its papers instead of the buyer's word, once a person took each of them; it then counts for less."""
    return told(await receiving.prove(call, receivable_id, key))


@router.post("/receivables/{receivable_id}/pledge-code", policy=OWNER_SIGNS, **one(CodeSent))
async def start_pledging(call: Call, receivable_id: UUID, key: Key) -> Response:
    """Have a code sent that is good for this pledge alone."""
    return shown(await receiving.start_pledging(call, receivable_id, key))


@router.post("/receivables/{receivable_id}/pledge", policy=OWNER_SIGNS, **RECEIPT)
async def pledge(call: Call, receivable_id: UUID, body: PledgeInput, key: Key) -> Response:
    """Pledge it: it is registered, and its buyer told whom to pay."""
    return told(await receiving.pledge(call, receivable_id, body.code, key))


@router.post("/receivables/{receivable_id}/release", policy=OWNER_SIGNS, **RECEIPT)
async def release(call: Call, receivable_id: UUID, key: Key) -> Response:
    """Take it back, as far as what is drawn stays covered."""
    return told(await receiving.release(call, receivable_id, key))


@router.get("/receivables/{receivable_id}/late-claim", policy=OWNER, **one(LateClaim))
async def late_claim(call: Call, receivable_id: UUID) -> Response:
    """What a large buyer owes for paying late, as an estimate."""
    return shown(await receiving.claim(call, receivable_id))
