"""What somebody at the desk opened of a receivable, on record, before they are the second of two.

A look counts for what it showed: a word that was said after it was not in it. A person is one, whatever logins.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.auditing import noted
from api.caller import Caller
from api.fields import Wrong, line
from db import audits, desk
from db.tables import Receivable, ReceivableWord
from lending import own_words
from lending.receivables import UNDONE
from lending.refusals_at_desk import SecondNotOpened

LINE, INVOICE, PAPER = "receivable.line_opened", "receivable.opened", "paper.opened"
# What a word ends, by what it is.
ENDS = {"undisputed": "disputed", "unbarred": "barred", **{back: fact for fact, back in UNDONE.items()}}


async def line_opened(session: AsyncSession, caller: Caller, line_id: UUID) -> None:
    """Everything of a line was shown."""
    await _opened(session, caller, LINE, "line", line_id)


async def invoice_opened(
    session: AsyncSession, caller: Caller, row: Receivable, words: Iterable[ReceivableWord]
) -> None:
    """One invoice was shown, with what was said of it and which one it is like."""
    said = [str(one.id) for one in words]
    await _opened(session, caller, INVOICE, "receivable", row.id, words=said, like=str(row.near_id))


async def paper_opened(session: AsyncSession, caller: Caller, document_id: UUID) -> None:
    """A customer's paper was opened."""
    await _opened(session, caller, PAPER, "evidence_document", document_id)


async def _opened(
    session: AsyncSession, caller: Caller, what: str, kind: str, id: UUID, **detail: str | list[str]
) -> None:
    me = await desk.employee(session, caller.staff_id)
    await noted(session, caller, what, kind, str(id), {"employee": me, **detail})


async def must_know_word(
    session: AsyncSession, caller: Caller, row: Receivable, word: ReceivableWord, words: Sequence[ReceivableWord]
) -> None:
    """Raise :class:`SecondNotOpened` for whoever did not open the line, the invoice since this was said of it, and each
    paper that it rests on or ends."""
    me = await desk.employee(session, caller.staff_id)
    if not await _by(session, LINE, "line", row.line_id, me):
        raise SecondNotOpened(unopened="line")
    seen = await audits.details(session, INVOICE, "receivable", str(row.id))
    if not any(one.get("employee") == me and str(word.id) in one.get("words", ()) for one in seen):
        raise SecondNotOpened(unopened="invoice")
    about = {word.fact, ENDS.get(word.fact)}
    for paper in {one.document_id for one in words if one.fact in about and one.document_id is not None}:
        if not await _by(session, PAPER, "evidence_document", paper, me):
            raise SecondNotOpened(unopened="paper")


async def must_know_pair(session: AsyncSession, caller: Caller, row: Receivable) -> None:
    """The same of whoever says that an invoice is another than the one that it is like."""
    me = await desk.employee(session, caller.staff_id)
    seen = await audits.details(session, INVOICE, "receivable", str(row.id))
    if not any(one.get("employee") == me and one.get("like") == str(row.near_id) for one in seen):
        raise SecondNotOpened(unopened="invoice")


async def _by(session: AsyncSession, what: str, kind: str, id: UUID, me: str) -> bool:
    return any(one.get("employee") == me for one in await audits.details(session, what, kind, str(id)))


def own_line(value: str, *, longest: int, least: int, others: Iterable[str]) -> str:
    """What a second person says: something of their own, neither agreeing alone nor the first's words."""
    said = line(value, longest=longest, least=least)
    if own_words.agrees_only(said):
        raise Wrong("agrees_only")
    if own_words.is_anothers(said, others):
        raise Wrong("anothers_words")
    return said
