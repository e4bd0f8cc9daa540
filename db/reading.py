"""What pages read: projections and facts of one application, loan or desk, never more than a page shows.

Rows come back as they are; what they mean for a reader is decided in the API.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import (
    AccessRecord,
    Application,
    BankAccount,
    Collection,
    Consent,
    Decision,
    Document,
    InboundEvent,
    KeyFacts,
    Loan,
    LoanBalance,
    Notice,
    Offer,
    Payout,
    RevenueDay,
    StatementFile,
    Task,
    TimelineEvent,
)

# Codes of imports.lines.Kind: sales and refunds are what revenue is made of.
SALE, REFUND = 1, 2


@dataclass(frozen=True, slots=True)
class Around:
    """What decides the one thing to do, besides the application's own row."""

    files_read: int
    files_reading: int
    readable_from: datetime | None
    payout_state: str | None
    wall_now: datetime


@dataclass(frozen=True, slots=True)
class RevenueMonth:
    """Sales and refunds of one calendar month (its first day), as all bills together tell them, and its days seen."""

    month: date
    sales_minor: int
    refunds_minor: int
    first_day: date
    last_day: date
    lines: int


async def applications_of(session: AsyncSession, person_id: UUID) -> Sequence[Application]:
    """A person's applications, newest first."""
    found = await session.scalars(
        select(Application).where(Application.person_id == person_id).order_by(Application.number.desc()).limit(100)
    )
    return found.all()


async def application_of(session: AsyncSession, application_id: UUID, person_id: UUID) -> Application | None:
    """An application, if it is this person's."""
    return await session.scalar(
        select(Application).where(Application.id == application_id, Application.person_id == person_id)
    )


async def application(session: AsyncSession, application_id: UUID) -> Application | None:
    """An application, for staff."""
    return await session.get(Application, application_id)


async def around(session: AsyncSession, application_id: UUID) -> Around:
    """The facts around an application in one round trip."""
    row = (
        await session.execute(
            text(
                """
                select
                    (select count(*) from statement_file f where f.application_id = :id and f.state = 'read') as read,
                    (select count(*) from statement_file f where f.application_id = :id and f.state = 'received')
                        as reading,
                    (select k.readable_from from key_facts k join application a on a.offer_id = k.offer_id
                      where a.id = :id) as readable_from,
                    (select p.state from payout p where p.application_id = :id order by p.created_at desc limit 1)
                        as payout_state,
                    clock_timestamp() as wall_now
                """
            ),
            {"id": application_id},
        )
    ).one()
    return Around(int(row.read), int(row.reading), row.readable_from, row.payout_state, row.wall_now)


async def story(session: AsyncSession, application_id: UUID) -> Sequence[TimelineEvent]:
    """The lines of the story, oldest first."""
    found = await session.scalars(
        select(TimelineEvent).where(TimelineEvent.application_id == application_id).order_by(TimelineEvent.n).limit(500)
    )
    return found.all()


async def files(session: AsyncSession, application_id: UUID) -> Sequence[StatementFile]:
    """The uploaded bills, oldest first."""
    found = await session.scalars(
        select(StatementFile)
        .where(StatementFile.application_id == application_id)
        .order_by(StatementFile.received_at, StatementFile.id)
    )
    return found.all()


async def revenue_months(session: AsyncSession, firm_id: UUID) -> list[RevenueMonth]:
    """Revenue by calendar month over all of a firm's bills, each line counted once, oldest first."""
    rows = await session.execute(
        text(
            """
            select date_trunc('month', on_date)::date as month,
                   coalesce(sum(amount_minor) filter (where kind = :sale and direction = 1), 0)::bigint as sales,
                   coalesce(sum(amount_minor) filter (where kind = :refund and direction = -1), 0)::bigint as refunds,
                   min(on_date) as first_day, max(on_date) as last_day, count(*) as lines
              from statement_line where firm_id = :firm group by 1 order by 1
            """
        ),
        {"firm": firm_id, "sale": SALE, "refund": REFUND},
    )
    return [
        RevenueMonth(row.month, int(row.sales), int(row.refunds), row.first_day, row.last_day, int(row.lines))
        for row in rows
    ]


async def decisions(session: AsyncSession, application_id: UUID) -> Sequence[Decision]:
    """All verdicts, the newest first."""
    found = await session.scalars(
        select(Decision).where(Decision.application_id == application_id).order_by(Decision.n.desc())
    )
    return found.all()


