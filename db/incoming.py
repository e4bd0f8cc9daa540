"""Money that came unasked: kept once, found again, and what of it goes on."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import people, receivables
from db.receivables import HELD, PARTY
from db.tables import (
    Application,
    BankAccount,
    Collection,
    CollectionAccount,
    Contract,
    CreditLine,
    Diversion,
    Incoming,
    Loan,
    Notice,
    Outgoing,
    Receivable,
)
from infra.crypto import Vault
from lending.identifiers import derived_id
from lending.invoices import plain_number, plain_party

NUMBER_COLUMN = "collection_account.number"
WAITING = ("arrived", "suspense")
LIVE = ("live", "closed")


@dataclass(frozen=True, slots=True)
class Payer:
    """Who sent money and what they wrote, in clear for one look."""

    name: str = field(repr=False)
    account: str = field(repr=False)
    remark: str = field(repr=False)


# --- collection accounts ----------------------------------------------------------------------------------------------


async def account_of_line(session: AsyncSession, line_id: UUID) -> CollectionAccount | None:
    """Where the buyers of a line pay."""
    return await session.scalar(select(CollectionAccount).where(CollectionAccount.line_id == line_id))


async def line_of_number(session: AsyncSession, vault: Vault, number: str) -> UUID | None:
    """Whose buyers pay into a number."""
    index = vault.blind_index(NUMBER_COLUMN, number)
    return await session.scalar(select(CollectionAccount.line_id).where(CollectionAccount.number_index == index))


async def keep_account(session: AsyncSession, vault: Vault, line: CreditLine, number: str, at: datetime) -> None:
    """The number that the rail gave for a line, once."""
    account_id = derived_id("collection-account", str(line.id))
    key = await people.key_of(session, vault, line.person_id)
    await session.execute(
        insert(CollectionAccount)
        .values(
            id=account_id,
            line_id=line.id,
            person_id=line.person_id,
            number_sealed=vault.seal(key, NUMBER_COLUMN, account_id, number),
            number_index=vault.blind_index(NUMBER_COLUMN, number),
            masked=people.masked_account(number),
            opened_at=at,
        )
        .on_conflict_do_nothing()
    )


async def number_of(session: AsyncSession, vault: Vault, account: CollectionAccount) -> str:
    """The number in clear."""
    key = await people.key_of(session, vault, account.person_id)
    return vault.open(key, NUMBER_COLUMN, account.id, account.number_sealed)


# --- credits ----------------------------------------------------------------------------------------------------------


async def last_seen(session: AsyncSession) -> int:
    """The rail's number of the newest credit that we have."""
    return int(await session.scalar(select(func.coalesce(func.max(Incoming.seq), 0))) or 0)


async def keep(session: AsyncSession, vault: Vault, payer: Payer, row: dict[str, object]) -> bool:
    """Keep a credit; False where it is kept already. ``row``: the plain columns with ``id``."""
    incoming_id = row["id"]
    assert isinstance(incoming_id, UUID)  # noqa: S101
    kept = await session.scalar(
        insert(Incoming)
        .values(
            **row,
            state="arrived",
            payer_kept=vault.seal_kept(incoming_id, json.dumps(asdict(payer), ensure_ascii=False).encode()),
            payer_index=vault.blind_index(people.ACCOUNT, payer.account),
            payer_key=vault.blind_index(PARTY, plain_party(payer.name)),
        )
        .on_conflict_do_nothing()
        .returning(Incoming.id)
    )
    return kept is not None


def payer_of(vault: Vault, row: Incoming) -> Payer:
    """Who sent it."""
    return Payer(**json.loads(vault.open_kept(row.id, row.payer_kept)))


async def waiting(session: AsyncSession, limit: int = 200) -> list[UUID]:
    """Credits that are for nothing yet, in the order in which they came."""
    found = await session.scalars(
        select(Incoming.id).where(Incoming.state.in_(WAITING)).order_by(Incoming.seq).limit(limit)
    )
    return list(found)


async def locked(session: AsyncSession, incoming_id: UUID) -> Incoming | None:
    """A credit, locked; None where another worker has it."""
    return await session.scalar(select(Incoming).where(Incoming.id == incoming_id).with_for_update(skip_locked=True))


async def one(session: AsyncSession, incoming_id: UUID, *, locked: bool = False) -> Incoming | None:
    """A credit as it stands."""
    found = select(Incoming).where(Incoming.id == incoming_id).execution_options(populate_existing=True)
    return await session.scalar(found.with_for_update() if locked else found)


