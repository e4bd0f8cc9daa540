"""The journal as it stood at the end of a day, by value date or by the day on which it was booked."""

from datetime import date
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, Contract, Loan
from lending.accounts import Account
from lending.calendars import Jurisdiction, midnight_after
from lending.statement import By, TrialBalance

# The sums of both sides; which entries count is the only difference between the two dates.
SUMS = """
    select currency, account, sum(amount)::bigint as amount from (
        select e.currency, p.debit as account, p.amount_minor as amount
          from entry e join posting p on p.entry_id = e.id where {counted}
        union all
        select e.currency, p.credit, -p.amount_minor
          from entry e join posting p on p.entry_id = e.id where {counted}
    ) moved group by 1, 2 order by 1, 2
"""
BY_VALUE_DATE = text(SUMS.format(counted="e.effective_on <= :until"))
BY_POSTING_DATE = text(SUMS.format(counted="e.booked_at < :until"))

KNOWN = frozenset(account.value for account in Account)


class UnknownAccount(Exception):
    """The journal names an account that is in no chart: nobody of the service wrote that."""


async def trial_balances(
    session: AsyncSession, on: date, by: By, jurisdiction: Jurisdiction = Jurisdiction.CN
) -> dict[str, TrialBalance]:
    """The trial balance at the end of ``on``, one for each currency that moved."""
    statement, until = (
        (BY_VALUE_DATE, on) if by is By.VALUE_DATE else (BY_POSTING_DATE, midnight_after(on, jurisdiction))
    )
    found: dict[str, dict[Account, int]] = {}
    for currency, account, amount in await session.execute(statement, {"until": until}):
        if account not in KNOWN:
            raise UnknownAccount(account)
        found.setdefault(currency, {})[Account(account)] = int(amount)
    return {currency: TrialBalance(on, by, balances) for currency, balances in found.items()}


async def find_loan(session: AsyncSession, name: str) -> Loan | None:
    """A loan by its id, or by the number of its application or contract, as a person reads them."""
    query = select(Loan)
    try:
        query = query.where(Loan.id == UUID(name))
    except ValueError:
        query = query.join(Application, Application.id == Loan.application_id)
        if name.isdecimal() and len(name) < 19:
            query = query.where(Application.number == int(name))
        else:
            query = query.join(Contract, Contract.application_id == Application.id).where(Contract.number == name)
    return (await session.scalars(query)).one_or_none()