async def offers(session: AsyncSession, application_id: UUID) -> Sequence[Offer]:
    """The plans of the newest verdict that made any."""
    newest = (
        select(Offer.decision_id)
        .join(Decision, Decision.id == Offer.decision_id)
        .where(Offer.application_id == application_id)
        .order_by(Decision.n.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = await session.scalars(select(Offer).where(Offer.decision_id == newest).order_by(Offer.n))
    return found.all()


async def key_facts_of(session: AsyncSession, offer_id: UUID) -> KeyFacts | None:
    """The sheet of an offer."""
    return await session.scalar(select(KeyFacts).where(KeyFacts.offer_id == offer_id))


async def papers(session: AsyncSession, application_id: UUID) -> Sequence[Document]:
    """The papers of an application, newest first."""
    found = await session.scalars(
        select(Document)
        .where(Document.application_id == application_id)
        .order_by(Document.created_at.desc(), Document.kind)
    )
    return found.all()


async def paper_of(session: AsyncSession, document_id: UUID, person_id: UUID) -> Document | None:
    """A paper, if it is this person's."""
    return await session.scalar(select(Document).where(Document.id == document_id, Document.person_id == person_id))


async def payout_of(session: AsyncSession, application_id: UUID) -> tuple[Payout, BankAccount] | None:
    """The newest payout of an application and the account that it goes to."""
    found = (
        await session.execute(
            select(Payout, BankAccount)
            .join(BankAccount, BankAccount.id == Payout.account_id)
            .where(Payout.application_id == application_id)
            .order_by(Payout.created_at.desc())
            .limit(1)
        )
    ).one_or_none()
    return None if found is None else (found[0], found[1])


# --- loans ------------------------------------------------------------------------------------------------------------


async def loans_of(session: AsyncSession, person_id: UUID) -> Sequence[Loan]:
    """A person's loans that were paid out, newest first."""
    found = await session.scalars(
        select(Loan)
        .where(Loan.person_id == person_id, Loan.state.in_(("live", "closed")))
        .order_by(Loan.created_at.desc())
        .limit(100)
    )
    return found.all()


async def loan_of(session: AsyncSession, loan_id: UUID, person_id: UUID) -> Loan | None:
    """A loan, if it is this person's."""
    return await session.scalar(select(Loan).where(Loan.id == loan_id, Loan.person_id == person_id))


async def balance(session: AsyncSession, loan_id: UUID) -> LoanBalance | None:
    """The projection of a loan's balance."""
    return await session.get(LoanBalance, loan_id)


async def collections(session: AsyncSession, loan_id: UUID) -> Sequence[Collection]:
    """All instructions of a loan, oldest first."""
    found = await session.scalars(
        select(Collection).where(Collection.loan_id == loan_id).order_by(Collection.close_on).limit(4_000)
    )
    return found.all()


async def revenue_days(session: AsyncSession, loan_id: UUID, first: date, last: date) -> Sequence[RevenueDay]:
    """What the account sold on those days."""
    found = await session.scalars(
        select(RevenueDay)
        .where(RevenueDay.loan_id == loan_id, RevenueDay.on_date >= first, RevenueDay.on_date <= last)
        .order_by(RevenueDay.on_date)
    )
    return found.all()


async def account(session: AsyncSession, account_id: UUID) -> BankAccount | None:
    """A bank account."""
    return await session.get(BankAccount, account_id)


# --- the person -------------------------------------------------------------------------------------------------------


async def notices(session: AsyncSession, person_id: UUID) -> Sequence[Notice]:
    """Messages to a person, newest first."""
    found = await session.scalars(
        select(Notice).where(Notice.person_id == person_id).order_by(Notice.created_at.desc()).limit(200)
    )
    return found.all()


async def consents(session: AsyncSession, person_id: UUID) -> Sequence[Consent]:
    """Everything that a person ever allowed, newest first."""
    found = await session.scalars(
        select(Consent).where(Consent.person_id == person_id).order_by(Consent.given_at.desc()).limit(500)
    )
    return found.all()


async def accesses(session: AsyncSession, person_id: UUID) -> Sequence[AccessRecord]:
    """Who read what of a person, newest first."""
    found = await session.scalars(
        select(AccessRecord).where(AccessRecord.person_id == person_id).order_by(AccessRecord.id.desc()).limit(500)
    )
    return found.all()


# --- managers and the desk --------------------------------------------------------------------------------------------


async def open_tasks(session: AsyncSession) -> Sequence[tuple[Task, Application]]:
    """The inbox: open tasks with their applications, by due time."""
    found = await session.execute(
        select(Task, Application)
        .join(Application, Application.id == Task.application_id)
        .where(Task.state == "open")
        .order_by(Task.due_at)
        .limit(200)
    )
    return [(task, application) for task, application in found]


async def task(session: AsyncSession, task_id: UUID) -> tuple[Task, Application] | None:
    """A task and its application."""
    found = (
        await session.execute(
            select(Task, Application).join(Application, Application.id == Task.application_id).where(Task.id == task_id)
        )
    ).one_or_none()
    return None if found is None else (found[0], found[1])


async def newest_applications(session: AsyncSession, limit: int) -> Sequence[Application]:
    """The newest applications whose owner has said who they are."""
    found = await session.scalars(
        select(Application).where(Application.firm_id.is_not(None)).order_by(Application.number.desc()).limit(limit)
    )
    return found.all()


async def exposure(session: AsyncSession, person_id: UUID) -> int:
    """Principal that a person owes over all live loans, and money on its way to them."""
    row = (
        await session.execute(
            text(
                """
                select coalesce((select sum(b.principal_minor) from loan l join loan_balance b on b.loan_id = l.id
                                  where l.person_id = :person and l.state = 'live'), 0)
                     + coalesce((select sum(l.principal_minor) from loan l
                                  where l.person_id = :person and l.state = 'pending'), 0) as owed
                """
            ),
            {"person": person_id},
        )
    ).one()
    return int(row.owed)


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
    """One business day's close with the sums over its shards."""

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
    return [
        ClosedDay(
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
