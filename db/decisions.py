"""Decisions as they are kept for ever: the policy that made each, and what each rested on."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Decision, Offer, PolicyContent, ScoringModel
from db.writing import into


async def keep_policy(
    session: AsyncSession, *, sha256: str, product_id: str, version: str, content: dict[str, Any]
) -> None:
    """Keep a policy's content under its hash; the same content again changes nothing."""
    await session.execute(
        into(PolicyContent)
        .values(sha256=sha256, product_id=product_id, version=version, content=content)
        .on_conflict_do_nothing()
    )


async def policy_content(session: AsyncSession, sha256: str) -> dict[str, Any] | None:
    """The policy that is kept under a hash."""
    return await session.scalar(select(PolicyContent.content).where(PolicyContent.sha256 == sha256))


async def by_ids(session: AsyncSession, ids: Sequence[UUID] | None) -> Sequence[Decision]:
    """These decisions, or all that keep what they rested on, the oldest first."""
    found = select(Decision).order_by(Decision.decided_at, Decision.application_id, Decision.n)
    chosen = found.where(Decision.basis.is_not(None)) if ids is None else found.where(Decision.id.in_(ids))
    return (await session.scalars(chosen)).all()


async def model(session: AsyncSession, model_id: str) -> ScoringModel | None:
    """The model of an id, in whatever role it is now."""
    return await session.get(ScoringModel, model_id)


async def offered(session: AsyncSession, decision_id: UUID) -> tuple[str, ...]:
    """The hashes of the terms that a decision put on the table, in their order."""
    found = await session.scalars(select(Offer.terms_hash).where(Offer.decision_id == decision_id).order_by(Offer.n))
    return tuple(found)


async def limit_before(session: AsyncSession, decision_id: UUID) -> int | None:
    """What the verdict before this one allowed to borrow, in minor units; None where there was no yes before."""
    this = select(Decision.application_id, Decision.n).where(Decision.id == decision_id).subquery()
    before = (
        select(Decision.outcome, Decision.limit_minor)
        .where(Decision.application_id == this.c.application_id, Decision.n < this.c.n)
        .order_by(Decision.n.desc())
        .limit(1)
    )
    row = (await session.execute(before)).first()
    return row[1] if row and row[0] == "approve" else None
