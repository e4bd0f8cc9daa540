"""The policy at the desk: a published rate or a file is proposed by one person, with what it changes and touches, and
released by another; from its day on every process lends by it, and nothing is started anew (P4).
"""

import asyncio
import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auth import proof
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.problems import NotFound
from api.routes import PaperFile
from api.views.policy import IndexView, PolicyInForce, ReachView, ReleaseFile, ReleaseLine, RowView, TouchedView
from db import clocks, doors, policy_releases
from db.policy_releases import Reached
from db.tables import PolicyRelease
from infra import i18n
from lending import reach
from lending.calendars import BEIJING, Jurisdiction, business_date
from lending.floating import MOST_MOVE, is_publication_day
from lending.money import Money
from lending.refusals_at_desk import PolicyNotUsable, ReleaseMoved
from lending.terms import plain as written
from policies.book import load
from policies.comparing import Row, indices_of, products_of, rows, values_of
from policies.files import PolicyError
from policies.releases import INDICES, SHAPES, Released, publication, read, subject_of

WORDS_LONGEST = 500
TEXT_LONGEST = 60_000
# A rate may be entered before its day, and caught up with after it; a rule never counts from a day that is over.
AHEAD, BEHIND, YEAR = timedelta(days=31), timedelta(days=62), timedelta(days=366)
SHOWN = 50
COLUMNS = ("kind", "number", "product", "amount", "currency", "annual_rate", "effect", "on", "rate_after")


@dataclass(frozen=True, slots=True)
class Publication:
    """A reference rate as it was published: the value is a fraction, 0.029 for 2.9 %."""

    index: str
    on: date
    value: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file of the policy, whole, as YAML. ``room``: which kind of file."""

    room: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The other person's answer to what was shown under this hash."""

    release: bool
    words: str
    shown_hash: str


async def in_force(caller: Caller) -> PolicyInForce:
    """What counts today, and what was proposed."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        today = await _today(session, caller)
        found = await policy_releases.all_of(session)
        names = await doors.staff_names(session)
    book = caller.tools.policies
    return PolicyInForce(
        version=book.version,
        on=today,
        indices=tuple(IndexView(name, value) for name, value in sorted(book.indices.items())),
        rooms=tuple(room for room in SHAPES if room != INDICES),
        releases=tuple(_line(row, names, caller) for row in found),
        fresh=proof.is_fresh(caller),
    )


async def publish(caller: Caller, said: Publication, key: str) -> ReleaseFile:
    """Propose a reference rate as it was published on a day."""
    book, form = caller.tools.policies, fields.Form()
    async with caller.tools.sessions.begin(scope="staff") as session:
        today = await _today(session, caller)
    if said.index not in book.indices:
        form.refuse("index", "not_one_of_these")
    elif abs(said.value - book.indices[said.index]) > MOST_MOVE or said.value <= 0:
        form.refuse("value", "index_jumps")
    if not is_publication_day(said.on, book.calendars[caller.tools.settings.jurisdiction]):
        form.refuse("on", "no_publication_day")
    elif not today - BEHIND <= said.on <= today + AHEAD:
        form.refuse("on", "too_large" if said.on > today else "too_small")
    form.done()
    text = publication(said.index, said.on, written(said.value))
    return await _propose(caller, Proposal(INDICES, text, said.reason), key, today)


async def propose(caller: Caller, said: Proposal, key: str) -> ReleaseFile:
    """Propose a file of the policy that counts from a day of its own."""
    form = fields.Form()
    if said.room == INDICES or said.room not in SHAPES:
        form.refuse("room", "not_one_of_these")
    if len(said.text) > TEXT_LONGEST:
        form.refuse("text", "too_long")
    form.done()
    async with caller.tools.sessions.begin(scope="staff") as session:
        today = await _today(session, caller)
    return await _propose(caller, said, key, today)


async def _propose(caller: Caller, said: Proposal, key: str, today: date) -> ReleaseFile:
    proof.need(caller)
    form = fields.Form()
    words = form.take("reason", _words, said.reason, "")
    form.done()
    release_id = uuid4()

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        effective_on, subject = _when(said, today)
        found = await _rows(session, said.room, said.text, effective_on, today)
        touched = await policy_releases.reach(session, products_of(found), indices_of(found), now)
        row = PolicyRelease(
            id=release_id,
            room=said.room,
            subject=subject,
            effective_on=effective_on,
            content=said.text,
            base_version=caller.tools.policies.version,
            diff={"rows": [[one.path, one.before, one.after] for one in found], "reach": plain(touched)},
            shown_hash=_hash(said.room, said.text, found),
            reason=words,
            state="open",
            proposed_by=caller.principal.actor,
            proposed_at=now,
        )
        await policy_releases.propose(session, row)
        return {"release_id": str(release_id)}

    done = await perform(caller, "staff.propose_policy", key, plain(said), act, scope="staff")
    return await release(caller, UUID(str(done["release_id"])))


async def release(caller: Caller, release_id: UUID) -> ReleaseFile:
    """A proposal, what it would change now, and whom it would touch now."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await session.get(PolicyRelease, release_id)
        if row is None:
            raise NotFound
        today, now = await _today(session, caller), await clocks.now(session, caller.tools.settings.clock_id)
        kept = _kept(row)
        moved = row.state == "open" and not await _is_as_shown(session, row, today)
        products, indices = products_of(kept), indices_of(kept)
        counts = await policy_releases.reach(session, products, indices, now)
        touched = [
            _touched(row, kept, one)
            async for one in policy_releases.reached(session, products, indices, now, most=SHOWN)
        ]
        names = await doors.staff_names(session)
    return ReleaseFile(
        line=_line(row, names, caller),
        content=row.content,
        rows=tuple(RowView(one.path, one.before, one.after) for one in kept),
        shown_hash=row.shown_hash,
        moved=moved,
        reach=ReachView(counts.loans, counts.floating, counts.lines, counts.offers, counts.applications),
        touched=tuple(touched),
        fresh=proof.is_fresh(caller),
    )


