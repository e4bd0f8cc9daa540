"""Who may say yes to a case: the authority table held against the rows, for the manager's page and for the desk."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform
from api.manager import investigating, overriding
from api.problems import NotFound
from db import audits, clocks, committee, desk, reading
from db.tables import Application, Task
from lending.authority import Exceptional, Row, Wanted, exceeded, goes_to, require, strongest
from lending.refusals import NeedsTwoPeople, OnAgenda, ReviewClosed
from lending.verdicts import Outcome

WORDS_LONGEST = 500


async def wanted(session: AsyncSession, caller: Caller, application: Application, amount_minor: int) -> Wanted:
    """A yes to so much, with what the machine found last: what the table is asked about."""
    policy = caller.tools.policies.policy(application.product_id)
    rows = [row for row in await reading.decisions(session, application.id) if row.decided_by == "model"]
    newest = max(rows, key=lambda row: row.n, default=None)
    facts = newest.ratios if newest is not None else {}
    owed = max(int(facts.get("group_minor") or 0), await reading.exposure(session, application.person_id))
    group = owed + amount_minor
    found: set[Exceptional] = set()
    if newest is None or newest.pd is None:
        found.add(Exceptional.NO_SCORE)
    if overriding.leaning(newest, policy).verdict == Outcome.DECLINE.value:
        found.add(Exceptional.AGAINST_SCORE)
    most = policy.exposure.group_up_to_minor
    if most is not None and group > most:
        found.add(Exceptional.LIMIT_BROKEN)
    if facts.get("to_explain"):
        found.add(Exceptional.TO_EXPLAIN)
    if await desk.is_warned(session, application.person_id):
        found.add(Exceptional.WARNED)
    return Wanted(
        amount_minor=amount_minor,
        group_minor=group,
        grade=newest.grade if newest is not None else None,
        secured=is_secured(caller, application),
        exceptions=frozenset(found),
    )


def is_secured(caller: Caller, application: Application) -> bool:
    """Whether something is pledged for what this product lends."""
    product = caller.tools.policies.product(application.product_id)
    return product.secured_by is not None or (product.line is not None and product.line.secured_by is not None)


async def may_approve(session: AsyncSession, caller: Caller, application: Application, amount_minor: int) -> Row:
    """The row under which this caller says yes; raises by name what is in the way (:mod:`lending.authority`)."""
    return require(
        caller.tools.policies.authority,
        await wanted(session, caller, application, amount_minor),
        roles=caller.principal.roles,
        employee=await desk.employee(session, caller.staff_id),
        involved=await desk.involved(session, application),
    )


async def decides(
    session: AsyncSession, caller: Caller, row: Task, application: Application, *, yes: bool, amount_minor: int | None
) -> None:
    """What stands between a person and their verdict: somebody else has the case, or a yes is not theirs to give."""
    desk.not_held_by_another(row, caller.staff_id)
    if await committee.open_item(session, row.id) is not None:
        raise OnAgenda
    await not_their_own_no(session, caller, application)
    if yes:
        await may_approve(session, caller, application, amount_minor or application.amount_minor)


async def not_their_own_no(session: AsyncSession, caller: Caller, application: Application) -> None:
    """Raise :class:`NeedsTwoPeople` for whoever said the no that is looked at again, under any login."""
    if await desk.employee(session, caller.staff_id) in await desk.who_said_no(session, application.id):
        raise NeedsTwoPeople


def above(caller: Caller, asked: Wanted) -> tuple[tuple[str, ...], str]:
    """(what of this yes is above the caller, the role that may give it)."""
    table = caller.tools.policies.authority
    mine = strongest(table, caller.principal.roles)
    what = tuple(one.value for one in exceeded(mine, asked)) if mine is not None else ("amount",)
    return what, goes_to(table, asked).role


async def send_up(caller: Caller, task_id: UUID, words: str, key: str) -> None:
    """Hand a case up to the role that may say yes to it; nobody has it until one of them takes it.

    Raises :class:`CaseHeld` where somebody else has it, :class:`ReviewClosed` where it is decided.
    """
    form = fields.Form()
    said = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), words, "")
    form.done()

    async def act(session: AsyncSession) -> Json:
        found = await reading.task(session, task_id)
        row = await desk.take(session, task_id, caller.staff_id)
        if found is None or row is None:
            raise NotFound
        if row.state != "open":
            raise ReviewClosed
        await investigating.require(session, caller, found[1])
        asked = await wanted(session, caller, found[1], found[1].amount_minor)
        what, to = above(caller, asked)
        if not what:  # it is theirs by the table: somebody stronger looks all the same, as they wish
            to = _next_above(caller)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        told = {"by": str(caller.staff_id), "at": now.isoformat(), "above": list(what), "words": said}
        await desk.send_up(session, row, to=to, said=told)
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="case.send_up",
            object_kind="task",
            object_id=str(task_id),
            detail={"to": to, "above": list(what)},
            request_id=caller.request_id,
        )
        return {}

    body = {"task_id": task_id, "words": said}
    await perform(caller, "staff.case_up", key, body, act, scope="staff", object_id=str(task_id))


def _next_above(caller: Caller) -> str:
    rows = caller.tools.policies.authority.rows
    mine = max((n for n, row in enumerate(rows) if row.role in caller.principal.roles), default=-1)
    return rows[min(mine + 1, len(rows) - 1)].role
