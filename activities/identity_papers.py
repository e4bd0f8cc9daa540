"""Photos of identity papers: opened for one reading, recognised by a confined child, kept as sealed fields."""

import tempfile
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.ports import identity_papers as port
from activities.ports.identity_papers import PaperRead, PaperToRead
from activities.steps import Steps
from db import audits, clocks, identity_papers, people, permissions
from db.identity_papers import PHOTO
from db.tables import IdentityPaper
from imports.misreadings import StatementNotUnderstood
from imports.photos import paper_on
from infra.crypto import Vault
from infra.storage import Storage
from lending.consents import Purpose

# Its owner did not want the draft any more while it was being read: nothing is left to say of it.
THROWN_AWAY = PaperRead("refused", "thrown_away")


class PhotoChanged(Exception):
    """The stored photo is not the one that was brought."""


class IdentityPapers(port.IdentityPapers):
    """Reads photos of identity cards and business licences."""

    def __init__(self, steps: Steps, vault: Vault, storage: Storage) -> None:
        self._steps = steps
        self._vault = vault
        self._storage = storage

    @activity.defn
    async def read_paper(self, paper: PaperToRead) -> PaperRead:
        """What the photo says, or why it could not or may not be read; the reading is on record."""
        async with self._steps.sessions.begin() as session:
            row = await identity_papers.of(session, paper.paper_id)
            if row is None:
                return THROWN_AWAY
            if row.state != "received":
                return PaperRead(row.state, row.problem)
            allowed = permissions.allowed(row.person_id, Purpose.IDENTITY_CHECK.value, await self._now(session))
            may = await session.scalar(select(allowed))
            key = await people.key_of(session, self._vault, row.person_id)
            object_key, digest = row.object_key, row.sha256
        if not may:
            return await self._refuse(paper, "not_allowed")
        photo = self._vault.open_file(key, PHOTO, paper.paper_id, await self._storage.get(object_key))
        if sha256(photo).hexdigest() != digest:
            raise PhotoChanged
        with tempfile.TemporaryDirectory(prefix="huoshui-paper-") as folder:
            path = Path(folder) / "paper"
            path.write_bytes(photo)
            try:
                found = await paper_on(path)
            except StatementNotUnderstood as problem:
                return await self._refuse(paper, problem.code)
        async with self._steps.sessions.begin() as session:
            row = await identity_papers.of(session, paper.paper_id)
            if row is None:
                return THROWN_AWAY
            identity_papers.keep(row, self._vault, key, found.as_json(), await self._now(session))
            await self._on_record(session, row, kind=found.kind)
            await people.record_access(
                session,
                row.person_id,
                at=await self._now(session),
                actor=people.SYSTEM,
                what="identity_paper",
                purpose=Purpose.IDENTITY_CHECK.value,
            )
            return PaperRead(row.state)

    @activity.defn
    async def give_up_paper(self, paper: PaperToRead) -> PaperRead:
        """The reader itself does not work today."""
        return await self._refuse(paper, "reader_failed")

    async def _refuse(self, paper: PaperToRead, problem: str) -> PaperRead:
        async with self._steps.sessions.begin() as session:
            row = await identity_papers.of(session, paper.paper_id)
            if row is None:
                return THROWN_AWAY
            if row.state == "received":
                identity_papers.refuse(row, problem, await self._now(session))
                await self._on_record(session, row, problem=problem)
            return PaperRead(row.state, row.problem)

    async def _on_record(self, session: AsyncSession, row: IdentityPaper, **detail: str) -> None:
        await audits.append(
            session,
            actor="system",
            action="identity_paper.read",
            object_kind="identity_paper",
            object_id=str(row.id),
            detail={"sha256": row.sha256, "state": row.state, **detail},
            request_id=None,
        )

    async def _now(self, session: AsyncSession) -> datetime:
        return await clocks.now(session, self._steps.clock_id)
