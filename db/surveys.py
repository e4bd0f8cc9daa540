"""Answers to the one question after a payoff: whether it is asked, and how the answers lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Loan, PayoffSurvey
from db.writing import into
from lending.identifiers import derived_id

WORDS = "payoff_survey.words"


@dataclass(frozen=True, slots=True)
class Spread:
    """Loans that were paid off, and what was said: how often each answer, how many would not say."""

    closed: int
    answers: Mapping[int, int]
    without: int
    never: int


def survey_id(loan_id: UUID) -> UUID:
    """The id of a loan's answer, by which it can be given once."""
    return derived_id("payoff-survey", str(loan_id))


async def silenced(session: AsyncSession, loan_id: UUID, person_id: UUID) -> bool:
    """Whether nothing is asked: this loan was answered for, or its owner wants no question at all."""
    asked = select(PayoffSurvey.id).where(
        PayoffSurvey.person_id == person_id, or_(PayoffSurvey.loan_id == loan_id, PayoffSurvey.never)
    )
    return (await session.execute(asked.limit(1))).first() is not None


async def keep(
    session: AsyncSession,
    *,
    loan_id: UUID,
    person_id: UUID,
    answer: int | None,
    never: bool,
    words_sealed: bytes | None,
    at: datetime,
) -> bool:
    """Whether it was the first."""
    made = await session.execute(
        into(PayoffSurvey)
        .values(
            id=survey_id(loan_id),
            loan_id=loan_id,
            person_id=person_id,
            answer=answer,
            never=never,
            words_sealed=words_sealed,
            at=at,
        )
        .on_conflict_do_nothing()
        .returning(PayoffSurvey.id)
    )
    return made.first() is not None


async def spread(session: AsyncSession) -> Spread:
    """How the answers lie; of those who would not say only how many."""
    closed = await session.scalar(select(func.count()).select_from(Loan).where(Loan.state == "closed"))
    rows = await session.execute(select(PayoffSurvey.answer, func.count()).group_by(PayoffSurvey.answer))
    found = {answer: int(n) for answer, n in rows}
    never = await session.scalar(select(func.count()).select_from(PayoffSurvey).where(PayoffSurvey.never))
    return Spread(
        closed=int(closed or 0),
        answers={answer: found.get(answer, 0) for answer in range(1, 6)},
        without=found.get(None, 0),
        never=int(never or 0),
    )