async def touched(caller: Caller, release_id: UUID) -> PaperFile:
    """Everything that it touches as a table to save: contracts by number, no names."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([i18n.text(f"api.policy_file.{name}", caller.locale) for name in COLUMNS])
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await session.get(PolicyRelease, release_id)
        if row is None:
            raise NotFound
        now, kept = await clocks.now(session, caller.tools.settings.clock_id), _kept(row)
        async for one in policy_releases.reached(session, products_of(kept), indices_of(kept), now):
            writer.writerow(_csv(_touched(row, kept, one), caller.locale))
    data = ("\ufeff" + out.getvalue()).encode()
    name = f"policy-{row.number}-{row.effective_on.isoformat()}.csv"
    return PaperFile(data, name, "text/csv; charset=utf-8", hashlib.sha256(data).hexdigest())


async def answer(caller: Caller, release_id: UUID, said: Answer, key: str) -> ReleaseFile:
    """The other person releases what they saw, or turns it down; the proposer may take it back."""
    proof.need(caller)
    form = fields.Form()
    words = form.take("reason", _words, said.words, "")
    form.done()

    async def act(session: AsyncSession) -> Json:
        row = await session.get(PolicyRelease, release_id, with_for_update=True)
        if row is None:
            raise NotFound
        today, now = await _today(session, caller), await clocks.now(session, caller.tools.settings.clock_id)
        if said.release and row.state == "open" and not await _is_as_shown(session, row, today):
            raise ReleaseMoved
        await policy_releases.answer(
            session,
            row,
            release=said.release,
            by=caller.principal.actor,
            words=words,
            shown_hash=said.shown_hash,
            at=now,
        )
        return {}

    body = {"release_id": release_id, **plain(said)}
    await perform(caller, "staff.answer_policy", key, body, act, scope="staff", object_id=str(release_id))
    return await release(caller, release_id)


# --- parts ------------------------------------------------------------------------------------------------------------
def _words(text: str) -> str:
    return fields.line(text, longest=WORDS_LONGEST, least=4)


async def _today(session: AsyncSession, caller: Caller) -> date:
    settings = caller.tools.settings
    return business_date(await clocks.now(session, settings.clock_id), Jurisdiction(settings.jurisdiction))


def _when(said: Proposal, today: date) -> tuple[date, str]:
    """From which day it counts, and of what it is; a rule counts from today at the earliest."""
    try:
        found = read(said.room, said.text)
    except PolicyError as error:
        raise _unusable(error) from None
    if said.room != INDICES and not today <= found.effective_from <= today + YEAR:
        problem = f"from {today.isoformat()} to {(today + YEAR).isoformat()}"
        raise PolicyNotUsable(file=said.room, place="effective_from", problem=problem)
    return found.effective_from, subject_of(found)


async def _rows(session: AsyncSession, room: str, text: str, effective_on: date, today: date) -> tuple[Row, ...]:
    """What differs on the day from which it counts, between the books with and without it."""
    before = [Released(*one) for one in await policy_releases.released(session)]
    on = max(effective_on, today)
    last = Released(max((one.number for one in before), default=0) + 1, room, text)
    try:
        found = await asyncio.to_thread(lambda: rows(load(on, None, before), load(on, None, [*before, last])))
    except PolicyError as error:
        raise _unusable(error) from None
    if not found:
        raise PolicyNotUsable(file=room, place="", problem="nothing would change")
    return found


async def _is_as_shown(session: AsyncSession, row: PolicyRelease, today: date) -> bool:
    """Whether it would still change exactly what was shown, from a day that is not over."""
    try:
        _when(Proposal(row.room, row.content, ""), today)
        found = await _rows(session, row.room, row.content, row.effective_on, today)
    except PolicyNotUsable:
        return False
    return _hash(row.room, row.content, found) == row.shown_hash


def _hash(room: str, text: str, found: Sequence[Row]) -> str:
    shown = [room, text, [[one.path, one.before, one.after] for one in found]]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _kept(row: PolicyRelease) -> tuple[Row, ...]:
    return tuple(Row(*one) for one in row.diff["rows"])


def _touched(row: PolicyRelease, found: Sequence[Row], one: Reached) -> TouchedView:
    touch = reach.touch(
        one.kind,
        one.terms,
        began=one.began,
        until=one.until.astimezone(BEIJING).date() if one.until else None,
        effective_on=row.effective_on,
        values=values_of(found),
    )
    return TouchedView(
        kind=one.kind,
        number=one.number,
        product_id=one.product_id,
        amount_minor=one.amount_minor,
        currency=one.currency,
        annual_rate=one.annual_rate,
        effect=touch.effect.value,
        on=touch.on,
        rate_after=touch.rate_after,
    )


def _csv(one: TouchedView, locale: str) -> list[str]:
    return [
        i18n.text(f"web.policy.kind.{one.kind}", locale),
        str(one.number),
        one.product_id,
        str(Money(one.amount_minor, one.currency)).split()[0],
        one.currency,
        "" if one.annual_rate is None else written(one.annual_rate),
        i18n.text(f"web.policy.effect.{one.effect}", locale),
        one.on.isoformat() if one.on else "",
        "" if one.rate_after is None else written(one.rate_after),
    ]


def _unusable(error: PolicyError) -> PolicyNotUsable:
    return PolicyNotUsable(file=error.file, place=error.key, problem=error.problem)


def _line(row: PolicyRelease, names: Mapping[str, str], caller: Caller) -> ReleaseLine:
    return ReleaseLine(
        id=row.id,
        number=row.number,
        room=row.room,
        subject=row.subject,
        effective_on=row.effective_on,
        state=row.state,
        reason=row.reason,
        proposed_by=names.get(row.proposed_by, row.proposed_by),
        proposed_at=row.proposed_at,
        decided_by=names.get(row.decided_by, row.decided_by) if row.decided_by else None,
        decided_at=row.decided_at,
        answer=row.answer,
        mine=row.proposed_by == caller.principal.actor,
    )
