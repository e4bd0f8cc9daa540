"""Claims of subsidies as JSON, and as the file that goes to the body."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field

from api.caller import Call
from api.idempotency import Key
from api.policy import BOOK, SUBSIDIES
from api.replies import listed, many, one, shown
from api.routes import Router, attachment
from api.staff import subsidies
from api.views import SubsidyClaimView
from api.wire import Input, MoneyInput, Text

router = Router(prefix="/v1/desk", tags=["desk"])


class ClaimInput(Input):
    """A scheme of the catalogue and a month that is over."""

    scheme: Text
    period: Text


class PaidInput(Input):
    """What the body paid, when, under which reference."""

    amount: MoneyInput
    on: Annotated[date, Field(strict=False)]
    reference: Text


@router.get("/subsidy-claims", policy=BOOK, **many(SubsidyClaimView))
async def claims(call: Call) -> Response:
    """All claims, the newest month first."""
    return listed(await subsidies.claims(call))


@router.post("/subsidy-claims", policy=SUBSIDIES, **one(SubsidyClaimView))
async def make(call: Call, body: ClaimInput, key: Key) -> Response:
    """Claim a month of a scheme; twice is once."""
    return shown(await subsidies.make(call, subsidies.Claim(body.scheme, body.period), key))


@router.get("/subsidy-claims/{claim_id}/file", policy=BOOK, response_model=None)
async def file(call: Call, claim_id: UUID) -> Response:
    """The claim as a table: a line a loan, the sums last."""
    return attachment(await subsidies.file(call, claim_id))


@router.post("/subsidy-claims/{claim_id}/paid", policy=SUBSIDIES, **one(SubsidyClaimView))
async def paid(call: Call, claim_id: UUID, body: PaidInput, key: Key) -> Response:
    """The body paid it, in full."""
    said = subsidies.Paid(body.amount.minor, body.on, body.reference)
    return shown(await subsidies.paid(call, claim_id, said, key))
