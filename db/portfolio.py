"""The book as one thing, read for the desk: sums by the database, late loans one by one."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import CollectionCase, Incoming, Loan, LoanBalance, PathNotice
from lending.portfolio import Late, Living


async def by_lateness(session: AsyncSession, currency: str) -> list[tuple[int, int, int]]:
    """(Days past due beyond grace, loans, principal in minor units) of live loans."""
    days = text("case when b.status = 'past_due' then b.days_past_due else 0 end")
    rows = await session.execute(
        text(
            f"select {days} as days, count(*) as loans, sum(b.principal_minor)::bigint as principal"  # noqa: S608
            " from loan l join loan_balance b on b.loan_id = l.id"
            " where l.state = 'live' and l.currency = :currency group by 1"
        ),
        {"currency": currency},
    )
    return [(int(row.days), int(row.loans), int(row.principal)) for row in rows]


async def living(session: AsyncSession, currency: str, first: date, last: date) -> Living:
    """Loans that lived at the end of ``first``, and those of them that were repaid by the end of ``last``."""
    ran = [Loan.currency == currency, Loan.live_on <= first, (Loan.closed_on.is_(None)) | (Loan.closed_on > first)]
    row = (
        await session.execute(
            select(func.count(), func.count().filter(Loan.closed_on <= last)).select_from(Loan).where(*ran)
        )
    ).one()
    return Living(int(row[0]), int(row[1]))


async def stretches(session: AsyncSession, currency: str, since: date) -> list[Late]:
    """Stretches of lateness that lasted into ``since`` or began later."""
    rows = await session.execute(
        select(
            CollectionCase.loan_id,
            Loan.principal_minor,
            Loan.live_on,
            Loan.closed_on,
            CollectionCase.since,
            CollectionCase.opened_on,
            CollectionCase.ended_on,
        )
        .join(Loan, Loan.id == CollectionCase.loan_id)
        .where(
            Loan.currency == currency,
            Loan.live_on.is_not(None),
            CollectionCase.ended_on.is_(None) | (CollectionCase.ended_on > since),
        )
    )
    return [Late(*row) for row in rows]


async def lent_by_quarter(session: AsyncSession, currency: str, since: date) -> dict[date, tuple[int, int]]:
    """(Loans, minor units) whose money left in each quarter, by its first day."""
    rows = await session.execute(
        text(
            "select date_trunc('quarter', live_on)::date as begun, count(*) as loans, sum(principal_minor)::bigint as"
            " lent from loan where live_on >= :since and currency = :currency group by 1"
        ),
        {"since": since, "currency": currency},
    )
    return {row.begun: (int(row.loans), int(row.lent)) for row in rows}


@dataclass(frozen=True, slots=True)
class DayOfMoney:
    """What came in on a day, and what was announced to be debited on it; minor units."""

    on: date
    paid_minor: int
    due_minor: int


async def money_by_day(session: AsyncSession, currency: str, first: date, last: date) -> list[DayOfMoney]:
    """Repayments by the day of their effect, and announced debits, also of days ahead."""
    paid = await session.execute(
        text(
            "select e.effective_on as on, sum(p.amount_minor)::bigint as minor from entry e join posting p on"
            " p.entry_id = e.id where e.kind = 'repayment' and e.currency = :currency and e.effective_on between"
            " :first and :last and p.debit in ('cash.bank', 'cash.wallet', 'suspense') group by 1"
        ),
        {"currency": currency, "first": first, "last": last},
    )
    came = {row.on: int(row.minor) for row in paid}
    asked = await session.execute(
        select(PathNotice.due_on, func.sum(PathNotice.most_minor))
        .join(Loan, Loan.id == PathNotice.loan_id)
        .where(PathNotice.kind == "debit", PathNotice.due_on.between(first, last), Loan.currency == currency)
        .group_by(PathNotice.due_on)
    )
    due = {on: int(minor) for on, minor in asked}
    return [DayOfMoney(on, came.get(on, 0), due.get(on, 0)) for on in sorted({*came, *due})]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What does not go on by itself. ``below_path``: live loans below their least progress, late or in grace;
    ``warned``: whose owners were told of slow progress within a month."""

    below_path: int
    warned: int
    suspense: int
    suspense_minor: int
    overdue_tasks: int


async def waiting(session: AsyncSession, currency: str, today: date, now: datetime) -> Waiting:
    """Counts over the whole book."""
    below = await session.scalar(
        select(func.count())
        .select_from(Loan)
        .join(LoanBalance, LoanBalance.loan_id == Loan.id)
        .where(Loan.state == "live", Loan.currency == currency, LoanBalance.past_due_since.is_not(None))
    )
    warned = await session.scalar(
        text("select count(distinct loan_id) from path_notice where kind <> 'debit' and found_on > :today - 31"),
        {"today": today},
    )
    held = (
        await session.execute(
            select(func.count(), func.coalesce(func.sum(Incoming.amount_minor), 0)).where(
                Incoming.state == "suspense", Incoming.currency == currency
            )
        )
    ).one()
    tasks = await session.scalar(text("select count(*) from task where state = 'open' and due_at < :now"), {"now": now})
    return Waiting(int(below or 0), int(warned or 0), int(held[0]), int(held[1]), int(tasks or 0))
