"""An instalment loan while it lives: events in order of value date, each re-played from the beginning.

Nothing is patched: an event that comes late, is undone or is changed leads to another list of events, and the loan is
the same function of it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from lending import recalculation
from lending.agreed import agreed_rows
from lending.amortisation import Amortisation, to_minor
from lending.changes import NotPossible
from lending.changing import change, settle_change
from lending.charges import ChargeTime
from lending.charging import fee_on_lending, price_instalments, put_charge
from lending.classic import ClassicPlan, classic_rows
from lending.crediting import charge_back, put_back, waive_charge
from lending.instalments import Instalment, Part
from lending.loan_state import Event, Kind, Lent, Loan, Moved, Shape, renumber
from lending.money import divide_half_even
from lending.overdue import charge_lateness
from lending.paying import recalculate, repay, show
from lending.payoff import drop_unearned, earned, owed, payoff_of
from lending.planning import disburse, lend_for_full_term
from lending.spans import spans

# What may be agreed before the money comes.
NEED_NO_LOAN = (Kind.DISBURSEMENT, Kind.CHARGE)


def replay(shape: Shape, events: Sequence[Event], recalculated_on: date | None = None) -> Loan:
    """The loan after all events; interest on overdue principal runs to ``recalculated_on`` (None: the last event)."""
    ordered = sorted(range(len(events)), key=lambda i: (events[i].counts_from, events[i].seen_on, i))
    disbursed = [events[i] for i in ordered if events[i].kind is Kind.DISBURSEMENT]
    if not disbursed:
        raise NotPossible("no money was lent")
    if any(event.kind not in NEED_NO_LOAN and event.on < disbursed[0].on for event in events):
        raise NotPossible("nothing is paid or changed before money is lent")
    loan = _opened(shape, disbursed)
    loan.bears_interest = shape.annual_rate > 0 or any(event.lends_at_a_rate for event in events)
    for place, index in enumerate(ordered):
        event = events[index]
        charge_lateness(loan, event.on)
        _apply(loan, event)
        for follows in _follow_ups(loan, event, [events[i] for i in ordered[: place + 1]]):
            _move(loan, follows, lambda each=follows: repay(loan, each))
    if recalculated_on is not None:
        charge_lateness(loan, recalculated_on)
        recalculate(loan, recalculated_on)
    return loan


def _follow_ups(loan: Loan, event: Event, done: Sequence[Event]) -> Iterator[Event]:
    """Payments that an event brings by itself: the automatic down payment, interest that a refund gives back."""
    shape = loan.shape
    down = _down_payment(shape, event.amount) if event.kind is Kind.DISBURSEMENT else 0
    if down and shape.down_payment_automatic:
        yield Event(Kind.DOWN_PAYMENT, event.on, event.seen_on, down, key=f"{event.key}/down_payment")
    if event.kind in shape.refunds_interest and event.refund_interest and loan.follows_payments:
        amount = _interest_to_refund(loan, done, event.on)
        loan.interest_refunded += max(0, amount)
        if amount > 0:
            yield Event(Kind.INTEREST_REFUND, event.on, event.seen_on, amount, key=f"{event.key}/interest")


def _interest_to_refund(loan: Loan, done: Sequence[Event], on: date) -> int:
    """Interest until ``on`` that would never have been earned if the refunded money had not been lent at all."""
    refunded = sum(e.amount for e in done if e.kind in loan.shape.refunds_interest and e.refund_interest)
    without: list[Event] = []
    if all(event.kind is not Kind.DISBURSEMENT for event in done):
        return 0
    for event in done:
        if event.kind is Kind.DISBURSEMENT and refunded:
            less = min(refunded, event.amount)
            refunded -= less
            event = replace(event, amount=event.amount - less)
        if event.kind not in loan.shape.refunds_interest or not event.refund_interest:
            without.append(event)
    plain = replace(loan.shape, refunds_interest=frozenset())
    other = replay(plain, without)
    before = loan.closed_interest + recalculation.interest_till(loan.amortisation, on) - loan.interest_refunded
    return before - other.closed_interest - recalculation.interest_till(other.amortisation, on)


def _opened(shape: Shape, disbursed: Sequence[Event]) -> Loan:
    first = disbursed[0].on
    start = shape.starts_on or first
    if first < start:
        raise NotPossible("no money is lent before the schedule begins")
    plan = spans(start, shape.count, shape.basis.every, shape.basis.unit, fixed_length=shape.fixed_length)
    agreed = agreed_rows(shape.agreed, disbursed) if shape.agreed is not None else []
    if agreed:
        plan = [row.span for row in agreed]
    amortisation = Amortisation(
        plan,
        shape.basis,
        shape.annual_rate,
        method=shape.method,
        partial_period=shape.partial_period,
        multiple_minor=shape.multiple_minor,
    )
    instalments = [Instalment(0, from_on, due_on) for from_on, due_on in plan]
    if shape.down_payment_percent is not None:
        instalments += [Instalment(0, each.on, each.on, down_payment=True) for each in disbursed]
    loan = Loan(shape, amortisation, instalments)
    renumber(loan)
    if shape.classic is not None:
        _plan_classic(loan, shape.classic, disbursed)
    for instalment, row in zip(loan.instalments, agreed, strict=bool(agreed)):
        instalment.due[Part.PRINCIPAL], instalment.due[Part.INTEREST] = row.principal_minor, row.interest_minor
    for instalment in loan.instalments:
        instalment.look(first)
    loan.by_instalment = [("", charge) for charge in shape.charges if charge.time is ChargeTime.INSTALMENT]
    price_instalments(loan, first)
    return loan


def _apply(loan: Loan, event: Event) -> None:
    _move(loan, event, lambda: _do(loan, event))


def _move(loan: Loan, event: Event, do: Callable[[], object]) -> None:
    """Let an event happen, and note what it moved."""
    paid, waived, over = loan.total("paid"), loan.total("waived"), loan.overpaid
    was_charged_off = loan.charged_off_on is not None
    lent = len(loan.lent)
    do()
    moved = Moved(
        event,
        {part: amount - paid[part] for part, amount in loan.total("paid").items()},
        {part: amount - waived[part] for part, amount in loan.total("waived").items()},
        loan.overpaid - over,
        loan.turned_back.get(event.key, {}) if event.kind is Kind.CHARGEBACK else {},
        lent=sum(each.amount for each in loan.lent[lent:]),
        fee=sum(each.fee for each in loan.lent[lent:]),
    )
    if loan.charged_off_on is not None and not was_charged_off:
        moved = replace(moved, written_off=owed(loan, event.on), earned=earned(loan, event.on))
    loan.moved.append(moved)


def _do(loan: Loan, event: Event) -> None:
    match event.kind:
        case Kind.DISBURSEMENT:
            recalculate(loan, event.on)
            _disburse(loan, event)
        case _ if event.charge is not None:
            put_charge(loan, event, event.charge)
        case Kind.CHARGEBACK:
            recalculate(loan, event.on)
            charge_back(loan, event)
        case Kind.CHARGE_WAIVER:
            waive_charge(loan, event)
        case Kind.CHANGE:
            change(loan, event)
        case Kind.PAYOFF:
            _pay_off(loan, event)
        case _:
            repay(loan, event)


def _pay_off(loan: Loan, event: Event) -> None:
    """Pay all that is owed on the day; an amount, where the event names one, must reach."""
    recalculate(loan, event.on)
    asked = payoff_of(loan, event.on).total_minor
    if event.amount and event.amount < asked:
        raise NotPossible(f"{asked} pays the loan off on {event.on.isoformat()}, not {event.amount}")
    drop_unearned(loan, event.on)
    repay(loan, replace(event, amount=max(asked, event.amount)))


def _disburse(loan: Loan, event: Event) -> None:
    shape, amount = loan.shape, event.amount
    if loan.charged_off_on is not None:
        raise NotPossible("nothing more is lent on a loan that was charged off")
    if event.on >= loan.amortisation.maturity:
        raise NotPossible("nothing more is lent on the last due date or after it")
    down = _down_payment(shape, amount)
    loan.lent.append(Lent(event.on, amount))
    if not shape.by_plan:
        _lend(loan, event, down)
    loan.lent[-1].fee = sum(fee_on_lending(loan, charge) for charge in shape.charges)


def _lend(loan: Loan, event: Event, down: int) -> None:
    """Amortise one more tranche."""
    shape, amount = loan.shape, event.amount
    if down:
        place = next(i for i in loan.instalments if i.down_payment and i.due[Part.PRINCIPAL] == 0)
        place.due[Part.PRINCIPAL] = down
        place.look(event.on)
    if shape.full_term_tranches:
        lend_for_full_term(loan.amortisation, event.on, amount - down)
    else:
        disburse(loan.amortisation, event.on, amount - down)
    loan.amortisation.settle()
    known = {i.due_on for i in loan.instalments if not i.down_payment}
    longer = [Instalment(0, *p.span) for p in loan.amortisation.periods if p.due_on not in known]
    if longer:
        loan.instalments = [i for i in loan.instalments if not i.additional] + longer
        renumber(loan)
        _place_again(loan)
    for period in loan.amortisation.periods:
        if period.due_on >= event.on:
            show(loan, period.due_on, event.on)
    settle_change(loan, event.on)


def _place_again(loan: Loan) -> None:
    """What came after maturity, on a plan that has become longer."""
    after, loan.after_maturity = loan.after_maturity, []
    loan.placed = [placed for placed in loan.placed if placed.instalment in loan.instalments]
    for late, parts in after:
        if late.charge is not None:
            put_charge(loan, late, late.charge)
        else:
            put_back(loan, late, parts)


def _plan_classic(loan: Loan, plan: ClassicPlan, disbursed: Sequence[Event]) -> None:
    """The classic schedule shares all tranches, paid out or still planned, over all instalments."""
    shape = loan.shape
    last = max(each.on for each in disbursed)
    if any(on >= loan.instalments[-1].due_on for on, _ in shape.planned):
        raise NotPossible("nothing more is planned to be lent on the last due date or after it")
    lent = sum(each.amount for each in disbursed)
    amortised = sum(each.amount - _down_payment(shape, each.amount) for each in disbursed)
    amortised += sum(amount for on, amount in shape.planned if on > last)
    downs = iter(disbursed)
    for instalment in loan.instalments:
        if instalment.down_payment:
            instalment.due[Part.PRINCIPAL] = _down_payment(shape, next(downs).amount)
    rows = [i for i in loan.instalments if not i.down_payment]
    for instalment, row in zip(rows, classic_rows(plan, [i.span for i in rows], amortised, lent), strict=True):
        instalment.due[Part.PRINCIPAL], instalment.due[Part.INTEREST] = row.principal, row.interest


def _down_payment(shape: Shape, amount: int) -> int:
    if shape.down_payment_percent is None:
        return 0
    down = to_minor(amount * shape.down_payment_percent / 100)
    if shape.multiple_minor:
        down = divide_half_even(down, shape.multiple_minor) * shape.multiple_minor
    return down
