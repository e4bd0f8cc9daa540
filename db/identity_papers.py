"""Photos of identity papers: taken in, read once, found again by their owner in every channel."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import IdentityPaper
from infra.crypto import PersonKey, Vault
from infra.storage import Storage

# What the photo and what was read of it are sealed for.
PHOTO = "identity_paper.photo"
FIELDS = "identity_paper.fields"
SHOWN = 6  # photos that a page looks at: a card, a licence, and some that did not come out


async def same_photo(session: AsyncSession, person_id: UUID, sha256: str) -> IdentityPaper | None:
    """The photo if its owner brought the very same bytes before."""
    found = select(IdentityPaper).where(IdentityPaper.person_id == person_id, IdentityPaper.sha256 == sha256)
    return await session.scalar(found)


async def add(
    session: AsyncSession, *, paper_id: UUID, person_id: UUID, size: int, sha256: str, object_key: str, now: datetime
) -> None:
    """A photo that is not read yet; the same bytes of the same person are one."""
    await session.execute(
        insert(IdentityPaper)
        .values(
            id=paper_id,
            person_id=person_id,
            state="received",
            size=size,
            sha256=sha256,
            object_key=object_key,
            received_at=now,
        )
        .on_conflict_do_nothing(index_elements=["person_id", "sha256"])
    )


async def of(session: AsyncSession, paper_id: UUID) -> IdentityPaper | None:
    """One photo, for whoever reads it; None where its owner threw it away meanwhile."""
    return await session.get(IdentityPaper, paper_id)


async def latest(session: AsyncSession, person_id: UUID) -> list[IdentityPaper]:
    """A person's newest photos, the newest first."""
    newest = (
        select(IdentityPaper)
        .where(IdentityPaper.person_id == person_id)
        .order_by(IdentityPaper.received_at.desc(), IdentityPaper.id)
        .limit(SHOWN)
    )
    return list(await session.scalars(newest))


def keep(row: IdentityPaper, vault: Vault, key: PersonKey, paper: dict[str, Any], now: datetime) -> None:
    """What was read, sealed with its person's key."""
    row.kind, row.state, row.problem, row.read_at = paper["kind"], "read", None, now
    row.fields_sealed = vault.seal(key, FIELDS, row.id, json.dumps(paper["fields"], ensure_ascii=False))


async def own(session: AsyncSession, paper_id: UUID, person_id: UUID) -> IdentityPaper | None:
    """A photo for its owner, who is about to say something of it."""
    found = select(IdentityPaper).where(IdentityPaper.id == paper_id, IdentityPaper.person_id == person_id)
    return await session.scalar(found.with_for_update())


def choose(row: IdentityPaper, vault: Vault, key: PersonKey, field: str, chosen: str) -> bool:
    """Keep whose word counts for one field; False where the photo does not say it."""
    told = fields_of(row, vault, key)
    if not any(one["name"] == field for one in told):
        return False
    said = [one | {"chosen": chosen} if one["name"] == field else one for one in told]
    row.fields_sealed = vault.seal(key, FIELDS, row.id, json.dumps(said, ensure_ascii=False))
    return True


async def destroy_since(session: AsyncSession, storage: Storage, person_id: UUID, at: datetime) -> int:
    """Photos that were brought from then on go, bytes and reading; how many they were.

    First the bytes: should anything fail now, the row is still there and the next try finds both.
    """
    found = (
        select(IdentityPaper)
        .where(IdentityPaper.person_id == person_id, IdentityPaper.received_at >= at)
        .order_by(IdentityPaper.id)
        .with_for_update()
    )
    photos = list(await session.scalars(found))
    for photo in photos:
        await storage.destroy(photo.object_key)
        await session.delete(photo)
    return len(photos)


def refuse(row: IdentityPaper, problem: str, now: datetime) -> None:
    """Nothing could be read."""
    row.state, row.problem, row.read_at = "refused", problem, now


def fields_of(row: IdentityPaper, vault: Vault, key: PersonKey) -> list[dict[str, Any]]:
    """What was read of a photo: name, value, sure, checked; nothing where nothing was."""
    return json.loads(vault.open(key, FIELDS, row.id, row.fields_sealed)) if row.fields_sealed else []
