"""A loan past due for its borrower: every contact with its reason, a promise in two taps, and "this is not right"."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, late
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.loan_record import on_record
from api.problems import NotFound
from api.views.late import LateView
from db import applications, collecting, people
from db.collecting import Open
from db.tables import ItemDispute
from lending.collecting import DisputeReason
from lending.identifiers import derived_id
from lending.refusals_at_desk import DisputeStands, NotPastDue

LONGEST, LEAST = 2_000, 4


@dataclass(frozen=True, slots=True)
class Promised:
    """So much (None: all that is past due) by that day."""

    on: date
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Disputed:
    """What is wrong, by code and in words."""

    reason: str
    words: str


async def seen(caller: Caller, loan_id: UUID) -> LateView:
    """The newest stretch of lateness of one's loan; there is none of a loan that was never late."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        return await late.view(session, caller, await _mine(session, loan_id, person))


async def promise(caller: Caller, loan_id: UUID, said: Promised, key: str) -> LateView:
    """Promise to pay by a day: until it is over nobody presses."""
    person = caller.person_id

    async def act(session: AsyncSession) -> Json:
        found = await _mine(session, loan_id, person, lock=True)
        now, today = await late.clock(session, caller, found)
        latest = today + timedelta(days=caller.tools.policies.collections.thresholds.promise_days)
        form = fields.Form()
        if not today <= said.on <= latest:
            form.refuse("on", "promise_day", first=today.isoformat(), last=latest.isoformat())
        if said.amount_minor is not None and not 0 < said.amount_minor <= max(1, found.past_due_minor):
            form.refuse("amount", "promise_amount")
        form.done()
        await late.promise(session, caller, found, said.amount_minor, said.on, "borrower")
        await _done(session, caller, found, "promise", {"promised_on": said.on.isoformat()})
        await applications.notify_person(
            session,
            notice_id=derived_id("notice", f"{found.row.id}/promise/{now.isoformat()}"),
            person_id=person,
            application_id=found.loan.application_id,
            kind="promise_made",
            params={"number": found.number, "on": said.on.isoformat()},
            at=now,
        )
        return {}

    await perform(caller, "loan.promise", key, {"loan_id": loan_id, **plain(said)}, act, person=person)
    return await seen(caller, loan_id)


async def dispute(caller: Caller, loan_id: UUID, said: Disputed, key: str) -> LateView:
    """Say that it is not owed: nothing is demanded, charged or reported for it until a person has answered (G7)."""
    person, tools = caller.person_id, caller.tools
    form = fields.Form()
    if said.reason not in {one.value for one in DisputeReason}:
        form.refuse("reason", "not_one_of_these")
    words = form.take("words", lambda typed: fields.line(typed, longest=LONGEST, least=LEAST), said.words, "")
    form.done()

    async def act(session: AsyncSession) -> Json:
        found = await _mine(session, loan_id, person, lock=True)
        if found.row.ended is not None or not found.past_due_minor:
            raise NotPastDue
        if await collecting.dispute_of(session, loan_id) is not None:
            raise DisputeStands
        now, _ = await late.clock(session, caller, found)
        due_at = now + timedelta(days=tools.policies.collections.thresholds.dispute_days)
        dispute_id, key_ = uuid4(), await people.key_of(session, tools.vault, person)
        session.add(
            ItemDispute(
                id=dispute_id,
                case_id=found.row.id,
                loan_id=loan_id,
                person_id=person,
                reason=said.reason,
                words_sealed=tools.vault.seal(key_, late.WORDS, dispute_id, words),
                made_at=now,
                due_at=due_at,
            )
        )
        await session.flush()
        await _done(session, caller, found, "dispute", {"reason": said.reason})
        await applications.notify_person(
            session,
            notice_id=derived_id("notice", f"{dispute_id}/dispute_made"),
            person_id=person,
            application_id=found.loan.application_id,
            kind="dispute_made",
            params={"number": found.number, "due_at": due_at.isoformat()},
            at=now,
        )
        return {}

    await perform(caller, "loan.dispute", key, {"loan_id": loan_id, **plain(said)}, act, person=person)
    return await seen(caller, loan_id)


async def _mine(session: AsyncSession, loan_id: UUID, person: UUID, *, lock: bool = False) -> Open:
    found = await collecting.newest_of_loan(session, loan_id, lock=lock)
    if found is None or found.row.person_id != person:
        raise NotFound
    return found


async def _done(session: AsyncSession, caller: Caller, found: Open, what: str, detail: dict[str, str]) -> None:
    await late.wake(session, caller, found.row.id)
    await on_record(session, caller, f"late.{what}", found.loan.id, **detail)
