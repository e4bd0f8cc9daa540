"""What the books said on a day: balances and a loan's statement, by value date or by the day of booking."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from lending.accounts import SECTIONS, Account, Section
from lending.calendars import Jurisdiction, business_date
from lending.ledger import Entry, EntryKind, trial_balance


class By(StrEnum):
    """Which date of an entry counts: the one from which it is effective, or the one on which we wrote it."""

    VALUE_DATE = "value_date"
    POSTING_DATE = "posting_date"


def dated(entry: Entry, by: By, jurisdiction: Jurisdiction) -> date:
    return entry.effective_on if by is By.VALUE_DATE else business_date(entry.booked_at, jurisdiction)


def until(entries: Iterable[Entry], on: date, by: By, jurisdiction: Jurisdiction = Jurisdiction.CN) -> list[Entry]:
    """The entries that count at the end of ``on``, oldest first."""
    found = [entry for entry in entries if dated(entry, by, jurisdiction) <= on]
    return sorted(found, key=lambda entry: (dated(entry, by, jurisdiction), entry.booked_at, entry.id))


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Debits less credits per account that moved, in minor units; the sum over all accounts is zero."""

    on: date
    by: By
    balances: dict[Account, int]

    def of(self, section: Section) -> int:
        """The total of a section on its own side: assets and costs as debits, liabilities and income as credits."""
        total = sum(amount for account, amount in self.balances.items() if SECTIONS[account] is section)
        return total if section in (Section.ASSET, Section.COST) else -total


def trial_balance_on(
    entries: Iterable[Entry], on: date, by: By, jurisdiction: Jurisdiction = Jurisdiction.CN
) -> TrialBalance:
    """The trial balance at the end of ``on``."""
    return TrialBalance(on, by, trial_balance(until(entries, on, by, jurisdiction)))


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the borrower reads it. Amounts in minor units, positive where the borrower owes more.

    ``paid_minor``: what the borrower paid (or got back, negative) with this entry.
    """

    entry_id: UUID
    kind: EntryKind
    value_date: date
    booked_on: date
    lent_minor: int
    paid_minor: int
    principal_minor: int
    interest_minor: int
    fees_minor: int
    penalties_minor: int
    held_minor: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class LoanStatement:
    """A loan's entries until ``on``, with what stood after each; accruals are lines too."""

    loan_id: UUID
    on: date
    by: By
    lines: tuple[Line, ...]

    @property
    def balance_minor(self) -> int:
        """All that the borrower owes by the books, less what is held for the borrower."""
        return self.lines[-1].balance_minor if self.lines else 0


RECEIVABLES = (
    Account.LOANS_PRINCIPAL,
    Account.INTEREST_RECEIVABLE,
    Account.FEES_RECEIVABLE,
    Account.PENALTIES_RECEIVABLE,
    Account.HELD_FOR_BORROWER,
)
CASH = (Account.CASH_BANK, Account.CASH_WALLET)


def statement(
    entries: Iterable[Entry], loan_id: UUID, on: date, by: By, jurisdiction: Jurisdiction = Jurisdiction.CN
) -> LoanStatement:
    """The statement of one loan at the end of ``on``. Lines of the whole book (daily accruals) are not among them."""
    balance = 0
    lines: list[Line] = []
    for entry in until((entry for entry in entries if entry.loan_id == loan_id), on, by, jurisdiction):
        moved = trial_balance([entry])
        principal, interest, fees, penalties, held = (moved.get(account, 0) for account in RECEIVABLES)
        balance += principal + interest + fees + penalties + held
        lines.append(
            Line(
                entry.id,
                entry.kind,
                entry.effective_on,
                business_date(entry.booked_at, jurisdiction),
                -moved.get(Account.PAYOUTS_IN_FLIGHT, 0) if principal else 0,
                sum(moved.get(account, 0) for account in CASH),
                principal,
                interest,
                fees,
                penalties,
                held,
                balance,
            )
        )
    return LoanStatement(loan_id, on, by, tuple(lines))
