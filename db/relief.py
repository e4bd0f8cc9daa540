"""Relief in rows."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, Loan, LoanBalance, LoanParty, Relief, RevenueDay
from lending.relief import A_MONTH, is_over

OPEN = ("asked", "offered")
STANDS_BEHIND = ("guarantor", "mortgagor", "co_borrower")
MOST = 200


async def of_loan(session: AsyncSession, loan_id: UUID) -> Sequence[Relief]:
    """Every asking, the newest first."""
    found = await session.scalars(select(Relief).where(Relief.loan_id == loan_id).order_by(Relief.n.desc()))
    return found.all()


async def waiting(session: AsyncSession) -> Sequence[tuple[Relief, int]]:
    """What waits for the desk with its application's number, the nearest clock first."""
    found = await session.execute(
        select(Relief, Application.number)
        .join(Loan, Loan.id == Relief.loan_id)
        .join(Application, Application.id == Loan.application_id)
        .where(Relief.state == "asked")
        .order_by(Relief.due_at)
        .limit(MOST)
    )
    return [(row[0], row[1]) for row in found]


async def one(session: AsyncSession, relief_id: UUID) -> tuple[Relief, Loan] | None:
    """One asking with its loan, locked."""
    asked = select(Relief, Loan).join(Loan, Loan.id == Relief.loan_id).where(Relief.id == relief_id)
    found = (await session.execute(asked.with_for_update(of=Relief))).first()
    return (found[0], found[1]) if found else None


async def loan_of(session: AsyncSession, row: Relief) -> Loan:
    """The loan that it is about."""
    return await session.get_one(Loan, row.loan_id)


async def others_stand_behind(session: AsyncSession, application_id: UUID) -> bool:
    """Whether somebody else's burden would grow with a longer loan."""
    bound = exists().where(
        LoanParty.application_id == application_id,
        LoanParty.role.in_(STANDS_BEHIND),
        LoanParty.state.in_(("signed", "bound")),
    )
    return bool(await session.scalar(select(bound)))


def decide(row: Relief, state: str, by: str, at: datetime) -> None:
    """Who decided, and when."""
    row.state, row.decided_by, row.decided_at = state, by, at


async def watched(session: AsyncSession, on: date, at: datetime) -> Sequence[tuple[Relief, Application]]:
    """Relief whose story ended by the close of ``on``, marked so: broken where something is past due again and grace is
    over, over where it is repaid or back to normal (F5, F6)."""
    rows = await session.execute(
        select(Relief, Loan, LoanBalance, Application)
        .join(Loan, Loan.id == Relief.loan_id)
        .join(LoanBalance, LoanBalance.loan_id == Loan.id)
        .join(Application, Application.id == Loan.application_id)
        .where(Relief.state == "agreed")
        .with_for_update(of=Relief, skip_locked=True)
    )
    ended: list[tuple[Relief, Application]] = []
    for row, loan, balance, application in rows.all():
        if balance.status == "past_due":
            row.state = "broken"
        elif loan.state == "closed" or (
            balance.past_due_since is None and await _is_normal(session, row, loan, balance, on)
        ):
            row.state = "over"
        else:
            continue
        row.ended_at = at
        ended.append((row, application))
    return ended


async def _is_normal(session: AsyncSession, row: Relief, loan: Loan, balance: LoanBalance, on: date) -> bool:
    months = int(row.figures["exit_months"])
    if row.effective_on is None:
        return False
    if loan.path is not None:
        return balance.windows_passed >= int(row.figures["passed"]) + months
    net = RevenueDay.sales_minor - RevenueDay.refunds_minor - RevenueDay.chargebacks_minor
    sold: list[int] = []
    for back in range(months, 0, -1):
        first = on + timedelta(days=1 - A_MONTH * back)
        if first < row.effective_on:
            return False
        asked = select(func.coalesce(func.sum(net), 0)).where(
            RevenueDay.loan_id == loan.id,
            RevenueDay.on_date >= first,
            RevenueDay.on_date < first + timedelta(days=A_MONTH),
        )
        sold.append(int(await session.scalar(asked) or 0))
    return is_over(sold, int(row.figures["usual_minor"]), months, int(row.figures["exit_percent"]))


async def broken(session: AsyncSession, loan_id: UUID, since: date) -> bool:
    """Whether what is late since a day is relief that was not kept."""
    asked = exists().where(Relief.loan_id == loan_id, Relief.state == "broken", Relief.effective_on <= since)
    return bool(await session.scalar(select(asked)))
