"""Balances made anew from the journal, the sales that closes swept and the debits they asked for: days are lived again.

The rule is :func:`lending.close.close_day`, the same that the closes applied; what was paid is read from the entries.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from db.projections import Debit, Source
from db.tables import Loan
from lending.calendars import BusinessCalendar, Jurisdiction
from lending.close import LoanClose, LoanDay, LoanStatus, carried, close_day
from lending.identifiers import derived_id
from lending.ledger import Account, Entry, EntryKind, LoanPosition, fold
from lending.minimum_path import ends_from, window_ends
from lending.paths import path_from
from lending.plans import Change, ChangeKind, plan_on
from lending.products import SharePlan
from lending.relief import relieved
from lending.revenue_share import NO_REVENUE, RevenueDay
from lending.statement import By, until
from lending.terms import NotTerms, terms_from
from policies.book import load

ONE_DAY = timedelta(days=1)
# What a loan is made of; any other growth of principal is a correction.
LENT = (EntryKind.DISBURSED, EntryKind.REFINANCED, EntryKind.RENEWED)
# What takes the place of debits that failed: money that its owner sent, and a small rest that is let go of.
OWN = (EntryKind.REPAYMENT, EntryKind.WAIVED)


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of a loan's balance that says other than what it is made of."""

    loan_id: UUID
    column: str
    stored: Any
    rebuilt: Any


def position_after(loan: Loan, entries: Sequence[Entry], on: date, by: By) -> LoanPosition | None:
    """The loan at the end of ``on``, with the interest of that day, as entries up to it tell; None where interest is
    booked loan by loan, and the statement itself shows it."""
    if any(entry.kind is EntryKind.LOAN_ACCRUAL for entry in entries):
        return None
    try:
        terms = terms_from(loan.terms)
    except NotTerms:
        return None
    return fold(until(entries, on, by, Jurisdiction(loan.jurisdiction)), terms, on + ONE_DAY)


def rebuilt(source: Source) -> dict[str, Any]:
    """Every column of the balance but the loan's id, as of the same day as the stored one."""
    loan, as_of = source.loan, source.balance.as_of
    paid = _Paid(source.entries, {_entry_of(debit) for debit in source.debits})
    debits: dict[date, list[Debit]] = defaultdict(list)
    for debit in source.debits:
        debits[debit.close_on + ONE_DAY].append(debit)
    day = _born(loan, source.coupon_minor)
    last: LoanClose | None = None
    on = loan.live_on or as_of + ONE_DAY
    while on <= as_of:
        day = _answered(paid.applied(day, on), debits[on], paid)
        revenue = source.revenue.get(on)
        if (relief := _relief(source, on)) is not None:
            day = relieved(day, relief)
        day = _planned(day, source, on)
        last = close_day(day, RevenueDay(*revenue) if revenue else NO_REVENUE, on)
        day = carried(day, last)
        on += ONE_DAY
    # What came in since the last close is in the balance already, as of the next day.
    day = _answered(paid.applied(day, on), debits[on], paid)
    if (relief := _relief(source, on)) is not None:
        day, last = relieved(day, relief), None
    status = LoanStatus.PAID if day.owed_minor == 0 else last.status if last else LoanStatus.AS_AGREED
    return {
        "as_of": as_of,
        "principal_minor": day.principal_minor,
        "accrued_units": Decimal(day.accrued_units),
        "interest_paid_minor": day.interest_paid_minor,
        "paid_minor": paid.total_minor,
        "carry_minor": day.carry_minor,
        "uncollected_minor": day.uncollected_minor,
        "in_flight_minor": day.in_flight_minor,
        "windows_passed": day.windows_passed,
        "past_due_since": day.past_due_since,
        "past_due_minor": last.past_due_minor if last else 0,
        "days_past_due": last.days_past_due if last else 0,
        "status": status.value,
        "coupon_left_minor": day.coupon_minor,
    }


def compared(source: Source) -> list[Difference]:
    """Where the stored balance differs from the one made anew."""
    return [
        Difference(source.loan.id, column, stored, value)
        for column, value in rebuilt(source).items()
        if (stored := getattr(source.balance, column)) != value
    ]


