"""Interest that follows what was really paid: payments, charge-backs and overdue principal in the amortised periods.

A payment before the due date lowers the balance from its day; principal not paid on its due date keeps bearing
interest until the day on which the loan was last recalculated.
"""

from datetime import date
from typing import NamedTuple

from lending.amortisation import Amortisation, Period, Slice, within
from lending.planning import absorb, bring_interest_forward


class DueAmounts(NamedTuple):
    """What a period asks for on a day, in minor units."""

    principal: int
    interest: int


class Open(NamedTuple):
    """What the whole loan has open on a day, in minor units."""

    principal: int
    interest: int

    @property
    def total(self) -> int:
        return self.principal + self.interest


def correct_balance(loan: Amortisation, on: date, amount: int) -> None:
    """Change the balance that bears interest from ``on``, without changing what is owed."""
    period = loan.change_balance(on, correction=amount)
    if period is not None:
        loan.reckon_rates([period])
        absorb(loan, on)


def pay_interest(loan: Amortisation, due_on: date, on: date, amount: int) -> None:
    """Interest of the period due on ``due_on`` was paid on ``on``."""
    period = loan.period_due(due_on)
    loan.settle()
    latest = _latest_open_but_not_last(loan, on)
    if latest is not None and latest is period:
        bring_interest_forward(loan, latest, on)
    amount = min(amount, loan.total_interest - loan.total_paid_interest)
    if period is not None:
        period.paid_interest += amount
    absorb(loan, on)


def pay_principal(loan: Amortisation, due_on: date, on: date, amount: int) -> None:
    """Principal of the period due on ``due_on`` was paid on ``on``; late money lowers the balance from the due date."""
    if not amount:
        return
    period = loan.period_due(due_on)
    taken = amount
    if loan.total_paid_principal + amount > loan.total_principal + sum(p.credited_principal for p in loan.periods):
        taken = loan.total_principal - loan.total_paid_principal
    if period is not None:
        period.paid_principal += taken
    from_on = due_on if due_on < on else on
    correct_balance(loan, from_on, -amount)
    if period is None:
        return
    several_open = sum(not p.fully_paid for p in loan.periods) > 1
    if (
        several_open
        and on < period.from_on
        and (period.paid > period.asked or period.paid == period.original_emi + period.credited)
    ):
        # Paid beyond its plan before it began: what was paid is the plan, and the period counts as met.
        period.emi = period.paid - period.credited
    absorb(loan, on)


def credit(loan: Amortisation, on: date, *, principal: int = 0, interest: int = 0) -> None:
    """Charge back what was paid: it is asked for again with the period that holds ``on``."""
    period = loan.change_balance(on, correction=principal)
    if period is None:
        return
    last = loan.periods[-1]
    home = next((p for p in loan.periods if p.from_on <= on and (on <= p.due_on if p is last else on < p.due_on)), None)
    if home is not None:
        parts = [part for part in home.slices if part.from_on == on]
        if parts:
            parts[-1].credited_principal += principal
            parts[-1].credited_interest += interest
    loan.reckon_rates([period])
    absorb(loan, on)


def due_amounts(loan: Amortisation, due_on: date, target: date, *, by_part: bool = False) -> DueAmounts:
    """The most principal and interest that the period due on ``due_on`` asks for on ``target``."""
    till = recalculated_till(loan, target)
    period = till.period_due(due_on)
    if period is None:
        raise ValueError(f"the loan has no instalment due on {due_on.isoformat()}")
    unpaid = sum(not p.fully_paid for p in till.periods)
    if target <= period.from_on:
        open_principal = till.total_principal - till.total_paid_principal
        if unpaid > 1:
            period.emi = period.original_emi
            till.settle()
            period.emi -= max(0, period.outstanding_principal - max(0, open_principal))
        elif period.fully_paid and unpaid == 1:
            period.emi = min(period.original_emi, open_principal + period.paid_principal + period.due_interest)
        till.settle()
    principal = period.asked if by_part and unpaid > 1 else period.due_principal
    interest = period.due_interest
    if by_part:
        principal = _capped(principal, till.total_principal - till.total_paid_principal, period.paid_principal)
        interest = _capped(interest, till.total_interest - till.total_paid_interest, period.paid_interest)
    return DueAmounts(principal, interest)


