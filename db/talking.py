"""The thread of an application and complaints, in rows: what was said is sealed with the person's own key."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db import people
from db.applications import CHANNEL
from db.tables import Application, Complaint, ThreadMessage
from infra.crypto import Vault

TEXT, WORDS, ANSWER = "thread_message.text", "complaint.words", "complaint.answer"
OWNER, LENDER = "owner", "lender"


async def say(
    session: AsyncSession, vault: Vault, application: Application, text: str, *, author: str, by: str, at: datetime
) -> UUID:
    """A message into the thread, and whoever watches the application is told."""
    message_id = uuid4()
    key = await people.key_of(session, vault, application.person_id)
    session.add(
        ThreadMessage(
            id=message_id,
            application_id=application.id,
            person_id=application.person_id,
            author=author,
            said_by=by,
            text_sealed=vault.seal(key, TEXT, message_id, text),
            sent_at=at,
        )
    )
    await session.flush()
    await _ring(session, application.id)
    return message_id


async def messages(session: AsyncSession, application_id: UUID) -> Sequence[ThreadMessage]:
    """All messages as they are kept, the oldest first."""
    found = select(ThreadMessage).where(ThreadMessage.application_id == application_id)
    return (await session.scalars(found.order_by(ThreadMessage.sent_at, ThreadMessage.id))).all()


async def thread(session: AsyncSession, vault: Vault, application: Application) -> list[tuple[ThreadMessage, str]]:
    """All messages with their texts, the oldest first."""
    rows = await messages(session, application.id)
    if not rows:
        return []
    key = await people.key_of(session, vault, application.person_id)
    return [(row, vault.open(key, TEXT, row.id, row.text_sealed)) for row in rows]


async def read(session: AsyncSession, application_id: UUID, *, reader: str, at: datetime) -> int:
    """The other side's messages have been opened; the first opening counts. How many were new."""
    found = await session.scalars(
        update(ThreadMessage)
        .where(
            ThreadMessage.application_id == application_id,
            ThreadMessage.author != reader,
            ThreadMessage.read_at.is_(None),
        )
        .values(read_at=at)
        .returning(ThreadMessage.id)
    )
    new = len(found.all())
    if new:
        await _ring(session, application_id)
    return new


async def unread(session: AsyncSession, application_id: UUID, *, reader: str) -> int:
    """Messages of the other side that nobody opened yet."""
    found = await session.scalar(
        select(func.count()).where(
            ThreadMessage.application_id == application_id,
            ThreadMessage.author != reader,
            ThreadMessage.read_at.is_(None),
        )
    )
    return int(found or 0)


async def _ring(session: AsyncSession, application_id: UUID) -> None:
    await session.execute(select(func.pg_notify(CHANNEL, str(application_id))))


# --- complaints -------------------------------------------------------------------------------------------------------


async def complain(
    session: AsyncSession, vault: Vault, person: UUID, words: str, *, at: datetime, due_at: datetime
) -> Complaint:
    """A complaint with its number and its clock."""
    complaint_id = uuid4()
    key = await people.key_of(session, vault, person)
    row = Complaint(
        id=complaint_id,
        person_id=person,
        words_sealed=vault.seal(key, WORDS, complaint_id, words),
        made_at=at,
        due_at=due_at,
    )
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return row


async def complaints_of(session: AsyncSession, person: UUID) -> Sequence[Complaint]:
    """One person's, the newest first."""
    found = await session.scalars(
        select(Complaint).where(Complaint.person_id == person).order_by(Complaint.number.desc())
    )
    return found.all()


async def complaints(session: AsyncSession, limit: int) -> Sequence[Complaint]:
    """For the desk: open ones by when they are due, then those that were answered, the newest first."""
    found = await session.scalars(
        select(Complaint)
        .order_by(Complaint.answered_at.desc().nulls_first(), Complaint.due_at, Complaint.number)
        .limit(limit)
    )
    return found.all()


async def complaint(session: AsyncSession, complaint_id: UUID) -> Complaint | None:
    """One, locked for its answer."""
    return await session.get(Complaint, complaint_id, with_for_update=True)


async def words_of(session: AsyncSession, vault: Vault, row: Complaint) -> tuple[str, str | None]:
    """(what was said, what was answered), in clear."""
    key = await people.key_of(session, vault, row.person_id)
    answer = vault.open(key, ANSWER, row.id, row.answer_sealed) if row.answer_sealed else None
    return vault.open(key, WORDS, row.id, row.words_sealed), answer


async def answer(
    session: AsyncSession, vault: Vault, row: Complaint, *, outcome: str, words: str, by: str, at: datetime
) -> None:
    """What came of it."""
    key = await people.key_of(session, vault, row.person_id)
    row.outcome, row.answered_by, row.answered_at = outcome, by, at
    row.answer_sealed = vault.seal(key, ANSWER, row.id, words)
    await session.flush()
