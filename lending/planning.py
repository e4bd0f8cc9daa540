"""What each instalment asks for: the equal instalment, tranches, and the last one that absorbs every difference.

The equal instalment is balance times the product of (1 + rate) over the sum that the same rates make of ones; it is
rounded to the cent, then to a multiple if the product has one. If the last instalment stands out it is shared among
all, up to three times, while that makes it stand out less.
"""

from datetime import date
from decimal import Decimal

from lending.amortisation import ONE, Amortisation, InterestMethod, Period, Slice, to_minor
from lending.money import divide_half_even
from lending.rate_factors import DIGITS, InterestPeriod
from lending.spans import spans


def disburse(loan: Amortisation, on: date, amount: int) -> None:
    """Lend ``amount`` more from ``on``; the periods that follow are amortised anew over what remains."""
    effective = on
    if loan.basis.interest_period is InterestPeriod.REPAYMENT_PERIOD and not loan.partial_period:
        effective = next((p.from_on for p in loan.periods if p.due_on > on), on)
    _disburse(loan, effective, amount)


def _disburse(loan: Amortisation, on: date, amount: int) -> None:
    for period in loan.periods:
        if on <= period.from_on:
            period.disbursed_before += amount
    changed = loan.change_balance(on, disbursed=amount)
    if changed is not None:
        _amortise_from(loan, _first_due_after(loan, changed, on), on)


def lend_from(loan: Amortisation, on: date, amount: int) -> None:
    """Lend ``amount`` for the first time, inside the first period; the days before bear nothing."""
    changed = loan.change_balance(on)
    for part in changed.slices if changed else ():
        part.paused = part.paused or part.due_on <= on
    _disburse(loan, on, amount)


def reprice(loan: Amortisation, on: date) -> None:
    """Amortise anew from ``on``, where the rate has changed."""
    changed = loan.change_balance(max(on, loan.start))
    if changed is not None:
        _amortise_from(loan, _first_due_after(loan, changed, on), on, actual=True)


def pause(loan: Amortisation, from_on: date, until: date) -> None:
    """No interest from ``from_on`` until ``until``; the instalments stay, the last one takes the difference."""
    loan.change_balance(max(from_on, loan.start))
    loan.change_balance(min(until, loan.maturity))
    for period in loan.periods:
        for part in period.slices:
            part.paused = part.paused or (from_on <= part.from_on and part.due_on <= until)
    loan.reckon_rates(loan.periods)
    absorb(loan, until)


def lend_for_full_term(loan: Amortisation, on: date, amount: int) -> None:
    """Lend ``amount`` more from ``on`` with as many instalments as the loan had: they are laid over the others."""
    running = next((p.from_on for p in loan.periods if p.from_on <= on < p.due_on), loan.maturity)
    plan = spans(running, loan.count, loan.basis.every, loan.basis.unit)
    tranche = Amortisation(plan, loan.basis, loan.annual_rate, method=loan.method, partial_period=loan.partial_period)
    disburse(tranche, on, amount)
    for period in loan.periods:
        if on <= period.from_on:
            period.disbursed_before += amount
    loan.change_balance(on, disbursed=amount)
    for new in tranche.periods:
        mine = next((p for p in loan.periods if p.span == new.span), None)
        if mine is None:
            from_on = loan.maturity if new is tranche.periods[0] else new.from_on
            mine = Period(from_on, new.due_on, [Slice(from_on, new.due_on)])
            mine.disbursed_before = loan.periods[-1].disbursed_before
            loan.periods.append(mine)
        mine.emi += new.due_principal + new.due_interest
        mine.original_emi = mine.emi
        loan.reckon_rates([mine])
    absorb(loan, on)


def _first_due_after(loan: Amortisation, period: Period, on: date) -> date:
    """A disbursement on a due date belongs to the next period, if there is one."""
    index = loan.periods.index(period)
    if period.due_on == on and index + 1 < len(loan.periods):
        return loan.periods[index + 1].due_on
    return period.due_on


def _amortise_from(loan: Amortisation, first_due: date, on: date, *, actual: bool = False) -> None:
    related = [p for p in loan.periods if p.due_on >= first_due]
    loan.reckon_rates(related)
    loan.settle()
    if loan.method is InterestMethod.FLAT:
        _flat_instalments(loan, related)
        return
    actual = actual or loan.is_copy or all(p.emi == 0 for p in loan.periods)
    if actual:
        _equal_instalments(loan, related)
    else:
        # What was paid early or late must not change the plan of a later tranche: plan on a copy without payments.
        plan = loan.copy(without_payments=True)
        _disburse(plan, on, 0)
        for mine, planned in zip(loan.periods, plan.periods, strict=True):
            if mine.due_on >= first_due:
                # Never below what was paid: the last open instalment takes the difference.
                mine.emi, mine.original_emi = max(planned.emi, mine.paid - mine.credited), planned.original_emi
    loan.settle()
    absorb(loan, first_due)
    if actual:
        _smooth(loan, related)


def _equal_instalments(loan: Amortisation, periods: list[Period]) -> None:
    """The equal instalment that repays the balance over these periods at their own rate factors."""
    growth = sums = ONE
    for index, period in enumerate(periods):
        factor = period.factor_plus_one
        growth = DIGITS.multiply(growth, factor)
        if index:
            sums = DIGITS.add(ONE, DIGITS.multiply(sums, factor))
    before = loan.previous(periods[0])
    balance = (before.closing_balance if before else 0) + periods[0].disbursed
    amount = DIGITS.divide(DIGITS.multiply(growth, Decimal(balance)), sums)
    emi = _in_multiples(loan, to_minor(amount))
    for period in periods:
        if emi >= period.paid:
            period.emi = period.original_emi = emi


