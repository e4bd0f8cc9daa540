"""Help: what is asked is answered from a rule; the second question that was not brings a call within minutes."""

from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform
from api.owner import shopping
from api.phrases import phrase
from api.views import HelpAnswer, HelpCallView
from db import applications, audits, clocks, helping, people
from db.tables import HelpCall
from lending.help import Topic, answers, asks_for_a_person, hands_over
from lending.identifiers import derived_id
from lending.parties import ANSWER_WITHIN

ASKED_LONGEST = 200


async def answered(caller: Caller, asked: str) -> tuple[HelpAnswer, ...]:
    """The answers to a question, at most two; all of them where nothing was asked, none where no rule speaks of it."""
    known = caller.tools.policies.help
    topics = answers(asked, known) if asked.strip() else known.topics
    figures = await _figures(caller)
    return tuple(_answer(caller, topic, figures) for topic in topics)


def for_a_person(caller: Caller, asked: str) -> bool:
    """Whether a question asks for somebody to talk to."""
    return asks_for_a_person(asked, caller.tools.policies.help)


async def _figures(caller: Caller) -> Json:
    """What the answers say in numbers, from the rules in force."""
    card = await shopping.product_card(caller)
    receivables = caller.tools.policies.receivables[caller.tools.settings.jurisdiction]
    return {
        "lowest_rate": card.annual_rate,
        "highest_rate": card.highest_annual_rate,
        "fast_minor": card.fast_limit_minor,
        "hours": int(card.delay_hours),
        "window_months": card.window_months,
        "grace_days": card.grace_days,
        "reasons_max": caller.tools.policies.reasons_max,
        "advance_rate": receivables.advance_rate,
        "call_minutes": int(caller.tools.policies.help.call_within.total_seconds()) // 60,
        "answer_days": ANSWER_WITHIN.days,
        "currency": card.currency,
    }


def _answer(caller: Caller, topic: Topic, figures: Json) -> HelpAnswer:
    return HelpAnswer(
        id=topic.id,
        question=phrase(f"api.help.{topic.id}.question", caller.locale, figures),
        answer=phrase(f"api.help.{topic.id}.answer", caller.locale, figures),
        rule=topic.rule,
        version=caller.tools.policies.help.version,
    )


async def missed(caller: Caller, asked: str, key: str) -> HelpCallView | None:
    """The answer did not help. Somebody calls the second time within a day, and at once where a person was asked for:
    when, or None where it is the first."""
    form = fields.Form()
    words = form.take("asked", lambda text: fields.line(text, longest=ASKED_LONGEST), asked, "")
    form.done()
    tools, person = caller.tools, caller.person_id
    known = tools.policies.help

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, tools.settings.clock_id)
        sealing = await people.key_of(session, tools.vault, person)
        miss_id, call_id = uuid4(), uuid4()
        await helping.note_miss(
            session,
            miss_id=miss_id,
            person_id=person,
            asked_sealed=tools.vault.seal(sealing, helping.MISSED, miss_id, words),
            topics=[topic.id for topic in answers(words, known)],
            at=now,
        )
        missed_at = await helping.misses(session, person, now, known.misses_within)
        if not asks_for_a_person(words, known) and not hands_over(missed_at, now, known):
            return {}
        sealed = tools.vault.seal(sealing, helping.ASKED, call_id, words)
        due_at = now + known.call_within
        if await helping.ask_for_call(
            session, call_id=call_id, person_id=person, asked_sealed=sealed, now=now, due_at=due_at
        ):
            await applications.notify_person(
                session,
                notice_id=derived_id("notice", f"help-call/{call_id}"),
                person_id=person,
                application_id=None,
                kind="help_call",
                params={"until": due_at.isoformat()},
                at=now,
            )
            await audits.append(
                session,
                actor=caller.principal.actor,
                action="help.call",
                object_kind="help_call",
                object_id=str(call_id),
                detail={"due_at": due_at.isoformat()},
                request_id=caller.request_id,
            )
        return {}

    await perform(caller, "owner.help_missed", key, {"asked": words}, act, person=person)
    return await waiting(caller)


async def waiting(caller: Caller) -> HelpCallView | None:
    """The call that one waits for."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        row = await helping.open_of(session, person)
        return row and await view(session, caller, row)


async def view(session: AsyncSession, caller: Caller, row: HelpCall) -> HelpCallView:
    """A call with what was asked, for whoever may read it."""
    key = await people.key_of(session, caller.tools.vault, row.person_id)
    return HelpCallView(
        id=row.id,
        asked=caller.tools.vault.open(key, helping.ASKED, row.id, row.asked_sealed),
        asked_at=row.asked_at,
        due_at=row.due_at,
        outcome=row.outcome,
        words=row.words,
        closed_at=row.closed_at,
    )
