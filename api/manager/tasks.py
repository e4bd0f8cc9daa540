"""The manager's inbox and task page. One's own view comes first, then the score; every look at a case is on record."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import approving, authority, case, fields, offline, pieces, standing, trusting, words_out
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.conditions import Wanted as Condition
from api.conditions import checked as conditions_checked
from api.conditions import unchanged
from api.idempotency import plain
from api.looking import look, names
from api.manager import duties, evidence, overriding, registered
from api.phrases import reason
from api.problems import NotFound
from api.views import (
    ApplicationView,
    CustomerCard,
    CustomerRow,
    Reason,
    ScoreView,
    TaskCard,
    TaskView,
    Timeline,
)
from db import audits, clocks, desk, handing_up, people, permissions, reading
from db.offline import promised_at
from db.tables import Application, Decision, Task
from lending.consents import Purpose
from lending.refusals import ReasonMissing, ReviewClosed

VERDICTS = ("approve", "decline")
REASON_LONGEST = 1_000
CUSTOMERS = 50
BILLS = Purpose.FLOWS_ANALYSIS.value


@dataclass(frozen=True, slots=True)
class Finish:
    """A person's verdict on a case. ``amount_minor`` None: as asked for.

    ``cause`` names why it goes against the score, where it does: one of the policy's. ``guarantor``: a yes that takes a
    guarantor, who signs before money moves. ``conditions``: what has to be met before money leaves. ``seen_hash``: the
    case as it was seen; another one is no longer what this was said about.
    """

    verdict: str
    amount_minor: int | None
    reason: str
    cause: str = ""
    guarantor: bool = False
    conditions: tuple[Condition, ...] = ()
    seen_hash: str = ""


async def inbox(caller: Caller) -> tuple[TaskCard, ...]:
    """Everything that is open, by when it is due."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple([await _card(session, caller, *row) for row in await reading.open_tasks(session)])


async def task(caller: Caller, task_id: UUID) -> TaskView:
    """A case to decide. The reading is recorded and the customer can see it; of what the customer took back nothing
    is shown."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row, application = await row_of(session, task_id)
        await look(session, caller, application, "case")
        now = await clocks.now(session, caller.tools.settings.clock_id)
        closed = await permissions.closed(session, application.person_id, now)
        bills = BILLS not in closed
        mine = evidence.own_view(row, caller)
        bureau = mine is not None and Purpose.BUREAU_QUERY not in closed
        return TaskView(
            card=await _card(session, caller, row, application),
            state=row.state,
            application=await standing.view(session, application),
            identity=await case.identity(session, caller, application),
            evidence=await case.evidence(session, caller, application, everything=True, closed=closed),
            counterparties=await evidence.counterparties(session, application) if bills else (),
            findings=await evidence.findings(session, application, caller.locale) if bills else (),
            own_view=evidence.seen_of(evidence.said(row, caller)),
            opened=mine is not None,
            score=await _score(session, caller, row, application),
            bureau=await evidence.bureau(session, caller, application) if bureau else None,
            outcome=_outcome(row),
            registers=await registered.told(session, caller, application) if bureau else (),
            leaning=(await overriding.of_case(session, caller, application.id)).verdict if mine else None,
            causes=caller.tools.policies.care.overrides.causes,
            outside=await offline.of_case(session, caller, application),
            duties=await duties.view_of(session, caller, application) if row.kind == reading.REVIEW else None,
        )


async def finish(caller: Caller, task_id: UUID, verdict: Finish, key: str) -> Receipt:
    """Decide the case. One's own view must be on record; the first verdict counts."""
    clean = checked_verdict(caller, verdict.verdict, verdict.amount_minor, verdict.reason, verdict.cause.strip())
    yes = clean.verdict == "approve"
    asked = conditions_checked(caller, verdict.conditions) if yes else ()
    clean = replace(clean, guarantor=verdict.guarantor and yes, conditions=asked, seen_hash=verdict.seen_hash)
    said = [clean.reason, *(one.words for one in clean.conditions)]
    await words_out.may_leave(caller, words_out.of_task(task_id), said, place="verdict", key=key)
    logged = await _logged(caller, task_id, clean)
    detail = {**plain(clean), **logged, "staff_id": str(caller.staff_id)}

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        row, application = await row_of(session, task_id)
        if row.state != "open":
            raise ReviewClosed
        if evidence.said(row, caller) is None:
            raise ReasonMissing
        product = caller.tools.policies.product(application.product_id)
        if clean.amount_minor is not None:
            product.amounts.require(clean.amount_minor, application.currency)
        if yes:
            amount = clean.amount_minor or application.amount_minor
            await approving.may_say_yes(session, caller, application, amount)
        await authority.decides(session, caller, row, application, yes=yes, amount_minor=clean.amount_minor)
        if clean.seen_hash:
            await unchanged(session, application, clean.seen_hash)

    order = Order(
        workflow_type="OfflineTask",
        workflow_id=clocks.workflow_of("task", task_id),
        update="finish",
        object_kind="task",
        object_id=task_id,
        detail=detail,
    )
    return await issue(
        caller,
        order,
        use="manager.finish",
        key=key,
        body={"task_id": task_id, **plain(clean)},
        store=store,
        scope="staff",
        audited={
            "verdict": clean.verdict,
            "amount_minor": clean.amount_minor,
            "override": logged["override"],
            "cause": logged["cause"],
        },
    )


