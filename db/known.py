"""What somebody who applied before need not type again: words as they are, numbers that pages show in parts."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db import people
from db.tables import BankAccount, Firm
from infra.crypto import Vault


@dataclass(frozen=True, slots=True)
class Numbers:
    """What somebody is known by, in clear, and for which kind of business; pages show a part of each."""

    kind: str
    id_number: str | None = field(repr=False)
    licence: str | None = field(repr=False)
    account: str = field(repr=False)


async def known_of(session: AsyncSession, vault: Vault, person_id: UUID) -> dict[str, str]:
    """What somebody who applied before need not type again: name, newest firm and bank. Numbers are asked anew."""
    who = await people.identity_of(session, vault, person_id)
    newest = select(Firm).where(Firm.person_id == person_id).order_by(Firm.created_at.desc()).limit(1)
    firm = await session.scalar(newest)
    bank = await session.scalar(
        select(BankAccount.bank)
        .where(BankAccount.person_id == person_id)
        .order_by(BankAccount.created_at.desc())
        .limit(1)
    )
    told = {"name": who.name, "bank": bank}
    if firm is not None:
        clear = await people.firm_of(session, vault, firm.id)
        told |= {"kind": clear.kind, "firm_name": clear.name, "capacity": clear.capacity}
    return {name: value for name, value in told.items() if value}


async def numbers_of(session: AsyncSession, vault: Vault, person_id: UUID, firm_id: UUID, account_id: UUID) -> Numbers:
    """The numbers of somebody who proved them in an earlier application: what they need not type again."""
    key = await people.key_of(session, vault, person_id)
    who, firm = await people.identity_of(session, vault, person_id), await people.firm_of(session, vault, firm_id)
    account = await session.get_one(BankAccount, account_id)
    return Numbers(
        kind=firm.kind,
        id_number=who.id_number,
        licence=firm.licence,
        account=vault.open(key, people.ACCOUNT, account.id, account.number_sealed),
    )
