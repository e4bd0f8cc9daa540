"""Receivables that secure one's line: offered, followed, proven, pledged, given back."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import checklist, fields
from api.auth import by_code
from api.auth.by_code import Code
from api.auth.codes import CodeSent
from api.auth.limits import TRIES_BY_ACCOUNT, knock
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.hands import owners
from api.idempotency import plain
from api.lining import receivable_rules, today_of
from api.owner import invoice_once
from api.owner.uploading import Upload
from api.problems import BadFields, FieldError, NotFound
from api.receivables import base_view, late_claim
from api.views import BaseView, LateClaim
from db import clocks, lines, people, receivables
from db.receivables import Paper
from db.tables import CreditLine, Receivable
from lending.line import LineState
from lending.receivables import PROOFS, ReceivableState, proof_of
from lending.refusals import (
    LineClosed,
    LineOver,
    NotInThisStage,
    OutsidePolicy,
    ReceivableKnown,
    ReceivableNotFit,
    Refusal,
)

NUMBER_LONGEST, FORMER_AT_MOST = 40, 10
# Goods are invoiced within a year of their delivery; an older day is a slip of the pen.
DELIVERED_BEFORE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class NewReceivable:
    """An open sales invoice; the amount with tax. ``former_names``: what the seller was called before;
    ``delivered_on``: when the goods were, from which the law's days of a large buyer run."""

    buyer: str = field(repr=False)
    buyer_licence: str = field(repr=False)
    number: str = field(repr=False)
    amount_minor: int
    issued_on: date
    due_on: date
    former_names: tuple[str, ...] = field(default=(), repr=False)
    delivered_on: date | None = None


async def base(caller: Caller, line_id: UUID) -> BaseView:
    """What one's receivables count for today."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        return await base_view(session, caller, await own_line(session, caller, line_id))


async def offer(caller: Caller, line_id: UUID, said: NewReceivable, key: str) -> Receipt:
    """Offer an open invoice. The same one, however it is written and whoever brought it, is refused (D1)."""
    tools, person = caller.tools, caller.person_id
    form = fields.Form()
    buyer = form.take("buyer", fields.name, said.buyer, "")
    licence = form.take("buyer_licence", fields.licence, said.buyer_licence, "")
    number = form.take("number", _number, said.number, "")
    former = tuple(form.take("former_names", fields.name, name, "") for name in said.former_names[:FORMER_AT_MOST])
    rules = receivable_rules(caller)
    if said.amount_minor <= 0:
        form.refuse("amount", "missing")
    elif said.amount_minor > rules.most_minor:
        form.refuse("amount", "above_most", most_minor=rules.most_minor, currency="CNY")
    if said.due_on < said.issued_on:
        form.refuse("due_on", "due_before_issued")
    elif (said.due_on - said.issued_on).days > rules.term_days_most:
        form.refuse("due_on", "due_too_late", days=rules.term_days_most)
    form.done()
    receivable_id = uuid4()

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        line = await own_line(session, caller, line_id)
        today = await today_of(session, caller)
        may_pledge(line, today)
        if said.delivered_on is not None and said.delivered_on > today:
            raise BadFields(fields=(FieldError("delivered_on", "in_the_future"),))
        if said.delivered_on is not None and said.delivered_on < said.issued_on - DELIVERED_BEFORE:
            raise BadFields(fields=(FieldError("delivered_on", "too_long_ago"),))
        if said.issued_on > today:
            raise ReceivableNotFit(bar="not_issued")
        if (today - said.issued_on).days > rules.oldest_days:
            raise ReceivableNotFit(bar="too_old")
        if said.due_on < today:
            raise ReceivableNotFit(bar="overdue")
        firm = await people.firm_of(session, tools.vault, line.firm_id)
        paper = Paper(firm.name, buyer, licence, number, former)
        await invoice_once.nobody_has(caller, paper, said.amount_minor, said.issued_on)
        now = await clocks.now(session, tools.settings.clock_id)
        row = {
            "id": receivable_id,
            "line_id": line.id,
            "application_id": line.application_id,
            "person_id": person,
            "firm_id": line.firm_id,
            "amount_minor": said.amount_minor,
            "currency": line.currency,
            "issued_on": said.issued_on,
            "due_on": said.due_on,
            "delivered_on": said.delivered_on,
            "created_at": now,
            "changed_at": now,
        }
        index_key = tools.settings.secret_bytes("index_key")
        if not await receivables.offer(session, tools.vault, paper, index_key=index_key, row=row):
            why = await invoice_once.stands_against(caller, paper, said.amount_minor, said.issued_on)
            raise why or ReceivableKnown()

    body = {"line_id": line_id, **plain(said)}
    order = _order(caller, receivable_id, "offer")
    return await issue(caller, order, use="owner.offer_receivable", key=key, body=body, store=store, person=person)


def may_pledge(line: CreditLine, today: date) -> None:
    """Refused where a line takes no invoices: it rests on none, is closed, or is over."""
    if line.secured_by != "receivables":
        raise OutsidePolicy(rule="unsecured_line")
    if line.state == LineState.CLOSED:
        raise LineClosed(clause=line.clause)
    if today > line.expires_on:
        raise LineOver(on=line.expires_on.isoformat())


async def look(caller: Caller, receivable_id: UUID, key: str) -> Receipt:
    """Look now whether the buyer has answered, instead of tomorrow."""
    return await _say(caller, receivable_id, "look", "owner.look_at_receivable", key)


async def bring_proof(caller: Caller, receivable_id: UUID, kind: str, upload: Upload, key: str) -> None:
    """Bring one paper that proves this invoice: its order, its delivery, or how its buyer has paid before (D6)."""
    if kind not in PROOFS:
        raise BadFields(fields=(FieldError("kind", "not_one_of_these"),))
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        row = await _own(session, caller, receivable_id)
        if row.state != ReceivableState.ASKED.value:
            raise NotInThisStage(stage=row.state, step="prove")
        application_id = row.application_id
    await checklist.bring(caller, owners(caller), application_id, proof_of(kind, receivable_id), upload, key)


async def prove(caller: Caller, receivable_id: UUID, key: str) -> Receipt:
    """Its papers stand for the buyer's word, once a person took each of them; it then counts for less (D6)."""
    return await _say(caller, receivable_id, "prove", "owner.prove_receivable", key)


