"""What secures one's loan: offered, followed, taken back before anything is signed."""

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.idempotency import plain
from api.lining import today_of
from api.owner.applying import own_application
from api.pieces_over import WHY
from api.problems import BadFields, FieldError, NotFound
from api.securing import MAY_OFFER, may_offer, security
from api.views import SecurityView
from api.views.collateral import ClaimChoice
from db import clocks, collateral, collateral_claims, people, receivables
from db.collateral import Thing
from db.tables import Application
from lending import parcels
from lending.applications import Stage
from lending.collateral import CollateralKind, CollateralState, CollateralType, Ownership
from lending.receivables import ReceivableState
from lending.refusals import CollateralKnown, NotInThisStage, OutsidePolicy
from lending.refusals_of_security import CollateralOwn

LABEL_LONGEST, TITLE_LONGEST, PLACE_LONGEST = 60, 60, 200
CORNERS_MOST = 200
FORMER_AT_MOST = 10
CORNER = re.compile(r"-?\d{1,3}(\.\d{1,7})?", re.ASCII)
# More figures than that are no workshop, no stock and no field.
COUNT_MOST = 10_000_000
# A machine of two generations ago secures nothing; an older day is a slip of the pen.
OLDEST_THING = timedelta(days=365 * 50)
MAY_TAKE_BACK = frozenset(
    {CollateralState.OFFERED, CollateralState.VALUING, CollateralState.SECOND, CollateralState.VALUED}
)


@dataclass(frozen=True, slots=True)
class NewCollateral:
    """A piece: what it is called, its number in a register or on its plate, where it is, whose it is, figures of its
    kind. ``owner``: their name, where it is a third party's; ``parcel``: corners as (longitude, latitude);
    ``former_names``: what its owner was called before; ``receivable_id``: which supported invoice of one's line it is:
    what that one says is not said again."""

    kind: str
    label: str = field(repr=False)
    title: str = field(repr=False)
    place: str = field(repr=False)
    ownership: str = Ownership.OWN.value
    owner: str = field(default="", repr=False)
    area_m2: int | None = None
    use: str = ""
    bought_minor: int | None = None
    bought_on: str = ""
    quantity: int | None = None
    unit_minor: int | None = None
    parcel: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    former_names: tuple[str, ...] = field(default=(), repr=False)
    receivable_id: UUID | None = None


async def seen(caller: Caller, application_id: UUID) -> SecurityView:
    """What secures one's loan, and what it carries."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        application = await own_application(session, application_id, caller.person_id)
        secured(caller, application)
        return await security(session, caller, application)


async def claims(caller: Caller) -> tuple[ClaimChoice, ...]:
    """One's own invoices that a buyer confirmed or papers prove and that secure nothing yet."""
    vault, found = caller.tools.vault, list[ClaimChoice]()
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        for row in await receivables.supported_of(session, caller.person_id):
            if not await collateral.is_linked(session, row.id):
                paper = await receivables.paper_of(session, vault, row)
                open_minor = receivables.as_rule(row).open_minor
                found.append(ClaimChoice(row.id, paper.buyer, open_minor, row.currency, row.due_on))
    return tuple(found)


async def offer(caller: Caller, application_id: UUID, said: NewCollateral, key: str) -> Receipt:
    """Offer a piece. Its register is asked at once. What secures a loan, or one offered before, is refused; what
    somebody else merely claims is not: a person tells the two apart before a yes."""
    tools, person = caller.tools, caller.person_id
    form = fields.Form()
    kinds = tools.policies.collateral.types
    if said.kind not in {kind.value for kind in CollateralKind} or CollateralKind(said.kind) not in kinds:
        form.refuse("kind", "not_one_of_these" if said.kind else "missing")
    claims = said.kind == CollateralKind.RECEIVABLE.value  # its seller's, which is the firm itself
    ownership = Ownership.OWN.value if claims else said.ownership
    if ownership not in {one.value for one in Ownership}:
        form.refuse("ownership", "not_one_of_these")
    if claims and said.receivable_id is None:
        form.refuse("receivable_id", "missing")
    label = title = place = ""
    if not claims:
        label = form.take("label", lambda text: fields.line(text, longest=LABEL_LONGEST, least=2), said.label, "")
        title = form.take("title", lambda text: fields.line(text, longest=TITLE_LONGEST, least=4), said.title, "")
        place = form.take("place", lambda text: fields.line(text, longest=PLACE_LONGEST, least=4), said.place, "")
    theirs = ownership == Ownership.THIRD_PARTY.value
    owner = form.take("owner", fields.name, said.owner, "") if theirs else ""
    former = tuple(form.take("former_names", fields.name, name, "") for name in said.former_names[:FORMER_AT_MOST])
    form.done()
    async with tools.sessions.begin(person=person) as session:
        today = await today_of(session, caller)
    facts = {} if claims else _facts(form, caller, kinds[CollateralKind(said.kind)], said, today)
    form.done()
    if not claims:
        async with tools.sessions.begin(scope="worker") as session:  # an owner's own sees no other's rows
            await collateral.fill_looks(session, tools.vault)
            for held in await collateral_claims.held_as(session, tools.vault, said.kind, title):
                if held.state in collateral.SECURING:
                    raise CollateralKnown()
                if held.person_id == person:
                    raise CollateralOwn()
    collateral_id = uuid4()

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        application = await own_application(session, application_id, person)
        secured(caller, application)
        rows = await collateral.of_application(session, application.id)
        if not may_offer(application, rows) or application.firm_id is None:
            raise NotInThisStage(stage=application.stage, step="offer_collateral")
        if Stage(application.stage) not in MAY_OFFER and ownership != Ownership.OWN.value:
            theirs_too = fields.Form()  # whoever shares it would sign a contract that was signed long ago
            theirs_too.refuse("ownership", "own_only")
            theirs_too.done()
        firm = await people.firm_of(session, tools.vault, application.firm_id)
        now = await clocks.now(session, tools.settings.clock_id)
        row: dict[str, Any] = {
            "id": collateral_id,
            "application_id": application.id,
            "person_id": person,
            "kind": said.kind,
            "ownership": ownership,
            "facts": facts,
            "currency": application.currency,
            "created_at": now,
            "changed_at": now,
        }
        thing = Thing(label, title, place, owner or firm.name, said.parcel, former)
        if claims and said.receivable_id is not None:
            thing, found = await _claim(session, caller, said.receivable_id)
            row |= found
        if not await collateral.offer(session, tools.vault, thing, row):
            raise CollateralOwn()

    body = {"application_id": application_id, **plain(said)}
    order = _order(caller, collateral_id, "offer")
    return await issue(caller, order, use="owner.offer_collateral", key=key, body=body, store=store, person=person)


