"""What the balance of a loan is made of: its row, its entries, the sales that closes swept, the debits asked for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db import plans
from db.ledger import postings
from db.tables import Collection, Coupon, Entry, Loan, LoanBalance, RevenueDay
from lending.cycles import counted_of
from lending.ledger import Entry as LedgerEntry
from lending.ledger import EntryKind
from lending.plans import Change, plan_on


class Debit(NamedTuple):
    """A debit that the close of ``close_on`` asked for; ``answered`` once the rail said what came of it."""

    id: UUID
    close_on: date
    amount_minor: int
    received_minor: int
    answered: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One loan with everything that its balance follows from.

    ``revenue`` is (sales, refunds, chargebacks) by close, so far as they count; ``announced``: what could be debited
    for the minimum path on a day.
    """

    loan: Loan
    balance: LoanBalance
    entries: list[LedgerEntry]
    revenue: dict[date, tuple[int, int, int]]
    debits: list[Debit]
    coupon_minor: int = 0
    changes: tuple[Change, ...] = ()
    announced: dict[date, int] = field(default_factory=dict[date, int])


async def sources(session: AsyncSession, after: UUID, limit: int, *, lock: bool = False) -> list[Source]:
    """Loans that have a balance, in the order of their ids, after one."""
    query = (
        select(Loan, LoanBalance)
        .join(LoanBalance, LoanBalance.loan_id == Loan.id)
        .where(Loan.id > after)
        .order_by(Loan.id)
        .limit(limit)
    )
    if lock:
        query = query.with_for_update(of=LoanBalance)
    rows = [(loan, balance) for loan, balance in await session.execute(query)]
    ids = [loan.id for loan, _ in rows]
    changes = await plans.changes_of(session, ids)
    entries, debits = await _entries(session, ids), await _debits(session, ids)
    revenue = await _revenue(session, ids, changes)
    announced = await plans.ever_announced(session, {loan.id: loan.jurisdiction for loan, _ in rows})
    given = await session.execute(select(Coupon.loan_id, Coupon.cap_minor).where(Coupon.loan_id.in_(ids)))
    caps = {loan_id: cap for loan_id, cap in given if loan_id is not None}
    return [
        Source(
            loan,
            balance,
            entries.get(loan.id, []),
            revenue.get(loan.id, {}),
            debits.get(loan.id, []),
            caps.get(loan.id, 0),
            tuple(changes.get(loan.id, ())),
            announced.get(loan.id, {}),
        )
        for loan, balance in rows
    ]


async def _entries(session: AsyncSession, loan_ids: Sequence[UUID]) -> dict[UUID, list[LedgerEntry]]:
    rows = (
        await session.scalars(
            select(Entry).where(Entry.loan_id.in_(loan_ids)).order_by(Entry.effective_on, Entry.booked_at)
        )
    ).all()
    moves = await postings(session, [row.id for row in rows])
    found: dict[UUID, list[LedgerEntry]] = defaultdict(list)
    for row in rows:
        if row.loan_id is not None and row.id in moves:
            found[row.loan_id].append(
                LedgerEntry(
                    id=row.id,
                    loan_id=row.loan_id,
                    kind=EntryKind(row.kind),
                    booked_at=row.booked_at,
                    effective_on=row.effective_on,
                    source=row.source,
                    postings=moves[row.id],
                )
            )
    return found


async def _revenue(
    session: AsyncSession, loan_ids: Sequence[UUID], changes: Mapping[UUID, Sequence[Change]]
) -> dict[UUID, dict[date, tuple[int, int, int]]]:
    """A day within breathing space counts for less from the close on that knew of it."""
    rows = await session.scalars(
        select(RevenueDay).where(RevenueDay.loan_id.in_(loan_ids), RevenueDay.swept_on.is_not(None))
    )
    found: dict[UUID, dict[date, tuple[int, int, int]]] = defaultdict(dict)
    for row in rows:
        if row.swept_on is not None:
            total = found[row.loan_id].get(row.swept_on, (0, 0, 0))
            told = (row.sales_minor, row.refunds_minor, row.chargebacks_minor)
            if row.loan_id in changes:
                told = counted_of(told, plan_on(changes[row.loan_id], row.swept_on).breathings, row.on_date)
            found[row.loan_id][row.swept_on] = (total[0] + told[0], total[1] + told[1], total[2] + told[2])
    return found


async def _debits(session: AsyncSession, loan_ids: Sequence[UUID]) -> dict[UUID, list[Debit]]:
    rows = await session.scalars(
        select(Collection).where(Collection.loan_id.in_(loan_ids)).order_by(Collection.close_on)
    )
    found: dict[UUID, list[Debit]] = defaultdict(list)
    for row in rows:
        answered = row.state != "instructed"
        found[row.loan_id].append(Debit(row.id, row.close_on, row.amount_minor, row.received_minor, answered))
    return found
