"""Words of whoever compared two invoices that are alike: kept by row, and read together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db import people
from db.tables import InvoiceComparison, Receivable
from infra.crypto import Vault

WORDS = "invoice_comparison.words"


@dataclass(frozen=True, slots=True)
class Word:
    """What one person says. ``employee``: who they are, whichever login (``by``) they have."""

    clears: bool
    words: str = field(repr=False)
    employee: str
    by: str
    at: datetime


async def keep(session: AsyncSession, vault: Vault, row: Receivable, word: Word) -> None:
    """Add one."""
    word_id, key = uuid4(), await people.key_of(session, vault, row.person_id)
    session.add(
        InvoiceComparison(
            id=word_id,
            receivable_id=row.id,
            person_id=row.person_id,
            like_id=row.near_id,
            clears=word.clears,
            words_sealed=vault.seal(key, WORDS, word_id, word.words),
            employee=word.employee,
            by=word.by,
            at=word.at,
        )
    )
    await session.flush()


async def who_cleared(session: AsyncSession, row: Receivable) -> set[str]:
    """Who said of these two that they are two invoices."""
    query = select(InvoiceComparison.employee).where(
        InvoiceComparison.receivable_id == row.id,
        InvoiceComparison.like_id == row.near_id,
        InvoiceComparison.clears,
    )
    return set(await session.scalars(query))


async def of(session: AsyncSession, vault: Vault, row: Receivable) -> Sequence[Word]:
    """All of one receivable, in the order of their saying; none of a person who was erased."""
    found = (
        await session.scalars(
            select(InvoiceComparison)
            .where(InvoiceComparison.receivable_id == row.id)
            .order_by(InvoiceComparison.at, InvoiceComparison.id)
        )
    ).all()
    if not found:
        return ()
    key = await people.key_of(session, vault, row.person_id)
    return tuple(
        Word(one.clears, vault.open(key, WORDS, one.id, one.words_sealed), one.employee, one.by, one.at)
        for one in found
    )
