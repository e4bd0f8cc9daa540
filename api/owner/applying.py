"""The owner's acts from the first tap to the request for a decision: each one command to the application's workflow."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import belonging, fields, proving
from api.caller import Caller
from api.commands import Gate, Json, Order, Receipt, Store, issue, no_gate, nothing
from api.hands import Hand, owners
from api.idempotency import plain
from api.looking import look
from api.owner.reasking import refuse_what_would_be_declined
from api.owner.shopping import MOST_REVENUE_MINOR, chosen_terms, product_of
from api.problems import NotFound, Stale
from db import clocks, desk, drafts, intake, people, proofs, reading, renewals
from db.tables import Application
from lending.application_steps import Channel
from lending.applications import RULES, Stage
from lending.assertions import SEEN
from lending.parties import PartyKind
from lending.profiles import Holder, Profiles, looks_personal
from lending.refusals import ApplicationOpen, IdentityNotProven, NotInThisStage, ReviewClosed


@dataclass(frozen=True, slots=True)
class Begin:
    """What is wanted, as the simulator had it. ``renews``: a live loan of one's own that the new one pays off; ``via``:
    the code of the manager by whom its owner came."""

    amount_minor: int
    months: int
    share: Decimal
    monthly_revenue_minor: int | None = None
    product_id: str | None = None
    purpose: str | None = None
    renews: UUID | None = None
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the owner is, what the firm is, and the account that money goes to and comes from.

    ``presence``: ``face`` before a camera, or seen by a manager by ``video`` or at a ``branch`` (P17).
    """

    kind: str
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    firm_name: str | None = field(repr=False)
    licence: str | None = field(repr=False)
    account_number: str = field(repr=False)
    bank: str | None = None
    trade: str | None = None
    capacity: str | None = None
    presence: str | None = None


@dataclass(frozen=True, slots=True)
class NewTerms:
    """What is asked for now instead."""

    amount_minor: int
    months: int
    share: Decimal


def start_of(caller: Caller, application_id: UUID) -> Json:
    """What an application's workflow is started with, also by the relay if it was lost."""
    settings = caller.tools.settings
    return {
        "application_id": str(application_id),
        "clock_id": settings.clock_id,
        "jurisdiction": settings.jurisdiction,
    }


async def command(
    caller: Caller,
    application_id: UUID,
    update: str,
    *,
    key: str,
    body: Json | None = None,
    wire: Json | None = None,
    store: Store = nothing,
    gate: Gate = no_gate,
    audited: Json | None = None,
    detail: Json | None = None,
    seen: int | None = None,
    hand: Hand | None = None,
) -> Receipt:
    """Say something to one's own application, or through ``hand`` to a customer's; a foreign one is not there.

    ``seen``: the version that the caller looked at. If it has changed since, nothing is said: :class:`Stale`.
    """
    hand = hand or owners(caller)

    async def own(session: AsyncSession, command_id: UUID) -> None:
        application = await own_application(session, application_id, hand.person_id)
        if seen is not None and application.version != seen:
            raise Stale
        if hand.channel is not Channel.OWNER:
            await look(session, caller, application, "bill")
        await store(session, command_id)

    order = Order(
        workflow_type="Application",
        workflow_id=clocks.workflow_of("application", application_id),
        update=update,
        object_kind="application",
        object_id=application_id,
        wire=wire or {},
        start=start_of(caller, application_id),
        detail=detail,
    )
    return await issue(
        caller,
        order,
        use=f"{hand.channel.value}.{update}",
        key=key,
        body={"application_id": application_id, **(body or {})},
        store=own,
        gate=gate,
        person=hand.person,
        scope=hand.scope,
        audited=audited,
    )


async def own_application(session: AsyncSession, application_id: UUID, person_id: UUID) -> Application:
    """One's own application, or :class:`NotFound`."""
    found = await reading.application_of(session, application_id, person_id)
    if found is None:
        raise NotFound
    return found


