"""The journal: double entry in which zero-sum holds by construction, and the loan as a fold over its entries.

A posting moves an amount from one account to another. Interest earned is not posted per loan and day: it is a pure
function of entries and terms (:func:`accrued`); the general ledger gets one line per product, currency and day, which
is the sum over loans of the growth of their whole-fen interest, so that the two tie by construction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from lending.accounts import Account
from lending.identifiers import derived_id
from lending.money import divide_half_even
from lending.terms import Terms


class LedgerError(ValueError):
    """An entry that no bookkeeper would sign."""


class EntryKind(StrEnum):
    CAPITAL_PAID_IN = "capital_paid_in"
    PAYOUT_SENT = "payout_sent"
    PAYOUT_RETURNED = "payout_returned"
    DISBURSED = "disbursed"
    REPAYMENT = "repayment"
    OVERPAYMENT_RETURNED = "overpayment_returned"
    DAILY_ACCRUAL = "daily_accrual"
    LOAN_ACCRUAL = "loan_accrual"
    CHARGED = "charged"
    CHANGED = "changed"
    WAIVED = "waived"
    GOODWILL = "goodwill"
    REFUND = "refund"
    INTEREST_REFUNDED = "interest_refunded"
    CHARGED_BACK = "charged_back"
    CHARGED_OFF = "charged_off"
    REBATED = "rebated"  # of a flat fee, so that the realised rate keeps the cap
    RECOVERY = "recovery"
    COUPON = "coupon"
    REFINANCED = "refinanced"  # 借新还旧, on the new loan and on the old one
    RENEWED = "renewed"  # 无还本续贷: the same moves, of a loan at its end whose borrower is not late
    SUBSIDY = "subsidy"
    PARTNER_SETTLED = "partner_settled"
    SUSPENDED = "suspended"
    NON_ACCRUAL = "non_accrual"  # interest that is earned and no income, and back
    PROVISIONED = "provisioned"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class Posting:
    """``amount_minor`` > 0 moves from the credited to the debited account."""

    debit: Account
    credit: Account
    amount_minor: int

    def __post_init__(self) -> None:
        if self.amount_minor <= 0:
            raise LedgerError(f"a posting moves a positive amount, not {self.amount_minor}")
        if self.debit is self.credit:
            raise LedgerError(f"a posting moves between two accounts, not within {self.debit}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact. ``booked_at``: when we wrote it; ``effective_on``: the business day from which it counts (value date).

    ``source`` says where it came from (``rail:…``, ``close:…``); ``loan_id`` is None only for lines of the whole book.
    """

    id: UUID
    loan_id: UUID | None
    kind: EntryKind
    booked_at: datetime
    effective_on: date
    source: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        if not self.postings:
            raise LedgerError(f"entry {self.kind} has no postings")
        if self.booked_at.tzinfo is None:
            raise LedgerError("booked_at needs a zone")


@dataclass(frozen=True, slots=True)
class Split:
    """How a payment is used: interest, principal, and what is over and belongs to the borrower."""

    interest_minor: int
    principal_minor: int
    over_minor: int

    @property
    def total_minor(self) -> int:
        return self.interest_minor + self.principal_minor + self.over_minor


def _entry(
    kind: EntryKind,
    loan_id: UUID | None,
    *postings: Posting,
    cause: str,
    booked_at: datetime,
    effective_on: date,
    source: str,
) -> Entry:
    return Entry(derived_id("entry", f"{kind}/{cause}"), loan_id, kind, booked_at, effective_on, source, postings)


def capital_paid_in(amount_minor: int, currency: str, *, booked_at: datetime, effective_on: date) -> Entry:
    """The lender's own money, before the first loan: what is lent is taken from here. Booked once a currency."""
    return _entry(
        EntryKind.CAPITAL_PAID_IN,
        None,
        Posting(Account.CASH_BANK, Account.CAPITAL, amount_minor),
        cause=currency,
        booked_at=booked_at,
        effective_on=effective_on,
        source="policy:lender",
    )


def payout_sent(
    loan_id: UUID, amount_minor: int, *, cause: str, booked_at: datetime, effective_on: date, source: str
) -> Entry:
    """Money has left our bank account and has not arrived: no loan yet, no interest."""
    posting = Posting(Account.PAYOUTS_IN_FLIGHT, Account.CASH_BANK, amount_minor)
    return _entry(
        EntryKind.PAYOUT_SENT,
        loan_id,
        posting,
        cause=cause,
        booked_at=booked_at,
        effective_on=effective_on,
        source=source,
    )


