"""The same for plans by dates: the instalments to come without and with a change, and which changes there are."""

from collections.abc import Callable
from datetime import date
from typing import TypedDict

from api.owner.living_plan import Living, Wanted
from api.problems import BadFields, FieldError
from api.views.loan import InstalmentView
from api.views.plan import Course, PlanChoices
from lending import dated_plans as dates
from lending.dated_plans import Dated
from lending.paths import Path, ahead, path_from
from lending.plans import Change, Plan, SelfService, plan_on, remind
from lending.products import RepaymentKind
from lending.refusals import NothingChanges, Refusal


class Seen(TypedDict):
    """What a plan's view says more of a plan by dates."""

    repayment: str
    weights: tuple[int, ...]
    due_day: int
    reminder_hour: int | None
    instalments: tuple[InstalmentView, ...]


def path_in_force(living: Living, plan: Plan) -> Path | None:
    """The changed path, else the signed one; None of a share of sales."""
    signed = living.row.path
    return None if signed is None else plan.path or path_from(signed)


def weights_in_force(living: Living, plan: Plan) -> tuple[int, ...]:
    return plan.weights or living.terms.weights


def coming(living: Living, plan: Plan) -> tuple[InstalmentView, ...]:
    """What each due day asks for from the first day on that no close has taken."""
    path, balance = path_in_force(living, plan), living.balance
    if path is None:
        return ()
    return tuple(
        InstalmentView(
            one.number, one.due_on, one.amount_minor, one.principal_minor, one.interest_minor, one.left_minor
        )
        for one in ahead(
            path,
            living.facts.open_on,
            principal_minor=living.facts.principal_minor,
            units=int(balance.accrued_units),
            interest_paid_minor=balance.interest_paid_minor,
            rate_units=living.terms.rate_units,
            units_per_minor=living.terms.units_per_minor,
        )
    )


def seen(living: Living, plan: Plan) -> Seen:
    """For the view."""
    return Seen(
        repayment=living.terms.repayment.value,
        weights=weights_in_force(living, plan),
        due_day=plan.due_day or (living.facts.live_on.day if living.row.path is not None else 0),
        reminder_hour=plan.reminder_hour,
        instalments=coming(living, plan),
    )


def course(living: Living, plan: Plan) -> Course:
    """How it goes on if every instalment is kept."""
    rows = coming(living, plan)
    return Course(
        finish_on=rows[-1].on if rows else None,
        interest_to_come_minor=sum(one.interest_minor for one in rows),
        annual_rate=living.terms.annual_rate,
        next_look_on=rows[0].on if rows else None,
        instalments=rows,
    )


def choices(allowed: SelfService, living: Living) -> PlanChoices:
    """What may be changed now."""
    loan = dated_of(living)
    weighted = living.terms.repayment is RepaymentKind.WEIGHTED
    some_day = next(day for day in (15, 16) if day != (loan.due_day or loan.live_on.day))
    other = tuple(1 if weight == 1 else weight - 1 for weight in (loan.weights or (10,) * dates.MONTHS))
    resting = _tried(lambda: dates.rest(allowed, loan))
    return PlanChoices(
        breathing_from=None,
        breathing_to=None,
        longest_days=0,
        days_left=0,
        factors=(),
        rhythms=(),
        rhythm_from=None,
        puts_off=False,
        weights=weighted and _tried(lambda: dates.weigh(allowed, loan, other)) is not None,
        due_day=_tried(lambda: dates.move_due_day(allowed, loan, some_day)) is not None,
        rest_on=resting.breathing.last_on if resting and resting.breathing else None,
        reminder_from=allowed.reminder_from,
        reminder_to=allowed.reminder_to,
        shorter_term=_tried(lambda: dates.shorter(allowed, loan)) is not None,
        lower_instalments=_tried(lambda: dates.lower(allowed, loan)) is not None,
    )


def asked(allowed: SelfService, living: Living, wanted: Wanted) -> Change:
    """The change that is asked for; refuses what a plan by dates has not, or the rules do not allow."""
    loan = dated_of(living)
    match wanted.kind:
        case "weights":
            return dates.weigh(allowed, loan, _weights(wanted.weights))
        case "due_day":
            return dates.move_due_day(allowed, loan, wanted.cycle_day)
        case "rest":
            return dates.rest(allowed, loan)
        case "shorter_term":
            return dates.shorter(allowed, loan)
        case "lower_instalments":
            return dates.lower(allowed, loan)
        case "reminder_hour":
            return remind(allowed, living.plan, living.facts.open_on, wanted.hour)
        case "breathing" | "rhythm" | "next_window" | "lower_share":
            raise NothingChanges
        case _:
            raise BadFields(fields=(FieldError("kind", "not_one_of_these"),))


def dated_of(living: Living) -> Dated:
    plan = living.plan
    path = path_in_force(living, plan)
    if path is None:
        raise NothingChanges
    facts = living.facts
    return Dated(
        living.terms,
        facts.live_on,
        facts.open_on,
        facts.past_due,
        path,
        weights_in_force(living, plan),
        plan.due_day,
        facts.changes,
        living.calendar,
        facts.principal_minor,
        facts.prepaid_minor,
    )


def after_prepaying(allowed: SelfService, living: Living) -> tuple[Course | None, Course | None]:
    """How it goes on with fewer instalments, and with lower ones; None of what cannot be chosen."""
    loan = dated_of(living)

    def with_(rule: Callable[[SelfService, Dated], Change]) -> Course | None:
        chosen = _tried(lambda: rule(allowed, loan))
        if chosen is None:
            return None
        return course(living, plan_on([*living.facts.changes, chosen], date.max, signed=living.terms.cycle))

    return with_(dates.shorter), with_(dates.lower)


def _weights(said: str) -> tuple[int, ...]:
    try:
        return tuple(int(one) for one in said.split(","))
    except ValueError:
        raise BadFields(fields=(FieldError("weights", "not_a_number"),)) from None


def _tried(rule: Callable[[], Change]) -> Change | None:
    try:
        return rule()
    except Refusal:
        return None


def least(living: Living, plan: Plan) -> tuple[int, int]:
    """(Principal that is to be repaid by the next due day, what of it is missing)."""
    rows = coming(living, plan)
    if not rows:
        return 0, 0
    return living.row.principal_minor - rows[0].left_minor, rows[0].principal_minor


def next_on(living: Living, plan: Plan) -> date | None:
    """The next due day."""
    rows = coming(living, plan)
    return rows[0].on if rows else None
