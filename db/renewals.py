"""Renewals in rows: the loan that an application would pay off, and what it owes after its last close."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, Loan, LoanBalance
from lending.money import divide_half_even


@dataclass(frozen=True, slots=True)
class Owed:
    """What pays a loan off on the day after its last close, in minor units."""

    number: int
    principal_minor: int
    interest_minor: int

    @property
    def payoff_minor(self) -> int:
        return self.principal_minor + self.interest_minor


def owed_of(loan: Loan, balance: LoanBalance, number: int = 0) -> Owed:
    """From the balance as the closes carry it."""
    interest = divide_half_even(int(balance.accrued_units), loan.units_per_minor) - balance.interest_paid_minor
    return Owed(number, balance.principal_minor, max(0, interest))


async def locked_balance(session: AsyncSession, loan_id: UUID) -> LoanBalance:
    """The balance of the old loan, locked against the close."""
    return (await session.scalars(select(LoanBalance).where(LoanBalance.loan_id == loan_id).with_for_update())).one()


async def renewable(session: AsyncSession, loan_id: UUID, person: UUID, product_id: str) -> bool:
    """Whether a person has this loan, it lives, and it is of the product that would renew it."""
    row = await session.scalar(
        select(Loan.id).where(
            Loan.id == loan_id, Loan.person_id == person, Loan.state == "live", Loan.product_id == product_id
        )
    )
    return row is not None


async def owed(session: AsyncSession, loan_id: UUID | None) -> Owed | None:
    """What an application would pay off today; None where it renews nothing, or that is over by now."""
    if loan_id is None:
        return None
    found = await session.execute(
        select(Loan, LoanBalance, Application.number)
        .join(LoanBalance, LoanBalance.loan_id == Loan.id)
        .join(Application, Application.id == Loan.application_id)
        .where(Loan.id == loan_id, Loan.state == "live")
    )
    row = found.first()
    return owed_of(row[0], row[1], int(row[2])) if row else None
