"""Numbers that the country gives once: which invoice of before stands against another one of the same number.

Of such a number there is one invoice, whatever amount, day, buyer or seller is said beside it and whoever says it. What
was offered first keeps it while it is held; what came to money, a credit note or a dispute keeps it for ever; what was
pledged and given back unpaid may come again as it was. One that never secured anything says nothing: the tax bureau
does.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db import receivables
from db.receivables import HELD, Paper
from db.tables import Receivable
from infra.crypto import Vault
from lending.invoices import TAIL, cut_from, national_number, serial_of


async def against(session: AsyncSession, vault: Vault, paper: Paper, row: Receivable) -> Receivable | None:
    """The invoice of before that this one is by its number, whoever brought it; None where nothing stands against it.

    ``row``: also one that is not stored yet; its ``created_at`` is after every other then.
    """
    for other in await _numbered(session, vault, paper, row):
        if other.state in HELD and _before(other, row):
            return other
        if _spent(other) or (other.registration_no is not None and not _as_it_was(other, row)):
            return other
    return await _cut(session, vault, paper, row)


async def _numbered(session: AsyncSession, vault: Vault, paper: Paper, row: Receivable) -> Sequence[Receivable]:
    """All others of the same number, the oldest first."""
    if national_number(paper.number) is None:
        return ()
    key = receivables.number_key(vault, paper.number)
    found = select(Receivable).where(Receivable.number_key == key, Receivable.id != row.id)
    return (await session.scalars(found.order_by(Receivable.created_at, Receivable.id))).all()


async def _cut(session: AsyncSession, vault: Vault, paper: Paper, row: Receivable) -> Receivable | None:
    """One of the same seller that is held, of whose number this one's is the end, or the other way round."""
    serial = serial_of(paper.number)
    if serial is None:
        return None
    found = await session.scalars(
        select(Receivable)
        .where(
            Receivable.seller_key == row.seller_key,
            Receivable.serial % 10**TAIL == serial % 10**TAIL,
            Receivable.state.in_(HELD),
            Receivable.id != row.id,
        )
        .order_by(Receivable.created_at, Receivable.id)
    )
    for other in found.all():
        if _before(other, row) and cut_from(paper.number, (await receivables.paper_of(session, vault, other)).number):
            return other
    return None


def _before(other: Receivable, row: Receivable) -> bool:
    return (other.created_at, other.id) < (row.created_at, row.id)


def _spent(other: Receivable) -> bool:
    """Whether it came to money, a credit note or a dispute: nobody lends on that invoice again."""
    return bool(other.disputed or other.credited_minor or other.paid_minor or other.diverted_minor)


def _as_it_was(other: Receivable, row: Receivable) -> bool:
    mine = (row.seller_key, row.buyer_key, row.amount_minor, row.issued_on)
    return mine == (other.seller_key, other.buyer_key, other.amount_minor, other.issued_on)
