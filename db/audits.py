"""Who did what: rows written in the transaction of the act, and a chain of hashes over them written behind it.

The chain lists rows in the order in which they were sealed. A row changed, deleted or put in afterwards breaks it at a
place that :func:`verify` names.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, cast

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Audit, AuditSeal

Json = dict[str, Any]

# One sealer at a time over all processes; the number only has to be ours.
LOCK = 0x48_55_4F_01
GENESIS = hashlib.sha256(b"huoshui audit chain").digest()
# A transaction may commit later than one that began after it; this many ids back there is nothing unsealed any more,
# since no transaction of ours is open that long.
LOOK_BACK = 100_000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where: ``kind`` is changed, deleted, reordered or unsealed."""

    audit_id: int
    position: int | None
    kind: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome of a walk over the chain; ``head`` is its last hash in hex."""

    rows: int
    head: str
    faults: tuple[Fault, ...]


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


async def seal(session: AsyncSession, *, limit: int = 5_000) -> int | None:
    """Chain the rows of transactions that ended before every running one; how many, None if another sealer works.

    Rows with a lower id may still be in flight, so the border is the oldest running transaction, not the highest id.
    """
    if not await session.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
        return None
    last = (
        await session.execute(select(AuditSeal.position, AuditSeal.hash).order_by(AuditSeal.position.desc()).limit(1))
    ).one_or_none()
    position, previous = (last.position, last.hash) if last else (0, GENESIS)
    floor = (await session.scalar(select(func.max(AuditSeal.audit_id))) or 0) - LOOK_BACK
    rows = await session.scalars(
        select(Audit)
        .where(
            Audit.id > floor,
            Audit.transaction_id < text("(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint"),
            ~select(AuditSeal.audit_id).where(AuditSeal.audit_id == Audit.id).exists(),
        )
        .order_by(Audit.id)
        .limit(limit)
    )
    sealed: list[Json] = []
    for row in rows:
        position += 1
        previous = hashlib.sha256(previous + canonical(row)).digest()
        sealed.append({"audit_id": row.id, "position": position, "hash": previous})
    if sealed:
        await session.execute(insert(AuditSeal), sealed)
    return len(sealed)


async def verify(session: AsyncSession) -> Verified:
    """Walk the whole chain. Rows of running transactions and of the last moment may be unsealed without fault."""
    border = await session.scalar(text("select (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint"))
    pairs = await session.stream(
        select(AuditSeal.position, AuditSeal.audit_id, AuditSeal.hash, Audit)
        .outerjoin(Audit, Audit.id == AuditSeal.audit_id)
        .order_by(AuditSeal.position)
        .execution_options(yield_per=5_000)
    )
    faults: list[Fault] = []
    previous, expected, count = GENESIS, 1, 0
    async for position, audit_id, digest, found in pairs:
        count += 1
        row = cast("Audit | None", found)  # an outer join
        if position != expected:
            faults.append(Fault(audit_id, position, "reordered"))
        if row is None:
            faults.append(Fault(audit_id, position, "deleted"))
        elif hashlib.sha256(previous + canonical(row)).digest() != digest:
            faults.append(Fault(audit_id, position, "changed"))
        # Go on from what was sealed: one fault is told once, not as a fault of all that follows.
        previous, expected = digest, position + 1
    newest = await session.scalar(select(func.max(AuditSeal.audit_id))) or 0
    unsealed = await session.scalars(
        select(Audit.id)
        .where(
            Audit.id < newest - LOOK_BACK,
            Audit.transaction_id < border,
            ~select(AuditSeal.audit_id).where(AuditSeal.audit_id == Audit.id).exists(),
        )
        .limit(100)
    )
    faults += [Fault(audit_id, None, "unsealed") for audit_id in unsealed]
    return Verified(count, previous.hex(), tuple(faults))


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


def canonical(row: Audit) -> bytes:
    """The bytes that are hashed: every column in a fixed form."""
    return json.dumps(
        [
            row.id,
            row.transaction_id,
            row.at.astimezone(UTC).isoformat(timespec="microseconds"),
            row.actor,
            row.action,
            row.object_kind,
            row.object_id,
            row.detail,
            row.request_id,
        ],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()
