"""Who did what: rows written in the transaction of the act, and a chain of hashes over them written behind it.

The chain lists rows in the order of their transactions. A row changed, removed, put in or moved afterwards breaks it at
a place that :func:`verify` names.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import exists, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Audit, AuditSeal

Json = dict[str, Any]

# Somebody opened a picture that was brought home.
OPENED = "offline.open"
# One sealer at a time over all processes; the number only has to be ours.
LOCK = 0x48_55_4F_01
GENESIS = hashlib.sha256(b"huoshui audit chain").digest()
# A transaction may commit later than one that began after it; this many ids back there is nothing unsealed any more,
# since no transaction of ours is open that long.
LOOK_BACK = 100_000


async def append(
    session: AsyncSession,
    *,
    actor: str,
    action: str,
    object_kind: str,
    object_id: str,
    detail: Json,
    request_id: str | None,
) -> None:
    """One act. ``detail`` holds ids, codes and hashes, never what identifies a person."""
    await session.execute(
        insert(Audit).values(
            actor=actor,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            detail=detail,
            request_id=request_id,
        )
    )


async def details(session: AsyncSession, action: str, object_kind: str, object_id: str) -> Sequence[Json]:
    """What is kept of each time that this was done to that."""
    found = await session.scalars(
        select(Audit.detail).where(
            Audit.action == action, Audit.object_kind == object_kind, Audit.object_id == object_id
        )
    )
    return found.all()


async def opened_by(session: AsyncSession, object_id: str, actor: str) -> bool:
    """Whether somebody opened this picture."""
    opened = exists().where(Audit.action == OPENED, Audit.object_id == object_id, Audit.actor == actor)
    return bool(await session.scalar(select(opened)))


async def seal(session: AsyncSession, *, limit: int = 5_000) -> int | None:
    """Chain the rows of transactions that ended before every running one; how many, None if another sealer works.

    Rows with a lower id may still be in flight, so the border is the oldest running transaction, not the highest id.
    Within it rows stand in the order of their transactions, so that none can be put between them later.
    """
    if not await session.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
        return None
    last = (
        await session.execute(select(AuditSeal.position, AuditSeal.hash).order_by(AuditSeal.position.desc()).limit(1))
    ).one_or_none()
    position, previous = (last.position, last.hash) if last else (0, GENESIS)
    floor = (await session.scalar(select(func.max(AuditSeal.audit_id))) or 0) - LOOK_BACK
    border = await oldest_running(session)
    rows = (
        await session.scalars(
            select(Audit)
            .where(
                Audit.id > floor,
                Audit.transaction_id < border,
                ~select(AuditSeal.audit_id).where(AuditSeal.audit_id == Audit.id).exists(),
            )
            .order_by(Audit.transaction_id, Audit.id)
            .limit(limit)
        )
    ).all()
    if len(rows) == limit:  # rows of the last transaction may be left
        border = rows[-1].transaction_id
    sealed: list[Json] = []
    for row in rows:
        position += 1
        previous = hashlib.sha256(previous + canonical(row)).digest()
        sealed.append({"audit_id": row.id, "position": position, "hash": previous, "border": border})
    if sealed:
        await session.execute(insert(AuditSeal), sealed)
    return len(sealed)


async def oldest_running(session: AsyncSession) -> int:
    """The transaction below which every other has ended."""
    return await session.scalar(text("select (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")) or 0


async def trail(session: AsyncSession, *, after: int, limit: int) -> Sequence[tuple[Audit, bool]]:
    """Audit rows after an id, oldest first, and whether each is sealed."""
    found = await session.execute(
        select(Audit, AuditSeal.audit_id)
        .outerjoin(AuditSeal, AuditSeal.audit_id == Audit.id)
        .where(Audit.id > after)
        .order_by(Audit.id)
        .limit(limit)
    )
    return [(row, bool(sealed)) for row, sealed in found]


def canonical(row: Audit, *, as_id: int | None = None) -> bytes:
    """The bytes that are hashed: every column in a fixed form; ``as_id``: as if the row had this number."""
    values: list[Any] = [
        row.id if as_id is None else as_id,
        row.transaction_id,
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.actor,
        row.action,
        row.object_kind,
        row.object_id,
        row.detail,
        row.request_id,
    ]
    if row.written_by is not None:  # rows from before writers were kept were sealed without one
        values.append(row.written_by)
    return json.dumps(
        values,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()
