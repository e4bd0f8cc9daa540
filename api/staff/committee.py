"""The committee (贷审会) at the desk: called for what is above everybody, voted on, closed, read as minutes."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import approving, authority, fields, words_out
from api.caller import Caller
from api.commands import Order, issue
from api.conditions import Wanted as Condition
from api.conditions import checked
from api.idempotency import plain
from api.looking import look
from api.manager import duties
from api.problems import NotFound
from api.routes import PaperFile
from api.staff import cases
from api.staff.awaited import nobody_is_cut_off
from api.views import AgendaItem, CommitteeDesk, MemberView, SittingView, VoteView
from db import applications, case_fields, clocks, committee, desk, reading
from db.tables import Application, CommitteeItem, CommitteeSitting
from infra import i18n
from lending.authority import COMMITTEE, Involved, not_by
from lending.case_changes import case_hash
from lending.committee import Say, convene, last_words
from lending.refusals import (
    CaseChanged,
    ManagerOfCase,
    NotAMember,
    OnAgenda,
    ReviewClosed,
    SelfApproval,
    SittingClosed,
)
from lending.refusals_at_desk import CaseNotOpened, VoteStands

WORDS_LONGEST = 1_000
AGENDA_LONGEST = 20
MAY_SIT = "case.decide"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A case for the agenda. ``amount_minor`` None: as asked for."""

    application_id: UUID
    amount_minor: int | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Calling:
    """Who sits, who presides (both employees), on which cases, and how many hours of business time they have."""

    members: tuple[str, ...]
    chair: str
    cases: tuple[Wanted, ...]
    hours: int | None = None


@dataclass(frozen=True, slots=True)
class Voting:
    """A member's word on the case as they saw it, in words that minutes and customer can read."""

    say: str
    words: str
    seen_hash: str


# --- reading ----------------------------------------------------------------------------------------------------------


