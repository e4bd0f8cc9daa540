"""What managers told people it costs, and what they wanted to promise and could not."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Quote, Staff


async def keep(session: AsyncSession, quote: Quote) -> None:
    """One, for good."""
    session.add(quote)
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
