"""Breaking the glass: whose row of the training store it is. One person asks, another allows, for an hour."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db import audits
from db.tables import GlassBreak
from lending.refusals import GlassShut, MoveClosed, NeedsTwoPeople

OPEN_FOR = timedelta(hours=1)


async def ask(
    session: AsyncSession, *, glass_id: UUID, store_key: bytes, purpose: str, words: str, by: str, at: datetime
) -> None:
    """One person's wish to know whose row it is, and what for."""
    session.add(
        GlassBreak(
            id=glass_id,
            store_key=store_key,
            purpose=purpose,
            words=words,
            state="asked",
            asked_by=by,
            asked_at=at,
            looks=0,
        )
    )
    await _audit(session, by, "glass.ask", glass_id, {"store_key": store_key.hex(), "purpose": purpose})


async def answer(session: AsyncSession, glass_id: UUID, *, allow: bool, by: str, at: datetime) -> GlassBreak | None:
    """Another person's answer. Raises :class:`NeedsTwoPeople`, :class:`MoveClosed`."""
    row = await session.get(GlassBreak, glass_id, with_for_update=True)
    if row is None:
        return None
    if row.state != "asked":
        raise MoveClosed
    if row.asked_by == by:
        raise NeedsTwoPeople
    row.state, row.answered_by, row.answered_at = "allowed" if allow else "refused", by, at
    row.open_until = at + OPEN_FOR if allow else None
    await _audit(session, by, f"glass.{'allow' if allow else 'refuse'}", glass_id, {"purpose": row.purpose})
    return row


async def look(session: AsyncSession, glass_id: UUID, *, by: str, at: datetime) -> GlassBreak | None:
    """The asker looks, while it is open. Raises :class:`GlassShut` for anybody else and at any other time."""
    row = await session.get(GlassBreak, glass_id, with_for_update=True)
    if row is None:
        return None
    if row.state != "allowed" or row.asked_by != by or row.open_until is None or at >= row.open_until:
        raise GlassShut
    row.looks += 1
    await _audit(session, by, "glass.look", glass_id, {"purpose": row.purpose, "looks": row.looks})
    return row


async def newest(session: AsyncSession, limit: int = 100) -> Sequence[GlassBreak]:
    """Wishes and answers, newest first."""
    return (await session.scalars(select(GlassBreak).order_by(GlassBreak.asked_at.desc()).limit(limit))).all()


async def _audit(session: AsyncSession, by: str, action: str, glass_id: UUID, detail: dict[str, object]) -> None:
    await audits.append(
        session,
        actor=by,
        action=action,
        object_kind="glass",
        object_id=str(glass_id),
        detail=detail,
        request_id=None,
    )
