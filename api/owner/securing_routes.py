"""What secures one's loan, as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response
from pydantic import Field

from api import paper_checks
from api.auth.codes import CodeSent
from api.caller import Call
from api.idempotency import Key
from api.owner import adding, parcel_numbers, securing
from api.policy import OWNER, OWNER_APPLIES, OWNER_SIGNS
from api.replies import RECEIPT, one, shown, told
from api.routes import Router
from api.views import PaperCheckView, SecurityView
from api.views.collateral import BorderView
from api.wire import Input, MoneyInput, Text

router = Router(prefix="/v1", tags=["owner"])

Corner = Annotated[tuple[Text, Text], Field(strict=False)]
Count = Annotated[int, Field(ge=0, le=securing.COUNT_MOST)]


class PaperInput(Input):
    """What the code on the paper says, as a camera reads it."""

    code: Text


class AdditionInput(Input):
    """The code that was sent for this piece."""

    code: Text


class CollateralInput(Input):
    """A piece, with the figures that its kind asks for; ``parcel``: corners as [longitude, latitude];
    ``former_names``: what its owner was called before; ``receivable_id``: for a receivable, which of one's own."""

    kind: Text
    label: Text = ""
    title: Text = ""
    place: Text = ""
    ownership: Text = "own"
    owner: Text = ""
    area_m2: Count | None = None
    use: Text = ""
    bought: MoneyInput | None = None
    bought_on: Text = ""
    quantity: Count | None = None
    unit: MoneyInput | None = None
    parcel: Annotated[tuple[Corner, ...], Field(max_length=securing.CORNERS_MOST, strict=False)] = ()
    former_names: Annotated[tuple[Text, ...], Field(max_length=securing.FORMER_AT_MOST, strict=False)] = ()
    receivable_id: Annotated[UUID | None, Field(strict=False)] = None


@router.get("/applications/{application_id}/collateral", policy=OWNER, **one(SecurityView))
async def seen(call: Call, application_id: UUID) -> Response:
    """What secures the loan, what it carries, and what could be offered."""
    return shown(await securing.seen(call, application_id))


@router.post("/applications/{application_id}/collateral", policy=OWNER_APPLIES, **RECEIPT)
async def offer(call: Call, application_id: UUID, body: CollateralInput, key: Key) -> Response:
    """Offer a piece."""
    said = securing.NewCollateral(
        kind=body.kind,
        label=body.label,
        title=body.title,
        place=body.place,
        ownership=body.ownership,
        owner=body.owner,
        area_m2=body.area_m2,
        use=body.use,
        bought_minor=body.bought.minor if body.bought else None,
        bought_on=body.bought_on,
        quantity=body.quantity,
        unit_minor=body.unit.minor if body.unit else None,
        parcel=body.parcel,
        former_names=body.former_names,
        receivable_id=body.receivable_id,
    )
    return told(await securing.offer(call, application_id, said, key))


@router.get("/applications/{application_id}/parcel", policy=OWNER_APPLIES, **one(BorderView))
async def border(call: Call, application_id: UUID, title: Annotated[str, Query(max_length=200)]) -> Response:
    """A field's border by its number; nothing is offered yet."""
    return shown(await parcel_numbers.border_of(call, application_id, title))


@router.post("/applications/{application_id}/paper-check", policy=OWNER_SIGNS, **one(PaperCheckView))
async def check_paper(call: Call, application_id: UUID, body: PaperInput, key: Key) -> Response:
    """Hold the contract on paper beside the one on the screen, by its code."""
    return shown(await paper_checks.check(call, application_id, body.code, key, person=call.person_id))


@router.post("/collateral/{collateral_id}/addition-code", policy=OWNER_SIGNS, **one(CodeSent))
async def addition_code(call: Call, collateral_id: UUID, key: Key) -> Response:
    """Have a code sent that is good for adding this piece to a loan that is short."""
    return shown(await adding.start(call, collateral_id, key))


@router.post("/collateral/{collateral_id}/addition", policy=OWNER_SIGNS, **RECEIPT)
async def add(call: Call, collateral_id: UUID, body: AdditionInput, key: Key) -> Response:
    """Add a valued piece to a loan whose security carries less than is owed."""
    return told(await adding.add(call, collateral_id, body.code, key))


@router.post("/collateral/{collateral_id}/withdrawal", policy=OWNER_APPLIES, **RECEIPT)
async def take_back(call: Call, collateral_id: UUID, key: Key, reason: str = "") -> Response:
    """Take it back before anything is signed on it. ``reason``: mistake, replaced, sold, needed_free or other."""
    return told(await securing.take_back(call, collateral_id, key, reason))
