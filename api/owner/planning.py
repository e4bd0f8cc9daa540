"""Changing a plan by oneself: rhythm, breathing space, a window put off; its cost is seen before it is agreed (E6)."""

import hashlib
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import rfc8785
from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.owner import planning_by_dates as by_dates
from api.owner.living_plan import Living, Wanted
from api.owner.plans_told import again, said_of, told_of
from api.owner.repaying import LATELY, monthly_of
from api.problems import BadFields, FieldError, NotFound
from api.views.plan import Course, PlanChoices, PlanPreview, PlanView, Prepayment
from db import applications, audits, clocks, incoming, plans, reading
from db.tables import LoanBalance
from lending import plans as rules
from lending.calendars import BusinessCalendar
from lending.cycles import Cycle
from lending.identifiers import derived_id
from lending.minimum_path import principal_at_most
from lending.money import divide_half_even
from lending.plans import Change, ChangeKind, Plan, plan_on
from lending.projection import Projection, daily, project_days
from lending.refusals import NothingChanges, PlanMoved, Refusal
from lending.terms import terms_from

A_DAY = timedelta(days=1)


async def plan(caller: Caller, loan_id: UUID) -> PlanView:
    """How the loan is repaid, what may be changed of it, and what was."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        living = await living_of(session, caller, loan_id, person)
        told = await plans.newest_notice(session, loan_id, living.facts.open_on)
    now, allowed = living.plan, caller.tools.policies.self_service
    look = _looked_at(living, now)
    least, short = _least(living, now)
    announced = told is not None and told.kind == "debit"
    return PlanView(
        loan_id=loan_id,
        number=living.number,
        product_id=living.row.product_id,
        currency=living.row.currency,
        share=living.facts.share,
        annual_rate=living.terms.annual_rate,
        cycle=now.cycle.value,
        cycle_day=now.cycle_day,
        open_on=living.facts.open_on,
        next_look_on=look,
        least_minor=least,
        short_minor=short,
        debit_on=told.due_on if told is not None and announced else None,
        debit_at_most_minor=told.most_minor if told is not None and announced else 0,
        choices=_choices(allowed, living),
        changes=tuple(told_of(row) for row in living.changes),
        **by_dates.seen(living, now),
    )


async def prepayment(caller: Caller, loan_id: UUID, amount_minor: int) -> Prepayment:
    """What paying so much today would do: an earlier end, or less of each day's sales (H6)."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        living = await living_of(session, caller, loan_id, person)
    form = fields.Form()
    owed = living.balance.principal_minor
    if not 0 < amount_minor < owed:
        form.refuse("amount", "amount_out_of_range", lowest_minor=1, highest_minor=owed - 1)
    form.done()
    paid = replace(living, facts=replace(living.facts, principal_minor=owed - amount_minor, prepaid_minor=amount_minor))
    allowed = caller.tools.policies.self_service
    if living.row.path is not None:
        ahead = course_of(paid, living.plan)
        fewer, less = by_dates.after_prepaying(allowed, paid)
        return Prepayment(
            loan_id=loan_id,
            amount_minor=amount_minor,
            currency=living.row.currency,
            share=living.facts.share,
            now=course_of(living, living.plan),
            shorter=fewer or ahead,
            lower_share=None,
            lower=less,
            ahead=ahead,
            repayment=living.terms.repayment.value,
        )
    lowest = rules.lowest_share(allowed, paid.facts, living.shares)
    after = living.plan._replace(share=lowest)
    return Prepayment(
        loan_id=loan_id,
        amount_minor=amount_minor,
        currency=living.row.currency,
        share=living.facts.share,
        now=course_of(living, living.plan),
        shorter=course_of(paid, living.plan),
        lower_share=lowest,
        lower=course_of(paid, after) if lowest is not None else None,
    )


