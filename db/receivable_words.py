"""What people at the desk said of receivables, and what stands behind each word."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import EvidenceDocument, Receivable, ReceivableWord
from lending.receivables import CUTS


async def of_receivable(session: AsyncSession, receivable_id: UUID) -> Sequence[ReceivableWord]:
    """Every word, oldest first."""
    found = select(ReceivableWord).where(ReceivableWord.receivable_id == receivable_id)
    return (await session.scalars(found.order_by(ReceivableWord.said_at, ReceivableWord.id))).all()


async def one(
    session: AsyncSession, receivable_id: UUID, word_id: UUID, *, locked: bool = False
) -> ReceivableWord | None:
    """One word on this receivable."""
    found = (
        select(ReceivableWord)
        .where(ReceivableWord.id == word_id, ReceivableWord.receivable_id == receivable_id)
        .execution_options(populate_existing=True)
    )
    return await session.scalar(found.with_for_update() if locked else found)


async def waiting(session: AsyncSession, receivable_id: UUID, fact: str) -> ReceivableWord | None:
    """The word that says this of it and waits for a second person."""
    return await session.scalar(
        select(ReceivableWord).where(
            ReceivableWord.receivable_id == receivable_id, ReceivableWord.fact == fact, ReceivableWord.state == "waits"
        )
    )


async def alone(session: AsyncSession, receivable_id: UUID) -> bool:
    """Whether something that cut what it counts for has nothing behind it but one person's word."""
    found = select(ReceivableWord.id).where(
        ReceivableWord.receivable_id == receivable_id, ReceivableWord.fact.in_(CUTS), ReceivableWord.state == "waits"
    )
    return bool(await session.scalar(select(found.exists())))


async def papers(session: AsyncSession, row: Receivable) -> Sequence[EvidenceDocument]:
    """Papers that a word on it can be taken from, the newest first: of its application, not refused, and behind no
    other word."""
    used = select(ReceivableWord.document_id).where(ReceivableWord.document_id.is_not(None))
    found = select(EvidenceDocument).where(
        EvidenceDocument.application_id == row.application_id,
        EvidenceDocument.state != "refused",
        EvidenceDocument.id.not_in(used),
    )
    return (await session.scalars(found.order_by(EvidenceDocument.received_at.desc()).limit(50))).all()


async def paper(session: AsyncSession, row: Receivable, document_id: UUID) -> EvidenceDocument | None:
    """One of :func:`papers`."""
    return next((one for one in await papers(session, row) if one.id == document_id), None)
