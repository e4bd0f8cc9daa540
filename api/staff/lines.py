"""Lines at the desk: what stands, who asked for a look, and changing one by a clause that was signed (P16)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, words_out
from api.auth import proof
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.idempotency import perform
from api.lining import clause_text, line_view
from api.looking import look
from api.phrases import reason
from api.problems import NotFound
from api.views import LineCase, LineProposalView
from db import audits, clocks, doors, lines, people, reading, releases
from db.people import Erased
from db.tables import Application, CreditLine, LineProposal, Task
from lending.line import CLAUSES, GIVES_BACK, LineAct, LineState, change
from lending.refusals import MoveClosed, MoveOpen, NeedsTwoPeople
from lending.release import Tier

REASON_LONGEST = 500
# What cannot wait for a second person: money that somebody else may be drawing. It takes nothing that a look does not
# give back within a day.
AT_ONCE = frozenset({LineAct.FREEZE, LineAct.KEEP})


Also = Callable[[AsyncSession], Awaitable[None]]


async def nothing_else(_session: AsyncSession) -> None:
    """For changes that take one person."""


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be done to a line, by which signed clause, and why; ``limit_minor``: of a lower limit."""

    act: str
    clause: str
    reason: str
    limit_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A change was made (``waiting`` False), or is laid before a second person."""

    waiting: bool
    receipt: Receipt | None = None


async def cases(caller: Caller) -> tuple[LineCase, ...]:
    """The lines, those first about which somebody is asked. Each look at a customer's is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        found = [await _case(session, caller, row) for row in await lines.all_lines(session)]
    return tuple(sorted(found, key=lambda one: (one.line.review_due_at is None, one.proposal is None)))


async def case(caller: Caller, line_id: UUID) -> LineCase:
    """One line."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return await _case(session, caller, await _line(session, line_id))


async def of_application(caller: Caller, application_id: UUID) -> LineCase | None:
    """The line that somebody's application was signed for, or drawn under."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        application = await reading.application(session, application_id)
        if application is None:
            raise NotFound
        row = await lines.of_application(session, application_id)
        if row is None and application.line_id is not None:
            row = await lines.line_of(session, application.line_id)
        return await _case(session, caller, row) if row is not None else None


async def _line(session: AsyncSession, line_id: UUID) -> CreditLine:
    found = await session.get(CreditLine, line_id)
    if found is None:
        raise NotFound
    return found


async def _case(session: AsyncSession, caller: Caller, row: CreditLine) -> LineCase:
    application = await session.get_one(Application, row.application_id)
    await look(session, caller, application, "line")
    customer, firm = await _names(session, caller, application)
    task = await lines.open_review(session, row.application_id)
    waiting = await lines.proposal(session, row.id)
    return LineCase(
        line=await line_view(session, caller, row),
        customer=customer,
        firm=firm,
        clauses=tuple(row.clauses),
        clause_texts=tuple(clause_text(one, caller.locale) for one in row.clauses),
        allows=tuple(
            f"{clause}:{act.value}" for clause in row.clauses for act in sorted(CLAUSES.get(clause, frozenset()))
        ),
        asked_by_owner=_asked_by_owner(task),
        why=_why(task, caller.locale),
        proposal=await _proposal(session, caller, waiting, row.currency) if waiting is not None else None,
        second_person=_tier(caller, row).second_person,
    )


def _asked_by_owner(task: Task | None) -> bool:
    return task is not None and any(one["code"] == "asked_by_owner" for one in task.params.get("reasons", ()))


def _why(task: Task | None, locale: str) -> tuple[str, ...]:
    """Why a person is asked, in the reader's words."""
    if task is None:
        return ()
    found = (reason(one["code"], one.get("params", {}), locale, staff=True) for one in task.params.get("reasons", ()))
    return tuple(one.text for one in found)


async def _proposal(session: AsyncSession, caller: Caller, row: LineProposal, currency: str) -> LineProposalView:
    names = await doors.staff_names(session)
    mine = await releases.employee_of(session, caller.principal.actor)
    return LineProposalView(
        id=row.id,
        act=row.act,
        limit_minor=row.limit_minor,
        currency=currency,
        clause=row.clause,
        reason=row.reason,
        made_by=names.get(row.maker_by, row.maker_by),
        made_at=row.made_at,
        mine=row.maker == mine,
    )


def _tier(caller: Caller, row: CreditLine) -> Tier:
    """The tier that the signed limit stands in: what needs two people to pay out needs two to take away."""
    tiers = caller.tools.policies.release.tiers
    return next(tier for tier in reversed(tiers) if row.signed_limit_minor > tier.above_minor)


# --- what is done -----------------------------------------------------------------------------------------------------


async def act_on(caller: Caller, line_id: UUID, said: Act, key: str) -> Done:
    """Change a line, or lay the change before a second person where its limit's tier takes two."""
    proof.need(caller)
    form = fields.Form()
    if said.act not in set(LineAct):
        form.refuse("act", "not_one_of_these")
    words = form.take("reason", _words, said.reason, "")
    form.done()
    act = LineAct(said.act)
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await _line(session, line_id)
        _allowed(row, act, said, words)
        two = _tier(caller, row).second_person and act not in AT_ONCE
    await words_out.may_leave(caller, words_out.of_line(line_id), [words], place="line", key=key)
    clean = Act(act.value, "" if act in GIVES_BACK else said.clause, words, said.limit_minor)
    if two:
        await _propose(caller, line_id, clean, key)
        return Done(waiting=True)
    return Done(waiting=False, receipt=await _issue(caller, line_id, clean, key, by=caller.principal.actor))


