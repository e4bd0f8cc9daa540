"""Chains audit rows and journal entries behind their writers, one sealer at a time, and has the chains signed."""

from typing import TYPE_CHECKING

import structlog

from db import audits, journal_chain, roots
from infra.settings import Profile
from infra.signing import Signer, signed_by
from infra.storage import ObjectExists
from infra.telemetry import counter

if TYPE_CHECKING:
    from worker.wiring import Wired

log = structlog.get_logger(__name__)
sealed = counter("audit_sealed", "Audit rows put into the chain")
entries_sealed = counter("journal_sealed", "Journal entries put into the chain")
A_BATCH = 5_000
# What was sealed after the last root could still be cut off by somebody who may do all with the database.
A_ROOT_EVERY = 3_600.0


class Sealer:
    """One batch of each chain a round."""

    def __init__(self, wired: "Wired") -> None:
        self._sessions = wired.sessions

    async def round(self) -> bool:
        """True if there are more."""
        async with self._sessions.begin() as session:
            rows = await audits.seal(session, limit=A_BATCH) or 0
        async with self._sessions.begin() as session:
            entries = await journal_chain.seal(session, limit=2 * A_BATCH) or 0
        sealed.inc(rows)
        entries_sealed.inc(entries)
        return rows == A_BATCH or entries == 2 * A_BATCH


class NobodySigns(Exception):
    """Production without a key for the roots."""


class Notary:
    """Signs the heads of both chains and lays the words into the store, where nothing is written twice."""

    def __init__(self, wired: "Wired") -> None:
        self._sessions = wired.sessions
        self._storage = wired.storage
        key = wired.settings.audit_key
        if key is None and wired.settings.profile is Profile.PRODUCTION:
            raise NobodySigns("HUOSHUI_AUDIT_KEY is not set: nobody would sign what was sealed")
        self._signer = Signer(wired.settings.secret_bytes("audit_key")) if key else None

    async def round(self) -> bool:
        """One root if it is time; never more at once."""
        if self._signer is None:
            return False
        async with self._sessions.begin() as session:
            root = await roots.draft(session, A_ROOT_EVERY)
            if root is None:
                return False
            signature = self._signer.sign(root.statement.encode())
            try:
                await self._storage.put(root.object_key, roots.packed(root.statement, signature), "application/json")
            except ObjectExists:
                # The store was told and the database was not, or the database is older than the store: the store's
                # words were signed first and stand. Whether they are true of the chains is for the proof to say.
                statement, signature = roots.unpacked(await self._storage.get(root.object_key))
                if not signed_by(self._signer.public, statement.encode(), signature):
                    log.error("root_of_a_stranger", object_key=root.object_key)
                    return False
                root = roots.Draft(root.n, statement, root.object_key, root.at)
            await roots.keep(session, root, signature)
        log.info("root_signed", n=root.n)
        return False