async def begin(caller: Caller, command: Begin, key: str) -> Receipt:
    """Begin an application; one at a time."""
    product = product_of(caller, command.product_id)
    form = fields.Form()
    if command.monthly_revenue_minor is not None and not 0 < command.monthly_revenue_minor <= MOST_REVENUE_MINOR:
        form.refuse("monthly_revenue", "too_small" if command.monthly_revenue_minor <= 0 else "too_large")
    if command.purpose is not None and command.purpose not in product.purposes:
        form.refuse("purpose", "not_one_of_these")
    chosen_terms(product, form, amount_minor=command.amount_minor, months=command.months, share=command.share)
    person, application_id = caller.person_id, uuid4()

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        if await intake.open_application_of(session, person) is not None:
            raise ApplicationOpen
        if command.renews is not None and not await renewals.renewable(session, command.renews, person, product.id):
            raise NotFound
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await intake.add_application(
            session,
            application_id=application_id,
            person_id=person,
            product_id=product.id,
            policy_version=caller.tools.policies.version,
            channel=caller.channel,
            amount_minor=command.amount_minor,
            currency=product.amounts.currency,
            months=command.months,
            share=command.share,
            declared_revenue_minor=command.monthly_revenue_minor,
            purpose=command.purpose,
            renews_loan_id=command.renews,
            now=now,
            due_at=now + (RULES[Stage.DRAFT].answer_within or timedelta(0)),
        )
        await belonging.note(session, await session.get_one(Application, application_id), command.via, now)

    order = Order(
        workflow_type="Application",
        workflow_id=clocks.workflow_of("application", application_id),
        update="begin",
        object_kind="application",
        object_id=application_id,
        start=start_of(caller, application_id),
    )
    return await issue(caller, order, use="owner.begin", key=key, body=plain(command), store=store, person=person)


async def identify(
    caller: Caller, application_id: UUID, identity: Identity, key: str, *, seen: int | None = None
) -> Receipt:
    """Say who one is. Everything is stored sealed; the checks ask the providers afterwards."""
    clean = checked(identity, caller.tools.policies.profiles)
    person = caller.person_id
    tools = caller.tools
    profile = tools.policies.profiles[PartyKind(clean.kind)]

    async def store(session: AsyncSession, command_id: UUID) -> None:
        wall = tools.wall_now()
        at.update(await proving.whence(session, caller))
        at["presence"] = clean.presence
        named = await proofs.accounts_of(session, person)
        await people.set_identity(session, tools.vault, person, name=clean.name, id_number=clean.id_number)
        firm_id = await people.know_firm(
            session,
            tools.vault,
            person,
            kind=clean.kind,
            name=clean.firm_name or clean.name,
            licence=clean.licence,
            trade=clean.trade,
            now=wall,
            capacity=clean.capacity,
        )
        account_id = await people.know_account(
            session,
            tools.vault,
            person,
            number=clean.account_number,
            bank=clean.bank,
            now=wall,
            firm_id=firm_id if profile.account is Holder.FIRM else None,
        )
        if not await intake.set_applicant(session, application_id, firm_id, account_id):
            application = await own_application(session, application_id, person)
            raise NotInThisStage(stage=application.stage, step="identify")
        now = await clocks.now(session, tools.settings.clock_id)
        application = await own_application(session, application_id, person)
        await belonging.by_area(session, application, clean.licence, clean.id_number, now)
        if named and account_id not in named:  # the card is what a person proves themselves with, too
            await proofs.note_change(session, cause=command_id, person_id=person, factor="account", at=now)
        await drafts.forget(session, person)

    at: Json = {}
    return await command(
        caller, application_id, "identify", key=key, body=plain(clean), store=store, detail=at, seen=seen
    )


async def reopen(caller: Caller, application_id: UUID, key: str) -> Receipt:
    """Go back to who one is, while nothing is signed: all that was given stays, and what hangs on it is asked anew."""
    return await command(caller, application_id, "reopen", key=key)