async def release(caller: Caller, receivable_id: UUID, key: str) -> Receipt:
    """Take it back: its registration is cancelled. Not while what is drawn needs it."""
    return await _say(caller, receivable_id, "release", "owner.release_receivable", key)


async def start_pledging(caller: Caller, receivable_id: UUID, key: str) -> CodeSent:
    """Send a code to one's own phone, good for the pledge of this very invoice only."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        row = await _own(session, caller, receivable_id)
        bound = _bound(row)
        phone = (await people.identity_of(session, tools.vault, person)).phone
    return await by_code.send(
        caller,
        phone,
        bound=bound,
        text="pledge",
        use="owner.start_pledging",
        key=key,
        body={"receivable_id": receivable_id, "bound": bound},
        object_id=receivable_id,
        said={"amount_minor": row.amount_minor, "currency": row.currency},
    )


async def pledge(caller: Caller, receivable_id: UUID, code: str, key: str) -> Receipt:
    """Pledge it (民法典 445). The code is used up in the transaction that writes the command."""
    person = caller.person_id
    form = fields.Form()
    digits = form.take("code", fields.code, code, "")
    form.done()
    await knock(caller, "sign", (f"person:{person}", TRIES_BY_ACCOUNT))
    signed = Code(caller, digits)

    async def gate(session: AsyncSession) -> Refusal | None:
        return await signed.check(session, _bound(await _own(session, caller, receivable_id)))

    return await issue(
        caller,
        _order(caller, receivable_id, "pledge", signed.wire),
        use="owner.pledge_receivable",
        key=key,
        body={"receivable_id": receivable_id, "code": digits},
        store=signed.use,
        gate=gate,
        person=person,
    )


async def claim(caller: Caller, receivable_id: UUID) -> LateClaim:
    """What a large buyer owes for paying late, as an estimate (D5)."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        return await late_claim(session, caller, await _own(session, caller, receivable_id))


async def _say(
    caller: Caller, receivable_id: UUID, update: str, use: str, key: str, wire: Json | None = None
) -> Receipt:
    async def store(session: AsyncSession, _command_id: UUID) -> None:
        await _own(session, caller, receivable_id)

    order = _order(caller, receivable_id, update, wire)
    body = {"receivable_id": receivable_id, **(wire or {})}
    return await issue(caller, order, use=use, key=key, body=body, store=store, person=caller.person_id)


def _order(caller: Caller, receivable_id: UUID, update: str, wire: Json | None = None) -> Order:
    return Order(
        workflow_type="Receivable",
        workflow_id=clocks.workflow_of("receivable", receivable_id),
        update=update,
        object_kind="receivable",
        object_id=receivable_id,
        wire={} if wire is None else wire,
        start={"receivable_id": str(receivable_id), "clock_id": caller.tools.settings.clock_id},
    )


def _bound(row: Receivable) -> str:
    """What the code is good for: this invoice, for what it is confirmed or proven now."""
    if row.state != ReceivableState.SUPPORTED.value:
        raise NotInThisStage(stage=row.state, step="pledge")
    return receivables.pledge_hash(row)


async def own_line(session: AsyncSession, caller: Caller, line_id: UUID) -> CreditLine:
    """One's own line; :class:`NotFound` for any other."""
    found = await lines.own(session, line_id, caller.person_id)
    if found is None:
        raise NotFound
    return found


async def _own(session: AsyncSession, caller: Caller, receivable_id: UUID) -> Receivable:
    found = await receivables.one(session, receivable_id)
    if found is None or found.person_id != caller.person_id:
        raise NotFound
    return found


def day(name: str, value: str) -> date:
    """A day that was typed; :class:`BadFields` for one that no month has."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise BadFields(fields=(FieldError(name, "not_a_date"),)) from None


def _number(value: str) -> str:
    found = fields.line(value, longest=NUMBER_LONGEST, least=4)
    if not any(letter.isdecimal() for letter in found):
        raise fields.Wrong("no_invoice_number")
    return found
