"""Roots: the heads of both chains at an instant, in words that are signed and kept twice, here and in the store."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.journal_chain import DIGEST
from db.tables import AuditRoot, AuditSeal, JournalSeal
from db.tampering import Fault, Kind

LOCK = 0x48_55_4F_03
FORM = "huoshui-root-1"


@dataclass(frozen=True, slots=True)
class Head:
    """How many links a chain has and its last hash in hex; an empty chain has none."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A root that is not signed yet."""

    n: int
    statement: str
    object_key: str
    at: datetime


async def heads(session: AsyncSession) -> dict[str, Head]:
    """Where both chains end."""
    audit = (
        await session.execute(select(AuditSeal.position, AuditSeal.hash).order_by(AuditSeal.position.desc()).limit(1))
    ).one_or_none()
    journal = (await session.scalars(select(JournalSeal).order_by(JournalSeal.n.desc()).limit(1))).one_or_none()
    return {
        "audit": Head(audit.position, audit.hash.hex()) if audit else Head(0, ""),
        "journal": Head(journal.first_position + len(journal.sizes) - 1, journal.hashes[-DIGEST:].hex())
        if journal
        else Head(0, ""),
    }


async def last(session: AsyncSession) -> AuditRoot | None:
    """The newest root."""
    return (await session.scalars(select(AuditRoot).order_by(AuditRoot.n.desc()).limit(1))).one_or_none()


async def draft(session: AsyncSession, every_seconds: float) -> Draft | None:
    """The next root if there is something new to sign and the last is that old; None too if another one signs."""
    if not await session.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
        return None
    at: datetime = (await session.scalars(select(func.clock_timestamp()))).one()
    before, now = await last(session), await heads(session)
    if before is not None and (
        (at - before.signed_at).total_seconds() < every_seconds or _heads_of(before.statement) == now
    ):
        return None
    if before is None and not any(head.position for head in now.values()):
        return None
    n = before.n + 1 if before else 1
    statement = {
        "form": FORM,
        "n": n,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "previous": digest(before.statement) if before else None,
        **{name: {"position": head.position, "hash": head.hash} for name, head in now.items()},
    }
    return Draft(n, json.dumps(statement, sort_keys=True, separators=(",", ":")), object_key(n), at)


def object_key(n: int) -> str:
    """Where the store keeps a root."""
    return f"audit/roots/{n:08d}.json"


def packed(statement: str, signature: bytes) -> bytes:
    """A root as the store keeps it."""
    return json.dumps({"statement": statement, "signature": base64.b64encode(signature).decode()}).encode()


def unpacked(data: bytes) -> tuple[str, bytes]:
    """The statement and its signature. Raises ValueError, KeyError or TypeError where it is no root."""
    told = json.loads(data)
    return told["statement"], base64.b64decode(told["signature"])


def digest(statement: str) -> str:
    return hashlib.sha256(statement.encode()).hexdigest()


async def keep(session: AsyncSession, root: Draft, signature: bytes) -> None:
    """A signed root, for ever."""
    await session.execute(
        insert(AuditRoot).values(
            n=root.n,
            statement=root.statement,
            signature=signature,
            object_key=root.object_key,
            signed_at=root.at,
        )
    )


def _heads_of(statement: str) -> dict[str, Head]:
    told: dict[str, Any] = json.loads(statement)
    return {name: Head(int(told[name]["position"]), str(told[name]["hash"])) for name in ("audit", "journal")}


async def all_roots(session: AsyncSession) -> list[AuditRoot]:
    """Every root, oldest first."""
    return list(await session.scalars(select(AuditRoot).order_by(AuditRoot.n)))


async def check(session: AsyncSession, root: AuditRoot, signed: Callable[[bytes, bytes], bool]) -> list[Fault]:
    """What a root says against its signature and against the chains as they stand now."""

    def fault(note: str, position: int | None = None) -> Fault:
        return Fault("audit_root", str(root.n), Kind.ROOT, position, note)

    if not signed(root.statement.encode(), root.signature):
        return [fault("signature_is_not_ours")]
    try:
        told = _heads_of(root.statement)
    except (ValueError, KeyError, TypeError):
        return [fault("not_a_root")]
    faults: list[Fault] = []
    for name, head in told.items():
        standing = await _hash_at(session, name, head.position)
        if standing is None:
            faults.append(fault(f"{name}_chain_is_shorter_than_signed", head.position))
        elif standing != head.hash:
            faults.append(fault(f"{name}_chain_says_another_hash", head.position))
    return faults


def linked(before: AuditRoot | None, root: AuditRoot) -> bool:
    """Whether a root follows the one before it, with none between."""
    if before is None:
        return root.n == 1
    return root.n == before.n + 1 and json.loads(root.statement).get("previous") == digest(before.statement)


async def _hash_at(session: AsyncSession, chain: str, position: int) -> str | None:
    if position == 0:
        return ""
    if chain == "audit":
        found = await session.scalar(select(AuditSeal.hash).where(AuditSeal.position == position))
        return found.hex() if found else None
    stretch = (
        await session.scalars(
            select(JournalSeal)
            .where(JournalSeal.first_position <= position)
            .order_by(JournalSeal.first_position.desc())
            .limit(1)
        )
    ).one_or_none()
    if stretch is None:
        return None
    start = (position - stretch.first_position) * DIGEST
    return stretch.hashes[start : start + DIGEST].hex() or None
