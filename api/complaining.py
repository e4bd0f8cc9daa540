"""Complaints: a number and a clock at once, a person's outcome with reasons, and whom to turn to after us (P32)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, words_out
from api.caller import Caller
from api.idempotency import Json, perform
from api.problems import NotFound
from api.views import ComplaintCase, ComplaintView
from db import applications, audits, clocks, people, talking
from db.people import Erased
from db.tables import Complaint
from lending.identifiers import derived_id
from lending.refusals import ReviewClosed

LONGEST, LEAST = 2_000, 4
OUTCOMES = ("upheld", "partly", "not_upheld")
SHOWN = 200


async def mine(caller: Caller) -> tuple[ComplaintView, ...]:
    """One's own, the newest first."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        return tuple([await _view(session, caller, row, now) for row in await talking.complaints_of(session, person)])


async def complain(caller: Caller, words: str, key: str) -> ComplaintView:
    """Complain: the number and the day of the answer are told at once, on the page and by message."""
    text = _words(words, "words")
    person, tools = caller.person_id, caller.tools

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, tools.settings.clock_id)
        due_at = now + tools.policies.complaint_within
        row = await talking.complain(session, tools.vault, person, text, at=now, due_at=due_at)
        said = {"number": row.number, "due_at": due_at.isoformat()}
        await _tell(session, row, "complaint_received", said, now)
        return {"id": str(row.id)}

    kept = await perform(caller, "owner.complain", key, {"words": words}, act, person=person)
    return next(one for one in await mine(caller) if str(one.id) == kept["id"])


async def cases(caller: Caller) -> tuple[ComplaintCase, ...]:
    """All complaints, the open ones first by when they are due; each look at a person's words is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        found: list[ComplaintCase] = []
        for row in await talking.complaints(session, SHOWN):
            try:
                found.append(await _case(session, caller, row, now))
            except Erased:
                continue
        return tuple(found)


async def answer(caller: Caller, complaint_id: UUID, outcome: str, words: str, key: str) -> ComplaintCase:
    """Answer one, once. Raises :class:`ReviewClosed` for one that was answered."""
    form = fields.Form()
    if outcome not in OUTCOMES:
        form.refuse("outcome", "not_one_of_these")
    text = form.take("words", lambda typed: fields.line(typed, longest=LONGEST, least=LEAST), words, "")
    form.done()
    tools = caller.tools
    await words_out.may_leave(caller, words_out.of_complaint(complaint_id), [text], place="complaint", key=key)

    async def act(session: AsyncSession) -> Json:
        row = await talking.complaint(session, complaint_id)
        if row is None:
            raise NotFound
        if row.answered_at is not None:
            raise ReviewClosed
        now = await clocks.now(session, tools.settings.clock_id)
        await _look(session, caller, row, now)
        await talking.answer(session, tools.vault, row, outcome=outcome, words=text, by=caller.principal.actor, at=now)
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="complaint.answer",
            object_kind="complaint",
            object_id=str(row.id),
            detail={"number": row.number, "outcome": outcome},
            request_id=caller.request_id,
        )
        await _tell(session, row, "complaint_answered", {"number": row.number}, now)
        return {}

    body = {"complaint": str(complaint_id), "outcome": outcome, "words": words}
    await perform(caller, "staff.answer_complaint", key, body, act, scope="staff")
    return next(one for one in await cases(caller) if one.complaint.id == complaint_id)


def _words(typed: str, name: str) -> str:
    form = fields.Form()
    text = form.take(name, lambda value: fields.line(value, longest=LONGEST, least=LEAST), typed, "")
    form.done()
    return text


async def _tell(session: AsyncSession, row: Complaint, kind: str, said: Json, at: datetime) -> None:
    await applications.notify_person(
        session,
        notice_id=derived_id("notice", f"{kind}/{row.id}"),
        person_id=row.person_id,
        application_id=None,
        kind=kind,
        params=said,
        at=at,
    )


async def _look(session: AsyncSession, caller: Caller, row: Complaint, at: datetime) -> None:
    role = min(caller.principal.roles, default="staff")
    await people.record_access(
        session, row.person_id, at=at, actor=role, what="complaint", purpose=f"complaint {row.number}"
    )


async def _case(session: AsyncSession, caller: Caller, row: Complaint, now: datetime) -> ComplaintCase:
    await _look(session, caller, row, now)
    who = await people.identity_of(session, caller.tools.vault, row.person_id)
    return ComplaintCase(await _view(session, caller, row, now), who.name, row.answered_by)


async def _view(session: AsyncSession, caller: Caller, row: Complaint, now: datetime) -> ComplaintView:
    tools = caller.tools
    words, answered = await talking.words_of(session, tools.vault, row)
    return ComplaintView(
        id=row.id,
        number=row.number,
        words=words,
        made_at=row.made_at,
        due_at=row.due_at,
        overdue=row.answered_at is None and now > row.due_at,
        outcome=row.outcome,
        answer=answered,
        answered_at=row.answered_at,
        complaint_phone=tools.policies.lender.complaint_phone,
        regulator_phone=tools.policies.jurisdiction(tools.settings.jurisdiction).regulator_phone,
    )
