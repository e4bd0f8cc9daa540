"""Receivables at the desk: two that are alike are compared, and what became of one is noted."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auditing import noted
from api.caller import Caller
from api.commands import Order, Receipt, issue
from api.lining import receivable_rules, today_of
from api.looking import look
from api.problems import NotFound
from api.receivables import view
from api.staff import opening, receivable_words
from api.staff.receivable_words import Said
from api.views import ReceivableView
from api.views.receivable import ComparedWord
from db import clocks, comparisons, desk, doors, people, receivables
from db.tables import Application, Receivable
from lending.receivables import CLEARED as BUYER_REAL
from lending.receivables import CUTS, RAISES, ReceivableState
from lending.refusals_at_desk import SecondLook

FACTS = (*CUTS, *RAISES)
WITH_AMOUNT = ("credited", "paid")
WORDS_LONGEST = 500
COMPARED_LEAST = 6  # what was compared, not only "fine"
CLEARED = "receivable.cleared_first"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the desk heard of a receivable, one of ``FACTS``, from where in words; the amount where it is one, and the
    paper that says it."""

    fact: str
    words: str
    amount_minor: int = 0
    document_id: UUID | None = None


async def alike(caller: Caller) -> tuple[ReceivableView, ...]:
    """Those that wait for a person, each with the one that it is like. Each look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        rows = await receivables.waiting(session, ReceivableState.REVIEW)
        return tuple([await _seen(session, caller, row) for row in rows])


async def of_line(caller: Caller, line_id: UUID) -> tuple[ReceivableView, ...]:
    """Everything that was offered for a line, the newest first; the look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        await opening.line_opened(session, caller, line_id)
        return tuple([await _seen(session, caller, row) for row in await receivables.of_line(session, line_id)])


async def _seen(session: AsyncSession, caller: Caller, row: Receivable) -> ReceivableView:
    await look(session, caller, await session.get_one(Application, row.application_id), "invoices")
    counts = await receivables.base_of(session, row.line_id, receivable_rules(caller), await today_of(session, caller))
    shown = await view(session, caller, row, counts)
    other = await receivables.one(session, row.near_id) if row.near_id else None
    # Another firm's customer is nobody's business here: the number is what is compared.
    like = None
    if other is not None:
        await look(session, caller, await session.get_one(Application, other.application_id), "invoices")
        like = (await receivables.paper_of(session, caller.tools.vault, other)).number
    who = await people.identity_of(session, caller.tools.vault, row.person_id)
    names = await doors.staff_names(session)
    compared = tuple(
        ComparedWord(names.get(one.by, one.by), one.clears, one.words, one.at)
        for one in await comparisons.of(session, caller.tools.vault, row)
    )
    return replace(shown, like=like, compared=compared, customer=who.name or people.masked_phone(who.phone))


async def judge(caller: Caller, receivable_id: UUID, *, clears: bool, words: str, key: str) -> Receipt:
    """Another invoice (``clears``), or the same one again; with what was compared, in words."""
    form = fields.Form()
    said = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=COMPARED_LEAST), words, "")
    form.done()
    if clears:
        await _two_clear(caller, receivable_id, said)
        if await _of_unknown_buyer(caller, receivable_id):
            return await receivable_words.raises(caller, receivable_id, Said(BUYER_REAL, said), key)
    return await _say(caller, receivable_id, "judge", {"clears": clears}, said, key)


async def _of_unknown_buyer(caller: Caller, receivable_id: UUID) -> bool:
    """Whether a buyer whom no register knows is all that it waits for: one person's word makes nobody real."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await receivables.one(session, receivable_id)
        return row is not None and row.state == ReceivableState.REVIEW.value and row.near_id is None


async def _two_clear(caller: Caller, receivable_id: UUID, words: str) -> None:
    """One that is like a pledged invoice is cleared by two. The first word is kept, and raises :class:`SecondLook`; so
    does the same person's second."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        me = str(await desk.employee(session, caller.staff_id))  # one person with two logins is one
        row = await receivables.one(session, receivable_id, locked=True)
        other = await receivables.one(session, row.near_id) if row is not None and row.near_id else None
        if other is None or row is None or row.state != ReceivableState.REVIEW.value:
            return None
        if other.state != ReceivableState.PLEDGED.value:
            return None
        said = await comparisons.who_cleared(session, row)
        if said - {me}:
            return await _of_their_own(session, caller, row, me, words)
        if me not in said:
            await _keep(session, caller, row, clears=True, words=words)
            detail = {"like": str(other.id), "employee": me}
            await noted(session, caller, CLEARED, "receivable", str(receivable_id), detail)
    raise SecondLook


