"""The entries of a flat-fee loan: the fee is booked when the money goes out; what the guard takes off it is given back.

A payment pays the fee first, then the advance (民法典 561: the price of the money before the money). The rebate lowers
the fee that is open; what of it was paid already pays the advance, and what is over goes back to the owner.
"""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from lending.accounts import Account
from lending.flat_fee import FlatRun, FlatTerms
from lending.identifiers import derived_id
from lending.ledger import Entry, EntryKind, LedgerError, Posting

# Credited account and amount of each part of a movement.
Parts = list[tuple[Account, int]]


def flat_entries(
    loan_id: UUID,
    terms: FlatTerms,
    started_on: date,
    run: FlatRun,
    *,
    booked_at: datetime,
    source: str,
    cash: Account = Account.CASH_WALLET,
) -> list[Entry]:
    """All entries of the run, oldest first; after a closing nothing is left on any account of the loan."""
    moved = _moved(terms, started_on, run, cash)
    return [
        Entry(
            derived_id("entry", f"{loan_id}/flat/{number}"),
            loan_id,
            kind,
            booked_at,
            on,
            source,
            _postings(debit, parts),
        )
        for number, (kind, on, debit, parts) in enumerate(moved)
    ]


def _moved(
    terms: FlatTerms, started_on: date, run: FlatRun, cash: Account
) -> Iterator[tuple[EntryKind, date, Account, Parts]]:
    """Kind, day, debited account, and what is credited with how much."""
    owed = {Account.FEES_RECEIVABLE: terms.fee_minor, Account.LOANS_PRINCIPAL: terms.advance_minor}

    def settle(amount: int, rest: Account) -> Parts:
        parts: Parts = []
        for account in owed:
            part = min(amount, owed[account])
            owed[account] -= part
            amount -= part
            parts.append((account, part))
        return [*parts, (rest, amount)]

    yield (
        EntryKind.DISBURSED,
        started_on,
        Account.LOANS_PRINCIPAL,
        [(Account.PAYOUTS_IN_FLIGHT, terms.advance_minor)],
    )
    if terms.fee_minor:
        yield EntryKind.CHARGED, started_on, Account.FEES_RECEIVABLE, [(Account.INCOME_FEES, terms.fee_minor)]
    for on, amount in run.payments:
        yield EntryKind.REPAYMENT, on, cash, settle(amount, Account.HELD_FOR_BORROWER)
    closing = run.closing
    if closing is None:
        return
    if closing.rebate_minor:
        parts = settle(closing.rebate_minor, Account.HELD_FOR_BORROWER)
        if parts[-1][1] != closing.given_back_minor:
            raise LedgerError("a rebate gives back what is over the rest, and nothing else")
        yield EntryKind.REBATED, closing.on, Account.INCOME_FEES, parts
    if closing.last_payment_minor:
        yield EntryKind.REPAYMENT, closing.on, cash, settle(closing.last_payment_minor, Account.HELD_FOR_BORROWER)
    if closing.given_back_minor:
        back: Parts = [(Account.CASH_BANK, closing.given_back_minor)]
        yield EntryKind.OVERPAYMENT_RETURNED, closing.on, Account.HELD_FOR_BORROWER, back


def _postings(debit: Account, parts: Parts) -> tuple[Posting, ...]:
    return tuple(Posting(debit, credit, amount) for credit, amount in parts if amount)