async def in_suspense(session: AsyncSession, limit: int = 200) -> Sequence[Incoming]:
    """What waits for a person, the most urgent first."""
    found = await session.scalars(
        select(Incoming).where(Incoming.state == "suspense").order_by(Incoming.due_at, Incoming.seq).limit(limit)
    )
    return found.all()


async def newest(session: AsyncSession, limit: int = 50) -> Sequence[Incoming]:
    """What was placed or given back last."""
    found = await session.scalars(
        select(Incoming).where(Incoming.state.not_in(WAITING)).order_by(Incoming.placed_at.desc()).limit(limit)
    )
    return found.all()


async def prepaid(session: AsyncSession, loan_id: UUID, after: date) -> int:
    """What its owner paid of a loan by themselves on days after ``after``, in minor units."""
    found = await session.scalar(
        select(func.coalesce(func.sum(Incoming.repaid_minor), 0)).where(
            Incoming.loan_id == loan_id, Incoming.state == "placed", Incoming.booked_on > after
        )
    )
    return int(found or 0)


async def of_loan(session: AsyncSession, loan_id: UUID) -> Sequence[Incoming]:
    """What came for one loan, the newest first."""
    found = await session.scalars(select(Incoming).where(Incoming.loan_id == loan_id).order_by(Incoming.seq.desc()))
    return found.all()


async def of_line(session: AsyncSession, line_id: UUID) -> Sequence[Incoming]:
    """What buyers paid on one line, the newest first."""
    found = await session.scalars(select(Incoming).where(Incoming.line_id == line_id).order_by(Incoming.seq.desc()))
    return found.all()


# --- what it may be for -----------------------------------------------------------------------------------------------


async def loans_of_numbers(session: AsyncSession, numbers: Sequence[int], currency: str) -> Sequence[Loan]:
    """The loans of applications' numbers; closed ones too, whose money goes back."""
    found = await session.scalars(
        select(Loan)
        .join(Application, Application.id == Loan.application_id)
        .where(Application.number.in_(numbers), Loan.currency == currency, Loan.state.in_(LIVE))
    )
    return found.all()


async def live_loans_of_account(session: AsyncSession, payer_index: bytes) -> Sequence[Loan]:
    """The live loans of whoever holds an account, by the account of theirs that we know."""
    mine = select(BankAccount.person_id).where(BankAccount.number_index == payer_index)
    found = await session.scalars(
        select(Loan).where(Loan.person_id.in_(mine), Loan.state == "live").order_by(Loan.matures_on, Loan.id)
    )
    return found.all()


async def receivables_of_line(session: AsyncSession, line_id: UUID) -> Sequence[Receivable]:
    """A line's receivables on which a buyer may still pay."""
    found = await session.scalars(
        select(Receivable)
        .where(Receivable.line_id == line_id, Receivable.state.in_(HELD))
        .order_by(Receivable.due_on, Receivable.id)
    )
    return found.all()


async def receivables_of_payer(session: AsyncSession, payer_key: bytes) -> Sequence[Receivable]:
    """Pledged receivables, of whatever line, that a payer owes."""
    found = await session.scalars(
        select(Receivable)
        .where(Receivable.buyer_key == payer_key, Receivable.state == "pledged")
        .order_by(Receivable.due_on, Receivable.id)
    )
    return found.all()


def named_by(vault: Vault, numbers: Sequence[str]) -> set[bytes]:
    """The keyed hashes of invoice numbers that a remark may hold."""
    return {receivables.number_key(vault, number) for number in numbers if plain_number(number)}


async def receivable_of_number(session: AsyncSession, vault: Vault, number: str) -> Sequence[Receivable]:
    """Those of an invoice's number that are held."""
    found = await session.scalars(
        select(Receivable).where(
            Receivable.number_key == receivables.number_key(vault, number), Receivable.state.in_(HELD)
        )
    )
    return found.all()


# --- what goes on -----------------------------------------------------------------------------------------------------


def give_back_of_debit(
    session: AsyncSession, debit: Collection, currency: str, amount_minor: int, at: datetime
) -> None:
    """A debit took more than was owed by then: the rest goes back to the account that it came from."""
    session.add(
        Outgoing(
            id=derived_id("outgoing", f"collection/{debit.id}"),
            kind="return",
            collection_id=debit.id,
            person_id=debit.person_id,
            loan_id=debit.loan_id,
            of=debit.rail_reference,
            amount_minor=amount_minor,
            currency=currency,
            state="owed",
            created_at=at,
        )
    )


async def outgoing_open(session: AsyncSession, limit: int = 100) -> list[UUID]:
    """What is still to be sent, the oldest first."""
    found = await session.scalars(
        select(Outgoing.id).where(Outgoing.state.in_(("owed", "sent"))).order_by(Outgoing.created_at).limit(limit)
    )
    return list(found)


