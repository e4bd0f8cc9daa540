"""One question after a payoff: one tap, words if one likes, once a loan, and none where none is wanted (H5)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.problems import NotFound
from api.views.survey import AnswerCount, SurveySpread, SurveyView
from db import clocks, people, reading, surveys
from lending.refusals_at_desk import SurveyOver

WORDS_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Said:
    """From 1 to 5, or None for "I would rather not say"; ``never``: and ask me after no other loan."""

    answer: int | None
    words: str = ""
    never: bool = False


async def survey(caller: Caller, loan_id: UUID) -> SurveyView:
    """Whether the question is asked."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        row = await reading.loan_of(session, loan_id, person)
        if row is None or row.state != "closed":
            raise NotFound
        return SurveyView(loan_id, not await surveys.silenced(session, loan_id, person))


async def answer(caller: Caller, loan_id: UUID, said: Said, key: str) -> SurveyView:
    """The answer, once."""
    person, form = caller.person_id, fields.Form()
    words = form.take("words", _words, said.words, "") if said.words else ""
    if words and said.answer is None:
        form.refuse("words", "one_of_these_only")
    form.done()

    async def act(session: AsyncSession) -> Json:
        row = await reading.loan_of(session, loan_id, person)
        if row is None or row.state != "closed":
            raise NotFound
        vault = caller.tools.vault
        sealing = await people.key_of(session, vault, person) if words else None
        kept = await surveys.keep(
            session,
            loan_id=loan_id,
            person_id=person,
            answer=said.answer,
            never=said.never,
            words_sealed=vault.seal(sealing, surveys.WORDS, surveys.survey_id(loan_id), words) if sealing else None,
            at=await clocks.now(session, caller.tools.settings.clock_id),
        )
        if not kept:
            raise SurveyOver
        return {}

    body = {"loan_id": loan_id, **plain(said)}
    await perform(caller, "loan.survey", key, body, act, person=person, object_id=str(loan_id))
    return SurveyView(loan_id, asks=False)


def _words(given: str) -> str:
    return fields.line(given, longest=WORDS_LONGEST)


async def spread(caller: Caller) -> SurveySpread:
    """How the answers lie, for the desk."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        found = await surveys.spread(session)
    return SurveySpread(
        closed=found.closed,
        answered=sum(found.answers.values()),
        without=found.without,
        never=found.never,
        answers=tuple(AnswerCount(answer, loans) for answer, loans in found.answers.items()),
    )