async def send_up(caller: Caller, task_id: UUID, words: str, key: str) -> TaskView:
    """Hand a case up to whoever may say yes to it, with what one would do oneself."""
    await authority.send_up(caller, task_id, words, key)
    return await task(caller, task_id)


async def _logged(caller: Caller, task_id: UUID, said: Finish) -> Json:
    """What the override log keeps beside the verdict; an override without a cause is refused."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row, application = await row_of(session, task_id)
        if evidence.said(row, caller) is None:
            raise ReasonMissing
        # What is refused here for want of a cause tells where the score leans.
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await desk.open_views(session, application.id, caller.staff_id, now)
        leans = await overriding.of_case(session, caller, application.id)
    return overriding.recorded(leans, said.verdict, said.cause, caller.tools.policies.care.overrides.causes)


def checked_verdict(caller: Caller, verdict: str, amount_minor: int | None, reason: str, cause: str = "") -> Finish:
    form = fields.Form()
    if verdict not in VERDICTS:
        form.refuse("verdict", "not_one_of_these")
    if amount_minor is not None and amount_minor <= 0:
        form.refuse("amount", "too_small")
    words = form.take("reason", lambda text: fields.line(text, longest=REASON_LONGEST, least=4), reason, "")
    form.done()
    return Finish(verdict, amount_minor if verdict == "approve" else None, words, cause)


# --- the customer -----------------------------------------------------------------------------------------------------


async def customer(caller: Caller, application_id: UUID) -> Timeline:
    """The same story that the customer sees."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        application = await _application(session, application_id)
        await look(session, caller, application, "timeline")
        return await standing.timeline(session, caller, application)


async def customer_card(caller: Caller, application_id: UUID) -> CustomerCard:
    """Who the customer is and what they owe us."""
    vault = caller.tools.vault
    async with caller.tools.sessions.begin(scope="staff") as session:
        application = await _application(session, application_id)
        await look(session, caller, application, "contact")
        who = await people.identity_of(session, vault, application.person_id)
        firm = await people.firm_of(session, vault, application.firm_id) if application.firm_id else None
        owed = await reading.exposure(session, application.person_id)
        trusted = await trusting.trust_view(session, caller.tools.policies, application.person_id)
    return CustomerCard(
        name=who.name,
        firm=firm.name if firm else None,
        kind=firm.kind if firm else None,
        phone_masked=people.masked_phone(who.phone),
        exposure_minor=owed,
        currency=application.currency,
        trust=trusted,
    )


async def customers(caller: Caller) -> tuple[CustomerRow, ...]:
    """The newest applications of people who said who they are."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        found: list[CustomerRow] = []
        for row in await reading.newest_applications(session, CUSTOMERS):
            name, firm = await names(session, caller, row)
            found.append(
                CustomerRow(
                    application_id=row.id,
                    number=row.number,
                    customer=name,
                    firm=firm,
                    amount_minor=row.amount_minor,
                    currency=row.currency,
                    stage=row.stage,
                    changed_at=row.changed_at,
                )
            )
        return tuple(found)


async def application(caller: Caller, application_id: UUID) -> ApplicationView:
    """Where a customer's application stands."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return await standing.view(session, await _application(session, application_id))


