"""Relief for its owner: one tap says what happened, each way stands with its whole cost beside doing nothing, and the
hash of what was shown is what is agreed (journey 6, F1–F3)."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import rfc8785
from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, late
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.loan_record import on_record
from api.owner.living_plan import Living
from api.owner.planning import course_of, extra_of, living_of, moves_of
from api.owner.planning_by_dates import dated_of
from api.owner.repaying import monthly_of
from api.views.relief import ReliefLine, ReliefView, ReliefWay
from db import applications, clocks, collecting, plans, reading
from db import relief as reliefs
from db.tables import Relief
from lending import relief as rules
from lending.close import LoanStatus
from lending.collecting import CaseEnd
from lending.identifiers import derived_id
from lending.minimum_path import window_ends
from lending.plans import Change, plan_on
from lending.refusals import PlanMoved
from lending.refusals_of_plans import ReliefNotOffered, ReliefUsedUp
from lending.relief import Late, Why

# What the credit record shows of every way: the loan ends later than was signed (展期), and nothing is overdue.
EXTENDED = "extended"


async def seen(caller: Caller, loan_id: UUID) -> ReliefView:
    """What was asked for and, once it is offered, each way with its cost."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        living = await living_of(session, caller, loan_id, person)
        return _view(caller, living, await reliefs.of_loan(session, loan_id))


async def ask(caller: Caller, loan_id: UUID, why: str, key: str) -> ReliefView:
    """Say what happened. Up to the policy's sum the rule offers at once; above it, and where somebody else's burden
    would grow, the desk answers within its clock."""
    person, allowed = caller.person_id, caller.tools.policies.relief
    form = fields.Form()
    if why not in {one.value for one in Why}:
        form.refuse("why", "not_one_of_these")
    form.done()

    async def act(session: AsyncSession) -> Json:
        living = await living_of(session, caller, loan_id, person, lock=True)
        rows = await reliefs.of_loan(session, loan_id)
        if any(row.state in reliefs.OPEN for row in rows):
            return {}  # a second tap finds what the first one asked
        if not _left(caller, living, rows):
            raise ReliefUsedUp(times=allowed.times_a_year)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        owed = living.balance.principal_minor
        others = await reliefs.others_stand_behind(session, living.row.application_id)
        short = living.balance.days_past_due <= allowed.automatic_late_days
        by_rule = owed <= allowed.automatic_up_to_minor and short and not others
        row = Relief(
            id=uuid4(),
            loan_id=loan_id,
            person_id=person,
            n=len(rows) + 1,
            why=why,
            state="offered" if by_rule else "asked",
            owed_minor=owed,
            figures={
                "monthly_minor": living.monthly_minor,
                "usual_minor": max(living.monthly_minor, await _usual(session, living)),
                "exit_months": allowed.exit_months,
                "exit_percent": int(allowed.exit_at_least * 100),
            },
            asked_at=now,
            due_at=None if by_rule else now + timedelta(hours=allowed.desk_hours),
            decided_by="policy" if by_rule else None,
            decided_at=now if by_rule else None,
        )
        session.add(row)
        await session.flush()
        await on_record(session, caller, "relief.asked", loan_id, why=why, by_rule=str(by_rule))
        return {}

    await perform(caller, "relief.ask", key, {"loan_id": loan_id, "why": why}, act, person=person)
    return await seen(caller, loan_id)


async def agree(caller: Caller, loan_id: UUID, way: str, sha256: str, key: str) -> ReliefView:
    """Agree to one way by the hash of what was shown: from then on nothing is past due, and nobody presses."""
    person, tools = caller.person_id, caller.tools

    async def act(session: AsyncSession) -> Json:
        living = await living_of(session, caller, loan_id, person, lock=True)
        row = next((one for one in await reliefs.of_loan(session, loan_id) if one.state == "offered"), None)
        chosen = _ways(caller, living).get(way)
        if row is None or chosen is None:
            raise ReliefNotOffered
        shown = _shown(living, way, chosen)
        if shown.sha256 != sha256:
            raise PlanMoved
        now = await clocks.now(session, tools.settings.clock_id)
        change_id = uuid4()
        await plans.agree(
            session,
            living.row,
            chosen,
            plan_on([*living.facts.changes, chosen], date.max, signed=living.terms.cycle),
            change_id=change_id,
            shown=plain(shown),
            shown_hash=sha256,
            policy_version=tools.policies.version,
            at=now,
        )
        _relieve(living, chosen)
        row.figures = {**row.figures, "passed": chosen.window}
        row.state, row.way, row.effective_on, row.agreed_at = "agreed", way, chosen.effective_on, now
        await _silence(session, caller, loan_id)
        application = await applications.locked(session, living.row.application_id)
        await applications.tell(
            session,
            application,
            event_id=derived_id("timeline", f"{change_id}/plan_changed"),
            kind="plan_relief",
            actor="owner",
            at=now,
            params={"on": chosen.effective_on.isoformat()},
        )
        application.version += 1
        await on_record(session, caller, "relief.agreed", loan_id, way=way, sha256=sha256)
        return {}

    body = {"loan_id": loan_id, "way": way, "sha256": sha256}
    await perform(caller, "relief.agree", key, body, act, person=person)
    return await seen(caller, loan_id)


