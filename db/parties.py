"""Parties of an application: their rows, and what stands in the way of the money."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import collateral, nudges
from db.tables import Application, CreditLine, Decision, Firm, Loan, LoanParty, PartyRole, Person
from lending.identifiers import derived_id
from lending.nudges import Nudge
from lending.parties import ANSWERS, GUARANTEE_ASKED, LIVES, Party, PartyState, Role, in_the_way
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
    representative of the company, a yes with a guarantor one, and a thing that somebody else owns or
    shares its owner."""
    rows = await of_application(session, application_id)
    capacity = await session.scalar(select(Firm.capacity).where(Firm.id == firm_id)) if firm_id else None
    required = [Role.REPRESENTATIVE] if capacity == Capacity.AGENT.value else []
    newest = select(Decision.reasons).where(Decision.application_id == application_id).order_by(Decision.n.desc())
    reasons = await session.scalar(newest.limit(1)) or []
    if any(reason.get("code") == GUARANTEE_ASKED for reason in reasons):
        required.append(Role.GUARANTOR)
    if collateral.another_signs(await collateral.of_application(session, application_id)):
        required.append(Role.MORTGAGOR)
    return in_the_way([as_rule(row) for row in rows], terms_hash, required)


async def waited_for(session: AsyncSession, application: Application, terms_hash: str) -> tuple[Role, datetime] | None:
    """Whose signature on these terms an application waits for, and until when: the first that runs out. None while
    nobody is awaited, and where the role that is missing was not even asked: then the applicant's move is to ask."""
    roles = await awaited(session, application.id, application.firm_id, terms_hash)
    asked = [
        (row.due_at, Role(row.role))
        for row in await of_application(session, application.id)
        if PartyState(row.state) in LIVES and row.role in roles and row.signed_for != terms_hash
    ]
    if not asked:
        return None
    due_at, role = min(asked)
    return role, due_at


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


async def tell_of_lateness(session: AsyncSession, late: Sequence[tuple[UUID, UUID, date, int]], at: datetime) -> None:
    """Whoever answers for a loan that a close finds past due beyond its grace is to hear of it, once a stretch, by the
    one sender of letters and in its hours (P2). ``late``: (loan, its borrower, the missed day, days past due).

    A draw stands on its line's contract: who answers for the line answers for it.
    """
    if not late:
        return
    since = {loan_id: missed for loan_id, _, missed, _ in late}
    answers = (
        select(LoanParty.id, LoanParty.person_id, LoanParty.role, Loan.id)
        .select_from(Loan)
        .join(Application, Application.id == Loan.application_id)
        .outerjoin(CreditLine, CreditLine.id == Application.line_id)
        .join(
            LoanParty,
            or_(LoanParty.application_id == Loan.application_id, LoanParty.application_id == CreditLine.application_id),
        )
        .where(
            Loan.id.in_(since),
            LoanParty.state == PartyState.BOUND.value,
            LoanParty.role.in_([role.value for role in ANSWERS]),
        )
        .order_by(LoanParty.id, Loan.id)
    )
    for party_id, person_id, role, loan_id in (await session.execute(answers)).all():
        missed = since[loan_id]
        said = {"role": role, "on": missed.isoformat(), "part": f"/part/{party_id}"}
        await nudges.ask(
            session, person_id, Nudge.GUARANTEED_OVERDUE, said, cause=f"{loan_id}/{missed}/{party_id}", at=at
        )