async def overview(caller: Caller) -> CommitteeDesk:
    """What waits for a committee, who can sit, and the sittings."""
    queue = await cases.queue(caller)
    rules = caller.tools.policies.committee
    async with caller.tools.sessions.begin(scope="staff") as session:
        me = await desk.employee(session, caller.staff_id)
        rows = await committee.sittings(session)
        seen = tuple([await _view(session, caller, row, me) for row in rows])
        members = await _members(session, caller)
    busy = {item.application_id for one in seen if one.state == "open" for item in one.items if item.state == "open"}
    return CommitteeDesk(
        waiting=tuple(card for card in queue if card.role == COMMITTEE and card.application_id not in busy),
        members=members,
        sittings=seen,
        hours=int(rules.within.total_seconds() // 3600),
        hours_at_most=int(rules.at_most.total_seconds() // 3600),
        members_least=rules.members_least,
    )


async def sitting(caller: Caller, sitting_id: UUID) -> SittingView:
    """One sitting; each case of it is a look that its customer can see."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await committee.sitting(session, sitting_id)
        if row is None:
            raise NotFound
        return await _view(session, caller, row, await desk.employee(session, caller.staff_id))


async def minutes(caller: Caller, sitting_id: UUID) -> PaperFile:
    """The sealed minutes, as they were filed. Raises :class:`NotFound` before they are."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await committee.sitting(session, sitting_id)
    if row is None or row.minutes_key is None or row.minutes_sha256 is None:
        raise NotFound
    data = await caller.tools.storage.get(row.minutes_key)
    if hashlib.sha256(data).hexdigest() != row.minutes_sha256:
        raise LookupError("the minutes in the store are not those that were filed")
    return PaperFile(data, f"minutes-{row.id.hex[:8]}.pdf", "application/pdf", row.minutes_sha256)


async def _members(session: AsyncSession, caller: Caller) -> tuple[MemberView, ...]:
    roles = [role for role, granted in caller.tools.policies.roles.items() if MAY_SIT in granted]
    return tuple(MemberView(who, name) for who, name in await committee.eligible(session, roles))


async def _view(session: AsyncSession, caller: Caller, row: CommitteeSitting, me: str) -> SittingView:
    names = await committee.names(session, row.members)
    part, of = row.rules["passes_at"]
    items = [await _item(session, caller, row, item, names, me) for item in await committee.items_of(session, row.id)]
    return SittingView(
        id=row.id,
        state=row.state,
        called_at=row.called_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
        chair=names.get(row.chair, row.chair),
        members=tuple(MemberView(one, names.get(one, one)) for one in row.members),
        member=me in row.members,
        chairs=me == row.chair,
        quorum=row.rules["quorum"],
        passes_at=f"{part}/{of}",
        chair_stops=row.rules["chair_stops"],
        chair_overrides=row.rules["chair_overrides"],
        items=tuple(items),
        minutes_sha256=row.minutes_sha256,
    )


async def _item(
    session: AsyncSession, caller: Caller, row: CommitteeSitting, item: CommitteeItem, names: dict[str, str], me: str
) -> AgendaItem:
    application = await session.get_one(Application, item.application_id)
    customer, _ = await cases.names(session, caller, application)
    votes = await committee.votes_on(session, item.id)
    said = {vote.employee: vote for vote in votes}  # in the order of their saying: the last one stays
    words = last_words(committee.as_rule(votes))
    open_still = item.state == committee.OPEN
    now = case_hash(await case_fields.fields_of(session, application)) if open_still else item.case_hash
    standing = {who for who, vote in words.items() if not open_still or vote.case_hash == now}
    # What the others said is shown once one has spoken oneself: nobody votes after another's example.
    opened = not open_still or me in standing
    tied = _tied(me, await desk.involved(session, application))
    return AgendaItem(
        id=item.id,
        n=item.n,
        application_id=application.id,
        number=application.number,
        customer=customer,
        amount_minor=item.amount_minor,
        currency=application.currency,
        conditions=tuple(i18n.text(f"lending.condition.{one['kind']}", caller.locale) for one in item.conditions),
        state=item.state,
        case_hash=item.case_hash,
        now=now,
        changed=now != item.case_hash,
        votes=tuple(
            VoteView(
                employee=who,
                name=names.get(who, who),
                chair=who == row.chair,
                spoke=who in said,
                say=said[who].say if who in said and opened else None,
                words=said[who].words if who in said and opened else None,
                said_at=said[who].said_at if who in said else None,
                void=who in said and who not in standing,
            )
            for who in row.members
        ),
        mine=words[me].say.value if me in standing else None,
        recuse=tied.code if tied else None,
        decided_at=item.decided_at,
        duties=await duties.view_of(session, caller, application) if open_still else None,
    )


def _tied(me: str, involved: Involved) -> SelfApproval | ManagerOfCase | None:
    """Why this member can only step back; None for whoever has no part in the case."""
    try:
        not_by(me, involved)
    except (SelfApproval, ManagerOfCase) as no:
        return no
    return None


# --- calling, voting, closing -----------------------------------------------------------------------------------------


async def call(caller: Caller, wanted: Calling, key: str) -> SittingView:
    """Call a sitting. Raises :class:`CommitteeTooSmall`, :class:`OnAgenda` for a case that is voted on already, and
    what a yes to one of the cases would lack."""
    rules = caller.tools.policies.committee
    hours = wanted.hours if wanted.hours is not None else int(rules.within.total_seconds() // 3600)
    await _checked(caller, wanted, hours)
    for one in wanted.cases:
        said = [asked.words for asked in one.conditions]
        whose = words_out.of_application(one.application_id)
        await words_out.may_leave(caller, whose, said, place="condition", key=key)
    members = convene(wanted.members, wanted.chair, rules)
    sitting_id = uuid4()

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        # One caller after another and in one order of cases: who comes second finds the first one's agenda.
        for one in sorted(wanted.cases, key=lambda asked: asked.application_id):
            if await reading.application(session, one.application_id) is None:
                raise NotFound
            await applications.locked(session, one.application_id)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        row = CommitteeSitting(
            id=sitting_id,
            called_by=caller.principal.actor,
            chair=wanted.chair,
            members=list(members),
            rules=committee.rules_json(rules),
            state=committee.OPEN,
            called_at=now,
            due_at=now + timedelta(hours=hours),
        )
        session.add(row)
        await session.flush()
        for n, one in enumerate(wanted.cases, start=1):
            session.add(await _put(session, caller, sitting_id, n, one))
            await session.flush()

    order = _order(caller, sitting_id, start=True)
    body = {**plain(wanted), "hours": hours}
    cases_said = [str(one.application_id) for one in wanted.cases]
    audited = {"members": list(members), "chair": wanted.chair, "cases": cases_said}
    receipt = await issue(
        caller, order, use="staff.committee_call", key=key, body=body, store=store, scope="staff", audited=audited
    )
    return await sitting(caller, receipt.object_id)


async def _checked(caller: Caller, wanted: Calling, hours: int) -> None:
    form = fields.Form()
    async with caller.tools.sessions.begin(scope="staff") as session:
        known = {one.employee for one in await _members(session, caller)}
    for n, member in enumerate(wanted.members):
        if member not in known:
            form.refuse(f"members/{n}", "not_one_of_these")
    if wanted.chair not in known:
        form.refuse("chair", "not_one_of_these" if wanted.chair else "missing")
    if not wanted.cases:
        form.refuse("cases", "missing")
    if len(wanted.cases) > AGENDA_LONGEST or len({one.application_id for one in wanted.cases}) < len(wanted.cases):
        form.refuse("cases", "not_one_of_these")
    longest = caller.tools.policies.committee.at_most
    if not timedelta(hours=1) <= timedelta(hours=hours) <= longest:
        form.refuse("hours", "too_small" if hours < 1 else "too_large")
    form.done()
    for one in wanted.cases:
        checked(caller, one.conditions)


async def _put(session: AsyncSession, caller: Caller, sitting_id: UUID, n: int, one: Wanted) -> CommitteeItem:
    """A case on the agenda, under its hash. What a yes would lack is said before anybody votes."""
    row, application = await cases.opened(session, one.application_id)
    if row.state != "open":
        raise ReviewClosed
    if await committee.open_item(session, row.id) is not None:
        raise OnAgenda
    amount = one.amount_minor or application.amount_minor
    product = caller.tools.policies.product(application.product_id)
    product.amounts.require(amount, application.currency)
    await approving.may_say_yes(session, caller, application, amount)
    await look(session, caller, application, "case")
    row.role = COMMITTEE
    return CommitteeItem(
        id=uuid4(),
        sitting_id=sitting_id,
        application_id=application.id,
        person_id=application.person_id,
        task_id=row.id,
        n=n,
        amount_minor=amount,
        conditions=[{"kind": asked.kind, "words": asked.words} for asked in one.conditions],
        case_hash=case_hash(await case_fields.fields_of(session, application)),
        state=committee.OPEN,
    )


async def vote(caller: Caller, sitting_id: UUID, item_id: UUID, said: Voting, key: str) -> SittingView:
    """Say yes, no or nothing to a case as it was seen, or step back. A vote stands: whoever gave one can read the
    others', and nobody votes after another's example. A case that changed is voted on anew.

    Raises :class:`NotAMember`, :class:`SittingClosed`, :class:`CaseChanged`, :class:`VoteStands`,
    :class:`CaseNotOpened` for whoever never opened the case; for whoever has a part in the case what
    :func:`lending.authority.not_by` says, unless they step back; for a yes what :func:`api.approving.may_say_yes` does.
    Votes are counted for the case as it is, so that a yes that counts has passed for what is decided.
    """
    form = fields.Form()
    if said.say not in {one.value for one in Say}:
        form.refuse("say", "not_one_of_these")
    words = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), said.words, "")
    form.done()
    say = Say(said.say)
    await words_out.may_leave(caller, _of_item(item_id), [words], place="vote", key=key)

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        row = await _open(session, sitting_id)
        me = await desk.employee(session, caller.staff_id)
        if me not in row.members:
            raise NotAMember
        item = next((one for one in await committee.items_of(session, sitting_id) if one.id == item_id), None)
        if item is None:
            raise NotFound
        application = await session.get_one(Application, item.application_id)
        tied = _tied(me, await desk.involved(session, application))
        if say is not Say.RECUSED:
            if tied is not None:
                raise tied
            await authority.not_their_own_no(session, caller, application)
            if await desk.last_seen(session, application.id, me) is None:
                raise CaseNotOpened
        now_is = case_hash(await case_fields.fields_of(session, application))
        if said.seen_hash != now_is:
            raise CaseChanged
        mine = last_words(committee.as_rule(await committee.votes_on(session, item.id))).get(me)
        # Only who turns out to have a part in the case takes a vote back, by stepping back from it.
        if mine is not None and mine.case_hash == now_is and (tied is None or mine.say is Say.RECUSED):
            raise VoteStands
        if say is Say.YES:
            await approving.may_say_yes(session, caller, application, item.amount_minor)
        await look(session, caller, application, "case")
        now = await clocks.now(session, caller.tools.settings.clock_id)
        by = caller.principal.actor
        await committee.vote(session, item, employee=me, by=by, say=say, words=words, case_hash=now_is, now=now)

    body = {"sitting_id": sitting_id, "item_id": item_id, **plain(said)}
    audited = {"item_id": str(item_id), "say": say.value, "case_hash": said.seen_hash}
    order = _order(caller, sitting_id)
    await issue(
        caller, order, use="staff.committee_vote", key=key, body=body, store=store, scope="staff", audited=audited
    )
    return await sitting(caller, sitting_id)


def _of_item(item_id: UUID) -> words_out.Find:
    async def find(session: AsyncSession) -> words_out.Reader | None:
        item = await session.get(CommitteeItem, item_id)
        return words_out.Reader(item.person_id, item.application_id) if item else None

    return find


async def close(caller: Caller, sitting_id: UUID, key: str) -> SittingView:
    """The chair takes no more votes: what was said is counted now, unless who has not spoken could turn it."""

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        row = await _open(session, sitting_id)
        if row.chair != await desk.employee(session, caller.staff_id):
            raise NotAMember
        now = await clocks.now(session, caller.tools.settings.clock_id)
        if now < row.due_at:
            await nobody_is_cut_off(session, caller, row)
        row.due_at = now

    order = _order(caller, sitting_id)
    body = {"sitting_id": sitting_id}
    await issue(caller, order, use="staff.committee_close", key=key, body=body, store=store, scope="staff")
    return await sitting(caller, sitting_id)


async def _open(session: AsyncSession, sitting_id: UUID) -> CommitteeSitting:
    row = await committee.sitting(session, sitting_id, locked=True)
    if row is None:
        raise NotFound
    if row.state != committee.OPEN:
        raise SittingClosed
    return row


def _order(caller: Caller, sitting_id: UUID, *, start: bool = False) -> Order:
    begun = {"sitting_id": str(sitting_id), "clock_id": caller.tools.settings.clock_id}
    return Order(
        workflow_type="Committee",
        workflow_id=clocks.workflow_of("committee", sitting_id),
        update="hear",
        object_kind="committee",
        object_id=sitting_id,
        start=begun if start else None,
    )
