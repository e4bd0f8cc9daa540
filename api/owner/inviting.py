"""The applicant's side of parties: who is asked to take part, as what, and how they stand (lending practice P2)."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.commands import Order, Receipt, issue
from api.idempotency import plain
from api.owner.applying import own_application
from api.problems import BadFields, FieldError, NotFound
from api.views import PartiesView, PartyView
from db import clocks, parties, people, reading
from db.tables import LoanParty
from lending.applications import Stage
from lending.parties import ANSWER_WITHIN, INVITED, LIVES, Liability, PartyState, Role
from lending.profiles import invitable
from lending.refusals import NotInThisStage, PartyAlreadyAsked, PartyIsApplicant, PartyRequired

# From the moment that it is known who applies until the contract.
MAY_INVITE = frozenset(
    {
        Stage.CONSENT,
        Stage.EVIDENCE,
        Stage.DECIDING,
        Stage.REVIEW,
        Stage.DECLINED,
        Stage.OFFERED,
        Stage.SIGNING,
    }
)
# More people than this behind a small firm's loan is a matter for a person.
MOST = 10


@dataclass(frozen=True, slots=True)
class Invite:
    """Who is asked for what. ``liability`` is said of a guarantor and of nobody else; ``amount_minor`` None: all."""

    role: str
    phone: str = field(repr=False)
    liability: str | None = None
    amount_minor: int | None = None


async def invite(caller: Caller, application_id: UUID, said: Invite, key: str) -> Receipt:
    """Ask somebody to take part, by their phone number: a message tells them what for. They answer on their own."""
    form = fields.Form()
    phone = form.take("phone", fields.phone, said.phone, "")
    if said.role not in {role.value for role in INVITED}:
        form.refuse("role", "not_one_of_these")
    guarantor = said.role == Role.GUARANTOR.value
    if guarantor and said.liability not in set(Liability):
        form.refuse("liability", "liability_said" if not said.liability else "not_one_of_these")
    if said.amount_minor is not None and (not guarantor or said.amount_minor <= 0):
        form.refuse("amount", "too_small" if guarantor else "not_asked")
    form.done()
    tools, person, party_id = caller.tools, caller.person_id, uuid4()

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        application = await own_application(session, application_id, person)
        if Stage(application.stage) not in MAY_INVITE:
            raise NotInThisStage(stage=application.stage, step="invite")
        if said.role not in invitable(*await people.kind_of(session, application.firm_id)):
            raise BadFields(fields=(FieldError("role", "not_of_this_firm"),))
        invited = await people.know_by_phone(session, tools.vault, phone, locale="zh_CN", now=tools.wall_now())
        if invited == person:
            raise PartyIsApplicant
        rows = await parties.of_application(session, application_id)
        if sum(PartyState(row.state) in LIVES for row in rows) >= MOST:
            raise PartyAlreadyAsked
        now = await clocks.now(session, tools.settings.clock_id)
        added = await parties.add(
            session,
            party_id=party_id,
            application_id=application_id,
            person_id=invited,
            invited_by=person,
            role=said.role,
            liability=said.liability if guarantor else None,
            amount_minor=said.amount_minor,
            required=any(row.required and row.role == said.role for row in rows),
            phone_masked=people.masked_phone(phone),
            now=now,
            due_at=now + ANSWER_WITHIN,
        )
        if not added:
            raise PartyAlreadyAsked

    order = Order(
        workflow_type="Party",
        workflow_id=clocks.workflow_of("party", party_id),
        update="invite",
        object_kind="loan_party",
        object_id=party_id,
        start={"party_id": str(party_id), "clock_id": tools.settings.clock_id},
    )
    return await issue(
        caller,
        order,
        use="owner.invite_party",
        key=key,
        body={"application_id": application_id, **plain(said)},
        store=store,
        scope="worker",
        audited={"application_id": str(application_id), "role": said.role, "liability": said.liability},
    )


async def of_application(caller: Caller, application_id: UUID) -> PartiesView:
    """Everybody who was asked, and whose signature is still awaited."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        application = await own_application(session, application_id, person)
        rows = await parties.of_application(session, application_id)
        facts = await reading.key_facts_of(session, application.offer_id) if application.offer_id else None
        terms = facts.terms_hash if facts else ""
        awaited = await parties.awaited(session, application_id, application.firm_id, terms)
        roles = invitable(*await people.kind_of(session, application.firm_id))
    items = tuple(_view(row) for row in rows)
    return PartiesView(items, tuple(role.value for role in awaited), tuple(role.value for role in roles))


def _view(row: LoanParty) -> PartyView:
    state = PartyState(row.state)
    return PartyView(
        id=row.id,
        role=row.role,
        liability=row.liability,
        amount_minor=row.amount_minor,
        phone_masked=row.phone_masked,
        state=row.state,
        required=row.required,
        invited_at=row.invited_at,
        due_at=row.due_at,
        signed_at=row.signed_at,
        removable=state in LIVES and not row.required,
    )


async def remove(caller: Caller, application_id: UUID, party_id: UUID, key: str) -> Receipt:
    """Take an invitation back. What the decision asks for cannot be taken back: somebody must take that part."""
    person = caller.person_id

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        await own_application(session, application_id, person)
        row = await parties.one(session, party_id)
        if row is None or row.invited_by != person or row.application_id != application_id:
            raise NotFound
        if row.required:
            raise PartyRequired

    order = _order(party_id, "end_part", {"state": PartyState.REMOVED.value})
    body = {"application_id": application_id, "party_id": party_id}
    return await issue(caller, order, use="owner.remove_party", key=key, body=body, store=store, person=person)


def _order(party_id: UUID, update: str, wire: dict[str, object]) -> Order:
    return Order(
        workflow_type="Party",
        workflow_id=clocks.workflow_of("party", party_id),
        update=update,
        object_kind="loan_party",
        object_id=party_id,
        wire=wire,
    )
