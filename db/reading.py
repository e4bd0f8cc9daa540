"""What pages read: projections and facts of one application, loan or desk, never more than a page shows.

Rows come back as they are; what they mean for a reader is decided in the API.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.flows import over_lines
from db.tables import (
    AccessRecord,
    Application,
    BankAccount,
    Collection,
    Consent,
    Decision,
    Document,
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
SALE, REFUND, PURCHASE = 1, 2, 3
A_WEEK = timedelta(days=7)
REVIEW, CALL_BACK = "review", "call_back"


@dataclass(frozen=True, slots=True)
class Around:
    """What decides the one thing to do, besides the application's own row."""

    files_read: int
    files_reading: int
    readable_from: datetime | None
    payout_state: str | None
    wall_now: datetime
    held: str | None = None


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
    found = await session.get(Application, application_id)
    return found if found is not None and found.person_id == person_id else None


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
                    (select count(*) from statement_file f join application a on a.id = :id
                      where f.state = 'read' and (f.application_id = a.id or f.firm_id = a.firm_id)) as read,
                    (select count(*) from statement_file f where f.application_id = :id and f.state = 'received')
                        as reading,
                    (select k.readable_from from key_facts k join application a on a.offer_id = k.offer_id
                      where a.id = :id) as readable_from,
                    (select p.state from payout p where p.application_id = :id order by p.created_at desc limit 1)
                        as payout_state,
                    (select h.state from money_hold h join application a on a.person_id = h.person_id
                      where a.id = :id and h.ended_at is null) as held,
                    clock_timestamp() as wall_now
                """
            ),
            {"id": application_id},
        )
    ).one()
    return Around(int(row.read), int(row.reading), row.readable_from, row.payout_state, row.wall_now, row.held)


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
    """Revenue by calendar month over all of a firm's bills, each line counted once, as its owner corrected it."""
    rows = await session.execute(
        over_lines("""
            select date_trunc('month', on_date)::date as month,
                   coalesce(sum(amount_minor) filter (where kind_now = :sale and direction = 1), 0)::bigint as sales,
                   coalesce(sum(amount_minor) filter (where kind_now = :refund and direction = -1), 0)::bigint
                   as refunds, min(on_date) as first_day, max(on_date) as last_day, count(*) as lines
              from line group by 1 order by 1
            """),
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


async def assessed_before(session: AsyncSession, decision: Decision) -> Decision | None:
    """The newest earlier verdict on the same person that says how healthy the business was, at least a week older:
    the same bills asked twice in one evening are no change."""
    return await session.scalar(
        select(Decision)
        .where(
            Decision.person_id == decision.person_id,
            Decision.health.is_not(None),
            Decision.decided_at <= decision.decided_at - A_WEEK,
        )
        .order_by(Decision.decided_at.desc())
        .limit(1)
    )


async def health_of_loan(session: AsyncSession, application_id: UUID) -> Decision | None:
    """The newest verdict on a loan's application that says how healthy the business was."""
    return await session.scalar(
        select(Decision)
        .where(Decision.application_id == application_id, Decision.health.is_not(None))
        .order_by(Decision.n.desc())
        .limit(1)
    )


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


async def loan(session: AsyncSession, loan_id: UUID) -> Loan | None:
    """A loan, for staff."""
    return await session.get(Loan, loan_id)


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


async def consent_of(session: AsyncSession, person_id: UUID, consent_id: UUID) -> Consent | None:
    """One consent, if it is this person's."""
    return await session.scalar(select(Consent).where(Consent.id == consent_id, Consent.person_id == person_id))


async def consents(session: AsyncSession, person_id: UUID) -> Sequence[Consent]:
    """Everything that a person ever allowed, newest first."""
    found = await session.scalars(
        select(Consent).where(Consent.person_id == person_id).order_by(Consent.given_at.desc()).limit(500)
    )
    return found.all()


async def accesses(
    session: AsyncSession, person_id: UUID, *, below: int | None = None, limit: int = 500
) -> Sequence[AccessRecord]:
    """Who read what of a person, newest first; those before the one numbered ``below``."""
    found = select(AccessRecord).where(AccessRecord.person_id == person_id)
    if below is not None:
        found = found.where(AccessRecord.id < below)
    return (await session.scalars(found.order_by(AccessRecord.id.desc()).limit(limit))).all()


# --- managers and the desk --------------------------------------------------------------------------------------------


async def open_tasks(session: AsyncSession) -> Sequence[tuple[Task, Application]]:
    """The manager's inbox: open cases with their applications, by due time. Other tasks stand at desks of their own."""
    return await _open(session, Task.kind == REVIEW)


async def call_backs(session: AsyncSession) -> Sequence[tuple[Task, Application]]:
    """Who must be called about money that is held, by due time."""
    return await _open(session, Task.kind == CALL_BACK)


async def _open(session: AsyncSession, kind: ColumnElement[bool]) -> Sequence[tuple[Task, Application]]:
    found = await session.execute(
        select(Task, Application)
        .join(Application, Application.id == Task.application_id)
        .where(Task.state == "open", kind)
        .order_by(Task.due_at)
        .limit(200)
    )
    return [(task, application) for task, application in found]


async def task(session: AsyncSession, task_id: UUID) -> tuple[Task, Application] | None:
    """A task and its application."""
    found = await session.get(Task, task_id)
    of = await session.get(Application, found.application_id) if found is not None else None
    return None if found is None or of is None else (found, of)


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
