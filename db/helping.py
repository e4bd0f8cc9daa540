"""Questions that help did not answer, and who waits for a call."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import HelpCall, HelpMiss

# What a question is sealed for.
MISSED = "help_miss.asked"
ASKED = "help_call.asked"


async def note_miss(
    session: AsyncSession, *, miss_id: UUID, person_id: UUID, asked_sealed: bytes, topics: list[str], at: datetime
) -> None:
    """A question that was not answered."""
    session.add(HelpMiss(id=miss_id, person_id=person_id, asked_sealed=asked_sealed, topics=topics, at=at))
    await session.flush()


async def misses(session: AsyncSession, person_id: UUID, now: datetime, within: timedelta) -> list[datetime]:
    """When somebody's questions were not answered lately, none of them older than their last call."""
    last = (
        select(HelpCall.asked_at)
        .where(HelpCall.person_id == person_id)
        .order_by(HelpCall.asked_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    since = await session.scalar(select(last)) or now - within
    found = await session.scalars(
        select(HelpMiss.at).where(HelpMiss.person_id == person_id, HelpMiss.at > max(since, now - within))
    )
    return list(found)


async def ask_for_call(
    session: AsyncSession, *, call_id: UUID, person_id: UUID, asked_sealed: bytes, now: datetime, due_at: datetime
) -> bool:
    """Somebody waits for a call; False if they do already."""
    added = await session.scalar(
        insert(HelpCall)
        .values(id=call_id, person_id=person_id, asked_sealed=asked_sealed, asked_at=now, due_at=due_at)
        .on_conflict_do_nothing()
        .returning(HelpCall.id)
    )
    return added is not None


async def open_of(session: AsyncSession, person_id: UUID) -> HelpCall | None:
    """The call that somebody waits for."""
    return await session.scalar(select(HelpCall).where(HelpCall.person_id == person_id, HelpCall.closed_at.is_(None)))


async def open_calls(session: AsyncSession) -> Sequence[HelpCall]:
    """Everybody who waits, by when they must have been called."""
    found = await session.scalars(
        select(HelpCall).where(HelpCall.closed_at.is_(None)).order_by(HelpCall.due_at, HelpCall.id)
    )
    return found.all()


async def call(session: AsyncSession, call_id: UUID) -> HelpCall | None:
    """One of them."""
    return await session.get(HelpCall, call_id)


async def close(session: AsyncSession, call_id: UUID, *, outcome: str, words: str, by: str, at: datetime) -> bool:
    """Somebody called; the first word counts."""
    changed = await session.execute(
        update(HelpCall)
        .where(HelpCall.id == call_id, HelpCall.closed_at.is_(None))
        .values(outcome=outcome, words=words, closed_by=by, closed_at=at)
        .returning(HelpCall.id)
    )
    return changed.first() is not None
