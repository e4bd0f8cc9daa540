"""The one gate of words that leave to a customer (B7). It has three answers.

Refused: a rate that is none of theirs, a promise of a yes, money beside the lender's ways, a code that is asked for;
who tried is kept, for the trail and for the desk. Held: what touches any of this and is no ready phrase; a second
person reads it first (:mod:`api.second_reading`). All else passes. Every use that takes words which a customer reads
asks here first.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import second_reading
from api.auditing import noted
from api.caller import Caller
from api.idempotency import Json, perform
from api.views.managing import WordAttemptView
from db import clocks, quotes, reading, talking
from db.tables import CreditLine, WordAttempt
from lending.applications import Stage
from lending.promising import Kind, Said, refused
from lending.refusals import ApprovalPromised, RateInWords, Refusal
from lending.refusals_at_desk import CodesAsked, MoneyBeside
from lending.second_reading import as_read, touched
from policies.book import PolicyBook

LONGEST = 80
# A yes was given and told by the service; before that, and where no case is meant, nobody tells one.
HAS_ITS_YES = frozenset({Stage.OFFERED, Stage.SIGNING, Stage.PAYING, Stage.FUNDED, Stage.OPENED})


@dataclass(frozen=True, slots=True)
class Reader:
    """Who would read it; ``application_id`` None: a person, about none in particular."""

    person_id: UUID
    application_id: UUID | None


Find = Callable[[AsyncSession], Awaitable[Reader | None]]


def of_application(application_id: UUID) -> Find:
    """Whoever applies."""

    async def find(session: AsyncSession) -> Reader | None:
        row = await reading.application(session, application_id)
        return Reader(row.person_id, row.id) if row else None

    return find


def of_task(task_id: UUID) -> Find:
    """Whoever a task is about."""

    async def find(session: AsyncSession) -> Reader | None:
        found = await reading.task(session, task_id)
        return Reader(found[1].person_id, found[1].id) if found else None

    return find


def of_line(line_id: UUID) -> Find:
    """Whose line it is."""

    async def find(session: AsyncSession) -> Reader | None:
        row = await session.get(CreditLine, line_id)
        return Reader(row.person_id, row.application_id) if row else None

    return find


def of_complaint(complaint_id: UUID) -> Find:
    """Whoever complained."""

    async def find(session: AsyncSession) -> Reader | None:
        row = await talking.complaint(session, complaint_id)
        return Reader(row.person_id, None) if row else None

    return find


@dataclass(frozen=True, slots=True)
class Held:
    """Words that a second person reads first, and what they touch."""

    words: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate says of words that are not refused: who would read them, and which of them wait."""

    reader: Reader
    held: tuple[Held, ...]


async def may_leave(caller: Caller, find: Find, texts: Iterable[str], *, place: str, key: str) -> None:
    """Let the words of a form pass, or keep them and raise: what :func:`judged` does, :class:`WordsHeld` until a second
    person has released them, :class:`WordsReturned` once they gave them back.

    ``place``: the use that they were written in; nobody to read them: the use itself says so.
    """
    said = await judged(caller, find, texts, place=place, key=key)
    if said is None or not said.held:
        return
    waits: dict[str, None] = {}
    for one in said.held:
        read = second_reading.Written(said.reader.person_id, said.reader.application_id, place, one.words, one.topics)
        if not await second_reading.released(caller, read):
            await second_reading.keep(caller, read, key)
            waits |= dict.fromkeys(one.topics)
    if waits:
        raise second_reading.held(caller, tuple(waits))


async def judged(caller: Caller, find: Find, texts: Iterable[str], *, place: str, key: str) -> Judged | None:
    """Which words wait for a second reader; None: nobody reads any. Keeps that somebody tried and raises
    :class:`RateInWords`, :class:`ApprovalPromised`, :class:`MoneyBeside` or :class:`CodesAsked` for what is refused."""
    written = [one for one in texts if one.strip()]
    if not written:
        return None
    async with caller.tools.sessions.begin(scope="staff") as session:
        reader = await find(session)
        if reader is None:
            return None
        products, told = await quotes.told_rates(session, reader.person_id)
        case = await reading.application(session, reader.application_id) if reader.application_id else None
    rules = caller.tools.policies.managed.words
    own, late = their_rates(caller.tools.policies, products, told), late_rises(caller.tools.policies, products)
    decided = case is not None and Stage(case.stage) in HAS_ITS_YES
    second = caller.tools.policies.second_reading
    for text in written:
        for form in dict.fromkeys((text, as_read(text, second.alike))):
            if (said := refused(form, rules, own, late=late, decided=decided)) is not None:
                await _kept(caller, reader, said, text, place, key)
                raise _no(said)
    held = (Held(text, touched(text, second, own, place)) for text in written)
    return Judged(reader, tuple(one for one in held if one.topics))


def their_rates(book: PolicyBook, products: Iterable[str], told: Iterable[Decimal]) -> frozenset[Decimal]:
    """The annual rates that somebody may be told: those of the products that they asked for, those that they were
    quoted, offered or signed, and what each of them comes to while it is late."""
    found = set(told)
    late = {Decimal(1)}
    for product_id in products:
        if product_id in book.products:
            price = book.product(product_id).price
            found |= {*book.policy(product_id).rates(), price.annual_rate, price.prepayment_fee_rate}
            late.add(price.late_factor)
    return frozenset(rate * factor for rate in found for factor in late)


def late_rises(book: PolicyBook, products: Iterable[str]) -> frozenset[Decimal]:
    """By how much of itself the rate of somebody's products rises while it is late, as the catalogue has it."""
    return frozenset(book.product(one).price.late_factor - 1 for one in products if one in book.products)


def _no(said: Said) -> Refusal:
    shown = said.words[:LONGEST]
    match said.kind:
        case Kind.RATE:
            return RateInWords(said=shown)
        case Kind.PROMISE:
            return ApprovalPromised(said=shown)
        case Kind.PRIVATE:
            return MoneyBeside(said=shown)
        case Kind.CREDENTIAL:
            return CodesAsked(said=shown)


async def _kept(caller: Caller, reader: Reader, said: Said, text: str, place: str, key: str) -> None:
    made = uuid4()
    digest = hashlib.sha256(text.encode()).hexdigest()

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await quotes.keep_words(
            session,
            WordAttempt(
                id=made,
                staff_id=caller.staff_id,
                application_id=reader.application_id,
                place=place,
                kind=said.kind.value,
                said=said.words[:LONGEST],
                made_at=now,
            ),
        )
        detail = {"place": place, "kind": said.kind.value}
        await noted(session, caller, "words.refused", "word_attempt", str(made), detail)
        return {}

    # The same form is sent again with other words under its key: each wording is an attempt of its own.
    body = {"place": place, "sha256": digest}
    await perform(caller, "staff.words_refused", f"{key}/{digest[:16]}", body, act, scope="staff", object_id=str(made))


async def attempts(caller: Caller) -> tuple[WordAttemptView, ...]:
    """Words of the last year that did not leave, newest first."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        rows = await quotes.refused_words(session, now - quotes.LOOKED_BACK)
    return tuple(
        WordAttemptView(row.id, name, number, row.place, row.kind, row.said, row.made_at) for row, name, number in rows
    )
