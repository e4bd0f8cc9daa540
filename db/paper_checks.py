"""Scans of paper contracts: only ever added, the newest counts."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import PaperCheck
from db.writing import into
from lending.paper_checks import must_match


async def add(session: AsyncSession, **values: Any) -> None:
    """One scan, by the columns of the table."""
    await session.execute(into(PaperCheck).values(**values).on_conflict_do_nothing())


async def newest(session: AsyncSession, application_id: UUID) -> str | None:
    """The fingerprint on the paper that was scanned last."""
    found = select(PaperCheck.printed_hash).where(PaperCheck.application_id == application_id)
    return await session.scalar(found.order_by(PaperCheck.at.desc(), PaperCheck.id).limit(1))


async def require(session: AsyncSession, application_id: UUID, terms_hash: str) -> None:
    """Raise :class:`lending.refusals.PaperDiffers` where the paper is not what would be signed (B5)."""
    must_match(await newest(session, application_id), terms_hash)
