"""A party's own side: what is asked of them, their own identity, words, key facts and signature (P2)."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, proving
from api.auth import by_code
from api.auth.by_code import Code
from api.auth.codes import CodeSent
from api.auth.limits import TRIES_BY_ACCOUNT, knock
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.owner import consenting
from api.problems import NotFound
from api.views import ConsentText, PartAsked, PartFacts, PartOwed, PartView
from db import applications, clocks, intake, ledger, parties, people
from db.tables import Application, Loan, LoanBalance, LoanParty, Offer
from lending.applications import Stage
from lending.calendars import BusinessCalendar
from lending.consents import ROLE_PURPOSE, Purpose, identity_of
from lending.minimum_path import ends_of
from lending.parties import ANSWERS, LIVES, Liability, PartyState, Role, part_hash
from lending.refusals import ConsentMissing, KeyFactsNotOpened, NotInThisStage, Refusal, TermsChanged
from lending.terms import terms_from


@dataclass(frozen=True, slots=True)
class PartyIdentity:
    """Who the party is."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PartSignature:
    """The party confirms what they read with the code that was sent to their own phone."""

    code: str = field(repr=False)
    terms_hash: str


async def parts(caller: Caller) -> tuple[PartView, ...]:
    """Every part that one was asked to take, newest first."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        mine = [row.id for row in await parties.of_person(session, person)]
    return tuple([await part(caller, party_id) for party_id in mine])


async def has_parts(caller: Caller) -> bool:
    """Whether one was asked to take part in somebody's loan."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        return bool(await parties.of_person(session, person))


async def part(caller: Caller, party_id: UUID) -> PartView:
    """One's own part, and no more of the application than concerns it."""
    person = caller.person_id
    async with caller.tools.sessions.begin(scope="worker") as session:
        row, application, offer = await _own(session, party_id, person)
        inviter = await people.identity_of(session, caller.tools.vault, row.invited_by)
        owed = await _owed(session, application) if row.state == PartyState.BOUND.value else None
        facts = None
        if offer is not None and row.facts_for == offer.terms_hash and row.facts_readable_from is not None:
            left = (row.facts_readable_from - await intake.wall_time(session)).total_seconds()
            facts = _facts(row, offer, left, caller.tools.policies.calendars[caller.tools.settings.jurisdiction])
    consents = await _consents(caller, row)
    return PartView(
        id=row.id,
        role=row.role,
        liability=row.liability,
        amount_minor=row.amount_minor,
        state=row.state,
        to_do=_to_do(row, application, offer, lacking=any(one.given_at is None for one in consents)),
        by_name=inviter.name or people.masked_phone(inviter.phone),
        invited_at=row.invited_at,
        due_at=row.due_at,
        signed_at=row.signed_at,
        problem=row.reason if row.state == PartyState.INVITED.value else None,
        consents=consents,
        asked=_asked(row, application),
        facts=facts,
        owed=owed,
    )


async def _own(
    session: AsyncSession, party_id: UUID, person: UUID, *, locked: bool = False
) -> tuple[LoanParty, Application, Offer | None]:
    """One's own part, its application and the plan that is chosen now; somebody else's is :class:`NotFound`."""
    row = await parties.one(session, party_id, locked=locked)
    if row is None or row.person_id != person or row.state == PartyState.REMOVED.value:
        raise NotFound
    application = await session.get_one(Application, row.application_id)
    offer_id = application.offer_id
    signing = application.stage in (Stage.SIGNING.value, Stage.PAYING.value, Stage.FUNDED.value)
    offer = await applications.offer(session, application.id, offer_id) if offer_id and signing else None
    return row, application, offer


def _role(row: LoanParty) -> tuple[Role, Liability | None]:
    return Role(row.role), Liability(row.liability) if row.liability else None


