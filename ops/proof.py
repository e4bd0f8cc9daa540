"""The whole proof of a running system: both chains, the signed roots here and in the store, the books that must tie."""

from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from db import audit_proof, book_proof, journal_proof, roots
from db.sessions import Sessions
from db.tables import AuditRoot
from db.tampering import Fault, Kind, Verified
from infra.settings import Settings
from infra.signing import Signer, signed_by
from infra.storage import ObjectMissing, Storage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

# One moment for all of it: what is written meanwhile is neither missing nor a stranger.
ONE_MOMENT = "set transaction isolation level repeatable read, read only"


@dataclass(frozen=True, slots=True)
class Proof:
    """What was walked over and what was found. ``compared``: the roots were held against the store's."""

    audit: Verified
    journal: Verified
    roots: int
    compared: bool
    faults: tuple[Fault, ...]

    def as_json(self) -> dict[str, Any]:
        chains = {
            name: {"rows": chain.rows, "waiting": chain.waiting, "head": chain.head}
            for name, chain in (("audit", self.audit), ("journal", self.journal))
        }
        return {
            "whole": not self.faults,
            **chains,
            "roots": {"signed": self.roots, "compared_with_the_store": self.compared},
            "faults": [asdict(fault) for fault in self.faults],
        }


async def proof(settings: Settings, *, offline: bool = False, public_key: str | None = None) -> Proof:
    """Walk over everything in one snapshot. ``public_key``: whose roots they must be, else those of the settings' key.

    Raises :class:`infra.signing.NoKey`, :class:`infra.storage.StorageUnavailable`.
    """
    if public_key is None and settings.audit_key is not None:
        public_key = Signer(settings.secret_bytes("audit_key")).public
    if public_key is not None:
        signed_by(public_key, b"", bytes(64))  # a key that is none is told before the long walk
    sessions = Sessions(settings, scope="worker")
    storage = None if offline else Storage(settings)
    try:
        async with sessions.begin() as session:
            await session.execute(text(ONE_MOMENT))
            audit = await audit_proof.verify(session)
            journal = await journal_proof.verify(session)
            rooted, count = await _roots(session, storage, public_key)
            faults = (*audit.faults, *journal.faults, *rooted, *await book_proof.untied(session))
    finally:
        if storage is not None:
            storage.close()
        await sessions.close()
    return Proof(audit, journal, count, storage is not None, faults)


async def _roots(session: "AsyncSession", storage: Storage | None, public_key: str | None) -> tuple[list[Fault], int]:
    rows = await roots.all_roots(session)
    faults: list[Fault] = []
    before: AuditRoot | None = None
    for root in rows:
        if not roots.linked(before, root):
            faults.append(_root(root.n, "a_root_before_it_is_gone"))
        if public_key is None:
            faults.append(_root(root.n, "no_key_to_check_its_signature"))
        else:
            faults += await roots.check(session, root, partial(signed_by, public_key))
        if storage is not None and (note := await _differs(storage, root)):
            faults.append(_root(root.n, note))
        before = root
    if storage is not None:
        n = (before.n if before else 0) + 1
        while await _there(storage, roots.object_key(n)):
            faults.append(_root(n, "only_the_store_has_it"))
            n += 1
    return faults, len(rows)


def _root(n: int, note: str) -> Fault:
    return Fault("audit_root", str(n), Kind.ROOT, None, note)


async def _differs(storage: Storage, root: AuditRoot) -> str:
    try:
        data = await storage.get(root.object_key)
    except ObjectMissing:
        return "the_store_lacks_it"
    try:
        same = roots.unpacked(data) == (root.statement, root.signature)
    except (ValueError, KeyError, TypeError):
        same = False
    return "" if same else "the_store_says_otherwise"


async def _there(storage: Storage, key: str) -> bool:
    try:
        await storage.get(key)
    except ObjectMissing:
        return False
    return True
