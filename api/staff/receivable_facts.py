"""What the desk wrote down of a receivable, and taking a mistyped credit note or payment back: another person's act."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.commands import Receipt
from api.idempotency import Json
from api.looking import look
from api.phrases import phrase
from api.problems import NotFound
from api.staff import opening, receivable_words
from api.views.receivable import ReceivableFact
from db import desk, receivables
from db import receivable_words as words_of
from db.tables import Application, Command, ReceivableWord
from lending.receivables import CUTS, UNDONE
from lending.refusals import SamePerson
from lending.refusals_at_desk import FactNotTakenBack

WORDS_LONGEST = 500


async def of_receivable(caller: Caller, receivable_id: UUID) -> tuple[ReceivableFact, ...]:
    """Every fact as it was written down, oldest first; the look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await receivables.one(session, receivable_id)
        if row is None:
            raise NotFound
        await look(session, caller, await session.get_one(Application, row.application_id), "invoices")
        facts = await receivables.facts_of(session, receivable_id)
        said = await words_of.of_receivable(session, receivable_id)
        await opening.invoice_opened(session, caller, row, said)
        words = {one.command_id or one.id: one for one in said}
        gone = {(one.detail or {}).get("takes_back") for one in facts}
        me = await desk.employee(session, caller.staff_id)
        found: list[ReceivableFact] = []
        for one in facts:
            mine = me in await desk.employees(session, {one.principal})
            fact, detail = str(one.argument["fact"]), one.detail or {}
            word = words.pop(one.id, None)
            found.append(
                ReceivableFact(
                    id=one.id,
                    fact=fact,
                    amount_minor=int(one.argument.get("amount_minor", 0)),
                    currency=row.currency,
                    words=str(detail.get("words", "")),
                    at=one.created_at,
                    mine=mine,
                    taken_back=str(one.id) in gone,
                    may_go=fact in UNDONE and str(one.id) not in gone and not mine,
                    **_behind(word, me),
                )
            )
        found += [
            ReceivableFact(
                id=one.id,
                fact=one.fact,
                amount_minor=one.amount_minor,
                currency=row.currency,
                words=one.words,
                at=one.said_at,
                mine=one.employee == me,
                taken_back=False,
                may_go=False,
                **_behind(one, me),
            )
            for one in words.values()
            if one.fact not in CUTS and one.command_id is None
        ]
        return tuple(found)


def _behind(word: ReceivableWord | None, me: str) -> Json:
    """What stands behind a fact, and whether its reader may be the second; nothing is known of those of before."""
    if word is None:
        return {}
    return {
        "standing": word.state,
        "word_id": word.id,
        "sha256": word.sha256,
        "document_id": word.document_id,
        "seconded": word.second_at is not None,
        "may_second": word.state == "waits" and word.employee != me,
    }


async def papers(caller: Caller, receivable_id: UUID) -> tuple[tuple[str, str], ...]:
    """Papers on file that a fact can be taken from: id, and what each is."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await receivables.one(session, receivable_id)
        found = await words_of.papers(session, row) if row is not None else ()
        return tuple(
            (str(one.id), phrase(f"lending.item.{one.item.partition('.')[0]}", caller.locale, {})) for one in found
        )


async def take_back(caller: Caller, receivable_id: UUID, fact_id: UUID, words: str, key: str) -> Receipt:
    """Take a credit note or a payment back that was written down by mistake: it raises what may be drawn, so it waits
    for a second person (:class:`SecondWord`), who may be the one that made the mistake.

    Raises :class:`SamePerson` for whoever entered it, by person and not by login, and :class:`FactNotTakenBack` for
    another fact, one that was taken back before, or a payment whose money has come.
    """
    form = fields.Form()
    said = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), words, "")
    form.done()
    async with caller.tools.sessions.begin(scope="staff") as session:
        known = await _fact(session, receivable_id, fact_id)
        fact, amount = str(known.argument["fact"]), int(known.argument.get("amount_minor", 0))
        if fact not in UNDONE:
            raise FactNotTakenBack
        waits = await words_of.waiting(session, receivable_id, UNDONE[fact])
        mine = await desk.employee(session, caller.staff_id) in await desk.employees(session, {known.principal})
        if mine and (waits is None or waits.takes_back != fact_id):
            raise SamePerson
    back = receivable_words.Said(UNDONE[fact], said, amount, takes_back=fact_id)
    return await receivable_words.raises(caller, receivable_id, back, key)


async def _fact(session: AsyncSession, receivable_id: UUID, fact_id: UUID) -> Command:
    found = next((one for one in await receivables.facts_of(session, receivable_id) if one.id == fact_id), None)
    if found is None:
        raise NotFound
    return found
