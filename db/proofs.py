"""Proofs of identity that may serve again: their rows, what they were used for, and what speaks against them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import people
from db.tables import AssertionUse, BankAccount, FactorChange, Firm, IdentityAssertion, MoneyHold
from infra.crypto import Vault
from lending.assertions import Assertion, Level, Method
from lending.identifiers import derived_id
from lending.identity import CheckKind

# What the keyed hashes are bound to.
ABOUT = "identity_assertion.about"


async def add(
    session: AsyncSession,
    proof: Assertion,
    *,
    person_id: UUID,
    channel: str,
    check_id: UUID | None = None,
    task_id: UUID | None = None,
) -> UUID:
    """A proof that was given; one a check, one a task."""
    proof_id = derived_id("assertion", str(check_id or task_id))
    await session.execute(
        insert(IdentityAssertion)
        .values(
            id=proof_id,
            person_id=person_id,
            method=proof.method.value,
            level=proof.level.value,
            about=proof.about,
            device=proof.device,
            place=proof.place,
            channel=channel,
            check_id=check_id,
            task_id=task_id,
            given_at=proof.at,
            expires_at=proof.expires_at,
        )
        .on_conflict_do_nothing()
    )
    return proof_id


async def held_by(session: AsyncSession, person_id: UUID) -> dict[Assertion, UUID]:
    """Every proof that a person gave, with its id."""
    rows = await session.scalars(select(IdentityAssertion).where(IdentityAssertion.person_id == person_id))
    return {
        Assertion(
            method=Method(row.method),
            level=Level(row.level),
            about=row.about,
            at=row.given_at,
            expires_at=row.expires_at,
            device=row.device,
            place=row.place,
        ): row.id
        for row in rows
    }


async def note_use(
    session: AsyncSession,
    assertion_id: UUID,
    *,
    cause: UUID,
    person_id: UUID,
    application_id: UUID | None,
    outcome: str,
    at: datetime,
) -> bool:
    """A proof served or did not; False if that was noted before for this cause."""
    written = await session.scalar(
        insert(AssertionUse)
        .values(
            assertion_id=assertion_id,
            cause=cause,
            person_id=person_id,
            application_id=application_id,
            outcome=outcome,
            at=at,
        )
        .on_conflict_do_nothing()
        .returning(AssertionUse.cause)
    )
    return written is not None


async def about(
    session: AsyncSession, vault: Vault, person_id: UUID, *, account_id: UUID | None, firm_id: UUID | None
) -> dict[CheckKind, bytes]:
    """What each check proves, as keyed hashes: who the person is, their account, their firm."""
    who = await people.identity_of(session, vault, person_id)
    person = f"{who.name}\x1f{who.id_number}"
    account = await people.account_number(session, vault, account_id) if account_id else ""
    licence = (await people.firm_of(session, vault, firm_id)).licence or "" if firm_id else ""
    told = {CheckKind.BANK_CARD: f"{person}\x1f{account}", CheckKind.REGISTER: f"{person}\x1f{licence}"}
    return {kind: vault.blind_index(ABOUT, told.get(kind, person)) for kind in CheckKind}


async def newest_of(session: AsyncSession, person_id: UUID) -> tuple[UUID | None, UUID | None]:
    """The account and the firm that a person named last."""
    account = select(BankAccount.id).where(BankAccount.person_id == person_id)
    firm = select(Firm.id).where(Firm.person_id == person_id)
    return (
        await session.scalar(account.order_by(BankAccount.created_at.desc()).limit(1)),
        await session.scalar(firm.order_by(Firm.created_at.desc()).limit(1)),
    )


async def last_held(session: AsyncSession, person_id: UUID) -> datetime | None:
    """When money of this person was last held on suspicion."""
    return await session.scalar(select(func.max(MoneyHold.opened_at)).where(MoneyHold.person_id == person_id))


# --- what a person proves themselves with -----------------------------------------------------------------------------


async def last_change(session: AsyncSession, person_id: UUID) -> datetime | None:
    """When this person last changed a factor; None if never."""
    return await session.scalar(select(func.max(FactorChange.changed_at)).where(FactorChange.person_id == person_id))


async def accounts_of(session: AsyncSession, person_id: UUID) -> frozenset[UUID]:
    """The accounts that a person named so far."""
    return frozenset(await session.scalars(select(BankAccount.id).where(BankAccount.person_id == person_id)))


async def note_change(session: AsyncSession, *, cause: UUID, person_id: UUID, factor: str, at: datetime) -> None:
    """A factor is another one from now on."""
    await session.execute(
        insert(FactorChange)
        .values(id=derived_id("factor-change", f"{cause}/{factor}"), person_id=person_id, factor=factor, changed_at=at)
        .on_conflict_do_nothing()
    )
