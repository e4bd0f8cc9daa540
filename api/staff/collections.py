"""Loans past due at the desk: who is late and why, the calls that are due, their outcomes, and answers to disputes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, late, words_out
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.loan_record import on_record
from api.problems import NotFound
from api.views.late import CallLine, CaseLine, StepLine
from db import applications, clocks, collecting, contacts, people
from db.collecting import Open
from db.tables import CollectionStep
from lending.calendars import Jurisdiction, business_date
from lending.collecting import Does
from lending.contact_policy import Answer, Channel, Purpose, Wish
from lending.identifiers import derived_id
from lending.refusals_at_desk import NotNow, StepDone
from policies.contact_rules import contact_rules

MOST = 200
LONGEST, LEAST = 2_000, 4
# What no clock ends may have ended by itself tomorrow.
A_DAY = timedelta(days=1)
CHANNELS = {Does.CALL.value: Channel.CALL, Does.VISIT.value: Channel.VISIT}
OUTCOMES = ("talked", "no_answer", "promised")
VERDICTS = ("upheld", "not_upheld")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call; a promise has its day, and its sum if it is not all."""

    outcome: str
    promised_on: date | None = None
    amount_minor: int | None = None


async def cases(caller: Caller) -> tuple[CaseLine, ...]:
    """All that are open, the longest late first."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        return tuple([await _line(session, caller, one, now) for one in await collecting.open_cases(session, MOST)])


async def begin(caller: Caller, case_id: UUID, name: str, key: str) -> CallLine:
    """Ask the rules for one call or visit. A yes is a contact on record at once, whether anybody answers or not; a no
    says why and until when, and nothing is lost. Raises :class:`NotNow`."""

    async def act(session: AsyncSession) -> Json:
        found, step = await _step(session, case_id, name)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await people.record_access(
            session, found.row.person_id, at=now, actor=caller.principal.actor, what="phone", purpose="collections"
        )
        who = await people.identity_of(session, caller.tools.vault, found.row.person_id)
        number = caller.tools.vault.blind_index(people.PHONE, who.phone)
        wish = Wish(Purpose(step.purpose), CHANNELS[step.does], number.hex(), kind=step.name)
        allowed = await contacts.allow(
            session,
            contacts.Asked(
                contact_id=derived_id("contact", f"{step.id}/{key}"),
                person_id=found.row.person_id,
                application_id=found.loan.application_id,
                agent=caller.principal.actor,
            ),
            wish,
            contact_rules(
                caller.tools.policies.jurisdiction(found.loan.jurisdiction),
                caller.tools.policies.contact,
                caller.tools.policies.calendars.get(found.loan.jurisdiction),
            ),
            jurisdiction=Jurisdiction(found.loan.jurisdiction),
            version=caller.tools.policies.version,
            now=now,
        )
        if isinstance(allowed, Answer):
            raise NotNow(because=str(allowed.because), again_at=(allowed.at or now + A_DAY).isoformat())
        return {"contact_id": str(allowed.contact_id), "purpose": step.purpose, "offers_relief": step.offers_relief}

    said = {"case_id": case_id, "name": name}
    kept = await perform(caller, "collections.call", key, said, act, scope="staff", object_id=str(case_id))
    async with caller.tools.sessions.begin(scope="staff") as session:
        found = await collecting.case(session, case_id)
        if found is None:
            raise NotFound
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await people.record_access(
            session, found.row.person_id, at=now, actor=caller.principal.actor, what="phone", purpose="collections"
        )
        who = await people.identity_of(session, caller.tools.vault, found.row.person_id)
    return CallLine(UUID(kept["contact_id"]), who.phone, str(kept["purpose"]), bool(kept["offers_relief"]))


async def outcome(caller: Caller, case_id: UUID, name: str, said: Outcome, key: str) -> tuple[CaseLine, ...]:
    """What came of it: nobody answered, talked, or promised a day."""
    form = fields.Form()
    if said.outcome not in OUTCOMES:
        form.refuse("outcome", "not_one_of_these")
    if said.outcome == "promised" and said.promised_on is None:
        form.refuse("promised_on", "missing")
    form.done()

    async def act(session: AsyncSession) -> Json:
        found, step = await _step(session, case_id, name)
        now, today = await late.clock(session, caller, found)
        last = await contacts.newest(session, found.row.person_id, name, caller.principal.actor, step.taken_at)
        if last is None:
            raise StepDone
        if said.promised_on is not None and said.outcome == "promised":
            latest = today + timedelta(days=caller.tools.policies.collections.thresholds.promise_days)
            if not today <= said.promised_on <= latest:
                form.refuse("promised_on", "promise_day", first=today.isoformat(), last=latest.isoformat())
            if said.amount_minor is not None and said.amount_minor > found.past_due_minor:
                form.refuse("amount", "promise_amount")
            form.done()
            await late.promise(session, caller, found, said.amount_minor, said.promised_on, caller.principal.actor)
        last.talked = said.outcome != "no_answer"
        step.done_at, step.done_by, step.outcome = now, caller.principal.actor, said.outcome
        await late.wake(session, caller, case_id)
        await on_record(session, caller, "collections.outcome", found.loan.id, step=name, outcome=said.outcome)
        return {}

    body = {"case_id": case_id, "name": name, **plain(said)}
    await perform(caller, "collections.outcome", key, body, act, scope="staff", object_id=str(case_id))
    return await cases(caller)


async def answer(caller: Caller, case_id: UUID, verdict: str, words: str, key: str) -> tuple[CaseLine, ...]:
    """Answer a dispute, once, in words that the borrower reads."""
    form = fields.Form()
    if verdict not in VERDICTS:
        form.refuse("verdict", "not_one_of_these")
    text = form.take("words", lambda typed: fields.line(typed, longest=LONGEST, least=LEAST), words, "")
    form.done()
    tools = caller.tools
    async with tools.sessions.begin(scope="staff") as session:
        known = await collecting.case(session, case_id)
        if known is None:
            raise NotFound
        application_id = known.loan.application_id
    await words_out.may_leave(caller, words_out.of_application(application_id), [text], place="dispute", key=key)

    async def act(session: AsyncSession) -> Json:
        found = await collecting.case(session, case_id, lock=True)
        row = await collecting.dispute_of(session, found.loan.id) if found else None
        if found is None or row is None:
            raise StepDone
        now = await clocks.now(session, tools.settings.clock_id)
        await people.record_access(
            session, found.row.person_id, at=now, actor=caller.principal.actor, what="dispute", purpose="collections"
        )
        key_ = await people.key_of(session, tools.vault, found.row.person_id)
        row.verdict, row.answered_by, row.answered_at = verdict, caller.principal.actor, now
        row.answer_sealed = tools.vault.seal(key_, late.ANSWER, row.id, text)
        await applications.notify_person(
            session,
            notice_id=derived_id("notice", f"{row.id}/dispute_answered"),
            person_id=found.row.person_id,
            application_id=found.loan.application_id,
            kind="dispute_answered",
            params={"number": found.number},
            at=now,
        )
        await late.wake(session, caller, case_id)
        await on_record(session, caller, "collections.dispute", found.loan.id, verdict=verdict)
        return {}

    body = {"case_id": case_id, "verdict": verdict, "words": words}
    await perform(caller, "collections.dispute", key, body, act, scope="staff", object_id=str(case_id))
    return await cases(caller)


async def _step(session: AsyncSession, case_id: UUID, name: str) -> tuple[Open, CollectionStep]:
    """An open step of an open case, both locked."""
    found = await collecting.case(session, case_id, lock=True)
    if found is None:
        raise NotFound
    step = next((one for one in await collecting.steps(session, case_id) if one.name == name), None)
    if step is None or step.does not in CHANNELS:
        raise NotFound
    if found.row.ended is not None or step.done_at is not None:
        raise StepDone
    return found, step


async def _line(session: AsyncSession, caller: Caller, found: Open, now: datetime) -> CaseLine:
    row, loan = found.row, found.loan
    dispute = await collecting.dispute_of(session, loan.id)
    promise = await collecting.promise_of(session, loan.id)
    disputed = None
    if dispute is not None:
        await people.record_access(
            session, row.person_id, at=now, actor=caller.principal.actor, what="dispute", purpose="collections"
        )
        key = await people.key_of(session, caller.tools.vault, row.person_id)
        disputed = late.dispute_line(caller, key, dispute)
    today = business_date(now, Jurisdiction(loan.jurisdiction))
    return CaseLine(
        case_id=row.id,
        loan_id=loan.id,
        number=found.number,
        product_id=loan.product_id,
        currency=loan.currency,
        days_past_due=max(0, (today - row.since).days),
        past_due_minor=found.past_due_minor,
        segment=row.segment,
        stage=row.stage,
        reason=row.reason,
        figures=tuple((name, str(value)) for name, value in sorted(row.figures.items())),
        treatment=row.treatment,
        next_at=row.next_at,
        promise=late.promise_line(promise) if promise else None,
        dispute=disputed,
        steps=tuple(
            StepLine(
                name=one.name,
                does=one.does,
                purpose=one.purpose,
                offers_relief=one.offers_relief,
                taken_at=one.taken_at,
                due_at=one.due_at,
                done_at=one.done_at,
                done_by=one.done_by,
                outcome=one.outcome,
            )
            for one in await collecting.steps(session, row.id)
        ),
    )
