"""The journal, loans, payouts, collections: how they are written once and read back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.copying import driver
from db.tables import BankAccount, Collection, Contract, Loan, LoanBalance, Payout, PayoutAttempt
from db.tables import Entry as EntryRow
from db.tables import Posting as PostingRow
from lending.ledger import Account, Entry, EntryKind, Posting, capital_paid_in
from lending.refusals import ContentDiffers


@lru_cache(maxsize=16)
def _posting(moves: int) -> bytes:
    """An entry with so many postings in one statement and one round trip.

    Each number of postings has a statement of its own, which the driver prepares: arrays would cost more than the rows.
    """
    rows = ", ".join(f"({n}, %s::text, %s::text, %s::bigint)" for n in range(moves))
    return f"""
        with new as (
            insert into entry (id, loan_id, kind, currency, booked_at, effective_on, source)
            values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing returning id
        )
        insert into posting (entry_id, n, debit, credit, amount_minor)
        select new.id, move.n, move.debit, move.credit, move.amount_minor
          from new, (values {rows}) as move (n, debit, credit, amount_minor)
    """.encode()  # noqa: S608 (numbers of our own)


async def post(session: AsyncSession, entry: Entry, *, currency: str) -> bool:
    """Book an entry, once. True if it is new; the same id with other content is refused loudly."""
    connection = await driver(session)
    moves = [part for move in entry.postings for part in (move.debit.value, move.credit.value, move.amount_minor)]
    written = await connection.execute(
        _posting(len(entry.postings)),
        (
            entry.id,
            entry.loan_id,
            entry.kind.value,
            currency,
            entry.booked_at,
            entry.effective_on,
            entry.source,
            *moves,
        ),
    )
    if written.rowcount == 0:
        await _same(session, entry, currency)
        return False
    return True


async def open_books(session: AsyncSession, amount_minor: int, currency: str, *, at: datetime, on: date) -> bool:
    """Book the lender's capital, if no day before this one did. True if it was booked now."""
    entry = capital_paid_in(amount_minor, currency, booked_at=at, effective_on=on)
    if await session.get(EntryRow, entry.id) is not None:
        return False
    return await post(session, entry, currency=currency)


async def _same(session: AsyncSession, entry: Entry, currency: str) -> None:
    """The booked entry says the same as this one, whenever it was booked."""
    row = await session.get_one(EntryRow, entry.id)
    booked = await postings(session, [entry.id])
    if (row.loan_id, row.kind, row.currency, row.effective_on, booked[entry.id]) != (
        entry.loan_id,
        entry.kind.value,
        currency,
        entry.effective_on,
        entry.postings,
    ):
        raise ContentDiffers


async def postings(session: AsyncSession, entry_ids: Iterable[UUID]) -> dict[UUID, tuple[Posting, ...]]:
    """The postings of entries, in order."""
    rows = await session.scalars(
        select(PostingRow).where(PostingRow.entry_id.in_(list(entry_ids))).order_by(PostingRow.entry_id, PostingRow.n)
    )
    found: dict[UUID, list[Posting]] = defaultdict(list)
    for row in rows:
        found[row.entry_id].append(Posting(Account(row.debit), Account(row.credit), row.amount_minor))
    return {entry_id: tuple(moves) for entry_id, moves in found.items()}


async def entries(session: AsyncSession, loan_id: UUID) -> list[Entry]:
    """All entries of a loan as the rules read them, in order of value date and booking."""
    rows = (
        await session.scalars(
            select(EntryRow).where(EntryRow.loan_id == loan_id).order_by(EntryRow.effective_on, EntryRow.booked_at)
        )
    ).all()
    moves = await postings(session, [row.id for row in rows])
    return [
        Entry(
            id=row.id,
            loan_id=row.loan_id,
            kind=EntryKind(row.kind),
            booked_at=row.booked_at,
            effective_on=row.effective_on,
            source=row.source,
            postings=moves[row.id],
        )
        for row in rows
    ]


async def trial_balance(session: AsyncSession) -> dict[tuple[str, str], int]:
    """Debits less credits by account and currency, over the whole book."""
    rows = await session.execute(
        text(
            """
            select currency, account, sum(amount)::bigint from (
                select e.currency, p.debit as account, p.amount_minor as amount
                from posting p join entry e on e.id = p.entry_id
                union all
                select e.currency, p.credit, -p.amount_minor
                from posting p join entry e on e.id = p.entry_id
            ) moves group by 1, 2 order by 1, 2
            """
        )
    )
    return {(account, currency): int(amount) for currency, account, amount in rows}


async def loan(session: AsyncSession, loan_id: UUID) -> Loan:
    """A loan, locked."""
    return (await session.scalars(select(Loan).where(Loan.id == loan_id).with_for_update())).one()


async def balance(session: AsyncSession, loan_id: UUID) -> LoanBalance | None:
    """The projection of a loan's entries."""
    return await session.get(LoanBalance, loan_id)


async def contract_of(session: AsyncSession, application_id: UUID) -> Contract | None:
    """The one contract of an application."""
    return (await session.scalars(select(Contract).where(Contract.application_id == application_id))).first()


async def payout(session: AsyncSession, payout_id: UUID) -> Payout:
    """A payout, locked."""
    return (await session.scalars(select(Payout).where(Payout.id == payout_id).with_for_update())).one()


async def attempts(session: AsyncSession, payout_id: UUID) -> int:
    """How often the rail was called, or may have been."""
    return await session.scalar(select(func.count()).where(PayoutAttempt.payout_id == payout_id)) or 0


async def account(session: AsyncSession, account_id: UUID) -> BankAccount:
    """A bank account."""
    return await session.get_one(BankAccount, account_id)


async def live_shards(session: AsyncSession, jurisdiction: str) -> list[int]:
    """The shards that hold live loans."""
    return list(
        await session.scalars(
            select(Loan.shard)
            .where(Loan.state == "live", Loan.jurisdiction == jurisdiction)
            .distinct()
            .order_by(Loan.shard)
        )
    )


async def first_live_on(session: AsyncSession, jurisdiction: str) -> date | None:
    """The earliest day that an open loan has not been closed on: the day it went live, or after its last close."""
    return await session.scalar(
        select(func.min(func.greatest(Loan.live_on, LoanBalance.as_of + 1)))
        .join(LoanBalance, LoanBalance.loan_id == Loan.id)
        .where(Loan.state == "live", Loan.jurisdiction == jurisdiction)
    )


async def collections_of(session: AsyncSession, on: date, shard: int) -> Sequence[Collection]:
    """The instructions of one shard's close, in loan order."""
    return (
        await session.scalars(
            select(Collection).where(Collection.close_on == on, Collection.shard == shard).order_by(Collection.loan_id)
        )
    ).all()


def as_int(value: Decimal | int) -> int:
    """A NUMERIC(30,0) as the integer it is."""
    return int(value)
