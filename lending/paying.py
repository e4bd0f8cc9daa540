"""Money received: which instalment it pays, and what that does to interest."""

from dataclasses import dataclass
from datetime import date

from lending import recalculation
from lending.allocation import Rule, Used, When, allocate
from lending.amortisation import Period, within
from lending.instalments import Instalment, Part
from lending.loan_state import Event, Loan


def show(loan: Loan, due_on: date, on: date) -> None:
    """Copy what the amortisation makes of one period to its instalment."""
    period = loan.amortisation.period_due(due_on)
    instalment = next((i for i in loan.instalments if i.due_on == due_on and not i.down_payment), None)
    if period is not None and instalment is not None:
        _copy(period, instalment)
        instalment.look(on)


def _copy(period: Period, instalment: Instalment) -> None:
    instalment.due[Part.PRINCIPAL] = period.due_principal + instalment.beside[Part.PRINCIPAL]
    instalment.due[Part.INTEREST] = period.due_interest + instalment.beside[Part.INTEREST]


def recalculate(loan: Loan, on: date) -> None:
    settings = loan.shape.recalculation
    if settings is None or not loan.follows_payments or settings.none_on_past_due:
        return
    till_due = settings.to_period_end(loan.payoff)
    if recalculation.recalculate_overdue(loan.amortisation, on, till_due=till_due):
        loan.amortisation.settle()
        for period in loan.amortisation.periods:
            instalment = next((i for i in loan.instalments if i.due_on == period.due_on and not i.down_payment), None)
            if instalment is not None:
                _copy(period, instalment)


def repay(loan: Loan, event: Event) -> Used:
    loan.payoff = _pays_all(loan, event)
    recalculate(loan, event.on)
    used = Used()
    over = spend(loan, event, event.amount, used)
    used.over = over
    loan.overpaid += over
    if over > 0:
        loan.overpayments.append((event, over))
    if event.key:
        loan.used[event.key] = used
    return used


@dataclass(frozen=True, slots=True)
class _Spending:
    """One payment on its way into instalments; ``skipped``: those whose plan asks for nothing more."""

    event: Event
    rule: Rule
    skipped: set[int]


def spend(loan: Loan, event: Event, amount: int, used: Used) -> int:
    """Allocate an amount by the rule of its event; what is left over."""
    rule = loan.shape.rule_for(event.kind, loan.days_past_due(event.on))
    spending = _Spending(event, rule, set())

    def pay(when: When, part: Part, instalment: Instalment, amount: int) -> int:
        return _pay(loan, spending, when, part, instalment, amount)

    def reopens(instalment: Instalment) -> bool:
        return loan.follows_payments and instalment.total_due == 0 and id(instalment) not in spending.skipped

    return allocate(loan.instalments, amount, event.on, rule, pay, reopens, used)


def _pays_all(loan: Loan, event: Event) -> bool:
    if loan.shape.recalculation is None:
        return False
    running = next(
        (i for i in loan.instalments if not i.down_payment and within(event.on, i.from_on, i.due_on, False)), None
    )
    if running is None:
        return False
    return event.amount >= recalculation.open_till(loan.amortisation, running.due_on).total


def _pay(loan: Loan, spending: _Spending, when: When, part: Part, instalment: Instalment, amount: int) -> int:
    event = spending.event
    if not loan.follows_payments:
        return instalment.pay(part, amount, event.on)
    if instalment.down_payment or instalment.due_on > loan.amortisation.maturity:
        spending.skipped.add(id(instalment))
        return instalment.pay(part, amount, event.on)
    on = event.on
    settings = loan.shape.recalculation
    if when is When.IN_ADVANCE and settings is not None:
        if settings.to_period_end(loan.payoff) and within(event.on, instalment.from_on, instalment.due_on, False):
            on = instalment.due_on
        asked = recalculation.due_amounts(
            loan.amortisation, instalment.due_on, on, by_part=not spending.rule.by_instalment
        )
        if asked.principal == asked.interest == 0 and not instalment.open_beside:
            spending.skipped.add(id(instalment))
        if part is Part.INTEREST:
            instalment.due[Part.INTEREST] = asked.interest + instalment.beside[Part.INTEREST]
        elif part is Part.PRINCIPAL:
            instalment.due[Part.PRINCIPAL] = asked.principal + instalment.beside[Part.PRINCIPAL]
    beside = instalment.left_beside(part)
    taken = instalment.pay(part, amount, event.on)
    planned = max(0, taken - beside)
    if part is Part.PRINCIPAL:
        recalculation.pay_principal(loan.amortisation, instalment.due_on, on, planned)
    elif part is Part.INTEREST:
        recalculation.pay_interest(loan.amortisation, instalment.due_on, on, planned)
    else:
        return taken
    for period in loan.amortisation.periods:
        show(loan, period.due_on, event.on)
    return taken