def _allowed(row: CreditLine, act: LineAct, said: Act, words: str) -> None:
    """By the rule that the line itself will ask under its lock."""
    change(
        act=act,
        clause=said.clause,
        reason=words,
        signed=row.clauses,
        state=LineState(row.state),
        limit_minor=row.limit_minor,
        signed_limit_minor=row.signed_limit_minor,
        new_limit_minor=said.limit_minor,
    )


async def _propose(caller: Caller, line_id: UUID, said: Act, key: str) -> None:
    async def do(session: AsyncSession) -> Json:
        row = await _line(session, line_id)
        maker = await releases.employee_of(session, caller.principal.actor)
        if maker is None:
            raise NotFound
        if await lines.proposal(session, line_id) is not None:
            raise MoveOpen
        now = await clocks.now(session, caller.tools.settings.clock_id)
        session.add(
            LineProposal(
                id=uuid4(),
                line_id=line_id,
                person_id=row.person_id,
                act=said.act,
                limit_minor=said.limit_minor,
                clause=said.clause,
                reason=said.reason,
                state="waiting",
                maker=maker,
                maker_by=caller.principal.actor,
                made_at=now,
            )
        )
        await _audit(session, caller, "line.proposed", line_id, {"act": said.act, "clause": said.clause})
        return {}

    body = {"line_id": line_id, "act": said.act, "clause": said.clause, "reason": said.reason}
    await perform(caller, "staff.propose_line", key, body, do, scope="staff", object_id=str(line_id))


async def answer(caller: Caller, line_id: UUID, *, allow: bool, key: str) -> Done:
    """A second person, who is not the one that made it, allows a change or turns it down."""
    proof.need(caller)
    async with caller.tools.sessions.begin(scope="staff") as session:
        waiting = await lines.proposal(session, line_id)
        if waiting is None:
            raise MoveClosed
        checker = await releases.employee_of(session, caller.principal.actor)
        if checker is None or checker == waiting.maker:
            raise NeedsTwoPeople
        row = await _line(session, line_id)
        said = Act(waiting.act, waiting.clause, waiting.reason, waiting.limit_minor)
        if allow:
            _allowed(row, LineAct(said.act), said, said.reason)
        by, proposal_id = waiting.maker_by, waiting.id

    async def close(session: AsyncSession) -> None:
        found = await lines.proposal(session, line_id, locked=True)
        if found is None or found.id != proposal_id:
            raise MoveClosed
        found.state, found.checker, found.checker_by = (
            ("applied" if allow else "refused"),
            checker,
            caller.principal.actor,
        )
        found.answered_at = await clocks.now(session, caller.tools.settings.clock_id)

    if not allow:

        async def turn_down(session: AsyncSession) -> Json:
            await close(session)
            await _audit(session, caller, "line.refused", line_id, {"act": said.act})
            return {}

        body: Json = {"line_id": line_id, "allow": False}
        await perform(caller, "staff.answer_line", key, body, turn_down, scope="staff", object_id=str(line_id))
        return Done(waiting=False)
    receipt = await _issue(caller, line_id, said, key, by=by, checked_by=caller.principal.actor, also=close)
    return Done(waiting=False, receipt=receipt)


async def _issue(
    caller: Caller,
    line_id: UUID,
    said: Act,
    key: str,
    *,
    by: str,
    checked_by: str | None = None,
    also: Also = nothing_else,
) -> Receipt:
    async def store(session: AsyncSession, _command_id: UUID) -> None:
        await _line(session, line_id)
        await also(session)

    detail: Json = {
        "act": said.act,
        "clause": said.clause,
        "reason": said.reason,
        "limit_minor": said.limit_minor,
        "by": by,
        "checked_by": checked_by,
    }
    order = Order(
        workflow_type="CreditLine",
        workflow_id=clocks.workflow_of("line", line_id),
        update="act_on",
        object_kind="credit_line",
        object_id=line_id,
        detail=detail,
    )
    return await issue(
        caller,
        order,
        use="staff.act_on_line",
        key=key,
        body={"line_id": line_id, **detail},
        store=store,
        scope="staff",
        audited={"act": said.act, "clause": said.clause, "reason": said.reason, "limit_minor": said.limit_minor},
    )


async def _names(session: AsyncSession, caller: Caller, application: Application) -> tuple[str, str | None]:
    """(name, firm) in clear; empty where the person was erased."""
    vault = caller.tools.vault
    try:
        who = await people.identity_of(session, vault, application.person_id)
        firm = await people.firm_of(session, vault, application.firm_id) if application.firm_id else None
    except Erased:
        return "", None
    return who.name or people.masked_phone(who.phone), firm.name if firm else None


async def _audit(session: AsyncSession, caller: Caller, action: str, line_id: UUID, detail: Json) -> None:
    await audits.append(
        session,
        actor=caller.principal.actor,
        action=action,
        object_kind="credit_line",
        object_id=str(line_id),
        detail=detail,
        request_id=caller.request_id,
    )


def _words(text: str) -> str:
    return fields.line(text, longest=REASON_LONGEST, least=4)
