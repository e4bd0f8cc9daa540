"""What the books say of a loan beside its claim: interest that is no income, what is set aside, what was written off.

Principal and interest of a loan stay in its own accounts whatever its class is, so that claim, statement and daily
proof live on. Against them stand three accounts of the whole book, moved by the difference between what they ought to
hold at the end of a night and what they hold: a night that is run again moves nothing.
"""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from lending.accounts import Account
from lending.identifiers import derived_id
from lending.ledger import Entry, EntryKind, Posting


def _moved(
    kind: EntryKind, cost: Account, against: Account, by_minor: int, *, cause: str, on: date, at: datetime, source: str
) -> Entry | None:
    """``by_minor`` > 0 moves to ``against``'s credit, < 0 back; None if nothing moves."""
    if by_minor == 0:
        return None
    debit, credit = (cost, against) if by_minor > 0 else (against, cost)
    return Entry(
        derived_id("entry", f"{kind}/{cause}"), None, kind, at, on, source, (Posting(debit, credit, abs(by_minor)),)
    )


def suspended(by_minor: int, *, product_id: str, currency: str, on: date, at: datetime) -> Entry | None:
    """Interest of a night that goes off income (> 0), or that was paid or counts again (< 0): one line a product."""
    return _moved(
        EntryKind.NON_ACCRUAL,
        Account.INCOME_INTEREST,
        Account.INTEREST_SUSPENDED,
        by_minor,
        cause=f"{product_id}/{currency}/{on.isoformat()}",
        on=on,
        at=at,
        source=f"night:{on.isoformat()}",
    )


def provisioned(by_minor: int, *, currency: str, on: date, at: datetime) -> Entry | None:
    """What a night adds to the allowance (> 0) or frees of it (< 0)."""
    return _moved(
        EntryKind.PROVISIONED,
        Account.COST_PROVISIONS,
        Account.LOANS_ALLOWANCE,
        by_minor,
        cause=f"{currency}/{on.isoformat()}",
        on=on,
        at=at,
        source=f"night:{on.isoformat()}",
    )


def written_off(principal_minor: int, *, loan_id: UUID, cause: str, on: date, at: datetime) -> Entry:
    """The principal leaves the balance by the allowance. It names no loan: the borrower's claim and statement go on."""
    return Entry(
        derived_id("entry", f"{EntryKind.CHARGED_OFF}/{loan_id}/{cause}"),
        None,
        EntryKind.CHARGED_OFF,
        at,
        on,
        f"write_off:{loan_id}",
        (Posting(Account.LOANS_ALLOWANCE, Account.LOANS_WRITTEN_OFF, principal_minor),),
    )


def recovered(
    principal_minor: int, interest_minor: int, waived_minor: int, *, loan_id: UUID, on: date, at: datetime
) -> Iterator[Entry]:
    """What came of a written-off loan since the night before. What was paid is a recovery; principal that was let go
    undoes its cost, which was ours already; below zero where a payment was taken back."""
    for name, against, account, amount in (
        ("principal", Account.LOANS_WRITTEN_OFF, Account.INCOME_RECOVERIES, principal_minor),
        ("interest", Account.INTEREST_SUSPENDED, Account.INCOME_RECOVERIES, interest_minor),
        ("waived", Account.LOANS_WRITTEN_OFF, Account.COST_WAIVERS, waived_minor),
    ):
        if amount:
            debit, credit = (against, account) if amount > 0 else (account, against)
            yield Entry(
                derived_id("entry", f"{EntryKind.RECOVERY}/{loan_id}/{on.isoformat()}/{name}"),
                None,
                EntryKind.RECOVERY,
                at,
                on,
                f"write_off:{loan_id}",
                (Posting(debit, credit, abs(amount)),),
            )
