"""The registry of scoring models: files in S3, one champion."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import ScoringModel


async def champion(session: AsyncSession) -> ScoringModel | None:
    """The model that decides."""
    return (await session.scalars(select(ScoringModel).where(ScoringModel.role == "champion"))).first()


async def champion_id(session: AsyncSession) -> str | None:
    """Which model decides."""
    return await session.scalar(select(ScoringModel.id).where(ScoringModel.role == "champion"))


async def register(
    session: AsyncSession,
    *,
    model_id: str,
    object_key: str,
    sha256: str,
    card: dict[str, Any],
    at: datetime,
    role: str = "champion",
) -> None:
    """Enter a model; a new champion retires the old one. The same model again changes nothing."""
    known = await session.get(ScoringModel, model_id)
    if known is not None:
        return
    if role == "champion":
        await session.execute(update(ScoringModel).where(ScoringModel.role == "champion").values(role="retired"))
    await session.execute(
        insert(ScoringModel).values(
            id=model_id, role=role, object_key=object_key, sha256=sha256, card=card, created_at=at
        )
    )