async def _consents(caller: Caller, row: LoanParty) -> tuple[ConsentText, ...]:
    """What this role has to allow, in its own words: nothing of it is asked of anybody else."""
    own = identity_of(caller.tools.policies.party_checks[Role(row.role)])
    found = {one.purpose: one for one in await consenting.everything(caller, of_roles=True)}
    identity, wider = found[own.value], found[Purpose.IDENTITY_CHECK.value]
    if identity.given_at is None and wider.given_at is not None:  # who allowed more, as an applicant, allowed this
        identity = replace(identity, given_at=wider.given_at, consent_id=wider.consent_id)
    return identity, found[ROLE_PURPOSE[_role(row)].value], found[Purpose.SHARING.value]


def _asked(row: LoanParty, application: Application) -> PartAsked:
    answers = min(row.amount_minor or application.amount_minor, application.amount_minor)
    return PartAsked(
        amount_minor=application.amount_minor,
        answers_minor=answers if Role(row.role) in ANSWERS else None,
        currency=application.currency,
        months=application.months,
    )


def _to_do(row: LoanParty, application: Application, offer: Offer | None, *, lacking: bool) -> str:
    state = PartyState(row.state)
    if state not in LIVES:
        return "nothing"
    if lacking:
        return "consent"
    if state is PartyState.INVITED:
        return "identify"
    if application.stage != Stage.SIGNING.value or offer is None:
        return "wait"
    if state is PartyState.SIGNED and row.signed_for == offer.terms_hash:
        return "nothing"
    return "sign" if row.facts_for == offer.terms_hash else "read"


def _facts(row: LoanParty, offer: Offer, left: float, calendar: BusinessCalendar) -> PartFacts:
    terms = terms_from(offer.terms)
    start = date.fromisoformat(offer.projection["as_of"]) if "as_of" in offer.projection else row.invited_at.date()
    if row.facts_readable_from is None:
        raise LookupError("facts that were opened have a reading time")
    return PartFacts(
        terms_hash=offer.terms_hash,
        amount_minor=terms.amount_minor,
        answers_minor=min(row.amount_minor or terms.amount_minor, terms.amount_minor),
        currency=terms.currency,
        months=terms.months,
        annual_rate=terms.annual_rate,
        latest_on=ends_of(terms, start, calendar)[-1],
        seconds_left=max(0, int(left) + 1) if left > 0 else 0,
        readable_from=row.facts_readable_from,
    )


async def _owed(session: AsyncSession, application: Application) -> PartOwed | None:
    if application.loan_id is None:
        return None
    loan: Loan = await ledger.loan(session, application.loan_id)
    balance: LoanBalance | None = await ledger.balance(session, loan.id)
    return PartOwed(
        state=loan.state,
        left_minor=balance.principal_minor if balance else loan.principal_minor,
        overdue_minor=balance.past_due_minor if balance else 0,
        days_past_due=balance.days_past_due if balance else 0,
        currency=loan.currency,
    )


# --- who they are -----------------------------------------------------------------------------------------------------


async def identify(caller: Caller, party_id: UUID, said: PartyIdentity, key: str) -> Receipt:
    """Say who one is: two checks, of one's own identity, under one's own permission."""
    form = fields.Form()
    name = form.take("name", fields.name, said.name, "")
    number = form.take("id_number", fields.id_number, said.id_number, "")
    form.done()
    tools, person = caller.tools, caller.person_id
    at: Json = {}

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        row, _, _ = await _own(session, party_id, person, locked=True)
        if row.state != PartyState.INVITED.value:
            raise NotInThisStage(stage=row.state, step="identify")
        at.update(await proving.whence(session, caller))
        await people.set_identity(session, tools.vault, person, name=name, id_number=number)

    order = _order(tools.settings.clock_id, party_id, "prove_party", {}, at)
    body = {"party_id": party_id, "name": name, "id_number": number}
    return await issue(caller, order, use="party.identify", key=key, body=body, store=store, scope="worker")


# --- what it means, and the signature ---------------------------------------------------------------------------------


async def read_facts(caller: Caller, party_id: UUID) -> PartView:
    """What this part means under the plan that is chosen now. The first look starts the reading time."""
    person = caller.person_id
    reading_time = timedelta(seconds=caller.tools.policies.key_facts_seconds)
    async with caller.tools.sessions.begin(scope="worker") as session:
        row, _, offer = await _own(session, party_id, person, locked=True)
        if offer is None:
            raise NotInThisStage(stage=row.state, step="key_facts")
        await parties.open_facts(session, row.id, offer.terms_hash, reading_time)
    return await part(caller, party_id)


