"""What stands behind what the desk says of a receivable: a paper by its hash, or a second person.

A fact that cuts what it counts for is in force at once, one that raises it when two have said it. The two are two
people, whatever logins or roles they have.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.commands import Order, Receipt, issue
from api.idempotency import Json, perform
from api.problems import BadFields, FieldError, NotFound
from api.staff import opening
from db import audits, clocks, desk, receivable_words, receivables
from db.tables import Receivable, ReceivableWord
from lending.receivables import CLEARED, CUTS
from lending.refusals import ReviewClosed, SamePerson
from lending.refusals_at_desk import FactNotTakenBack, SecondWord

WORDS_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Said:
    """One word on a receivable. ``document_id``: the paper that it is taken from; ``takes_back``: a mistaken fact."""

    fact: str
    words: str
    amount_minor: int = 0
    document_id: UUID | None = None
    takes_back: UUID | None = None


async def keep(session: AsyncSession, caller: Caller, row: Receivable, said: Said, *, id: UUID) -> ReceivableWord:
    """Write a word down, with its paper's hash. It stands by itself only where it cuts and has a paper."""
    sha256 = None
    if said.document_id is not None:
        paper = await receivable_words.paper(session, row, said.document_id)
        if paper is None:
            raise BadFields(fields=(FieldError("document_id", "not_one_of_these"),))
        sha256 = paper.sha256
    word = ReceivableWord(
        id=id,
        receivable_id=row.id,
        person_id=row.person_id,
        fact=said.fact,
        amount_minor=said.amount_minor,
        takes_back=said.takes_back,
        document_id=said.document_id,
        sha256=sha256,
        words=said.words,
        said_by=caller.principal.actor,
        employee=await desk.employee(session, caller.staff_id),
        state="stands" if sha256 and said.fact in CUTS else "waits",
        said_at=await clocks.now(session, caller.tools.settings.clock_id),
    )
    session.add(word)
    await session.flush()
    return word


async def raises(caller: Caller, receivable_id: UUID, said: Said, key: str) -> Receipt:
    """Say something that lets more be drawn. The first to say it is told that it waits (:class:`SecondWord`), whatever
    paper they have; another person who says the same is the second."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        first = await receivable_words.waiting(session, receivable_id, said.fact)
        me = await desk.employee(session, caller.staff_id)
    if first is not None and first.employee != me and first.takes_back == said.takes_back:
        return await second(caller, receivable_id, first.id, agrees=True, words=said.words, key=key)

    async def act(session: AsyncSession) -> Json:
        row = await _locked(session, receivable_id)
        await _still(session, row, said)
        if await receivable_words.waiting(session, receivable_id, said.fact) is None:
            word = await keep(session, caller, row, said, id=uuid4())
            await _audit(session, caller, receivable_id, "first", {"fact": said.fact, "word": str(word.id)})
        return {}

    body = {"receivable_id": receivable_id, "fact": said.fact, "words": said.words, "takes_back": said.takes_back}
    await perform(caller, "staff.raise_receivable", key, body, act, scope="staff", object_id=str(receivable_id))
    raise SecondWord


async def second(caller: Caller, receivable_id: UUID, word_id: UUID, *, agrees: bool, words: str, key: str) -> Receipt:
    """Another person's word on what waits for one. Agreed, what raises takes its way; turned down, it never does. A
    fact that cuts is in force already and is only agreed to: who thinks it wrong takes it back.

    Raises :class:`SamePerson` for whoever said the first, :class:`ReviewClosed` where it waits no more.
    """
    async with caller.tools.sessions.begin(scope="staff") as session:
        known = await receivable_words.one(session, receivable_id, word_id)
    if known is None:
        raise NotFound
    form, others = fields.Form(), (known.words,)
    clean = form.take(
        "words", lambda text: opening.own_line(text, longest=WORDS_LONGEST, least=4, others=others), words, ""
    )
    form.done()
    said = Said(known.fact, known.words, known.amount_minor, known.document_id, known.takes_back)
    cuts = said.fact in CUTS
    if cuts and not agrees:
        raise BadFields(fields=(FieldError("agrees", "not_one_of_these"),))

    async def settle(session: AsyncSession, command_id: UUID | None) -> None:
        row = await _locked(session, receivable_id)
        word = await receivable_words.one(session, receivable_id, word_id, locked=True)
        if word is None or word.state != "waits":
            raise ReviewClosed
        me = await desk.employee(session, caller.staff_id)
        if me == word.employee:
            raise SamePerson
        if agrees:  # whoever says no keeps to the careful side
            words = await receivable_words.of_receivable(session, receivable_id)
            await opening.must_know_word(session, caller, row, word, words)
        if agrees and not cuts:
            await _still(session, row, said)
        word.state = "stands" if agrees else "turned_down"
        word.second_by, word.second_employee, word.second_words = caller.principal.actor, me, clean
        word.second_at = await clocks.now(session, caller.tools.settings.clock_id)
        word.command_id = command_id
        await session.flush()

    body = {"receivable_id": receivable_id, "word_id": word_id, "agrees": agrees, "words": clean}
    if agrees and not cuts:
        return await issue(
            caller,
            _order(caller, receivable_id, said, clean),
            use="staff.second_receivable_word",
            key=key,
            body=body,
            store=settle,
            scope="staff",
            audited={"fact": said.fact, "word": str(word_id)},
        )

    async def act(session: AsyncSession) -> Json:
        await settle(session, None)
        await _audit(session, caller, receivable_id, "second", {"word": str(word_id), "agrees": agrees})
        return {}

    await perform(caller, "staff.second_receivable_word", key, body, act, scope="staff", object_id=str(receivable_id))
    return Receipt(word_id, receivable_id, "done")


def _order(caller: Caller, receivable_id: UUID, said: Said, seconded: str) -> Order:
    clears = said.fact == CLEARED
    detail: Json = {"words": said.words, "by": caller.principal.actor, "second": seconded}
    if said.takes_back is not None:
        detail["takes_back"] = str(said.takes_back)
    wire: dict[str, object] = {"clears": True} if clears else {"fact": said.fact, "amount_minor": said.amount_minor}
    return Order(
        workflow_type="Receivable",
        workflow_id=clocks.workflow_of("receivable", receivable_id),
        update="judge" if clears else "note",
        object_kind="receivable",
        object_id=receivable_id,
        wire=wire,
        start={"receivable_id": str(receivable_id), "clock_id": caller.tools.settings.clock_id},
        detail=detail,
    )


async def _still(session: AsyncSession, row: Receivable, said: Said) -> None:
    """A fact that is taken back is still there: nobody took it back, and no money took its place."""
    if said.takes_back is None:
        return
    facts = await receivables.facts_of(session, row.id)
    if any((one.detail or {}).get("takes_back") == str(said.takes_back) for one in facts):
        raise FactNotTakenBack
    there = row.credited_minor if said.fact == "uncredited" else row.told_minor
    if there < said.amount_minor:
        raise FactNotTakenBack


async def _locked(session: AsyncSession, receivable_id: UUID) -> Receivable:
    row = await receivables.one(session, receivable_id, locked=True)  # one after another: nothing goes twice
    if row is None:
        raise NotFound
    return row


async def _audit(session: AsyncSession, caller: Caller, receivable_id: UUID, which: str, detail: Json) -> None:
    await audits.append(
        session,
        actor=caller.principal.actor,
        action=f"receivable.{which}_word",
        object_kind="receivable",
        object_id=str(receivable_id),
        detail=detail,
        request_id=caller.request_id,
    )
