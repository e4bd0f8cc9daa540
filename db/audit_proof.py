"""The walk over the audit chain: every row that was changed, removed, put in or moved is named."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.audits import GENESIS, canonical, oldest_running
from db.tables import Audit, AuditSeal
from db.tampering import Earlier, Fault, Kind, Verified, foreign, service_roles

TABLE = "audit"
OUT_OF_PLACE = "older_than_its_place"
# More rows than this are told, but not compared with each other: a table that was rewritten needs no explanation.
EXPLAINED = 300


@dataclass(frozen=True, slots=True)
class _Broken:
    """A row whose bytes do not give the hash that stands beside it."""

    position: int
    previous: bytes
    digest: bytes
    row: Audit


@dataclass(frozen=True, slots=True)
class _Gap:
    """Places of the chain that are gone, and what stands around them."""

    first: int
    last: int
    previous: bytes
    after: tuple[bytes, Audit] | None


class _Walk:
    """One row after the other, in the order of the chain."""

    def __init__(self, roles: frozenset[str]) -> None:
        self.roles = roles
        self.faults: list[Fault] = []
        self.broken: list[_Broken] = []
        self.gaps: list[_Gap] = []
        self.previous, self.position, self.count = GENESIS, 0, 0
        self.key: tuple[int, int] = (0, 0)
        self.earlier = Earlier()
        self._run: tuple[int, int] | None = None  # the border of the run before and of this one
        self._highest = 0

    def step(self, seal: AuditSeal, row: Audit | None) -> None:
        gap = seal.position != self.position + 1
        if gap:
            self.gaps.append(
                _Gap(self.position + 1, seal.position - 1, self.previous, (seal.hash, row) if row else None)
            )
        self.count += 1
        self.position = seal.position
        if row is None:
            self._found(Kind.REMOVED, seal.audit_id)
        else:
            if foreign(row.written_by, self.roles):
                self._found(Kind.INSERTED, row.id, f"written_by_{row.written_by}")
            if gap or hashlib.sha256(self.previous + canonical(row)).digest() == seal.hash:
                self._order(seal, row)
            else:  # what a changed row says of its own age says nothing
                self.broken.append(_Broken(seal.position, self.previous, seal.hash, row))
        # Go on from what was sealed: one fault is told once, not as a fault of all that follows.
        self.previous = seal.hash

    def _order(self, seal: AuditSeal, row: Audit) -> None:
        if seal.border is None or seal.sealed_at is None:
            return  # sealed before the order was kept
        if self._run is None or self._run[1] != seal.border:
            self._run = (self._run[1] if self._run else 0, seal.border)
        key = (row.transaction_id, row.id)
        if row.transaction_id < self._run[0] or self.earlier.contradicts(row.id, row.at, seal.sealed_at):
            self._found(Kind.INSERTED, row.id, OUT_OF_PLACE)
        elif key <= self.key:
            self._found(Kind.REORDERED, row.id, OUT_OF_PLACE)
        self.key = max(self.key, key)
        self._highest = max(self._highest, row.id)
        self.earlier.sealed(seal.sealed_at, self._highest)

    def _found(self, kind: Kind, audit_id: int, note: str = "") -> None:
        self.faults.append(Fault(TABLE, str(audit_id), kind, self.position, note))


async def verify(session: AsyncSession) -> Verified:
    """Walk the whole chain. Rows of running transactions and of the last moment may be unsealed without fault."""
    walk = _Walk(await service_roles(session))
    border = await oldest_running(session)
    pairs = await session.stream(
        select(AuditSeal, Audit)
        .outerjoin(Audit, Audit.id == AuditSeal.audit_id)
        .order_by(AuditSeal.position)
        .execution_options(yield_per=5_000)
    )
    async for seal, found in pairs:
        row = cast("Audit | None", found)  # an outer join
        walk.step(seal, row)
    unsealed = (
        await session.scalars(
            select(Audit)
            .where(
                Audit.transaction_id < border,
                ~select(AuditSeal.audit_id).where(AuditSeal.audit_id == Audit.id).exists(),
            )
            .order_by(Audit.transaction_id, Audit.id)
        )
    ).all()
    faults = [*walk.faults, *_explained(walk.broken)]
    missing = _put_back(walk.gaps, unsealed)
    faults += [fault for found in missing for fault in found.faults]
    restored = {row_id for found in missing for row_id in found.rows}
    waiting = 0
    now = await session.scalar(select(func.clock_timestamp()))
    for row in unsealed:
        if row.id in restored:
            continue
        if foreign(row.written_by, walk.roles):
            faults.append(Fault(TABLE, str(row.id), Kind.INSERTED, None, f"written_by_{row.written_by}"))
        elif (row.transaction_id, row.id) < walk.key or (now and walk.earlier.contradicts(row.id, row.at, now)):
            faults.append(Fault(TABLE, str(row.id), Kind.INSERTED, None, OUT_OF_PLACE))
        else:
            waiting += 1
    faults.sort(key=lambda fault: (fault.position is None, fault.position or 0, int(fault.row)))
    return Verified(walk.count, walk.previous.hex(), waiting, tuple(faults))


def _explained(broken: list[_Broken]) -> list[Fault]:
    """Rows that hold each other's content were moved; the others were changed."""
    faults: list[Fault] = []
    for one in broken:
        other = next((row for row in broken[:EXPLAINED] if row is not one and _holds(one, row.row)), None)
        kind = Kind.CHANGED if other is None else Kind.REORDERED
        note = "" if other is None else f"its_content_stands_in_{other.row.id}"
        faults.append(Fault(TABLE, str(one.row.id), kind, one.position, note))
    return faults


def _holds(place: _Broken, row: Audit) -> bool:
    """Whether a row's content is what was sealed at a place."""
    return hashlib.sha256(place.previous + canonical(row, as_id=place.row.id)).digest() == place.digest


@dataclass(frozen=True, slots=True)
class _Restored:
    """What filled a gap: rows that stand where the chain had them."""

    faults: list[Fault]
    rows: frozenset[int]


def _put_back(gaps: list[_Gap], rows: Sequence[Audit]) -> list[_Restored]:
    """For each gap its seals as removed, each with its row if unsealed rows fit in exactly."""
    found: list[_Restored] = []
    for gap in gaps:
        size = gap.last - gap.first + 1
        fitting = next(
            (rows[n : n + size] for n in range(len(rows) - size + 1) if _fits(gap, rows[n : n + size])),
            None,
        )
        if fitting is None:
            places = range(gap.first, min(gap.last, gap.first + EXPLAINED) + 1)
            faults = [Fault(f"{TABLE}_seal", str(place), Kind.SEAL_REMOVED, place) for place in places]
            found.append(_Restored(faults, frozenset()))
            continue
        faults = [Fault(TABLE, str(row.id), Kind.SEAL_REMOVED, gap.first + n) for n, row in enumerate(fitting)]
        found.append(_Restored(faults, frozenset(row.id for row in fitting)))
    return found


def _fits(gap: _Gap, rows: Sequence[Audit]) -> bool:
    if gap.after is None:
        return False
    digest, following = gap.after
    previous = gap.previous
    for row in (*rows, following):
        previous = hashlib.sha256(previous + canonical(row)).digest()
    return previous == digest