async def outgoing_locked(session: AsyncSession, outgoing_id: UUID) -> Outgoing:
    """One of them, locked."""
    return (await session.scalars(select(Outgoing).where(Outgoing.id == outgoing_id).with_for_update())).one()


async def outgoing(session: AsyncSession, outgoing_id: UUID) -> Outgoing | None:
    """One of them, locked, for a person; None where there is none."""
    return await session.scalar(select(Outgoing).where(Outgoing.id == outgoing_id).with_for_update())


async def outgoing_refused(session: AsyncSession) -> Sequence[Outgoing]:
    """What the rail would not send and nobody has judged: for a person, the oldest refusal first."""
    waits = select(Outgoing).where(Outgoing.state == "refused", Outgoing.judged.is_distinct_from("suspense"))
    return (await session.scalars(waits.order_by(Outgoing.refused_at, Outgoing.created_at))).all()


def order_of(row: Outgoing) -> UUID:
    """The order at the rail: one that was refused is sent anew as another."""
    return derived_id("outgoing-again", f"{row.id}/{row.again}") if row.again else row.id


async def sent_on(session: AsyncSession, incoming_ids: Sequence[UUID]) -> Sequence[Outgoing]:
    """What went on of some credits."""
    found = await session.scalars(
        select(Outgoing).where(Outgoing.incoming_id.in_(incoming_ids)).order_by(Outgoing.created_at, Outgoing.id)
    )
    return found.all()


async def returned_of_debits(session: AsyncSession, loan_id: UUID) -> Sequence[Outgoing]:
    """What debits of a loan took too much and went back, or is on its way."""
    found = await session.scalars(
        select(Outgoing).where(Outgoing.loan_id == loan_id, Outgoing.collection_id.is_not(None))
    )
    return found.all()


async def announced_at(session: AsyncSession, application_id: UUID) -> datetime | None:
    """When a loan's debits were announced: how they are reckoned and when the first one comes."""
    return await session.scalar(
        select(func.min(Notice.created_at)).where(
            Notice.application_id == application_id, Notice.kind.in_(("loan_welcome", "loan_welcome_dated"))
        )
    )


async def contract_of_line(session: AsyncSession, application_id: UUID) -> Contract | None:
    """The contract of the line that a loan was drawn on."""
    line = select(Application.line_id).where(Application.id == application_id).scalar_subquery()
    return await session.scalar(
        select(Contract)
        .join(CreditLine, CreditLine.application_id == Contract.application_id)
        .where(CreditLine.id == line)
    )


# --- paid to the wrong account ----------------------------------------------------------------------------------------


async def diversions_of(session: AsyncSession, line_id: UUID, *, open_only: bool = True) -> Sequence[Diversion]:
    """What buyers of a line paid to its borrower, the oldest first."""
    found = select(Diversion).where(Diversion.line_id == line_id)
    if open_only:
        found = found.where(Diversion.state == "open")
    return (await session.scalars(found.order_by(Diversion.cure_on, Diversion.id))).all()


async def lines_pledging(session: AsyncSession) -> Sequence[CreditLine]:
    """Lines on which something is pledged whose buyer has not paid."""
    pledged = select(Receivable.line_id).where(Receivable.state == "pledged")
    return (await session.scalars(select(CreditLine).where(CreditLine.id.in_(pledged)).order_by(CreditLine.id))).all()


async def diversion_known(session: AsyncSession, rail_reference: str) -> bool:
    """Whether what an account was sent under a reference was seen before."""
    found = select(Diversion.id).where(Diversion.rail_reference == rail_reference)
    return bool(await session.scalar(select(found.exists())))


def divert(
    session: AsyncSession,
    row: Receivable,
    amount_minor: int,
    rail_reference: str,
    *,
    paid_on: date,
    cure_on: date,
    at: datetime,
) -> None:
    """A buyer paid so much of a receivable to its seller; to be sent on by ``cure_on``."""
    session.add(
        Diversion(
            id=derived_id("diversion", f"{rail_reference}/{row.id}"),
            rail_reference=rail_reference,
            receivable_id=row.id,
            line_id=row.line_id,
            person_id=row.person_id,
            amount_minor=amount_minor,
            currency=row.currency,
            paid_on=paid_on,
            seen_at=at,
            cure_on=cure_on,
            state="open",
        )
    )


async def diversions_open(session: AsyncSession, limit: int = 200) -> Sequence[Diversion]:
    """Everything that is still to be mended, the most urgent first."""
    found = await session.scalars(
        select(Diversion).where(Diversion.state == "open").order_by(Diversion.cure_on, Diversion.id).limit(limit)
    )
    return found.all()