async def preview(caller: Caller, loan_id: UUID, wanted: Wanted) -> PlanPreview:
    """What a change would do, or the refusal that says why it cannot be."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        return _shown(caller, await living_of(session, caller, loan_id, person), wanted)[1]


async def change(caller: Caller, loan_id: UUID, wanted: Wanted, sha256: str, key: str) -> PlanPreview:
    """Agree to a change, by the hash of what was shown. It takes effect with the first day that no close has taken.

    :class:`PlanMoved` where the loan has moved on since: then it would be another agreement than the one that was read.
    """
    person, tools = caller.person_id, caller.tools

    async def act(session: AsyncSession) -> Json:
        living = await living_of(session, caller, loan_id, person, lock=True)
        agreed, shown = _shown(caller, living, wanted)
        if shown.sha256 != sha256:
            raise PlanMoved
        change_id = uuid4()
        now = await clocks.now(session, tools.settings.clock_id)
        told: Json = plain(shown)
        await plans.agree(
            session,
            living.row,
            agreed,
            plan_on([*living.facts.changes, agreed], date.max, signed=living.terms.cycle),
            change_id=change_id,
            shown=told,
            shown_hash=sha256,
            policy_version=tools.policies.version,
            at=now,
        )
        application = await applications.locked(session, living.row.application_id)
        await applications.tell(
            session,
            application,
            event_id=derived_id("timeline", f"{change_id}/plan_changed"),
            kind=f"plan_{agreed.kind}",
            actor="owner",
            at=now,
            params={**shown.said, "on": agreed.effective_on.isoformat()},
        )
        application.version += 1
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="plan.changed",
            object_kind="loan",
            object_id=str(loan_id),
            detail={"kind": agreed.kind.value, "sha256": sha256},
            request_id=caller.request_id,
        )
        return told

    body = {"loan_id": loan_id, **asdict(wanted), "sha256": sha256}
    told = await perform(caller, "plan.change", key, body, act, person=person, object_id=str(loan_id))
    return again(told)


async def living_of(
    session: AsyncSession, caller: Caller, loan_id: UUID, person: UUID, *, lock: bool = False
) -> Living:
    row = await reading.loan_of(session, loan_id, person)
    if row is None or row.state != "live" or row.live_on is None:
        raise NotFound
    balance = await session.get(LoanBalance, loan_id, with_for_update=lock)
    if balance is None:
        raise NotFound
    open_on = balance.as_of + A_DAY
    terms = terms_from(row.terms)
    rows = await plans.rows_of(session, loan_id)
    changes = tuple((await plans.changes_of(session, [loan_id])).get(loan_id, ()))
    allowed = caller.tools.policies.self_service
    chosen = (ChangeKind.LOWER_SHARE, *rules.AFTER_PREPAYING)  # one prepayment is chosen of once
    lowered = max((c.effective_on for c in changes if c.kind in chosen), default=date.min)
    since = max(lowered, open_on - timedelta(days=allowed.prepaid_within_days))
    running = min(balance.windows_passed + 1, row.windows)
    facts = rules.Loan(
        live_on=row.live_on,
        open_on=open_on,
        past_due=balance.past_due_minor > 0,
        behind=balance.principal_minor > principal_at_most(row.principal_minor, row.windows, running),
        windows=row.windows,
        windows_passed=balance.windows_passed,
        signed=terms.cycle,
        changes=changes,
        share=plan_on(changes, date.max, signed=terms.cycle).share or terms.share,
        principal_minor=balance.principal_minor,
        prepaid_minor=await incoming.prepaid(session, loan_id, since),
    )
    sales = await reading.revenue_days(session, loan_id, open_on - LATELY, open_on)
    application = await reading.application(session, row.application_id)
    number = application.number if application else 0
    shares = caller.tools.policies.product(row.product_id).share
    calendar = caller.tools.policies.calendars[row.jurisdiction]
    return Living(row, balance, terms, facts, monthly_of(sales, open_on), rows, number, shares, calendar)


def _least(living: Living, now: Plan) -> tuple[int, int]:
    """(principal that is to be repaid by the next look, what of it is missing)."""
    if living.row.path is not None:
        return by_dates.least(living, now)
    number = living.balance.windows_passed + 1
    while number in now.put_off:
        number += 1
    allowed = principal_at_most(living.row.principal_minor, living.row.windows, min(number, living.row.windows))
    return living.row.principal_minor - allowed, max(0, living.balance.principal_minor - allowed)


def _looked_at(living: Living, plan: Plan) -> date | None:
    if living.row.path is not None:
        return by_dates.next_on(living, plan)
    return rules.next_look_on(living.facts, living.terms.window_months, plan, moves_of(living))


def moves_of(living: Living) -> BusinessCalendar | None:
    """By which calendar its windows' ends move; None: it was signed without a day rule."""
    return living.calendar if living.row.window_ends is not None else None


def _choices(allowed: rules.SelfService, living: Living) -> PlanChoices:
    if living.row.path is not None:
        return by_dates.choices(allowed, living)
    facts = living.facts
    before = [change.breathing for change in facts.changes if change.breathing is not None]
    last = max((space.last_on for space in before), default=date.min)
    first = max(facts.open_on, facts.live_on + timedelta(days=allowed.not_before_days), min(last, date.max) + A_DAY)
    latest = max(facts.live_on + timedelta(days=allowed.not_before_days), facts.open_on)
    latest = max(latest, facts.open_on + timedelta(days=allowed.starts_within_days))
    left = rules.days_left(allowed, before, first)
    may = not facts.past_due and left > 0 and first <= latest
    rhythm = max((c.effective_on for c in facts.changes if c.kind is ChangeKind.RHYTHM), default=None)
    again = rhythm + timedelta(days=allowed.rhythm_every_days) if rhythm else None
    return PlanChoices(
        breathing_from=first if may else None,
        breathing_to=latest if may else None,
        longest_days=min(allowed.longest_days, left),
        days_left=left,
        factors=allowed.factors,
        rhythms=tuple(cycle.value for cycle in allowed.rhythms),
        rhythm_from=again if again is not None and again > facts.open_on else None,
        puts_off=_would(lambda: rules.put_off(allowed, facts)),
        lowest_share=None if facts.past_due else rules.lowest_share(allowed, facts, living.shares),
        reminder_from=allowed.reminder_from,
        reminder_to=allowed.reminder_to,
    )


