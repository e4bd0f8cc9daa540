"""Relief in rows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, Loan, LoanParty, Relief

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