async def versions(caller: Caller, application_id: UUID) -> AsyncGenerator[int | None]:
    """The application's version now and at each change; None as a heartbeat."""
    session_id = str(caller.principal.session_id)
    async with aclosing(caller.tools.events.stream(application_id, session_id)) as changes:
        async for changed in changes:
            yield await _version(caller, application_id) if changed else None


async def _version(caller: Caller, application_id: UUID) -> int:
    async with caller.tools.sessions.begin(scope="staff") as session:
        return (await _application(session, application_id)).version


# --- parts ------------------------------------------------------------------------------------------------------------


async def row_of(session: AsyncSession, task_id: UUID) -> tuple[Task, Application]:
    found = await reading.task(session, task_id)
    if found is None or found[0].kind != reading.REVIEW:
        raise NotFound
    return found


async def _application(session: AsyncSession, application_id: UUID) -> Application:
    found = await reading.application(session, application_id)
    if found is None:
        raise NotFound
    return found


async def _card(session: AsyncSession, caller: Caller, row: Task, application: Application) -> TaskCard:
    name, firm = await names(session, caller, application)
    return TaskCard(
        id=row.id,
        kind=row.kind,
        application_id=application.id,
        number=application.number,
        customer=name,
        firm=firm,
        why=await evidence.why(session, row, caller),
        due_at=promised_at(row),
        created_at=row.created_at,
        amount_minor=application.amount_minor,
        currency=application.currency,
        mine=row.owner_id == caller.principal.id,
        escalated=row.escalated_at is not None,
        pieces=await pieces.of_case(session, caller, application.id),
        lead=await handing_up.lead_of(session, row),
    )


async def _score(session: AsyncSession, caller: Caller, row: Task, application: Application) -> ScoreView | None:
    """Only after one's own view: a figure that was seen first is hard to disagree with."""
    if evidence.own_view(row, caller) is None:
        return None
    found = await reading.decisions(session, application.id)
    if not found:
        return None
    before = await reading.assessed_before(session, found[0]) if found[0].health else None
    why = case.reasons(await evidence.as_of_now(session, application.id, found[0].reasons), caller.locale, staff=True)
    return _score_view(found[0], application, caller.locale, before, why)


def _score_view(
    row: Decision, application: Application, locale: str, before: Decision | None, why: tuple[Reason, ...]
) -> ScoreView:
    return ScoreView(
        outcome=row.outcome,
        pd=row.pd,
        grade=row.grade,
        confidence=row.confidence,
        reasons=why,
        ratios=row.ratios,
        limit_minor=row.limit_minor,
        currency=application.currency,
        model_id=row.model_id,
        policy_version=row.policy_version,
        model_role=row.model_role,
        health=case.health(row, locale, before),
        route=row.route,
        route_why=_route_why(row, locale),
        features_version=(row.basis or {}).get("features_version"),
        decided_at=row.decided_at,
        ways_to_yes=case.ways(row, application, locale),
        left_out=case.left_out(row, locale),
    )


def _route_why(row: Decision, locale: str) -> Reason | None:
    """The reason that sent a case its way, with its figures where it is among the decision's own."""
    code = row.route_reason
    if not code:
        return None
    return next(
        (one for one in case.reasons(row.reasons, locale, staff=True) if one.code == code),
        reason(code, {}, locale, staff=True),
    )


def _outcome(row: Task) -> dict[str, Any] | None:
    if row.outcome is None:
        return None
    return {name: row.outcome[name] for name in ("verdict", "amount_minor", "reason") if name in row.outcome}


async def audited(session: AsyncSession, caller: Caller, action: str, task_id: UUID, detail: Json) -> None:
    await audits.append(
        session,
        actor=caller.principal.actor,
        action=action,
        object_kind="task",
        object_id=str(task_id),
        detail=detail,
        request_id=caller.request_id,
    )