async def identify_as_known(caller: Caller, application_id: UUID, key: str) -> Receipt:
    """Be who one was before: firm and account of the newest application that had both proven. Only the checks that no
    earlier answer serves for are asked again."""
    person = caller.person_id

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        at.update(await proving.whence(session, caller))
        known = await intake.known_applicant(session, person)
        if known is None:
            raise IdentityNotProven
        if not await intake.set_applicant(session, application_id, *known):
            application = await own_application(session, application_id, person)
            raise NotInThisStage(stage=application.stage, step="identify")

    at: Json = {}
    body: Json = {"as_known": True}
    return await command(caller, application_id, "identify", key=key, body=body, store=store, detail=at)


def checked(identity: Identity, profiles: Profiles) -> Identity:
    """The same in normal form, without what this kind is not asked for; or everything that is wrong with it."""
    form = fields.Form()
    if identity.kind not in set(PartyKind):
        form.refuse("kind", "not_one_of_these")
    profile = profiles.get(PartyKind(identity.kind)) if identity.kind in set(PartyKind) else None
    registered = profile is not None and profile.asks("licence")
    capacity = profile.capacity(identity.capacity) if profile else None
    clean = Identity(
        kind=identity.kind,
        name=form.take("name", fields.name, identity.name, ""),
        id_number=form.take("id_number", fields.id_number, identity.id_number, ""),
        firm_name=form.maybe("firm_name", fields.name, identity.firm_name) if registered else None,
        licence=form.maybe("licence", fields.licence, identity.licence) if registered else None,
        account_number=form.take("account_number", fields.account, identity.account_number, ""),
        bank=form.maybe("bank", fields.line, identity.bank),
        trade=form.maybe("trade", fields.line, identity.trade),
        capacity=capacity.value if capacity else None,
        presence=identity.presence or "face",
    )
    if clean.presence not in ("face", *(method.value for method in SEEN)):
        form.refuse("presence", "not_one_of_these")
    named = {error.field for error in form.wrong}
    for name, value in (("firm_name", clean.firm_name), ("licence", clean.licence), ("capacity", clean.capacity)):
        if registered and value is None and name not in named:
            form.refuse(name, "missing")
    if profile and profile.account is Holder.FIRM and looks_personal(clean.account_number):
        form.refuse("account_number", "firms_account")
    form.done()
    return clean


# --- towards a decision -----------------------------------------------------------------------------------------------


async def submit(
    caller: Caller, application_id: UUID, terms: NewTerms | None, key: str, *, seen: int | None = None
) -> Receipt:
    """Ask for a decision; again after a decline, with other terms or more bills.

    While offers stand, an amount that would only be declined is refused with the highest one that is not.
    """
    person = caller.person_id

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        if terms is None:
            return
        application = await own_application(session, application_id, person)
        product = product_of(caller, application.product_id)
        chosen_terms(product, fields.Form(), amount_minor=terms.amount_minor, months=terms.months, share=terms.share)
        policy = caller.tools.policies.policy(application.product_id)
        await refuse_what_would_be_declined(session, application, policy, terms.amount_minor, terms.months)
        if not await intake.change_request(
            session, application_id, amount_minor=terms.amount_minor, months=terms.months, share=terms.share
        ):
            raise NotInThisStage(stage=application.stage, step="submit")

    body = {"terms": plain(terms) if terms else None}
    return await command(caller, application_id, "submit", key=key, body=body, store=store, seen=seen)


async def ask_review(caller: Caller, application_id: UUID, key: str) -> Receipt:
    """Ask a person to look at a machine's no (个保法 24), or another person at a person's, once."""

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        if len(await desk.noes(session, application_id)) > 1:
            raise ReviewClosed

    return await command(caller, application_id, "ask_review", key=key, store=store)


async def withdraw(caller: Caller, application_id: UUID, key: str) -> Receipt:
    """Take the application back."""
    return await command(caller, application_id, "withdraw", key=key)