async def _claim(session: AsyncSession, caller: Caller, receivable_id: UUID) -> tuple[Thing, dict[str, Any]]:
    """One's own invoice that its buyer confirmed or papers prove and no line has: what it says, and its columns."""
    claim = await receivables.one(session, receivable_id, locked=True)
    if claim is None or claim.person_id != caller.person_id:
        raise NotFound
    if claim.state != ReceivableState.SUPPORTED.value:
        raise NotInThisStage(stage=claim.state, step="offer_collateral")
    paper = await receivables.paper_of(session, caller.tools.vault, claim)
    thing = Thing(paper.buyer, paper.subject, paper.buyer, paper.seller, (), paper.former_names)
    face = receivables.as_rule(claim).open_minor
    return thing, {"receivable_id": claim.id, "facts": {"face_minor": face}, "currency": claim.currency}


async def take_back(caller: Caller, collateral_id: UUID, key: str, reason: str = "") -> Receipt:
    """Take it back; once a contract names it, it stays until nothing is owed or nothing came of it. ``reason``: one of
    :data:`api.pieces_over.WHY`, or nothing."""
    if reason and reason not in WHY:
        raise BadFields(fields=(FieldError("reason", "not_one_of_these"),))

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        row = await collateral.one(session, collateral_id)
        if row is None or row.person_id != caller.person_id:
            raise NotFound
        if CollateralState(row.state) not in MAY_TAKE_BACK:
            raise NotInThisStage(stage=row.state, step="take_back")

    return await issue(
        caller,
        replace(_order(caller, collateral_id, "unwind"), detail={"reason": reason}),
        use="owner.take_back_collateral",
        key=key,
        body={"collateral_id": collateral_id, "reason": reason},
        store=store,
        person=caller.person_id,
    )


def secured(caller: Caller, application: Application) -> None:
    """Raises where the loan that is applied for takes no collateral."""
    if caller.tools.policies.product(application.product_id).secured_by is None:
        raise OutsidePolicy(rule="unsecured_product")


def _order(caller: Caller, collateral_id: UUID, update: str) -> Order:
    return Order(
        workflow_type="Collateral",
        workflow_id=clocks.workflow_of("collateral", collateral_id),
        update=update,
        object_kind="collateral",
        object_id=collateral_id,
        start={"collateral_id": str(collateral_id), "clock_id": caller.tools.settings.clock_id},
    )


def _facts(form: fields.Form, caller: Caller, one: CollateralType, said: NewCollateral, today: date) -> Json:
    """The figures that its kind asks for, each within what can be; what it does not ask for is left out."""
    found: Json = {}
    for name in one.facts:
        match name:
            case "use":
                if said.use not in caller.tools.policies.collateral.prices.square_metre:
                    form.refuse("use", "not_one_of_these" if said.use else "missing")
                found[name] = said.use
            case "bought_on":
                found[name] = said.bought_on
                try:
                    day = date.fromisoformat(said.bought_on)
                except ValueError:
                    form.refuse(name, "not_a_date" if said.bought_on else "missing")
                else:
                    if day > today:
                        form.refuse(name, "in_the_future")
                    elif day < today - OLDEST_THING:
                        form.refuse(name, "too_long_ago")
            case "parcel":
                _corners(form, said.parcel)
            case _:
                number: int | None = getattr(said, name)
                if number is None or number <= 0:
                    form.refuse(name.removesuffix("_minor"), "missing" if number is None else "too_small")
                elif not name.endswith("_minor") and number > COUNT_MOST:
                    form.refuse(name, "too_large")
                found[name] = number
    return found


def _corners(form: fields.Form, parcel: tuple[tuple[str, str], ...]) -> None:
    if not 3 <= len(parcel) <= CORNERS_MOST:
        form.refuse("parcel", "missing" if not parcel else "not_a_parcel")
        return
    for longitude, latitude in parcel:
        if not (CORNER.fullmatch(longitude) and CORNER.fullmatch(latitude)):
            form.refuse("parcel", "not_a_parcel")
            return
        try:
            inside = abs(Decimal(longitude)) <= 180 and abs(Decimal(latitude)) <= 90
        except InvalidOperation:
            inside = False
        if not inside:
            form.refuse("parcel", "not_a_parcel")
            return
    if why := parcels.fault([(float(longitude), float(latitude)) for longitude, latitude in parcel]):
        form.refuse("parcel", why)
