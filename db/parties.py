"""Parties of an application: their rows, and what stands in the way of the money."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Decision, Firm, LoanParty, PartyRole, Person
from lending.identifiers import derived_id
from lending.parties import ANSWERS, GUARANTEE_ASKED, Party, PartyState, Role, in_the_way
from lending.profiles import Capacity

LIVE = ("invited", "proven", "signed")


async def add(
    session: AsyncSession,
    *,
    party_id: UUID,
    application_id: UUID,
    person_id: UUID,
    invited_by: UUID,
    role: str,
    liability: str | None,
    amount_minor: int | None,
    required: bool,
    phone_masked: str,
    now: datetime,
    due_at: datetime,
) -> bool:
    """Somebody is invited; False if the same person has the same part already."""
    added = await session.scalar(
        insert(LoanParty)
        .values(
            id=party_id,
            application_id=application_id,
            person_id=person_id,
            invited_by=invited_by,
            role=role,
            liability=liability,
            amount_minor=amount_minor,
            required=required,
            state="invited",
            phone_masked=phone_masked,
            invited_at=now,
            due_at=due_at,
        )
        .on_conflict_do_nothing()
        .returning(LoanParty.id)
    )
    return added is not None


async def one(session: AsyncSession, party_id: UUID, *, locked: bool = False) -> LoanParty | None:
    """A part as it stands."""
    found = select(LoanParty).where(LoanParty.id == party_id).execution_options(populate_existing=True)
    return await session.scalar(found.with_for_update() if locked else found)


async def of_application(session: AsyncSession, application_id: UUID) -> Sequence[LoanParty]:
    """Everybody who was invited, in that order."""
    found = select(LoanParty).where(LoanParty.application_id == application_id)
    return (await session.scalars(found.order_by(LoanParty.invited_at, LoanParty.id))).all()


async def of_person(session: AsyncSession, person_id: UUID) -> Sequence[LoanParty]:
    """A person's own parts, the newest first."""
    found = select(LoanParty).where(LoanParty.person_id == person_id, LoanParty.state != "removed")
    return (await session.scalars(found.order_by(LoanParty.invited_at.desc()).limit(20))).all()


def as_rule(row: LoanParty) -> Party:
    """A row as the rule sees it."""
    return Party(Role(row.role), PartyState(row.state), row.required, row.signed_for)


async def awaited(
    session: AsyncSession, application_id: UUID, firm_id: UUID | None, terms_hash: str
) -> tuple[Role, ...]:
    """The roles that have not signed these terms (:func:`lending.parties.in_the_way`). An agent needs the legal
    representative of the company, and a yes with a guarantor one."""
    rows = await of_application(session, application_id)
    capacity = await session.scalar(select(Firm.capacity).where(Firm.id == firm_id)) if firm_id else None
    required = [Role.REPRESENTATIVE] if capacity == Capacity.AGENT.value else []
    newest = select(Decision.reasons).where(Decision.application_id == application_id).order_by(Decision.n.desc())
    reasons = await session.scalar(newest.limit(1)) or []
    if any(reason.get("code") == GUARANTEE_ASKED for reason in reasons):
        required.append(Role.GUARANTOR)
    return in_the_way([as_rule(row) for row in rows], terms_hash, required)


async def open_facts(session: AsyncSession, party_id: UUID, terms_hash: str, reading_time: timedelta) -> LoanParty:
    """The first look at what a part means, for these terms, starts its reading time; on the database's wall clock."""
    await session.execute(
        update(LoanParty)
        .where(LoanParty.id == party_id, LoanParty.facts_for.is_distinct_from(terms_hash))
        .values(
            facts_for=terms_hash,
            facts_opened_at=func.clock_timestamp(),
            facts_readable_from=func.clock_timestamp() + reading_time,
        )
    )
    row = await one(session, party_id)
    if row is None:
        raise LookupError("a part that was just read is gone")
    return row


async def bind(session: AsyncSession, application_id: UUID, terms_hash: str) -> Sequence[LoanParty]:
    """The contract is concluded: whoever signed these terms is bound, and exposures count who answers for what."""
    rows = [
        row
        for row in await of_application(session, application_id)
        if row.state == PartyState.SIGNED.value and row.signed_for == terms_hash
    ]
    for row in rows:
        row.state = PartyState.BOUND.value
        index = await session.scalar(select(Person.id_number_index).where(Person.id == row.person_id))
        if Role(row.role) in ANSWERS and index is not None:
            await session.execute(
                insert(PartyRole)
                .values(
                    id=derived_id("party-role", str(row.id)),
                    application_id=application_id,
                    role=row.role,
                    party_index=index,
                    amount_minor=row.amount_minor,
                    noted_at=row.signed_at,
                )
                .on_conflict_do_nothing()
            )
    await session.flush()
    return rows