def _capped(amount: int, most: int, paid: int) -> int:
    return min(amount, most + paid)


def recalculated_till(loan: Amortisation, target: date) -> Amortisation:
    """A copy in which no time passes after ``target``."""
    copy = loan.copy()
    copy.settle()
    if target < copy.start:
        for period in copy.periods:
            period.slices.clear()
        copy.settle()
        return copy
    if target >= copy.maturity:
        return copy
    current = copy.period_of(target)
    for index, period in enumerate(copy.periods):
        if period.due_on <= target:
            continue
        if period is current:
            _stop(copy, period, target)
        elif (
            index
            and copy.periods[index - 1] is current
            and period.slices[0].credited_interest + period.slices[0].credited_principal > 0
        ):
            first = period.slices[0]
            first.due_on = first.from_on
            del period.slices[1:]
        else:
            period.slices.clear()
    copy.reckon_rates(copy.periods)
    absorb(copy, target)
    return copy


def _stop(loan: Amortisation, period: Period, target: date) -> None:
    first = period is loan.periods[0]
    found: Slice | None = None
    for index, part in enumerate(period.slices):
        if within(target, part.from_on, part.due_on, first and index == 0):
            found = part
    if found is None:
        return
    found.due_on = target
    index = period.slices.index(found)
    if index + 1 < len(period.slices):
        following = period.slices[index + 1]
        found.credited_principal += following.credited_principal
        found.credited_interest += following.credited_interest
    del period.slices[index + 1 :]


def open_till(loan: Amortisation, target: date) -> Open:
    """Open principal and interest if interest stops after ``target``."""
    copy = loan.copy()
    copy.stop_interest_after(target)
    copy.settle()
    absorb(copy, target)
    principal = max(0, copy.total_principal - copy.total_paid_principal)
    return Open(principal, max(0, copy.total_interest - copy.total_paid_interest))


def interest_till(loan: Amortisation, target: date) -> int:
    """All interest that is due or running on ``target``, in whole minor units."""
    return sum(due_amounts(loan, p.due_on, target).interest for p in loan.periods)


def recalculate_overdue(loan: Amortisation, target: date, *, till_due: bool) -> bool:
    """Let principal that was not paid when due bear interest until ``target`` (or to the end of its period)."""
    target = min(target, loan.maturity)
    overdue = [p for p in loan.periods if target > p.due_on]
    if not overdue:
        return False
    loan.settle()
    last = loan.periods[-1]
    current = loan.period_of(target) or last
    changed = False
    principal = total = 0
    for period in overdue:
        if principal:
            changed |= _carry_overdue(loan, target, period, principal, total, till_due)
        principal = period.outstanding_principal
        total += principal
    if current is not last or target <= last.due_on:
        changed |= _carry_overdue(loan, target, current, principal, total, till_due)
    if total > 0 and (loan.overdue_since is None or loan.overdue_since < target):
        loan.overdue_since = target
    return changed


def _carry_overdue(
    loan: Amortisation, target: date, period: Period, principal: int, total: int, till_due: bool
) -> bool:
    if target == loan.overdue_since:
        return False
    since = loan.overdue_since
    correct_balance(loan, period.from_on if since is None or period.from_on > since else since, principal)
    if period.from_on < target <= period.due_on:
        until = period.due_on if till_due else target
        correct_balance(loan, until, -total)
        loan.overdue_since = until
    return True


def _latest_open_but_not_last(loan: Amortisation, on: date) -> Period | None:
    unpaid = [p for p in loan.periods if not p.fully_paid]
    if not unpaid or unpaid[-1] is loan.periods[-1] or on < unpaid[-1].due_on:
        return None
    return unpaid[-1]
