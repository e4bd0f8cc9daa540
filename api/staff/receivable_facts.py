"""What the desk wrote down of a receivable, and taking a mistyped credit note or payment back: another person's act."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.commands import Order, Receipt, issue
from api.looking import look
from api.problems import NotFound
from api.views.receivable import ReceivableFact
from db import clocks, desk, receivables
from db.tables import Application, Command
from lending.refusals import SamePerson
from lending.refusals_at_desk import FactNotTakenBack

WORDS_LONGEST = 500
# What each fact is called that takes one back: both carry its amount.
UNDONE = {"credited": "uncredited", "paid": "unpaid"}


async def of_receivable(caller: Caller, receivable_id: UUID) -> tuple[ReceivableFact, ...]:
    """Every fact as it was written down, oldest first; the look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await receivables.one(session, receivable_id)
        if row is None:
            raise NotFound
        await look(session, caller, await session.get_one(Application, row.application_id), "invoices")
        facts = await receivables.facts_of(session, receivable_id)
        gone = {(one.detail or {}).get("takes_back") for one in facts}
        me = await desk.employee(session, caller.staff_id)
        found: list[ReceivableFact] = []
        for one in facts:
            mine = me in await desk.employees(session, {one.principal})
            fact, detail = str(one.argument["fact"]), one.detail or {}
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
                )
            )
        return tuple(found)


async def take_back(caller: Caller, receivable_id: UUID, fact_id: UUID, words: str, key: str) -> Receipt:
    """Take a credit note or a payment back that was written down by mistake: what the invoice counts for follows.

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

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        row = await receivables.one(session, receivable_id, locked=True)  # one after another: nothing goes back twice
        if row is None:
            raise NotFound
        me = await desk.employee(session, caller.staff_id)
        if me in await desk.employees(session, {known.principal}):
            raise SamePerson
        facts = await receivables.facts_of(session, receivable_id)
        if any((one.detail or {}).get("takes_back") == str(fact_id) for one in facts):
            raise FactNotTakenBack
        there = row.credited_minor if fact == "credited" else row.told_minor
        if there < amount:  # money took the word's place, or it was never counted whole
            raise FactNotTakenBack

    wire: dict[str, object] = {"fact": UNDONE[fact], "amount_minor": amount}
    order = Order(
        workflow_type="Receivable",
        workflow_id=clocks.workflow_of("receivable", receivable_id),
        update="note",
        object_kind="receivable",
        object_id=receivable_id,
        wire=wire,
        start={"receivable_id": str(receivable_id), "clock_id": caller.tools.settings.clock_id},
        detail={"words": said, "by": caller.principal.actor, "takes_back": str(fact_id)},
    )
    body = {"receivable_id": receivable_id, "fact_id": fact_id, "words": said}
    audited = {**wire, "takes_back": str(fact_id)}
    use = "staff.take_back_receivable_fact"
    return await issue(caller, order, use=use, key=key, body=body, store=store, scope="staff", audited=audited)


async def _fact(session: AsyncSession, receivable_id: UUID, fact_id: UUID) -> Command:
    found = next((one for one in await receivables.facts_of(session, receivable_id) if one.id == fact_id), None)
    if found is None:
        raise NotFound
    return found