def _would(rule: Any) -> bool:
    try:
        rule()
    except Refusal:
        return False
    return True


def _shown(caller: Caller, living: Living, wanted: Wanted) -> tuple[Change, PlanPreview]:
    agreed = _asked(caller.tools.policies.self_service, living, wanted)
    before = living.plan
    after = plan_on([*living.facts.changes, agreed], date.max, signed=living.terms.cycle)
    one, other = course_of(living, before), course_of(living, after)
    shown = PlanPreview(
        loan_id=living.row.id,
        kind=agreed.kind.value,
        effective_on=agreed.effective_on,
        said=said_of(agreed),
        first_on=agreed.breathing.first_on if agreed.breathing else None,
        last_on=agreed.breathing.last_on if agreed.breathing else None,
        share=agreed.share,
        before=one,
        after=other,
        extra_interest_minor=extra_of(living, agreed, one, other),
        currency=living.row.currency,
        sha256="",
    )
    digest = hashlib.sha256(rfc8785.dumps(plain(shown))).hexdigest()
    return agreed, replace(shown, sha256=digest)


def _asked(allowed: rules.SelfService, living: Living, wanted: Wanted) -> Change:
    facts = living.facts
    if living.row.path is not None:
        return by_dates.asked(allowed, living, wanted)
    match wanted.kind:
        case "reminder_hour":
            return rules.remind(allowed, living.plan, facts.open_on, wanted.hour)
        case "weights" | "due_day" | "rest" | "shorter_term" | "lower_instalments":
            raise NothingChanges
        case "breathing":
            if wanted.first_on is None:
                raise BadFields(fields=(FieldError("first_on", "missing"),))
            return rules.breathe(allowed, facts, first_on=wanted.first_on, days=wanted.days, factor=wanted.factor)
        case "rhythm":
            if wanted.cycle not in set(Cycle):
                raise BadFields(fields=(FieldError("cycle", "not_one_of_these"),))
            return rules.beat(allowed, facts, cycle=Cycle(wanted.cycle), cycle_day=wanted.cycle_day)
        case "next_window":
            return rules.put_off(allowed, facts)
        case "lower_share":
            return rules.lower(allowed, facts, living.shares, wanted.share)
        case _:
            raise BadFields(fields=(FieldError("kind", "not_one_of_these"),))


def course_of(living: Living, on_plan: Plan) -> Course:
    if living.row.path is not None:
        return by_dates.course(living, on_plan)
    run = _run(living, on_plan)
    return Course(
        finish_on=run.finish_on if run else None,
        interest_to_come_minor=run.total_interest_minor if run and run.finish_on else None,
        annual_rate=living.terms.annual_rate,
        next_look_on=rules.next_look_on(living.facts, living.terms.window_months, on_plan, moves_of(living)),
    )


def _run(living: Living, on_plan: Plan) -> Projection | None:
    """The rest of the loan on the sales of the last four weeks."""
    principal = living.facts.principal_minor
    if living.monthly_minor <= 0 or principal <= 0:
        return None
    share = on_plan.share or living.terms.share
    rest = replace(living.terms, amount_minor=principal, cycle=on_plan.cycle, share=share)
    start = living.facts.open_on
    days = daily(living.monthly_minor, start)
    return project_days(rest, days, start, on_plan.breathings, cycle_day=on_plan.cycle_day)


def extra_of(living: Living, agreed: Change, before: Course, after: Course) -> int:
    """What the change costs in interest; at the most, where sales say too little or the effect is no debit's."""
    if agreed.kind is not ChangeKind.NEXT_WINDOW and None not in (
        before.interest_to_come_minor,
        after.interest_to_come_minor,
    ):
        return max(0, (after.interest_to_come_minor or 0) - (before.interest_to_come_minor or 0))
    owed, days = living.balance.principal_minor, 0
    if agreed.breathing is not None:
        days = agreed.breathing.days
    elif agreed.kind is ChangeKind.RHYTHM:
        days = {Cycle.DAY: 0, Cycle.WEEK: 7, Cycle.MONTH: 31}[agreed.cycle]
    elif before.next_look_on is not None and after.next_look_on is not None:
        owed, days = _least(living, living.plan)[1], (after.next_look_on - before.next_look_on).days
    return divide_half_even(owed * living.terms.rate_units * days, living.terms.units_per_minor)
