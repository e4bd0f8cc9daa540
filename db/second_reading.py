"""Words that wait for a second reader, in rows: what was written is sealed and never changed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import handing_up, offline, people
from db.tables import HeldWords
from infra.crypto import Vault

TEXT, REASON = "held_words.text", "held_words.reason"


async def hold(
    session: AsyncSession,
    vault: Vault,
    *,
    staff_id: UUID,
    person_id: UUID,
    application_id: UUID | None,
    place: str,
    words: str,
    sha256: str,
    topics: Sequence[str],
    at: datetime,
    due_at: datetime,
) -> UUID | None:
    """Keep words until another has read them, with a lead whose line it is; None: they wait already."""
    held = uuid4()
    lead = await offline.somebody(session, handing_up.LEAD, at, but=staff_id)
    if lead is None:
        lead = await offline.somebody(session, handing_up.OFFICER, at, but=staff_id)
    key = await people.key_of(session, vault, person_id)
    return await session.scalar(
        insert(HeldWords)
        .values(
            id=held,
            staff_id=staff_id,
            person_id=person_id,
            application_id=application_id,
            lead_id=lead,
            place=place,
            sha256=sha256,
            state="waiting",
            topics=list(topics),
            text_sealed=vault.seal(key, TEXT, held, words),
            held_at=at,
            due_at=due_at,
        )
        .on_conflict_do_nothing()
        .returning(HeldWords.id)
    )


async def newest(
    session: AsyncSession, *, staff_id: UUID, person_id: UUID, place: str, sha256: str
) -> HeldWords | None:
    """How the same words of the same writer stood the last time that they were to be sent."""
    return await session.scalar(
        select(HeldWords)
        .where(
            HeldWords.staff_id == staff_id,
            HeldWords.person_id == person_id,
            HeldWords.place == place,
            HeldWords.sha256 == sha256,
        )
        .order_by(HeldWords.held_at.desc())
        .limit(1)
    )


async def waiting(session: AsyncSession) -> Sequence[HeldWords]:
    """All that wait, the most urgent first."""
    found = select(HeldWords).where(HeldWords.state == "waiting").order_by(HeldWords.due_at, HeldWords.id)
    return (await session.scalars(found)).all()


async def locked(session: AsyncSession, held_id: UUID) -> HeldWords | None:
    """One, for whoever answers it."""
    return await session.get(HeldWords, held_id, with_for_update=True)


async def of_thread(session: AsyncSession, application_id: UUID) -> Sequence[HeldWords]:
    """Of an application's thread, those that its customer does not read: they wait, or were given back."""
    found = select(HeldWords).where(
        HeldWords.application_id == application_id, HeldWords.place == "thread", HeldWords.state != "released"
    )
    return (await session.scalars(found.order_by(HeldWords.held_at))).all()


async def words_of(session: AsyncSession, vault: Vault, row: HeldWords) -> tuple[str, str | None]:
    """(what was written, why it was given back), in clear."""
    key = await people.key_of(session, vault, row.person_id)
    reason = vault.open(key, REASON, row.id, row.reason_sealed) if row.reason_sealed else None
    return vault.open(key, TEXT, row.id, row.text_sealed), reason


async def end(
    session: AsyncSession, vault: Vault, row: HeldWords, *, by: UUID, at: datetime, reason: str | None = None
) -> None:
    """Released, or with a reason given back."""
    if reason is not None:
        key = await people.key_of(session, vault, row.person_id)
        row.reason_sealed = vault.seal(key, REASON, row.id, reason)
    row.state = "released" if reason is None else "returned"
    row.ended_by, row.ended_at = by, at
    await session.flush()
