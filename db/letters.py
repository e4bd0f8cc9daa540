"""The outbox of notices: waiting, sent, given up, or stopped by the rules of contact."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Notice


async def waiting(session: AsyncSession, now: datetime, limit: int) -> Sequence[Notice]:
    """Notices to send whose time has come, oldest first."""
    found = await session.scalars(
        select(Notice)
        .where(Notice.state == "waiting", or_(Notice.not_before.is_(None), Notice.not_before <= now))
        .order_by(Notice.created_at, Notice.id)
        .limit(limit)
    )
    return found.all()


async def mark_sent(session: AsyncSession, notice_id: UUID, reference: str, at: datetime) -> None:
    """The gateway has it under this reference; ``at`` is business time."""
    await session.execute(
        update(Notice)
        .where(Notice.id == notice_id, Notice.state == "waiting")
        .values(state="sent", reference=reference, sent_at=at, not_before=None, because=None)
    )


async def give_up(session: AsyncSession, notice_id: UUID) -> None:
    """It cannot be sent: the number is refused, or the person was erased."""
    await session.execute(
        update(Notice).where(Notice.id == notice_id, Notice.state == "waiting").values(state="failed")
    )