class _Paid:
    """What entries took from interest and principal, day by day of their effect."""

    def __init__(self, entries: Sequence[Entry], debited: Set[UUID]) -> None:
        self.ids = {entry.id for entry in entries}
        self.total_minor = 0
        self._debited = debited
        self._own: dict[date, int] = defaultdict(int)
        self._interest: dict[date, int] = defaultdict(int)
        self._principal: dict[date, int] = defaultdict(int)
        for entry in entries:
            self._read(entry)

    def _read(self, entry: Entry) -> None:
        if entry.kind is EntryKind.COUPON:
            return  # the days that are lived again give it again
        for posting in entry.postings:
            # Money that its owner sent waits in suspense until it is placed.
            cash = posting.debit in (Account.CASH_BANK, Account.CASH_WALLET, Account.SUSPENSE)
            if cash and entry.kind in (EntryKind.REPAYMENT, EntryKind.REVERSAL):
                self.total_minor += posting.amount_minor
            if posting.credit is Account.INTEREST_RECEIVABLE:
                self._interest[entry.effective_on] += posting.amount_minor
            elif posting.credit is Account.LOANS_PRINCIPAL:
                self._principal[entry.effective_on] += posting.amount_minor
            own = entry.kind in OWN and entry.id not in self._debited
            if own and posting.credit in (Account.INTEREST_RECEIVABLE, Account.LOANS_PRINCIPAL):
                self._own[entry.effective_on] += posting.amount_minor
            elif posting.debit is Account.LOANS_PRINCIPAL and entry.kind not in LENT:
                self._principal[entry.effective_on] -= posting.amount_minor

    def applied(self, day: LoanDay, on: date) -> LoanDay:
        """The position after the entries that take effect on a day."""
        return day._replace(
            principal_minor=day.principal_minor - self._principal[on],
            interest_paid_minor=day.interest_paid_minor + self._interest[on],
            uncollected_minor=day.uncollected_minor - self._own[on],
        )


def _born(loan: Loan, coupon_minor: int) -> LoanDay:
    return LoanDay(
        amount_minor=loan.principal_minor,
        started_on=loan.live_on or date.min,
        principal_minor=loan.principal_minor,
        accrued_units=0,
        interest_paid_minor=0,
        rate_units=loan.rate_units,
        units_per_minor=loan.units_per_minor,
        share_ppm=loan.share_ppm,
        window_months=loan.window_months,
        windows=loan.windows,
        grace_days=loan.grace_days,
        coupon_minor=coupon_minor,
        path=path_from(loan.path) if loan.path else None,
        ends=ends_from(loan.window_ends) if loan.window_ends else None,
    )


@cache
def _calendars() -> Mapping[str, BusinessCalendar]:
    return load().calendars


def _planned(day: LoanDay, source: Source, on: date) -> LoanDay:
    """With what its owner had changed by then, and what may be debited for the path on the next day."""
    if not source.changes and not source.announced:
        return day
    plan = plan_on(source.changes, on)
    if source.loan.window_ends is not None and (shift := plan.shift_days(on)):
        calendar = _calendars()[source.loan.jurisdiction]
        day = day._replace(ends=window_ends(day.started_on, day.window_months, day.windows, calendar, shift))
    return day._replace(
        cycle=plan.cycle,
        cycle_day=plan.cycle_day,
        path_shift_days=plan.shift_days(on),
        put_off=max(plan.put_off, default=0),
        share_ppm=source.loan.share_ppm if plan.share is None else SharePlan(plan.share).share_ppm,
        announced_minor=source.announced.get(on + ONE_DAY, 0),
        path=plan.path or day.path,
    )


def _relief(source: Source, on: date) -> Change | None:
    """Relief that takes effect on a day: from its agreement on nothing is past due."""
    found = [one for one in source.changes if one.kind is ChangeKind.RELIEF and one.effective_on == on]
    return found[-1] if found else None


def _entry_of(debit: Debit) -> UUID:
    return derived_id("entry", f"{EntryKind.REPAYMENT}/collection/{debit.id}")


def _answered(day: LoanDay, debits: Sequence[Debit], paid: _Paid) -> LoanDay:
    """Debits that the rail has answered are in flight no more; what they did not bring is asked for again."""
    for debit in debits:
        if not debit.answered:
            continue
        came = debit.received_minor if _entry_of(debit) in paid.ids else 0
        day = day._replace(
            in_flight_minor=day.in_flight_minor - debit.amount_minor,
            uncollected_minor=day.uncollected_minor + max(0, debit.amount_minor - came),
        )
    return day
