"""Who claims a thing, and whether it is free to secure a loan: a typed number alone keeps nobody out."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.collateral import HELD, SECURING, TITLE
from db.tables import Collateral
from infra.crypto import Vault
from lending.known_by import formerly, known_by


async def held_as(session: AsyncSession, vault: Vault, kind: str, title: str) -> Sequence[Collateral]:
    """All that is held under a thing's number, whosever it is: as it is known, and as it was known in earlier days."""
    keys = [vault.blind_index(TITLE, f"{kind}/{one}") for one in (known_by(title), *formerly(title))]
    found = select(Collateral).where(Collateral.title_key.in_(keys), Collateral.state.in_(HELD))
    return (await session.scalars(found.order_by(Collateral.created_at, Collateral.id))).all()


async def free(session: AsyncSession, rows: Sequence[Collateral]) -> bool:
    """Whether none of these things secures another loan. Whoever asks has their numbers to themselves until the
    transaction ends: of two who sign at one instant the second sees it."""
    for row in sorted(rows, key=lambda one: one.title_key):
        await session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(row.title_key[:8], "big", signed=True))))
    query = select(Collateral.id).where(
        Collateral.title_key.in_([row.title_key for row in rows]),
        Collateral.id.not_in([row.id for row in rows]),
        Collateral.state.in_(SECURING),
    )
    return not await session.scalar(select(query.exists()))
