"""The ends of loans in rows: whom to ask, who waits for an answer, and what came of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, Consent, Decision, Loan, LoanBalance, LoanEnd, RevenueDay, StatementLine
from db.writing import into
from lending.consents import Purpose
from lending.maturity import ASKED_BEFORE, Standing

A_TIME = 500


@dataclass(frozen=True, slots=True)
class Ending:
    """A loan at its end with everything that its pages say."""

    row: LoanEnd
    loan: Loan
    balance: LoanBalance
    number: int


async def to_open(session: AsyncSession, today: date) -> Sequence[Loan]:
    """Live loans within sixty days of their end whose owner was not asked yet."""
    asked = (
        select(Loan)
        .outerjoin(LoanEnd, LoanEnd.loan_id == Loan.id)
        .where(
            Loan.state == "live",
            Loan.matures_on.between(today, today + ASKED_BEFORE),
            LoanEnd.loan_id.is_(None),
        )
        .order_by(Loan.id)
        .limit(A_TIME)
    )
    return (await session.scalars(asked)).all()


async def open_end(session: AsyncSession, loan: Loan, *, at: datetime, answer_due_at: datetime) -> bool:
    """Whether it is new."""
    made = await session.execute(
        into(LoanEnd)
        .values(
            loan_id=loan.id,
            person_id=loan.person_id,
            opened_at=at,
            matures_on=loan.matures_on,
            answer_due_at=answer_due_at,
        )
        .on_conflict_do_nothing()
        .returning(LoanEnd.loan_id)
    )
    return made.first() is not None


async def silent(session: AsyncSession, opened_before: datetime) -> Sequence[LoanEnd]:
    """Asked before so long, not heard of, and not asked again."""
    asked = select(LoanEnd).where(
        LoanEnd.wish.is_(None), LoanEnd.asked_again_at.is_(None), LoanEnd.opened_at <= opened_before
    )
    return (await session.scalars(asked.with_for_update(skip_locked=True).limit(A_TIME))).all()


async def waiting(session: AsyncSession, *, lock: bool = False) -> Sequence[LoanEnd]:
    """Wishes that nobody answered, the first promise first."""
    asked = (
        select(LoanEnd)
        .where(LoanEnd.wish.in_(("renew", "extend")), LoanEnd.verdict.is_(None))
        .order_by(LoanEnd.answer_due_at)
        .limit(A_TIME)
    )
    return (await session.scalars(asked.with_for_update(skip_locked=True) if lock else asked)).all()


async def decided(session: AsyncSession, loan_id: UUID) -> Decision | None:
    """The first answer to a new loan that would renew this one."""
    asked = (
        select(Decision)
        .join(Application, Application.id == Decision.application_id)
        .where(Application.renews_loan_id == loan_id, Decision.outcome.in_(("approve", "decline")))
        .order_by(Decision.decided_at)
        .limit(1)
    )
    return (await session.scalars(asked)).first()


async def ending(
    session: AsyncSession, loan_id: UUID, person: UUID | None = None, *, lock: bool = False
) -> Ending | None:
    """One, of a person or of anybody."""
    asked = (
        select(LoanEnd, Loan, LoanBalance, Application.number)
        .join(Loan, Loan.id == LoanEnd.loan_id)
        .join(LoanBalance, LoanBalance.loan_id == Loan.id)
        .join(Application, Application.id == Loan.application_id)
        .where(LoanEnd.loan_id == loan_id)
    )
    if person is not None:
        asked = asked.where(Loan.person_id == person)
    if lock:
        asked = asked.with_for_update(of=(LoanEnd, Loan))
    found = (await session.execute(asked)).first()
    return Ending(found[0], found[1], found[2], int(found[3])) if found else None


async def endings(session: AsyncSession, most: int) -> Sequence[Ending]:
    """All that were asked and whose loan lives or ended lately: who waits for us first, then by their end."""
    asked = (
        select(LoanEnd, Loan, LoanBalance, Application.number)
        .join(Loan, Loan.id == LoanEnd.loan_id)
        .join(LoanBalance, LoanBalance.loan_id == Loan.id)
        .join(Application, Application.id == Loan.application_id)
        .order_by(
            or_(LoanEnd.wish.is_(None), LoanEnd.wish == "pay_off", LoanEnd.verdict.is_not(None)),
            LoanEnd.matures_on,
            LoanEnd.loan_id,
        )
        .limit(most)
    )
    return [Ending(row, loan, balance, int(n)) for row, loan, balance, n in await session.execute(asked)]


async def standing(session: AsyncSession, loan: Loan, balance: LoanBalance, today: date) -> Standing:
    """What the radar reads of a loan: its lateness, whether bills may still be read, and how new they are."""
    told = await session.scalar(select(func.max(RevenueDay.on_date)).where(RevenueDay.loan_id == loan.id))
    lines = select(func.max(StatementLine.on_date)).where(StatementLine.firm_id == loan.firm_id)
    known = [day for day in (told, await session.scalar(lines)) if day is not None]
    allowed = select(Consent.id).where(
        Consent.person_id == loan.person_id,
        Consent.purpose == Purpose.FLOWS_ANALYSIS.value,
        Consent.withdrawn_at.is_(None),
        Consent.expires_on >= today,
    )
    return Standing(
        balance.past_due_minor > 0, (await session.execute(allowed)).first() is not None, max(known, default=None)
    )


async def label_of(session: AsyncSession, loan_id: UUID) -> str | None:
    """How the loan that renewed this one is called."""
    return await session.scalar(select(Loan.renewal_label).where(Loan.renews_loan_id == loan_id).limit(1))
