"""What a new agreement does to a living loan: another rate, a pause, another plan for what is open, a charge-off."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from lending import planning
from lending.agreed import continued, reprice_agreed
from lending.allocation import Used
from lending.amortisation import Amortisation, RateChange
from lending.changes import ChargedOff, ChargeOff, NotPossible, Pause, Replan, SpreadOverdue
from lending.charging import price_instalments
from lending.classic import classic_rows
from lending.instalments import Instalment, Part
from lending.loan_state import Event, Kind, Loan, renumber
from lending.money import divide_half_even
from lending.paying import recalculate, show, spend
from lending.payoff import earned_interest
from lending.schedules import schedule
from lending.spans import Span, Unit, ends_of


def change(loan: Loan, event: Event) -> None:
    """Apply what was agreed anew from the day of the event; :class:`NotPossible` says why not."""
    if loan.all_due and not isinstance(event.change, ChargeOff):
        raise NotPossible("the loan was charged off and is all due: no plan is left that could change")
    match event.change:
        case RateChange() as rate if loan.shape.agreed is not None:
            loan.amortisation.rate_changes.append(rate)
            reprice_agreed(loan, loan.shape.agreed, event.on)
            price_instalments(loan, event.on)
        case RateChange() as rate:
            _progressive(loan, "another rate")
            loan.amortisation.rate_changes.append(rate)
            planning.reprice(loan.amortisation, rate.on)
            _show_from(loan, event.on)
        case Pause() as pause:
            _progressive(loan, "a pause")
            loan.pauses.append(pause)
            planning.pause(loan.amortisation, pause.from_on, pause.until)
            _show_from(loan, event.on)
        case Replan() as plan:
            _replan(loan, event.on, plan)
        case SpreadOverdue() if loan.follows_payments:
            _replan(loan, event.on, Replan())
        case SpreadOverdue():
            _spread_overdue(loan, event.on)
        case ChargeOff() as off:
            _charge_off(loan, event.on, off)
        case None:
            raise NotPossible("a change says what changes")


def _progressive(loan: Loan, what: str) -> None:
    if loan.shape.by_plan:
        raise NotPossible(f"{what} is not for a classic schedule or an agreed plan")


def _show_from(loan: Loan, on: date) -> None:
    for period in loan.amortisation.periods:
        if period.due_on >= on:
            show(loan, period.due_on, on)
    settle_change(loan, on)


def settle_change(loan: Loan, on: date) -> None:
    """After a plan has changed: where more was paid than it still asks for, the rest pays what else is open."""
    price_instalments(loan, on)
    freed = sum(instalment.free(on) for instalment in loan.instalments)
    if freed:
        event = Event(Kind.REPAYMENT, on, on, freed)
        loan.overpaid += spend(loan, event, freed, Used())


# --- another plan -----------------------------------------------------------------------------------------------------
def _replan(loan: Loan, on: date, plan: Replan) -> None:
    """Close the plan that was, and repay what is open by a new one from ``on``."""
    recalculate(loan, on)
    dates = _due_dates(loan, on, plan)
    interest = earned_interest(loan, on)
    loan.closed_interest = interest + sum(i.paid[Part.INTEREST] for i in loan.instalments)
    before = max((i.due_on for i in loan.instalments if i.due_on <= on), default=loan.instalments[0].from_on)
    open_parts = _close(loan, on)
    if open_parts[Part.PRINCIPAL] <= 0:
        raise NotPossible("no principal is open that another plan could repay")
    spans = [Span(*pair) for pair in zip([before, *dates[:-1]], dates, strict=True)]
    rows = [Instalment(0, *span) for span in spans]
    if loan.shape.by_plan:
        rows[0].from_on = on
        for row, (principal, asked) in zip(rows, _by_plan(loan, spans, on, open_parts[Part.PRINCIPAL]), strict=True):
            row.due[Part.PRINCIPAL], row.due[Part.INTEREST] = principal, asked
    else:
        loan.amortisation = _anew(loan, spans, on, open_parts[Part.PRINCIPAL], plan)
    loan.instalments += rows
    renumber(loan)
    for part, amount in (open_parts | {Part.PRINCIPAL: 0, Part.INTEREST: interest}).items():
        for row, share in zip(rows, _even(amount, len(rows)), strict=True):
            row.put(part, share)
    if not loan.shape.by_plan:
        _show_from(loan, on)
    price_instalments(loan, on)
    for row in rows:
        row.look(on)


def _by_plan(loan: Loan, spans: Sequence[Span], on: date, principal: int) -> list[tuple[int, int]]:
    """Principal and interest of each new instalment. The first bears interest from ``on``: earlier days were earned."""
    classic, agreed = loan.shape.classic, loan.shape.agreed
    if agreed is not None:
        rate, dates = loan.amortisation.rate_on(on), [span.due_on for span in spans]
        made = schedule(continued(agreed, principal, rate, on, dates))
        return list(zip(made.principal_minor, made.interest_minor, strict=True))
    if classic is None:
        raise NotPossible("there is no plan that could be followed")
    rows = [(row.principal, row.interest) for row in classic_rows(classic, spans, principal, principal)]
    first = spans[0]
    interest = divide_half_even(rows[0][1] * (first.due_on - on).days, first.days)
    return [(rows[0][0], interest), *rows[1:]]


def _due_dates(loan: Loan, on: date, plan: Replan) -> list[date]:
    left = [i.due_on for i in loan.instalments if i.due_on > on and not i.down_payment and not i.additional]
    unit, every = plan.unit or loan.shape.basis.unit, plan.every or loan.shape.basis.every
    if plan.first_due_on is not None:
        if plan.first_due_on <= on:
            raise NotPossible("the first due date of another plan comes after the day of the change")
        return _dates(plan.first_due_on, plan.count or len(left) or 1, every, unit)
    if not left:
        raise NotPossible("no due date is left: another plan needs its first one")
    count = plan.count or len(left)
    return left[:count] + _dates(left[-1], count - len(left) + 1, every, unit)[1:]


def _dates(first: date, count: int, every: int, unit: Unit) -> list[date]:
    return [first, *ends_of(first, count - 1, every, unit)] if count > 1 else [first]


def _close(loan: Loan, on: date) -> dict[Part, int]:
    """Let every instalment ask for no more than was paid; what was open. Future fees by instalment are not owed."""
    open_parts = dict.fromkeys(Part, 0)
    for number, (_, charge) in enumerate(loan.by_instalment):
        for instalment in loan.instalments:
            if instalment.due_on > on:
                asked = loan.priced.pop((id(instalment), number), 0)
                instalment.due[charge.part] -= min(asked, max(0, instalment.outstanding(charge.part)))
    kept: list[Instalment] = []
    for instalment in loan.instalments:
        if instalment.down_payment and instalment.due_on > on:
            kept.append(instalment)  # of a tranche that is lent later
            continue
        for part, amount in instalment.close().items():
            open_parts[part] += amount
        instalment.look(on)
        if instalment.due_on > on:
            if instalment.total_due == 0:
                continue
            instalment.due_on = on
        kept.append(instalment)
    loan.instalments = kept
    return open_parts


def _anew(loan: Loan, spans: Sequence[Span], on: date, principal: int, plan: Replan) -> Amortisation:
    """A plan for the open principal from ``on``; the first instalment bears interest from that day only."""
    old = loan.amortisation
    basis = old.basis
    if plan.every is not None and plan.unit is not None:
        basis = replace(basis, every=plan.every, unit=plan.unit)
    new = Amortisation(
        spans,
        basis,
        old.annual_rate,
        method=old.method,
        partial_period=old.partial_period,
        multiple_minor=old.multiple_minor,
    )
    new.rate_changes = list(old.rate_changes)
    planning.lend_from(new, on, principal)
    for pause in loan.pauses:
        if pause.until > on:
            planning.pause(new, max(pause.from_on, on), pause.until)
    return new


def _even(amount: int, count: int, multiple: int = 1) -> list[int]:
    """An amount in even shares, whole multiples where asked for; the last share takes what is left."""
    share = divide_half_even(amount, count * multiple) * multiple
    share = min(share, amount // (count - 1)) if count > 1 else amount
    return [share] * (count - 1) + [amount - share * (count - 1)]


# --- what is past due, shared ----------------------------------------------------------------------------------------
def _spread_overdue(loan: Loan, on: date) -> None:
    late = [i for i in loan.instalments if i.due_on < on and i.total_outstanding > 0]
    left = [i for i in loan.instalments if i.due_on >= on and not i.down_payment and not i.additional]
    if not late:
        raise NotPossible("nothing is past due")
    if not left:
        raise NotPossible("no instalment is left that could take what is past due")
    open_parts = dict.fromkeys(Part, 0)
    for instalment in late:
        for part, amount in instalment.close().items():
            open_parts[part] += amount
        instalment.look(on)
    for part, amount in open_parts.items():
        multiple = loan.shape.multiple_minor if part is Part.PRINCIPAL else None
        for instalment, share in zip(left, _even(amount, len(left), multiple or 1), strict=True):
            instalment.put(part, share)
            instalment.look(on)


# --- off the books ----------------------------------------------------------------------------------------------------
def _charge_off(loan: Loan, on: date, off: ChargeOff) -> None:
    if loan.charged_off_on is not None:
        raise NotPossible(f"the loan was charged off on {loan.charged_off_on.isoformat()}")
    loan.charged_off_on = on
    match off.schedule:
        case ChargedOff.AS_AGREED:
            return
        case ChargedOff.WITHOUT_INTEREST:
            _progressive(loan, "a charge-off without interest")
            if on < loan.amortisation.maturity:
                planning.pause(loan.amortisation, on, loan.amortisation.maturity)
                _show_from(loan, on)
        case ChargedOff.ALL_DUE:
            recalculate(loan, on)
            interest = earned_interest(loan, on)
            open_parts = _close(loan, on) | {Part.INTEREST: interest}
            row = Instalment(0, on, on)
            for part, amount in open_parts.items():
                row.put(part, amount)
            loan.bears_interest, loan.all_due = False, True
            loan.instalments.append(row)
            renumber(loan)