async def start_signing(caller: Caller, party_id: UUID, key: str) -> CodeSent:
    """Send a code to the party's own phone, good for this part under these terms only."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(scope="worker") as session:
        row, _, offer = await _own(session, party_id, person)
        bound = await _ready(session, row, offer)
        phone = (await people.identity_of(session, tools.vault, person)).phone
        terms = terms_from(offer.terms) if offer else None
    amount = row.amount_minor or (terms.amount_minor if terms else 0)
    return await by_code.send(
        caller,
        phone,
        bound=bound,
        text="sign_part",
        use="party.start_signing",
        key=key,
        body={"party_id": party_id, "bound": bound},
        object_id=party_id,
        said={"role": row.role, "amount_minor": amount, "currency": terms.currency if terms else "CNY"},
    )


async def _ready(session: AsyncSession, row: LoanParty, offer: Offer | None) -> str:
    """The hash of what would be signed now. Raises what is still missing."""
    if offer is None or row.state not in (PartyState.PROVEN.value, PartyState.SIGNED.value):
        raise NotInThisStage(stage=row.state, step="sign_part")
    if row.facts_for != offer.terms_hash or row.facts_readable_from is None:
        raise KeyFactsNotOpened(seconds_left=1)
    left = (row.facts_readable_from - await intake.wall_time(session)).total_seconds()
    if left > 0:
        raise KeyFactsNotOpened(seconds_left=int(left) + 1)
    role, liability = _role(row)
    return part_hash(
        party_id=str(row.id),
        terms_hash=offer.terms_hash,
        role=role,
        liability=liability,
        amount_minor=row.amount_minor,
    )


async def sign(caller: Caller, party_id: UUID, signature: PartSignature, key: str) -> Receipt:
    """Sign one's own part. The code is used up in the transaction that writes the command."""
    tools, person = caller.tools, caller.person_id
    form = fields.Form()
    digits = form.take("code", fields.code, signature.code, "")
    form.done()
    await knock(caller, "sign", (f"person:{person}", TRIES_BY_ACCOUNT))
    lacking = next((one for one in (await part(caller, party_id)).consents if one.given_at is None), None)
    if lacking is not None:
        raise ConsentMissing(purpose=lacking.purpose)
    signed = Code(caller, digits, terms_hash=signature.terms_hash)

    async def gate(session: AsyncSession) -> Refusal | None:
        row, _, offer = await _own(session, party_id, person, locked=True)
        if offer is not None and offer.terms_hash != signature.terms_hash:
            return TermsChanged()
        return await signed.check(session, await _ready(session, row, offer))

    return await issue(
        caller,
        _order(tools.settings.clock_id, party_id, "sign_part", signed.wire),
        use="party.sign",
        key=key,
        body={"party_id": party_id, "code": digits, "terms_hash": signature.terms_hash},
        store=signed.use,
        gate=gate,
        scope="worker",
        audited={"terms_hash": signature.terms_hash},
    )


async def decline(caller: Caller, party_id: UUID, key: str) -> Receipt:
    """Say no, with no reason asked: whoever invited is told, and nothing follows from it."""
    person = caller.person_id

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        row, _, _ = await _own(session, party_id, person)
        if PartyState(row.state) not in LIVES:
            raise NotInThisStage(stage=row.state, step="decline")

    order = _order(caller.tools.settings.clock_id, party_id, "end_part", {"state": PartyState.DECLINED.value})
    body = {"party_id": party_id}
    return await issue(caller, order, use="party.decline", key=key, body=body, store=store, scope="worker")


def _order(clock_id: str, party_id: UUID, update: str, wire: Json, detail: Json | None = None) -> Order:
    return Order(
        workflow_type="Party",
        workflow_id=clocks.workflow_of("party", party_id),
        update=update,
        object_kind="loan_party",
        object_id=party_id,
        wire=wire,
        start={"party_id": str(party_id), "clock_id": clock_id},
        detail=detail,
    )
