"""The twin's journal: every entry by :mod:`lending.ledger`, each loan folded again at its end, and the sum over all."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from uuid import UUID

from lending.accounts import Account
from lending.close import LoanDay
from lending.ledger import (
    Entry,
    Split,
    capital_paid_in,
    coupon_applied,
    daily_accrual,
    disbursed,
    fold,
    overpayment_returned,
    payout_sent,
    repayment,
    rest_waived,
    trial_balance,
)
from lending.terms import Terms

SOURCE = "twin"


class DoesNotTie(Exception):
    """The twin's journal and the loans say different amounts: a fault of the rules or of the twin."""


@dataclass(slots=True)
class LoanJournal:
    """The entries of one loan."""

    loan_id: UUID
    entries: list[Entry] = field(default_factory=list[Entry])

    def pays_out(self, amount_minor: int, on: date) -> None:
        for make in (payout_sent, disbursed):
            self.entries.append(
                make(
                    self.loan_id,
                    amount_minor,
                    cause=str(self.loan_id),
                    booked_at=at(on),
                    effective_on=on,
                    source=SOURCE,
                )
            )

    def receives(self, split: Split, on: date, cause: str) -> None:
        """Money in; what is over goes back at once."""
        told = {"booked_at": at(on), "effective_on": on, "source": SOURCE}
        self.entries.append(repayment(self.loan_id, split, cause=cause, **told))
        if split.over_minor:
            self.entries.append(
                overpayment_returned(self.loan_id, split.over_minor, cause=cause, cash=Account.CASH_WALLET, **told)
            )

    def lets_go(self, split: Split, on: date) -> None:
        self.entries.append(
            rest_waived(self.loan_id, split, cause=str(self.loan_id), booked_at=at(on), effective_on=on, source=SOURCE)
        )

    def gives(self, coupon_minor: int, on: date) -> None:
        self.entries.append(
            coupon_applied(
                self.loan_id,
                coupon_minor,
                cause=f"{self.loan_id}/{on}",
                booked_at=at(on),
                effective_on=on,
                source=SOURCE,
            )
        )

    def proves(self, terms: Terms, position: LoanDay, as_of: date) -> None:
        """The fold over the entries is the position that the closes carried; else :class:`DoesNotTie`."""
        told = fold(self.entries, terms, as_of)
        ours = (position.principal_minor, position.interest_paid_minor, position.accrued_units)
        theirs = (told.principal_minor, told.interest_paid_minor, told.accrued_units)
        if ours != theirs or told.held_minor:
            raise DoesNotTie(f"{self.loan_id} on {as_of}: {ours} by the closes, {theirs} by the journal")


@dataclass(slots=True)
class Books:
    """The sums of many loans: balances by account, interest earned by day, what is owed."""

    balance: dict[Account, int] = field(default_factory=lambda: defaultdict(int))
    earned: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    principal_minor: int = 0
    interest_due_minor: int = 0

    def add(self, entries: Iterable[Entry], position: LoanDay) -> None:
        for account, amount in trial_balance(entries).items():
            self.balance[account] += amount
        self.principal_minor += position.principal_minor
        self.interest_due_minor += position.interest_due_minor

    def join(self, other: "Books") -> None:
        for account, amount in other.balance.items():
            self.balance[account] += amount
        for day, amount in other.earned.items():
            self.earned[day] += amount
        self.principal_minor += other.principal_minor
        self.interest_due_minor += other.interest_due_minor

    def closes(self, product_id: str, currency: str, capital_minor: int, begins: date) -> None:
        """The lines of the whole book, then the proof: all accounts together are zero, what the ledger says is owed is
        what the loans owe, and nothing is on its way or held; else :class:`DoesNotTie`."""
        lines = [
            daily_accrual(product_id, currency, day, amount, booked_at=at(day))
            for day, amount in sorted(self.earned.items())
        ]
        if capital_minor:
            lines.append(capital_paid_in(capital_minor, currency, booked_at=at(begins), effective_on=begins))
        for account, amount in trial_balance(line for line in lines if line is not None).items():
            self.balance[account] += amount
        expected = {
            Account.LOANS_PRINCIPAL: self.principal_minor,
            Account.INTEREST_RECEIVABLE: self.interest_due_minor,
            Account.PAYOUTS_IN_FLIGHT: 0,
            Account.HELD_FOR_BORROWER: 0,
        }
        wrong = {
            account.value: (self.balance.get(account, 0), amount)
            for account, amount in expected.items()
            if self.balance.get(account, 0) != amount
        }
        if wrong or self.zero:
            raise DoesNotTie(f"sum {self.zero}; ledger and loans: {wrong}")

    @property
    def zero(self) -> int:
        """Debits less credits over all accounts."""
        return sum(self.balance.values())


def at(on: date) -> datetime:
    """When the twin books what counts from ``on``."""
    return datetime.combine(on, time(0), UTC)
