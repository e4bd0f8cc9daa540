"""What the books say twice must be the same: balances and their entries, interest by loan and in the general ledger."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db import book, classes, closes
from db.tampering import Fault, Kind
from lending.accounts import Account
from lending.ledger import EntryKind

SHOWN = 100


async def untied(session: AsyncSession) -> list[Fault]:
    """Every row that does not tie to what it is made of, at most some hundred of each sort."""
    return [
        *await _balances(session),
        *await _interest(session),
        *await _beside(session),
        *await _strangers(session),
        *await _hollow(session),
    ]


async def _balances(session: AsyncSession) -> list[Fault]:
    broken = await book.balance_breaks(session, SHOWN)
    return [Fault("loan_balance", str(loan_id), Kind.UNTIED, None, "differs_from_its_entries") for loan_id in broken]


async def _interest(session: AsyncSession) -> list[Fault]:
    by_loans, by_ledger = await closes.interest_by_loans(session), await closes.interest_by_ledger(session)
    faults: list[Fault] = []
    for currency in sorted({*by_loans, *by_ledger}):
        difference = by_ledger.get(currency, 0) - by_loans.get(currency, 0)
        if difference:
            row = f"{Account.INTEREST_RECEIVABLE}/{currency}"
            faults.append(Fault("posting", row, Kind.UNTIED, None, f"ledger_less_loans_{difference}"))
    return faults


async def _beside(session: AsyncSession) -> list[Fault]:
    """What stands against claims in the balance: interest off income, and what was written off."""
    return [
        Fault("posting", f"{account}/{currency}", Kind.UNTIED, None, f"ledger_less_loans_{difference}")
        for account, currency, difference in await classes.untied(session)
    ]


async def _strangers(session: AsyncSession) -> list[Fault]:
    """Entries of loans that nobody has, of kinds or accounts that are in no chart: no foreign key holds them."""
    loans = await session.execute(
        text(
            """
            select e.id from entry e
             where e.loan_id is not null and not exists (select from loan l where l.id = e.loan_id)
             order by 1 limit :shown
            """
        ),
        {"shown": SHOWN},
    )
    kinds = await session.execute(
        text("select id from entry where not kind = any(:kinds) order by 1 limit :shown"),
        {"kinds": [kind.value for kind in EntryKind], "shown": SHOWN},
    )
    accounts = await session.execute(
        text(
            """
            select entry_id, n from posting where not debit = any(:accounts) or not credit = any(:accounts)
             order by 1, 2 limit :shown
            """
        ),
        {"accounts": [account.value for account in Account], "shown": SHOWN},
    )
    return [
        *(Fault("entry", str(row.id), Kind.UNTIED, None, "of_a_loan_that_is_not") for row in loans),
        *(Fault("entry", str(row.id), Kind.UNTIED, None, "of_an_unknown_kind") for row in kinds),
        *(Fault("posting", f"{row.entry_id}/{row.n}", Kind.UNTIED, None, "of_an_unknown_account") for row in accounts),
    ]


async def _hollow(session: AsyncSession) -> list[Fault]:
    rows = await session.execute(
        text(
            """
            select e.id from entry e where not exists (select from posting p where p.entry_id = e.id)
             order by 1 limit :shown
            """
        ),
        {"shown": SHOWN},
    )
    return [Fault("entry", str(row.id), Kind.UNTIED, None, "without_postings") for row in rows]
