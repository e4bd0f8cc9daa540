"""The chain over the journal: each entry with its postings is one link, sealed behind the writers in stretches.

The links stand in the order of (transaction, entry). What is hashed is a line of text that Postgres makes of the row,
so that an auditor can make it again with the statement below and nothing else.
"""

import hashlib
from collections.abc import AsyncGenerator
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.audits import oldest_running
from db.tables import JournalSeal

GENESIS = hashlib.sha256(b"huoshui journal chain").digest()
LOCK = 0x48_55_4F_02
STRETCH = 2_000  # entries a row: some 100 kB
NOBODY = UUID(int=0)
DIGEST, ID = 32, 16

# Texts are preceded by their length: nothing can be moved from one to the next and leave the line as it was.
LINE = """
    e.id || '|' || e.transaction_id || '|' || coalesce(e.loan_id::text, '-') || '|'
    || to_char(e.effective_on, 'YYYY-MM-DD') || '|' || (extract(epoch from e.booked_at) * 1000000)::bigint || '|'
    || length(e.kind) || ':' || e.kind || length(e.currency) || ':' || e.currency
    || length(e.source) || ':' || e.source || '|' || coalesce(e.written_by, '-') || '|' || coalesce(p.moves, '')
"""
MOVES = """
    left join lateral (
        select least(count(*), 255) as size, string_agg(
            p.n || ':' || p.amount_minor || ':' || length(p.debit) || ':' || p.debit || p.credit, ';' order by p.n
        ) as moves, array_agg(p.n order by p.n) as numbers
        from posting p where p.entry_id = e.id
    ) p on true
"""
AFTER = text(
    f"""
    select e.transaction_id, e.id, p.size, {LINE} as line, e.written_by, p.numbers
      from entry e {MOVES}
     where e.transaction_id between :transaction and :last_transaction
       and (e.transaction_id, e.id) > (:transaction, :entry)
       and (e.transaction_id, e.id) <= (:last_transaction, :last_entry)
     order by e.transaction_id, e.id limit :limit
    """  # noqa: S608 (constants of this module)
)
LAST_ID = UUID(int=2**128 - 1)


class Link(NamedTuple):
    """One entry as it is sealed: its place in the order, how many postings, the line, who wrote it."""

    transaction_id: int
    id: UUID
    size: int
    line: str
    written_by: str | None
    numbers: list[int] | None


async def links(
    session: AsyncSession, after: tuple[int, UUID], until: tuple[int, UUID], limit: int | None = None
) -> list[Link]:
    """Entries between two places of the order, the first excluded, the last included."""
    found = await session.execute(
        AFTER,
        {
            "transaction": after[0],
            "entry": after[1],
            "last_transaction": until[0],
            "last_entry": until[1],
            "limit": limit,
        },
    )
    return [Link(*row) for row in found]


async def seal(session: AsyncSession, *, limit: int = 10_000) -> int | None:
    """Chain the entries of transactions that ended before every running one; how many, None if another sealer works."""
    if not await session.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
        return None
    number, position, place, head = await _end(session)
    border = await oldest_running(session)
    waiting = await links(session, place, (border - 1, LAST_ID), limit)
    rows: list[dict[str, Any]] = []
    for start in range(0, len(waiting), STRETCH):
        stretch = waiting[start : start + STRETCH]
        hashes = bytearray()
        for link in stretch:
            head = hashlib.sha256(head + link.line.encode()).digest()
            hashes += head
        number += 1
        rows.append(
            {
                "n": number,
                "first_position": position + 1,
                "last_transaction": stretch[-1].transaction_id,
                "last_entry": stretch[-1].id,
                "ids": b"".join(link.id.bytes for link in stretch),
                "sizes": bytes(link.size for link in stretch),
                "hashes": bytes(hashes),
            }
        )
        position += len(stretch)
    if rows:
        await session.execute(insert(JournalSeal), rows)
    return len(waiting)


async def _end(session: AsyncSession) -> tuple[int, int, tuple[int, UUID], bytes]:
    """The number of the last stretch, the last position, the last place and hash."""
    last = (await session.scalars(select(JournalSeal).order_by(JournalSeal.n.desc()).limit(1))).one_or_none()
    if last is None:
        return 0, 0, (0, NOBODY), GENESIS
    end = last.first_position + len(last.sizes) - 1
    return last.n, end, (last.last_transaction, last.last_entry), last.hashes[-DIGEST:]


async def stretches(session: AsyncSession) -> AsyncGenerator[JournalSeal]:
    """All stretches in their order."""
    found = await session.stream_scalars(select(JournalSeal).order_by(JournalSeal.n).execution_options(yield_per=20))
    async for each in found:
        session.expunge(each)
        yield each
