"""What managers told people it costs, and what they wanted to promise and could not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, CreditLine, Decision, Loan, Quote, Staff, WordAttempt

LOOKED_BACK = timedelta(days=365)


async def keep(session: AsyncSession, quote: Quote) -> None:
    """One, for good."""
    session.add(quote)
    await session.flush()


async def keep_words(session: AsyncSession, attempt: WordAttempt) -> None:
    """Words that did not leave, for good."""
    session.add(attempt)
    await session.flush()


async def refused(session: AsyncSession, since: datetime, limit: int = 200) -> Sequence[tuple[Quote, str]]:
    """Attempts to promise what no product has, newest first, with who it was."""
    found = await session.execute(
        select(Quote, Staff.name)
        .join(Staff, Staff.id == Quote.staff_id)
        .where(Quote.state == "refused", Quote.made_at >= since)
        .order_by(Quote.made_at.desc(), Quote.id)
        .limit(limit)
    )
    return [(quote, name) for quote, name in found]


async def refused_words(
    session: AsyncSession, since: datetime, limit: int = 200
) -> Sequence[tuple[WordAttempt, str, int | None]]:
    """Words that did not leave, newest first, with who wrote them and to which application's number."""
    found = await session.execute(
        select(WordAttempt, Staff.name, Application.number)
        .join(Staff, Staff.id == WordAttempt.staff_id)
        .outerjoin(Application, Application.id == WordAttempt.application_id)
        .where(WordAttempt.made_at >= since)
        .order_by(WordAttempt.made_at.desc(), WordAttempt.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in found]


async def told_rates(session: AsyncSession, person_id: UUID) -> tuple[frozenset[str], frozenset[Decimal]]:
    """(products that somebody asked for or has, annual rates that they were quoted, offered, or signed)."""
    mine = select(Application.id).where(Application.person_id == person_id)
    asked = select(Application.product_id).where(Application.person_id == person_id)
    products = await session.scalars(asked.distinct())
    rates = await session.scalars(
        union(
            select(Decision.annual_rate).where(Decision.application_id.in_(mine)),
            select(Loan.annual_rate).where(Loan.person_id == person_id),
            select(CreditLine.annual_rate).where(CreditLine.person_id == person_id),
            select(Quote.annual_rate).where(Quote.application_id.in_(mine), Quote.state == "given"),
        )
    )
    return frozenset(products), frozenset(one for one in rates if one is not None)