def payout_returned(
    loan_id: UUID, amount_minor: int, *, cause: str, booked_at: datetime, effective_on: date, source: str
) -> Entry:
    """The bank gave the money back: as if it had never left."""
    posting = Posting(Account.CASH_BANK, Account.PAYOUTS_IN_FLIGHT, amount_minor)
    return _entry(
        EntryKind.PAYOUT_RETURNED,
        loan_id,
        posting,
        cause=cause,
        booked_at=booked_at,
        effective_on=effective_on,
        source=source,
    )


def disbursed(
    loan_id: UUID, amount_minor: int, *, cause: str, booked_at: datetime, effective_on: date, source: str
) -> Entry:
    """The money was credited to the borrower on ``effective_on``: the loan exists and interest runs from that day."""
    posting = Posting(Account.LOANS_PRINCIPAL, Account.PAYOUTS_IN_FLIGHT, amount_minor)
    return _entry(
        EntryKind.DISBURSED,
        loan_id,
        posting,
        cause=cause,
        booked_at=booked_at,
        effective_on=effective_on,
        source=source,
    )


def repayment(
    loan_id: UUID,
    split: Split,
    *,
    cause: str,
    booked_at: datetime,
    effective_on: date,
    source: str,
    cash: Account = Account.CASH_WALLET,
) -> Entry:
    """Money received: interest first, then principal; what is over is held for the borrower and given back."""
    parts = (
        (Account.INTEREST_RECEIVABLE, split.interest_minor),
        (Account.LOANS_PRINCIPAL, split.principal_minor),
        (Account.HELD_FOR_BORROWER, split.over_minor),
    )
    postings = [Posting(cash, account, amount) for account, amount in parts if amount]
    return _entry(
        EntryKind.REPAYMENT,
        loan_id,
        *postings,
        cause=cause,
        booked_at=booked_at,
        effective_on=effective_on,
        source=source,
    )


def coupon_applied(
    loan_id: UUID, amount_minor: int, *, cause: str, booked_at: datetime, effective_on: date, source: str
) -> Entry:
    """Interest that a coupon pays: our cost, not the borrower's money."""
    posting = Posting(Account.COST_COUPONS, Account.INTEREST_RECEIVABLE, amount_minor)
    return _entry(
        EntryKind.COUPON,
        loan_id,
        posting,
        cause=cause,
        booked_at=booked_at,
        effective_on=effective_on,
        source=source,
    )


def rest_waived(
    loan_id: UUID, split: Split, *, cause: str, booked_at: datetime, effective_on: date, source: str
) -> Entry:
    """What is let go of a loan: our cost, not the borrower's money."""
    parts = ((Account.INTEREST_RECEIVABLE, split.interest_minor), (Account.LOANS_PRINCIPAL, split.principal_minor))
    return _entry(
        EntryKind.WAIVED,
        loan_id,
        *(Posting(Account.COST_WAIVERS, account, amount) for account, amount in parts if amount),
        cause=cause,
        booked_at=booked_at,
        effective_on=effective_on,
        source=source,
    )


def overpayment_returned(
    loan_id: UUID | None,
    amount_minor: int,
    *,
    cause: str,
    booked_at: datetime,
    effective_on: date,
    source: str,
    cash: Account = Account.CASH_BANK,
) -> Entry:
    """What was held for the borrower has gone to the borrower; of no loan where a buyer's payment left more than any
    draw owed."""
    posting = Posting(Account.HELD_FOR_BORROWER, cash, amount_minor)
    return _entry(
        EntryKind.OVERPAYMENT_RETURNED,
        loan_id,
        posting,
        cause=cause,
        booked_at=booked_at,
        effective_on=effective_on,
        source=source,
    )


def daily_accrual(
    product_id: str, currency: str, on: date, amount_minor: int, *, booked_at: datetime, shard: str = "all"
) -> Entry | None:
    """The day's line of the general ledger for one product and currency (and shard of loans); None if nothing grew.

    ``amount_minor`` is the sum over loans of :attr:`lending.close.LoanClose.accrued_minor`; negative where a payment
    with an earlier value date took interest back.
    """
    if amount_minor == 0:
        return None
    debit, credit = Account.INTEREST_RECEIVABLE, Account.INCOME_INTEREST
    if amount_minor < 0:
        debit, credit = credit, debit
    return _entry(
        EntryKind.DAILY_ACCRUAL,
        None,
        Posting(debit, credit, abs(amount_minor)),
        cause=f"{product_id}/{currency}/{on.isoformat()}/{shard}",
        booked_at=booked_at,
        effective_on=on,
        source=f"close:{on.isoformat()}",
    )


