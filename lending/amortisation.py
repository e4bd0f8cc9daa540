"""The loan as a row of repayment periods whose interest follows the balance, day by day.

A period is cut into slices of constant balance. Interest of a slice is the balance times the rate to the due date,
shared by days; it is summed over the slices unrounded and rounded once. What the instalment cannot hold is carried to
the next period; the last unpaid instalment takes every difference, so that the principal returns to the cent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum

from lending.rate_factors import DIGITS, RateBasis
from lending.spans import Span

_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
ZERO = Decimal(0)
ONE = Decimal(1)


def to_minor(amount: Decimal) -> int:
    """An amount in minor units, rounded half-even to a whole one."""
    return int(amount.to_integral_value(rounding=ROUND_HALF_EVEN))


class InterestMethod(StrEnum):
    """On what interest runs: the balance as it falls, or what was paid out."""

    DECLINING = "declining"
    FLAT = "flat"


@dataclass(frozen=True, slots=True)
class RateChange:
    """From ``on`` (counted) the annual rate is ``annual_rate``."""

    on: date
    annual_rate: Decimal


@dataclass(slots=True)
class Slice:
    """A part of a period in which the balance is constant. Amounts in minor units take effect at its end."""

    from_on: date
    due_on: date
    factor: Decimal = ZERO
    factor_to_due: Decimal = ZERO
    disbursed: int = 0
    correction: int = 0
    credited_principal: int = 0
    credited_interest: int = 0
    balance: int = 0
    paused: bool = False

    @property
    def days(self) -> int:
        return (self.due_on - self.from_on).days


@dataclass(slots=True, eq=False)
class Period:
    """One instalment in the making. ``emi`` is what the plan asks for; principal is what interest leaves of it."""

    from_on: date
    due_on: date
    slices: list[Slice]
    emi: int = 0
    original_emi: int = 0
    paid_principal: int = 0
    paid_interest: int = 0
    future_interest: int = 0
    interest_moved: bool = False
    disbursed_before: int = 0
    # What the walk over all periods finds; valid after Amortisation.settle().
    earned_interest: int = 0
    due_interest: int = 0
    due_principal: int = 0

    @property
    def span(self) -> Span:
        return Span(self.from_on, self.due_on)

    @property
    def credited_principal(self) -> int:
        return max(0, sum(part.credited_principal for part in self.slices))

    @property
    def credited_interest(self) -> int:
        return max(0, sum(part.credited_interest for part in self.slices))

    @property
    def credited(self) -> int:
        return self.credited_principal + self.credited_interest

    @property
    def asked(self) -> int:
        """The instalment with what was charged back into it and interest brought forward."""
        return self.emi + self.credited + self.future_interest

    @property
    def paid(self) -> int:
        return self.paid_principal + self.paid_interest

    @property
    def fully_paid(self) -> bool:
        return self.asked == self.paid

    @property
    def unrecognised(self) -> int:
        """Interest that the instalment could not hold."""
        return self.earned_interest - self.due_interest

    @property
    def outstanding_principal(self) -> int:
        return max(0, self.due_principal - self.paid_principal)

    @property
    def disbursed(self) -> int:
        return sum(part.disbursed for part in self.slices)

    def lent_till(self, part: Slice | None = None) -> int:
        """All that was lent before ``part`` of this period began, or by its end."""
        total = self.disbursed_before
        for each in self.slices:
            if each is part:
                break
            if each.due_on != self.from_on:
                total += each.disbursed
        return total

    @property
    def factor_plus_one(self) -> Decimal:
        total = ONE
        for part in self.slices:
            total = _EXACT.add(total, part.factor)
        return total

    @property
    def closing_balance(self) -> int:
        """Principal after the due date if the plan is kept."""
        last = self.slices[-1]
        return max(0, last.balance + last.correction + last.disbursed - self.due_principal + self.paid_principal)


def within(day: date, from_on: date, due_on: date, first: bool) -> bool:
    """Whether a day belongs to a period: after its first day (on it in the first period), up to the due date."""
    return (from_on <= day if first else from_on < day) and day <= due_on


class Amortisation:
    """The periods of one loan, and what payments, disbursements and charge-backs do to them. Amounts in minor units."""

    def __init__(
        self,
        spans: Iterable[Span],
        basis: RateBasis,
        annual_rate: Decimal,
        *,
        method: InterestMethod = InterestMethod.DECLINING,
        partial_period: bool = False,
        multiple_minor: int | None = None,
    ) -> None:
        self.periods = [Period(from_on, due_on, [Slice(from_on, due_on)]) for from_on, due_on in spans]
        self.basis = basis
        self.annual_rate = annual_rate
        self.method = method
        self.partial_period = partial_period
        self.multiple_minor = multiple_minor
        self.rate_changes: list[RateChange] = []
        self.overdue_since: date | None = None
        self.is_copy = False
        self.count = len(self.periods)

    # --- looking -----------------------------------------------------------------------------------------------------
    @property
    def maturity(self) -> date:
        return self.periods[-1].due_on

    @property
    def start(self) -> date:
        return self.periods[0].from_on

    @property
    def total_principal(self) -> int:
        """All principal lent, with what was charged back."""
        return max(0, sum(p.disbursed + p.credited_principal for p in self.periods))

    @property
    def total_paid_principal(self) -> int:
        return sum(p.paid_principal for p in self.periods)

    @property
    def total_interest(self) -> int:
        self.settle()
        return sum(p.due_interest for p in self.periods)

    @property
    def total_paid_interest(self) -> int:
        return sum(p.paid_interest for p in self.periods)

    def rate_on(self, day: date) -> Decimal:
        rate = self.annual_rate
        for change in self.rate_changes:
            if change.on <= day:
                rate = change.annual_rate
        return rate

    def period_due(self, due_on: date) -> Period | None:
        return next((p for p in self.periods if p.due_on == due_on), None)

    def period_of(self, day: date) -> Period | None:
        first = self.periods[0]
        return next((p for p in self.periods if within(day, p.from_on, p.due_on, p is first)), None)

    def previous(self, period: Period) -> Period | None:
        index = self.periods.index(period)
        return self.periods[index - 1] if index else None

    def copy(self, *, without_payments: bool = False) -> "Amortisation":
        other = Amortisation(
            [],
            self.basis,
            self.annual_rate,
            method=self.method,
            partial_period=self.partial_period,
            multiple_minor=self.multiple_minor,
        )
        other.rate_changes = list(self.rate_changes)
        other.overdue_since = self.overdue_since
        other.is_copy = without_payments
        other.count = self.count
        for period in self.periods:
            twin = replace(period, slices=[replace(part) for part in period.slices], interest_moved=False)
            if without_payments:
                twin.paid_principal = twin.paid_interest = twin.future_interest = 0
                for part in twin.slices:
                    part.correction = 0
            other.periods.append(twin)
        return other

    # --- the walk ----------------------------------------------------------------------------------------------------
    def settle(self) -> None:
        """Walk all periods once: balances, interest earned and due, principal due."""
        before: Period | None = None
        for period in self.periods:
            if period.slices:
                self._balance_slices(period, before)
            earned = 0 if period.interest_moved else to_minor(self.interest_of(period))
            earned += period.future_interest + (before.unrecognised if before else 0)
            period.earned_interest = max(0, earned)
            asked = period.asked
            if period.paid_principal > max(0, asked - period.earned_interest):
                due_interest = period.paid_interest
            else:
                due_interest = min(period.earned_interest, asked)
            period.due_interest = max(due_interest, period.paid_interest)
            period.due_principal = max(0, asked - period.due_interest, period.paid_principal)
            before = period

    def _balance_slices(self, period: Period, before: Period | None) -> None:
        first = period.slices[0]
        if before is not None and before.slices:
            last = before.slices[-1]
            closing = last.balance + last.disbursed + last.correction - before.due_principal + before.paid_principal
            first.balance = max(0, closing)
        for part, following in zip(period.slices, period.slices[1:], strict=False):
            following.balance = max(0, part.balance + part.correction + part.disbursed)

    def interest_of(self, period: Period) -> Decimal:
        """Interest of a period's slices in minor units, not rounded."""
        total = ZERO
        for part in period.slices:
            amount = Decimal(part.credited_interest)
            days = (period.due_on - part.from_on).days
            if not part.paused and days:
                base = period.lent_till(part) if self.method is InterestMethod.FLAT else part.balance
                share = DIGITS.divide(DIGITS.multiply(Decimal(base), part.factor_to_due), Decimal(days))
                amount = DIGITS.add(amount, DIGITS.multiply(share, Decimal(part.days)))
                amount = max(ZERO, amount)
            total = _EXACT.add(total, amount)
        return total

    def reckon_rates(self, periods: Iterable[Period]) -> None:
        for period in periods:
            for part in period.slices:
                rate = self.rate_on(part.from_on)
                part.factor = self.basis.factor(rate, part.from_on, part.due_on, period.span)
                if part.paused:
                    part.factor = ZERO
                part.factor_to_due = self.basis.factor_to_due(rate, part.from_on, period.span, self.start)

    # --- cutting a period --------------------------------------------------------------------------------------------
    def change_balance(self, on: date, *, disbursed: int = 0, correction: int = 0) -> Period | None:
        """Let the balance change from ``on``; cuts the period there if it is not cut yet."""
        period = self.period_of(on)
        if period is None:
            return None
        if period is self.periods[-1] and on == period.due_on:
            last = period.slices[-1]
            found = last if last.days == 0 else None
        else:
            found = next((part for part in period.slices if part.due_on == on), None)
        if found is None:
            found = self._cut(period, on)
        found.disbursed += disbursed
        found.correction += correction
        return period

    def _cut(self, period: Period, on: date) -> Slice:
        """Cut the slice that holds ``on`` there; the part before it is given back."""
        holds = [part for part in period.slices if part.from_on < on <= part.due_on]
        part = period.slices[0] if on <= period.from_on else holds[-1] if holds else period.slices[-1]
        cut = min(max(on, part.from_on), part.due_on)
        after = Slice(cut, part.due_on, paused=part.paused)
        index = period.slices.index(part)
        after.disbursed, part.disbursed = part.disbursed, 0
        after.correction, part.correction = part.correction, 0
        part.due_on = cut
        period.slices.insert(index + 1, after)
        return part

    def stop_interest_after(self, day: date) -> None:
        """As if no interest were earned after ``day``."""
        period = self.period_of(day)
        if period is not None:
            part = self._slice_of(period, day)
            if part is not None:
                part.due_on = day
        self.reckon_rates(self.periods)
        for each in self.periods:
            for part in each.slices:
                if day < part.due_on:
                    part.factor = part.factor_to_due = ZERO

    def _slice_of(self, period: Period, day: date) -> Slice | None:
        first = period is self.periods[0]
        found = [
            part
            for index, part in enumerate(period.slices)
            if within(day, part.from_on, part.due_on, first and index == 0)
        ]
        return found[-1] if found else None
