"""Money around a loan: coupons, subsidies, partners, third parties, money nobody has explained yet, write-offs."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from lending.accounts import Account
from lending.identifiers import derived_id
from lending.ledger import Entry, EntryKind, Posting


class Movement(StrEnum):
    """What happened; each moves between two accounts of its own."""

    COUPON_USED = "coupon_used"  # marketing pays interest for the borrower
    SUBSIDY_CLAIMED = "subsidy_claimed"  # a body owes us part of the interest that owners paid: theirs once it comes
    SUBSIDY_RECEIVED = "subsidy_received"
    PARTNER_SHARE_OWED = "partner_share_owed"  # a partner's part of our interest
    PARTNER_SETTLED = "partner_settled"
    FEE_COLLECTED_FOR_OTHERS = "fee_collected_for_others"
    FEE_PASSED_ON = "fee_passed_on"
    UNEXPLAINED_RECEIVED = "unexplained_received"  # money that names no loan
    UNEXPLAINED_RETURNED = "unexplained_returned"
    UNEXPLAINED_PLACED = "unexplained_placed"  # found to be a borrower's: held until it is used
    PRINCIPAL_WRITTEN_OFF = "principal_written_off"
    INTEREST_WRITTEN_OFF = "interest_written_off"
    RECOVERED = "recovered"  # money on a loan that was written off


MOVES: dict[Movement, tuple[EntryKind, Account, Account]] = {
    Movement.COUPON_USED: (EntryKind.COUPON, Account.COST_COUPONS, Account.INTEREST_RECEIVABLE),
    Movement.SUBSIDY_CLAIMED: (EntryKind.SUBSIDY, Account.SUBSIDY_RECEIVABLE, Account.HELD_FOR_BORROWER),
    Movement.SUBSIDY_RECEIVED: (EntryKind.SUBSIDY, Account.CASH_BANK, Account.SUBSIDY_RECEIVABLE),
    Movement.PARTNER_SHARE_OWED: (EntryKind.PARTNER_SETTLED, Account.INCOME_INTEREST, Account.PARTNER_SETTLEMENT),
    Movement.PARTNER_SETTLED: (EntryKind.PARTNER_SETTLED, Account.PARTNER_SETTLEMENT, Account.CASH_BANK),
    Movement.FEE_COLLECTED_FOR_OTHERS: (EntryKind.CHARGED, Account.CASH_BANK, Account.FEES_PASSED_ON),
    Movement.FEE_PASSED_ON: (EntryKind.CHARGED, Account.FEES_PASSED_ON, Account.CASH_BANK),
    Movement.UNEXPLAINED_RECEIVED: (EntryKind.SUSPENDED, Account.CASH_BANK, Account.SUSPENSE),
    Movement.UNEXPLAINED_RETURNED: (EntryKind.SUSPENDED, Account.SUSPENSE, Account.CASH_BANK),
    Movement.UNEXPLAINED_PLACED: (EntryKind.SUSPENDED, Account.SUSPENSE, Account.HELD_FOR_BORROWER),
    Movement.PRINCIPAL_WRITTEN_OFF: (EntryKind.CHARGED_OFF, Account.COST_WRITE_OFFS, Account.LOANS_PRINCIPAL),
    Movement.INTEREST_WRITTEN_OFF: (EntryKind.CHARGED_OFF, Account.COST_WRITE_OFFS, Account.INTEREST_RECEIVABLE),
    Movement.RECOVERED: (EntryKind.RECOVERY, Account.CASH_BANK, Account.INCOME_RECOVERIES),
}


def move(
    movement: Movement,
    amount_minor: int,
    *,
    loan_id: UUID | None,
    cause: str,
    booked_at: datetime,
    effective_on: date,
    source: str,
) -> Entry:
    """The entry of one movement; the same movement and cause always give the same entry."""
    kind, debit, credit = MOVES[movement]
    entry_id = derived_id("entry", f"{movement}/{cause}")
    return Entry(entry_id, loan_id, kind, booked_at, effective_on, source, (Posting(debit, credit, amount_minor),))


def reversed_by(entry: Entry, *, cause: str, booked_at: datetime, source: str) -> Entry:
    """What undoes an entry: the same movement the other way, with the same value date. An entry is never changed."""
    return Entry(
        derived_id("entry", f"reversal/{entry.id}/{cause}"),
        entry.loan_id,
        EntryKind.REVERSAL,
        booked_at,
        entry.effective_on,
        source,
        tuple(Posting(posting.credit, posting.debit, posting.amount_minor) for posting in entry.postings),
    )
