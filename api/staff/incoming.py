"""Money in suspense at the desk: a person finds out what it is for, or that it goes back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.lining import today_of
from api.problems import BadFields, FieldError, NotFound
from api.receivables import diverted
from api.views.incoming import Diverted, IncomingView, RefusedView, SentOn
from db import audits, clocks, desk, incoming, people
from db.tables import Incoming, Outgoing
from lending.incoming import loans_in
from lending.refusals import NotInThisStage, SamePerson

WAYS = ("loan", "receivable", "give_back")
ACTS = ("again", "suspense")
WORDS_LONGEST, NUMBER_LONGEST = 500, 40


@dataclass(frozen=True, slots=True)
class Found:
    """What a person found out: for a loan by its reference, for a receivable by its invoice's number, or for nobody;
    and how they know."""

    to: str
    number: str
    words: str


async def waiting(caller: Caller) -> tuple[IncomingView, ...]:
    """What nobody has explained, the most urgent first. Names of payers are opened; the look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return await _seen(session, caller, list(await incoming.in_suspense(session)))


async def placed(caller: Caller) -> tuple[IncomingView, ...]:
    """What found its place or went back, the newest first."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return await _seen(session, caller, list(await incoming.newest(session)))


async def diversions(caller: Caller) -> tuple[Diverted, ...]:
    """What buyers paid to borrowers and nobody has sent on yet, the most urgent first: a call, and no more (P16)."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        today = await today_of(session, caller)
        return tuple(diverted(one, today) for one in await incoming.diversions_open(session))


async def _seen(session: AsyncSession, caller: Caller, rows: list[Incoming]) -> tuple[IncomingView, ...]:
    went: dict[UUID, list[SentOn]] = {}
    for one in await incoming.sent_on(session, [row.id for row in rows]):
        told = SentOn(one.kind, one.amount_minor, one.currency, one.state, one.problem, one.rail_reference)
        if one.incoming_id is not None:
            went.setdefault(one.incoming_id, []).append(told)
    if rows:
        await _on_record(session, caller, "incoming.look", "list", count=str(len(rows)))
    return tuple(_view(caller, row, tuple(went.get(row.id, ()))) for row in rows)


def _view(caller: Caller, row: Incoming, went: tuple[SentOn, ...]) -> IncomingView:
    payer = incoming.payer_of(caller.tools.vault, row)
    return IncomingView(
        id=row.id,
        state=row.state,
        rail=row.rail,
        rail_reference=row.rail_reference,
        amount_minor=row.amount_minor,
        currency=row.currency,
        booked_on=row.booked_on,
        came_at=row.came_at,
        due_at=row.due_at,
        payer=payer.name,
        account_masked=people.masked_account(payer.account),
        remark=payer.remark,
        problem=row.problem,
        decided=row.decided,
        words=row.words,
        by=row.by,
        placed_at=row.placed_at,
        repaid_minor=row.repaid_minor,
        rest_minor=row.rest_minor,
        third_party=row.third_party,
        sent_on=went,
        takes_two=row.takes_two and row.confirmed_by is None,
        mine=row.decided_by == caller.principal.actor,
    )


async def decide(caller: Caller, incoming_id: UUID, said: Found, key: str) -> IncomingView:
    """Say what money is for. The till does it within seconds; what was said first counts."""
    form = fields.Form()
    if said.to not in WAYS:
        form.refuse("to", "not_one_of_these" if said.to else "missing")
    words = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), said.words, "")
    number = ""
    if said.to in ("loan", "receivable"):
        number = form.take("number", lambda text: fields.line(text, longest=NUMBER_LONGEST, least=3), said.number, "")
    form.done()

    async def act(session: AsyncSession) -> Json:
        row = await incoming.one(session, incoming_id, locked=True)
        if row is None:
            raise NotFound
        if row.state != "suspense" or row.decided is not None:
            raise NotInThisStage(stage=row.state, step="place")
        target = None if said.to == "give_back" else await _target(session, caller, row, said.to, number)
        row.decided, row.decided_id, row.decided_by, row.words = said.to, target, caller.principal.actor, words
        row.takes_two = caller.tools.policies.suspense.takes_two(row.amount_minor)
        await _on_record(session, caller, "incoming.decide", str(incoming_id), to=said.to, about=str(target or ""))
        return {}

    body = {"incoming_id": incoming_id, **plain(said)}
    await perform(caller, "desk.place_money", key, body, act, scope="staff", object_id=str(incoming_id))
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await incoming.one(session, incoming_id)
        assert row is not None  # noqa: S101
        return (await _seen(session, caller, [row]))[0]


