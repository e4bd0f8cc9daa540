"""The lender's book as the desk reads it: loans, the proof of the journal, the closes, what came in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, Close, InboundEvent, Loan, LoanBalance


@dataclass(frozen=True, slots=True)
class BookRow:
    """One loan of the book with its balance as of the last close; a pending loan has none."""

    loan: Loan
    number: int
    balance: LoanBalance | None


async def book(session: AsyncSession, *, state: str | None, after: int | None, limit: int) -> list[BookRow]:
    """Loans by application number, newest first, below ``after``."""
    query = (
        select(Loan, Application.number, LoanBalance)
        .join(Application, Application.id == Loan.application_id)
        .outerjoin(LoanBalance, LoanBalance.loan_id == Loan.id)
        .order_by(Application.number.desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(Loan.state == state)
    if after is not None:
        query = query.where(Application.number < after)
    return [BookRow(loan, int(number), balance) for loan, number, balance in await session.execute(query)]


@dataclass(frozen=True, slots=True)
class BookTotals:
    """Counts and sums over the whole book, in minor units of one currency."""

    currency: str
    live: int
    closed: int
    lent_minor: int
    owed_minor: int
    repaid_minor: int
    past_due: int


async def book_totals(session: AsyncSession) -> list[BookTotals]:
    """The book in one line a currency."""
    rows = await session.execute(
        text(
            """
            select l.currency,
                   count(*) filter (where l.state = 'live') as live,
                   count(*) filter (where l.state = 'closed') as closed,
                   coalesce(sum(l.principal_minor) filter (where l.state in ('live', 'closed')), 0)::bigint as lent,
                   coalesce(sum(b.principal_minor) filter (where l.state = 'live'), 0)::bigint as owed,
                   coalesce(sum(b.paid_minor), 0)::bigint as repaid,
                   count(*) filter (where b.days_past_due > 0) as past_due
              from loan l left join loan_balance b on b.loan_id = l.id group by 1 order by 1
            """
        )
    )
    return [
        BookTotals(
            row.currency,
            int(row.live),
            int(row.closed),
            int(row.lent),
            int(row.owed),
            int(row.repaid),
            int(row.past_due),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class AccountSums:
    """What moved through one account of one currency, minor units."""

    currency: str
    account: str
    debit_minor: int
    credit_minor: int


async def account_sums(session: AsyncSession) -> list[AccountSums]:
    """Debits and credits of every account over the whole journal."""
    rows = await session.execute(
        text(
            """
            select currency, account, sum(debit)::bigint as debit, sum(credit)::bigint as credit from (
                select e.currency, p.debit as account, p.amount_minor as debit, 0 as credit
                  from posting p join entry e on e.id = p.entry_id
                union all
                select e.currency, p.credit, 0, p.amount_minor from posting p join entry e on e.id = p.entry_id
            ) moved group by 1, 2 order by 1, 2
            """
        )
    )
    return [AccountSums(row.currency, row.account, int(row.debit), int(row.credit)) for row in rows]


@dataclass(frozen=True, slots=True)
class JournalCounts:
    """How much the proof walked over."""

    entries: int
    postings_without_entry: int
    entries_without_postings: int
    loans: int


async def journal_counts(session: AsyncSession) -> JournalCounts:
    """Counts of the journal, and of what would be broken in it."""
    row = (
        await session.execute(
            text(
                """
                select (select count(*) from entry) as entries,
                       (select count(*) from posting p
                         where not exists (select from entry e where e.id = p.entry_id)) as orphans,
                       (select count(*) from entry e
                         where not exists (select from posting p where p.entry_id = e.id)) as hollow,
                       (select count(*) from loan where state in ('live', 'closed')) as loans
                """
            )
        )
    ).one()
    return JournalCounts(int(row.entries), int(row.orphans), int(row.hollow), int(row.loans))


async def balance_breaks(session: AsyncSession, limit: int) -> list[UUID]:
    """Loans whose balance row says another principal or interest paid than the fold of their entries."""
    rows = await session.execute(
        text(
            """
            with folded as (
                select e.loan_id,
                       sum(case when p.debit = 'loans.principal' then p.amount_minor
                                when p.credit = 'loans.principal' then -p.amount_minor else 0 end) as principal,
                       sum(case when p.credit = 'interest.receivable' then p.amount_minor else 0 end) as interest
                  from entry e join posting p on p.entry_id = e.id where e.loan_id is not null group by 1
            )
            select b.loan_id from loan_balance b left join folded f on f.loan_id = b.loan_id
             where b.principal_minor <> coalesce(f.principal, 0) or b.interest_paid_minor <> coalesce(f.interest, 0)
             order by 1 limit :limit
            """
        ),
        {"limit": limit},
    )
    return [row.loan_id for row in rows]


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """One business day's close with the sums over its shards. ``of_loans``: how many it is of, those included that
    lived on that day and are not closed for it yet."""

    jurisdiction: str
    on_date: date
    state: str
    started_at: datetime
    finished_at: datetime | None
    difference_minor: int
    shards: int
    loans: int
    accrued_minor: int
    instructed_minor: int
    received_minor: int
    of_loans: int = 0


async def closes(session: AsyncSession, limit: int) -> list[ClosedDay]:
    """The newest closes."""
    rows = await session.execute(
        text(
            """
            select c.jurisdiction, c.on_date, c.state, c.started_at, c.finished_at, c.difference_minor,
                   coalesce(s.shards, 0) as shards, coalesce(s.loans, 0) as loans,
                   coalesce(s.accrued, 0)::bigint as accrued, coalesce(s.instructed, 0)::bigint as instructed,
                   coalesce((select sum(k.received_minor) from collection k where k.close_on = c.on_date), 0)::bigint
                       as received
              from close c
              left join (select jurisdiction, on_date, count(*) as shards, sum(loans) as loans,
                                sum(accrued_minor) as accrued, sum(instructed_minor) as instructed
                           from close_shard group by 1, 2) s
                on s.jurisdiction = c.jurisdiction and s.on_date = c.on_date
             order by c.on_date desc limit :limit
            """
        ),
        {"limit": limit},
    )
    rows = rows.all()
    behind = await _behind(session)
    return [
        ClosedDay(
            of_loans=int(row.loans)
            + sum(many for where, as_of, many in behind if where == row.jurisdiction and as_of < row.on_date),
            jurisdiction=row.jurisdiction,
            on_date=row.on_date,
            state=row.state,
            started_at=row.started_at,
            finished_at=row.finished_at,
            difference_minor=int(row.difference_minor),
            shards=int(row.shards),
            loans=int(row.loans),
            accrued_minor=int(row.accrued),
            instructed_minor=int(row.instructed),
            received_minor=int(row.received),
        )
        for row in rows
    ]


async def _behind(session: AsyncSession) -> list[tuple[str, date, int]]:
    """Live loans by the day to which they are closed, where a later day has been begun: (jurisdiction, day, many)."""
    found = await session.execute(
        text(
            """
            select l.jurisdiction, b.as_of, count(*) from loan l join loan_balance b on b.loan_id = l.id
             where l.state = 'live'
               and b.as_of < (select max(c.on_date) from close c where c.jurisdiction = l.jurisdiction)
             group by 1, 2
            """
        )
    )
    return [(where, as_of, int(many)) for where, as_of, many in found]


async def closed_to(session: AsyncSession) -> date | None:
    """The last business day whose close has finished."""
    return await session.scalar(select(func.max(Close.on_date)).where(Close.state == "closed"))


async def inbound_problems(session: AsyncSession, limit: int) -> Sequence[InboundEvent]:
    """Events from outside that could not be applied, newest first."""
    found = await session.scalars(
        select(InboundEvent)
        .where(InboundEvent.problem.is_not(None))
        .order_by(InboundEvent.received_at.desc())
        .limit(limit)
    )
    return found.all()


async def inbound_counts(session: AsyncSession) -> tuple[int, int]:
    """(events that nobody applied yet, events with a problem)."""
    row = (
        await session.execute(
            select(
                func.count().filter(InboundEvent.applied_at.is_(None)),
                func.count().filter(InboundEvent.problem.is_not(None)),
            )
        )
    ).one()
    return int(row[0]), int(row[1])