def _relieve(living: Living, change: Change) -> None:
    """The balance as :func:`lending.relief.relieved` has it, before any close says so."""
    balance = living.balance
    balance.windows_passed, balance.past_due_since = change.window, None
    balance.past_due_minor, balance.days_past_due = 0, 0
    balance.status = LoanStatus.AS_AGREED.value


async def _usual(session: AsyncSession, living: Living) -> int:
    """A month's sales of the twelve weeks before the last four, which trouble may have lowered already."""
    until = living.facts.open_on - timedelta(days=28)
    days = await reading.revenue_days(session, living.row.id, until - timedelta(days=84), until)
    return monthly_of(days, until)


async def _silence(session: AsyncSession, caller: Caller, loan_id: UUID) -> None:
    """The case of the lateness that is over ends; its story finds that out at once."""
    found = await collecting.newest_of_loan(session, loan_id, lock=True)
    if found is None or found.row.ended is not None:
        return
    now, today = await late.clock(session, caller, found)
    await collecting.end(session, found, CaseEnd.RELIEVED, today, now)
    found.row.unaided = False
    await late.wake(session, caller, found.row.id)


def _view(caller: Caller, living: Living, rows: Sequence[Relief]) -> ReliefView:
    told = [_line(row) for row in rows]
    now = next((one for one in told if one.state in reliefs.OPEN), None)
    offered = now is not None and now.state == "offered"
    return ReliefView(
        loan_id=living.row.id,
        number=living.number,
        currency=living.row.currency,
        past_due_minor=living.balance.past_due_minor,
        open=now,
        before=tuple(one for one in told if one is not now),
        nothing=course_of(living, living.plan),
        ways=tuple(_shown(living, way, one) for way, one in _ways(caller, living).items()) if offered else (),
        times_left=_left(caller, living, rows),
    )


def _line(row: Relief) -> ReliefLine:
    return ReliefLine(
        row.id,
        row.why,
        row.state,
        row.asked_at,
        row.due_at,
        row.helps_instead,
        row.way,
        row.effective_on,
        row.agreed_at,
    )


def _left(caller: Caller, living: Living, rows: Sequence[Relief]) -> int:
    agreed = [row.effective_on for row in rows if row.effective_on is not None]
    return rules.times_left(caller.tools.policies.relief, agreed, living.facts.open_on)


def _ways(caller: Caller, living: Living) -> dict[str, Change]:
    allowed = caller.tools.policies.relief
    since = Late(living.balance.past_due_since, int(living.balance.accrued_units))
    if living.row.path is not None:
        return dict(rules.of_dates(allowed, dated_of(living), since))
    return dict(rules.of_share(allowed, living.facts, since, living.terms.window_months, moves_of(living)))


def _shown(living: Living, way: str, change: Change) -> ReliefWay:
    after = plan_on([*living.facts.changes, change], date.max, signed=living.terms.cycle)
    nothing, then = course_of(living, living.plan), course_of(living, after)
    if change.path is not None:
        last = change.path.due_on[-1]
    else:
        shift = after.shift_days(date.max)
        facts = living.facts
        last = window_ends(facts.live_on, living.terms.window_months, facts.windows, moves_of(living), shift)[-1]
    shown = ReliefWay(
        way=way,
        effective_on=change.effective_on,
        last_on=last,
        course=then,
        extra_interest_minor=extra_of(living, change, nothing, then),
        record=EXTENDED,
        sha256="",
    )
    said = {"loan_id": str(living.row.id), "nothing": plain(nothing), "way": plain(shown)}
    return replace(shown, sha256=hashlib.sha256(rfc8785.dumps(said)).hexdigest())
