"""The plan of one of our own contracts while the loan lives: as signed, until another rate or plan is agreed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from lending.changes import NotPossible
from lending.instalments import Part
from lending.loan_state import Event, Loan
from lending.money import divide_half_even
from lending.schedules import Plan, Row, Shape, schedule


def agreed_rows(plan: Plan, disbursed: Sequence[Event]) -> list[Row]:
    """The rows of the plan from the day on which the money was credited (P9); it is paid out once."""
    if len(disbursed) > 1:
        raise NotPossible("a loan with an agreed plan is paid out once")
    return schedule(replace(plan, principal_minor=disbursed[0].amount, start=disbursed[0].on)).rows()


def continued(plan: Plan, principal_minor: int, annual_rate: Decimal, on: date, dates: Sequence[date]) -> Plan:
    """The same kind of plan for what is open, from ``on``, on these due dates; grace has been used up by then."""
    shape, weights = plan.shape, plan.weights[-len(dates) :]
    if shape is Shape.CUSTOM:
        shape = Shape.EQUAL_PRINCIPAL
    if shape is Shape.WEIGHTED and (len(dates) > len(plan.weights) or not any(weights)):
        shape = Shape.EQUAL_INSTALMENTS
    return Plan(
        principal_minor,
        annual_rate,
        plan.day_count,
        on,
        len(dates),
        shape,
        every=plan.every,
        unit=plan.unit,
        flat=plan.flat,
        multiple_minor=plan.multiple_minor,
        dates=tuple(dates),
        weights=weights if shape is Shape.WEIGHTED else (),
    )


def reprice_agreed(loan: Loan, plan: Plan, on: date) -> None:
    """Another rate from ``on`` (重定价日): what is not yet due is shared anew over its own due dates.

    What is past due stays past due; interest of the running period is earned at the old rate until ``on``.
    """
    later = [i for i in loan.instalments if i.due_on > on and not i.additional]
    kept = [i.paid[Part.PRINCIPAL] + i.waived[Part.PRINCIPAL] + i.left_beside(Part.PRINCIPAL) for i in later]
    principal = sum(i.due[Part.PRINCIPAL] for i in later) - sum(kept)
    if principal <= 0:
        raise NotPossible("no principal is open that another rate could price")
    made = schedule(continued(plan, principal, loan.amortisation.rate_on(on), on, [i.due_on for i in later]))
    for instalment, keep, part, interest in zip(later, kept, made.principal_minor, made.interest_minor, strict=True):
        planned = instalment.due[Part.INTEREST] - instalment.beside[Part.INTEREST]
        run = max(0, (on - instalment.from_on).days)
        earned = divide_half_even(planned * run, instalment.span.days) + interest + instalment.beside[Part.INTEREST]
        settled = instalment.paid[Part.INTEREST] + instalment.waived[Part.INTEREST]
        instalment.due[Part.PRINCIPAL] = keep + part
        instalment.due[Part.INTEREST] = max(earned, settled)
        instalment.look(on)