def _in_multiples(loan: Amortisation, emi: int) -> int:
    """The instalment in whole multiples, unless that would make it nothing."""
    if not loan.multiple_minor:
        return emi
    rounded = divide_half_even(emi, loan.multiple_minor) * loan.multiple_minor
    return emi if rounded == 0 and emi > 0 else rounded


def _flat_instalments(loan: Amortisation, periods: list[Period]) -> None:
    interest = [to_minor(loan.interest_of(p)) for p in periods]
    before = loan.previous(periods[0])
    repaid = 0
    if before is not None:
        repaid = before.lent_till() - before.closing_balance
    lent = periods[0].lent_till(periods[0].slices[-1])
    total = lent + sum(interest) - repaid
    emi = _in_multiples(loan, divide_half_even(total, len(periods)))
    rest = total - emi * len(periods)
    over = 0
    for period in periods:
        amount = emi + (rest if period is periods[-1] else 0)
        extra = period.credited + period.future_interest
        least = period.paid - extra
        if period is periods[-1]:
            # Instalments rounded up many times: the last one still holds its interest, those before it ask for less.
            least = max(least, interest[-1])
        if amount < least:
            over += least - amount
            amount = least
        period.emi = period.original_emi = amount
    for period, earned in zip(reversed(periods), reversed(interest), strict=True):
        if over <= 0 or period.fully_paid:
            continue
        paid = period.paid - period.credited - period.future_interest
        amount = max(earned, period.emi - over, 0, paid)
        over -= period.emi - amount
        period.emi = amount
    loan.settle()


def absorb(loan: Amortisation, till: date) -> None:
    """Let the last unpaid instalment take what all others leave, not below what was paid into it."""
    loan.settle()
    open_principal = loan.total_principal - loan.total_paid_principal
    for period in loan.periods:
        if period.outstanding_principal > open_principal:
            period.emi = max(
                period.emi - (period.outstanding_principal - open_principal), 0, period.paid - period.credited
            )
    loan.settle()
    unpaid = [p for p in loan.periods if not p.fully_paid]
    last = unpaid[-1] if unpaid else None
    if last is None and loan.total_paid_principal == 0:
        final = loan.periods[-1]
        last = final if final.slices and final.closing_balance > 0 else None
    if last is None:
        return
    last.future_interest = 0
    for period in loan.periods:
        period.interest_moved = False
    loan.settle()
    lent = sum(p.disbursed + p.credited_principal for p in loan.periods)
    difference = lent + sum(p.due_interest for p in loan.periods) - sum(p.asked for p in loan.periods)
    last.emi += difference
    floor = last.paid - last.credited
    if loan.method is InterestMethod.FLAT and last.emi < (least := max(floor, last.due_interest)):
        _ask_less(loan, last, least - last.emi)
        last.emi = least
        loan.settle()
    elif last.emi < floor:
        last.emi = floor
        absorb(loan, till)
    bring_interest_forward(loan, last, till)
    loan.settle()


def _ask_less(loan: Amortisation, last: Period, over: int) -> None:
    """Flat instalments that were rounded up many times ask for more than all together, once interest was paused: those
    before the last one ask for less, from the end, none below its interest or what was paid into it."""
    for period in reversed(loan.periods):
        if over <= 0:
            return
        if period is last or period.fully_paid:
            continue
        least = max(period.due_interest, period.paid - period.credited, 0)
        less = min(over, max(0, period.emi - least))
        period.emi -= less
        over -= less


def bring_interest_forward(loan: Amortisation, last: Period, till: date) -> None:
    """Interest earned until ``till`` in periods that are paid already is asked for with the last open instalment."""
    if all(p.due_on <= last.due_on for p in loan.periods):
        return
    seen = loan.copy()
    seen.stop_interest_after(till)
    seen.settle()
    for period in reversed(seen.periods):
        if period.due_on > last.due_on and period.unrecognised > 0:
            last.future_interest = period.unrecognised
            for later in loan.periods:
                if later.due_on > last.due_on:
                    later.interest_moved = True
            return


def _smooth(loan: Amortisation, related: list[Period]) -> None:
    """Up to three times: share a last instalment that stands out, while that makes it stand out less."""
    first = related[0]
    trial: Amortisation | None = None
    for _ in range(3):
        base, difference, uncounted = _last_difference(related)
        if not _stands_out(difference, len(related)):
            return
        share = divide_half_even(difference, max(1, len(related) - uncounted))
        emi = _in_multiples(loan, base + share)
        if emi == base:
            return
        if trial is None:
            trial = loan.copy()
        for period in trial.periods:
            if period.from_on >= first.from_on and period.due_on >= first.due_on and emi >= period.paid:
                period.emi = period.original_emi = emi
        trial.settle()
        absorb(trial, first.due_on)
        if abs(_last_difference(trial.periods)[1]) >= abs(difference):
            return
        twins = [p for p in trial.periods if p.from_on >= first.from_on and p.due_on >= first.due_on]
        for mine, theirs in zip(related, twins, strict=False):
            mine.emi = mine.original_emi = theirs.emi
        loan.settle()


def _stands_out(difference: int, count: int) -> bool:
    half = count // 2
    return half > 0 and difference != 0 and abs(difference) > half


def _last_difference(periods: list[Period]) -> tuple[int, int, int]:
    """The penultimate open instalment, by how much the last differs, and how many periods are paid beyond it."""
    for earlier, later in zip(reversed(periods[:-1]), reversed(periods), strict=False):
        if not later.fully_paid and not earlier.fully_paid:
            uncounted = sum(earlier.emi < p.paid for p in periods)
            return earlier.emi, later.emi - earlier.emi, uncounted
    return periods[0].emi, 0, 0