async def confirm(caller: Caller, incoming_id: UUID, *, agrees: bool, words: str, key: str) -> IncomingView:
    """The second person's word: it is done, or it waits anew. Never whoever said it first, by person (四眼)."""
    form = fields.Form()
    said = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), words, "")
    form.done()

    async def act(session: AsyncSession) -> Json:
        row = await incoming.one(session, incoming_id, locked=True)
        if row is None:
            raise NotFound
        if row.state != "suspense" or row.decided is None or not row.takes_two or row.confirmed_by is not None:
            raise NotInThisStage(stage=row.state, step="confirm")
        if await desk.employee(session, caller.staff_id) in await desk.employees(session, {row.decided_by or ""}):
            raise SamePerson
        if agrees:
            row.confirmed_by = caller.principal.actor
        else:
            row.decided = row.decided_id = row.decided_by = None
            row.takes_two = False
        await _on_record(session, caller, "incoming.confirm", str(incoming_id), agrees=str(agrees), words=said)
        return {}

    body = {"incoming_id": incoming_id, "agrees": agrees, "words": said}
    await perform(caller, "desk.confirm_money", key, body, act, scope="staff", object_id=str(incoming_id))
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await incoming.one(session, incoming_id)
        assert row is not None  # noqa: S101
        return (await _seen(session, caller, [row]))[0]


# --- what the rail would not send on ----------------------------------------------------------------------------------


async def refused(caller: Caller) -> tuple[RefusedView, ...]:
    """What waits for a person after the rail refused it, the oldest first."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        rows = await incoming.outgoing_refused(session)
        if rows:
            await _on_record(session, caller, "outgoing.look", "list", count=str(len(rows)))
        return tuple([await _refusal(session, caller, row, now) for row in rows])


async def _refusal(session: AsyncSession, caller: Caller, row: Outgoing, now: datetime) -> RefusedView:
    came = await incoming.one(session, row.incoming_id) if row.incoming_id else None
    due_at = row.refused_at + caller.tools.policies.suspense.judged_within if row.refused_at else None
    nobodys = row.from_suspense and came is not None and came.state == "given_back"
    return RefusedView(
        id=row.id,
        kind=row.kind,
        amount_minor=row.amount_minor,
        currency=row.currency,
        problem=row.problem,
        tries=row.again + 1,
        refused_at=row.refused_at,
        due_at=due_at,
        late=due_at is not None and due_at < now,
        payer=incoming.payer_of(caller.tools.vault, came).name if came else "",
        acts=("again", "suspense") if nobodys else ("again",),
    )


async def judge_refused(caller: Caller, outgoing_id: UUID, act_: str, words: str, key: str) -> None:
    """Send it once more, as another order; or, of what is nobody's, find out anew whose it is."""
    form = fields.Form()
    said = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), words, "")
    if act_ not in ACTS:
        form.refuse("act", "not_one_of_these" if act_ else "missing")
    form.done()

    async def act(session: AsyncSession) -> Json:
        row = await incoming.outgoing(session, outgoing_id)
        if row is None:
            raise NotFound
        if row.state != "refused" or row.judged == "suspense":
            raise NotInThisStage(stage=row.state, step="judge")
        now = await clocks.now(session, caller.tools.settings.clock_id)
        if act_ == "suspense":
            came = await incoming.one(session, row.incoming_id, locked=True) if row.incoming_id else None
            if came is None or came.state != "given_back" or not row.from_suspense:
                raise NotInThisStage(stage=row.state, step="suspense")
            came.state, came.placed_at, came.by, came.problem = "suspense", None, None, "return_refused"
            came.due_at, came.rounds = now + caller.tools.policies.suspense.judged_within, came.rounds + 1
            came.decided = came.decided_id = came.decided_by = came.confirmed_by = None
            came.takes_two = False
        else:
            row.state, row.again = "owed", row.again + 1
        row.judged, row.judged_by = act_, caller.principal.actor
        await _on_record(session, caller, "outgoing.judge", str(outgoing_id), act=act_, words=said)
        return {}

    body = {"outgoing_id": outgoing_id, "act": act_, "words": said}
    await perform(caller, "desk.judge_refused", key, body, act, scope="staff", object_id=str(outgoing_id))


async def _target(session: AsyncSession, caller: Caller, row: Incoming, to: str, number: str) -> UUID:
    """The one thing of that number; :class:`BadFields` where there is none, or two."""
    if to == "loan":
        found = [one.id for one in await incoming.loans_of_numbers(session, loans_in(number), row.currency)]
    else:
        rows = await incoming.receivable_of_number(session, caller.tools.vault, number)
        found = [one.id for one in rows if one.currency == row.currency]
    if len(found) != 1:
        raise BadFields(fields=(FieldError("number", "nothing_of_this_number"),))
    return found[0]


async def _on_record(session: AsyncSession, caller: Caller, action: str, object_id: str, **detail: str) -> None:
    await audits.append(
        session,
        actor=caller.principal.actor,
        action=action,
        object_kind="incoming",
        object_id=object_id,
        detail=detail,
        request_id=caller.request_id,
    )
