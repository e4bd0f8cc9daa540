"""The registry of scoring models: files in S3, one champion."""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import ScoringModel

T = TypeVar("T")


async def champion(session: AsyncSession) -> ScoringModel | None:
    """The model that decides."""
    return (await session.scalars(select(ScoringModel).where(ScoringModel.role == "champion"))).first()


async def champion_beside(session: AsyncSession, column: ColumnElement[T]) -> tuple[str | None, T]:
    """Which model decides, and one value more in the same round trip."""
    who = select(ScoringModel.id).where(ScoringModel.role == "champion").limit(1).scalar_subquery()
    model_id, value = (await session.execute(select(who, column))).one()
    return model_id, value


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