@dataclass(frozen=True, slots=True)
class LoanPosition:
    """A loan as its entries tell it; amounts in minor units.

    ``accrued_units``: all interest earned before ``as_of``, exact, in interest units.
    """

    as_of: date
    currency: str
    started_on: date | None
    disbursed_minor: int
    principal_minor: int
    principal_paid_minor: int
    interest_paid_minor: int
    held_minor: int
    accrued_units: int
    units_per_minor: int

    @property
    def interest_accrued(self) -> Decimal:
        """Interest earned and not settled, in minor units, not rounded; may be a fraction of a fen below zero."""
        return Decimal(self.accrued_units) / self.units_per_minor - self.interest_paid_minor

    @property
    def interest_due_minor(self) -> int:
        """What a payment on ``as_of`` settles as interest: all that was earned, rounded once, less what was paid."""
        return divide_half_even(self.accrued_units, self.units_per_minor) - self.interest_paid_minor

    @property
    def owed_minor(self) -> int:
        """What pays the loan off on ``as_of``."""
        return self.principal_minor + self.interest_due_minor


def fold(entries: Iterable[Entry], terms: Terms, as_of: date) -> LoanPosition:
    """The loan at ``as_of``: entries effective up to and on that day, interest of the days before it.

    Entries may come in any order and belong to one loan; lines of the whole book are passed over.
    """
    rate, per_minor = terms.rate_units, terms.units_per_minor
    own = [entry for entry in entries if entry.loan_id is not None and entry.effective_on <= as_of]
    if len({entry.loan_id for entry in own}) > 1:
        raise LedgerError("a fold is over the entries of one loan")
    own.sort(key=lambda entry: entry.effective_on)
    principal = lent = interest_paid = held = units = 0
    started_on: date | None = None
    last = as_of
    for entry in own:
        on = entry.effective_on
        units += principal * rate * (on - last).days if principal else 0
        last = on
        for posting in entry.postings:
            amount = posting.amount_minor
            if posting.debit is Account.LOANS_PRINCIPAL:
                principal += amount
                lent += amount
                started_on = started_on or on
            elif posting.credit is Account.LOANS_PRINCIPAL:
                principal -= amount
            elif posting.credit is Account.INTEREST_RECEIVABLE:
                interest_paid += amount
            elif posting.credit is Account.HELD_FOR_BORROWER:
                held += amount
            elif posting.debit is Account.HELD_FOR_BORROWER:
                held -= amount
    units += principal * rate * (as_of - last).days if principal else 0
    return LoanPosition(
        as_of=as_of,
        currency=terms.currency,
        started_on=started_on,
        disbursed_minor=lent,
        principal_minor=principal,
        principal_paid_minor=lent - principal,
        interest_paid_minor=interest_paid,
        held_minor=held,
        accrued_units=units,
        units_per_minor=per_minor,
    )


def accrued(entries: Iterable[Entry], terms: Terms, as_of: date) -> Decimal:
    """Interest earned before ``as_of`` and not settled by then, in minor units, not rounded."""
    return fold(entries, terms, as_of).interest_accrued


def split(position: LoanPosition, amount_minor: int) -> Split:
    """How a payment on ``position.as_of`` is used: interest, then principal (民法典 561), the rest is over."""
    if amount_minor <= 0:
        raise LedgerError(f"a payment is positive, not {amount_minor}")
    interest = min(amount_minor, position.interest_due_minor)
    principal = min(amount_minor - interest, position.principal_minor)
    return Split(interest, principal, amount_minor - interest - principal)


def trial_balance(entries: Iterable[Entry]) -> dict[Account, int]:
    """Debits less credits per account that moved, in minor units of one currency; the sum over accounts is zero."""
    balance: dict[Account, int] = {}
    for entry in entries:
        for posting in entry.postings:
            balance[posting.debit] = balance.get(posting.debit, 0) + posting.amount_minor
            balance[posting.credit] = balance.get(posting.credit, 0) - posting.amount_minor
    return balance