async def _of_their_own(session: AsyncSession, caller: Caller, row: Receivable, me: str, words: str) -> None:
    """The second of two opened the invoice, and says something that the first did not."""
    await look(session, caller, await session.get_one(Application, row.application_id), "invoices")
    others = [one.words for one in await comparisons.of(session, caller.tools.vault, row) if one.employee != me]
    form = fields.Form()
    form.take("words", lambda text: opening.own_line(text, longest=WORDS_LONGEST, least=1, others=others), words, "")
    form.done()
    await opening.must_know_pair(session, caller, row)


async def _keep(session: AsyncSession, caller: Caller, row: Receivable, *, clears: bool, words: str) -> None:
    """What somebody says of two that are alike stays beside it, whoever else says something."""
    await look(session, caller, await session.get_one(Application, row.application_id), "invoices")
    me, now = (
        str(await desk.employee(session, caller.staff_id)),
        await clocks.now(session, caller.tools.settings.clock_id),
    )
    word = comparisons.Word(clears, words, me, caller.principal.actor, now)
    await comparisons.keep(session, caller.tools.vault, row, word)


async def note(caller: Caller, receivable_id: UUID, heard: Heard, key: str) -> Receipt:
    """Write down a dispute, a credit note, a payment or a buyer in trouble: what it counts for follows by itself.

    What cuts holds at once, and waits for a paper or a second person to stand; what raises waits for the second.
    """
    form = fields.Form()
    if heard.fact not in FACTS:
        form.refuse("fact", "not_one_of_these" if heard.fact else "missing")
    if (heard.fact in WITH_AMOUNT) != (heard.amount_minor > 0):
        form.refuse("amount", "missing" if heard.fact in WITH_AMOUNT else "not_one_of_these")
    form.done()
    words = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), heard.words, "")
    form.done()
    said = Said(heard.fact, words, heard.amount_minor, heard.document_id)
    if heard.fact in RAISES:
        return await receivable_words.raises(caller, receivable_id, said, key)
    wire: dict[str, object] = {"fact": heard.fact, "amount_minor": heard.amount_minor}
    return await _say(caller, receivable_id, "note", wire, heard.words, key, said)


async def _say(
    caller: Caller,
    receivable_id: UUID,
    update: str,
    wire: dict[str, object],
    words: str,
    key: str,
    cut: Said | None = None,
) -> Receipt:
    form = fields.Form()
    said = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), words, "")
    form.done()

    async def store(session: AsyncSession, command_id: UUID) -> None:
        row = await receivables.one(session, receivable_id)
        if row is None:
            raise NotFound
        if update == "judge":
            await _keep(session, caller, row, clears=bool(wire["clears"]), words=said)
        if cut is None:
            return
        left = receivables.unsaid(row)
        if cut.amount_minor > left:
            form.refuse("amount", "above_open", left_minor=left, currency=row.currency)
            form.done()
        await receivable_words.keep(session, caller, row, cut, id=command_id)

    order = Order(
        workflow_type="Receivable",
        workflow_id=clocks.workflow_of("receivable", receivable_id),
        update=update,
        object_kind="receivable",
        object_id=receivable_id,
        wire=wire,
        start={"receivable_id": str(receivable_id), "clock_id": caller.tools.settings.clock_id},
        detail={"words": said, "by": caller.principal.actor},
    )
    body: dict[str, object] = {"receivable_id": receivable_id, "words": said, **wire}
    if cut is not None and cut.document_id is not None:
        body["document_id"] = cut.document_id
    return await issue(
        caller, order, use=f"staff.{update}_receivable", key=key, body=body, store=store, scope="staff", audited=wire
    )
