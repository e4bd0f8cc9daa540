"""Whom a payout goes to: the borrower's own account, or a seller whom the owner named against invoices."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db import people
from db.tables import BankAccount, Firm, NamedPayee, Payout, StatementFile
from infra.crypto import Vault
from lending.parties import PartyKind
from lending.products import Product
from lending.release import Payee

NAME, NUMBER = "named_payee.name", "named_payee.number"


@dataclass(frozen=True, slots=True)
class Destination:
    """An account that money goes to. ``id`` and ``index`` are what an approval covers; ``payee`` what rules ask.

    ``named``: the seller's row, None for the borrower's own account.
    """

    id: UUID
    index: bytes
    masked: str
    bank: str | None
    payee: Payee
    named: NamedPayee | None = None


async def self_up_to(session: AsyncSession, product: Product, firm_id: UUID | None) -> int | None:
    """Up to how much such a borrower is paid to their own account (P14), in minor units; None: no limit."""
    if product.self_payment_person_minor is None:
        return product.self_payment_minor
    kind = await session.scalar(select(Firm.kind).where(Firm.id == firm_id)) if firm_id else None
    if kind == PartyKind.COMPANY.value:
        return product.self_payment_minor
    return product.self_payment_person_minor


def own(account: BankAccount) -> Destination:
    """The borrower's own account."""
    payee = Payee(proven=account.proven_at is not None, first_paid_on=account.first_paid_on)
    return Destination(account.id, account.number_index, account.masked, account.bank, payee)


async def destination(session: AsyncSession, application_id: UUID, account: BankAccount) -> Destination:
    """Where the money of an application goes: to the seller that its owner named, else to their own account."""
    named = await current(session, application_id)
    return own(account) if named is None else _to(named)


async def of_payout(session: AsyncSession, payout: Payout) -> Destination:
    """Where a payout goes, as its rows stand now."""
    if payout.payee_id is not None:
        return _to(await session.get_one(NamedPayee, payout.payee_id))
    return own(await session.get_one(BankAccount, payout.account_id))


def _to(named: NamedPayee) -> Destination:
    payee = Payee(proven=named.state == "covered", own=False)
    return Destination(named.id, named.number_index, named.masked, named.bank, payee, named)


async def current(session: AsyncSession, application_id: UUID) -> NamedPayee | None:
    """The seller that an application names, if its invoices know them; None where its owner is paid."""
    return await session.scalar(
        select(NamedPayee).where(NamedPayee.application_id == application_id, NamedPayee.state == "covered")
    )


async def newest(session: AsyncSession, application_id: UUID) -> NamedPayee | None:
    """Whom the owner named last, whatever the invoices say."""
    return await session.scalar(
        select(NamedPayee).where(NamedPayee.application_id == application_id, NamedPayee.state != "dropped")
    )


async def drop(session: AsyncSession, application_id: UUID) -> None:
    """The owner is paid themselves, or names somebody else."""
    await session.execute(
        update(NamedPayee)
        .where(NamedPayee.application_id == application_id, NamedPayee.state != "dropped")
        .values(state="dropped")
    )


async def name(
    session: AsyncSession,
    vault: Vault,
    *,
    payee_id: UUID,
    application_id: UUID,
    person_id: UUID,
    name: str,
    number: str,
    bank: str | None,
    file_id: UUID,
    now: datetime,
) -> None:
    """Whom the owner wants paid; nobody is paid before the invoices were asked."""
    await drop(session, application_id)
    key = await people.key_of(session, vault, person_id)
    session.add(
        NamedPayee(
            id=payee_id,
            application_id=application_id,
            person_id=person_id,
            name_sealed=vault.seal(key, NAME, payee_id, name),
            number_sealed=vault.seal(key, NUMBER, payee_id, number),
            number_index=vault.blind_index(people.ACCOUNT, number),
            masked=people.masked_account(number),
            bank=bank,
            file_id=file_id,
            state="asked",
            named_at=now,
        )
    )
    await session.flush()


async def opened(session: AsyncSession, vault: Vault, row: NamedPayee) -> tuple[str, str]:
    """(name, account number) in clear: for the rail, the invoices' seller, and the owner's own page."""
    key = await people.key_of(session, vault, row.person_id)
    return vault.open(key, NAME, row.id, row.name_sealed), vault.open(key, NUMBER, row.id, row.number_sealed)


async def owed_to(session: AsyncSession, file_id: UUID, seller: bytes, *, void: int, reversed_flag: int) -> int:
    """What the invoices of a list owe this seller, in minor units: received, in force, unsettled, less red ink."""
    owed = await session.scalar(
        text(
            """
            select coalesce(sum(net_minor + tax_minor), 0)::bigint from invoice
             where file_id = :file and side = -1 and counterparty_key = :seller and status <> :void
               and flags & :reversed = 0 and settled_on is null
            """
        ),
        {"file": file_id, "seller": seller, "void": void, "reversed": reversed_flag},
    )
    return max(0, int(owed or 0))


def checked(row: NamedPayee, covers_minor: int, now: datetime) -> None:
    """What the invoices say of the seller; the first answer stays."""
    if row.state == "asked":
        row.state, row.covers_minor, row.checked_at = ("covered" if covers_minor else "unknown"), covers_minor, now


async def invoice_list(session: AsyncSession, file_id: UUID, application_id: UUID) -> StatementFile | None:
    """A list of invoices that this application's owner uploaded and that was read."""
    return await session.scalar(
        select(StatementFile).where(
            StatementFile.id == file_id,
            StatementFile.application_id == application_id,
            StatementFile.holds == "invoices",
            StatementFile.state == "read",
        )
    )
