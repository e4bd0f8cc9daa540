"""尽职免责: what a case owes by the lender's list, and what there is of it (P33), for whoever decides, before they do.

Each line is what the rows say: met where something proves it and nothing of it is open, a gap else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import doubting
from api.caller import Caller
from api.idempotency import Json
from api.looking import look
from api.manager import investigating, reporting
from api.phrases import phrase
from api.views import DutyLine, DutyProof, DutyView
from db import collateral, desk, diligence, documents, doors, offline, on_the_spot, people, reading, valuer_reports
from db.tables import Application, Task, TaskEvidence
from infra import i18n
from lending.applications import Stage
from lending.consents import Purpose
from lending.diligence import Duty, Found, Proof, gaps, stand, stops
from lending.parties import PartyKind
from lending.refusals import DutiesOpen

# What is done for a loan that lives, and not for its yes.
AFTERWARDS = frozenset({"cure"})


async def of_application(caller: Caller, application_id: UUID) -> DutyView:
    """The whole list for one application. The look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        application = await reporting.application_of(session, application_id)
        await look(session, caller, application, "case")
        return await view_of(session, caller, application)


async def view_of(session: AsyncSession, caller: Caller, application: Application) -> DutyView:
    """The list as a part of a larger look, which is on record already."""
    duties = await standing(session, caller, application)
    return told(caller, application, duties, await doors.staff_names(session), caller.locale)


def told(
    caller: Caller, application: Application, duties: Sequence[Duty], names: dict[str, str], locale: str
) -> DutyView:
    """The list in words of one language. ``names``: of the staff, by actor."""
    stopping = stops(duties, caller.tools.policies.duties.required)
    return DutyView(
        application_id=application.id,
        number=application.number,
        lines=tuple(_line(one, names, locale, stops_a_yes=one.code in stopping) for one in duties),
        gaps=len(gaps(duties)),
        list_version=caller.tools.policies.version,
        source=caller.tools.policies.duties.document,
        looked_up=caller.tools.policies.duties.looked_up,
    )


async def require(session: AsyncSession, caller: Caller, application: Application) -> None:
    """Nobody says yes, alone or by vote, while something of a required duty is open: :class:`DutiesOpen`."""
    duties = await standing(session, caller, application, before_a_yes=True)
    if stopping := stops(duties, caller.tools.policies.duties.required):
        raise DutiesOpen(duty=stopping[0])


def _line(one: Duty, names: dict[str, str], locale: str, *, stops_a_yes: bool) -> DutyLine:
    return DutyLine(
        code=one.code,
        title=phrase(f"api.duty.{one.code}", locale, {}),
        standing=one.standing.value,
        stops=stops_a_yes,
        proofs=tuple(
            DutyProof(
                text=phrase(f"api.duty_proof.{proof.what.partition(':')[0]}", locale, _params(proof, locale)),
                ref=proof.ref,
                at=proof.at,
                by=names.get(proof.by, proof.by) if proof.by else None,
                sha256=proof.sha256,
            )
            for proof in one.proofs
        ),
        lacks=tuple(
            phrase(f"api.duty_lack.{kind}", locale, _lacking(kind, which, locale))
            for kind, _, which in (lack.partition(":") for lack in one.lacks)
        ),
    )


# Lacks of which the words name something by another name than their own.
NAMED = {"like": "piece", "unlooked": "item", "offline_open": "offline_kind", "idle": "part"}


def _lacking(kind: str, which: str, locale: str) -> Json:
    if kind == "consent":
        return {kind: i18n.text(f"lending.consent.{which}.title", locale)}
    return {NAMED.get(kind, kind): which}


def _params(proof: Proof, locale: str) -> Json:
    """``check:face`` is the proof ``check`` of the check ``face``."""
    kind, _, which = proof.what.partition(":")
    if kind == "consent" and i18n.known(title := f"lending.consent.{which}.title"):
        return {kind: i18n.text(title, locale)}
    if kind == "explained":
        return {"captured": which}
    if kind == "apart":
        return {"piece": which}
    return {kind: which, "n": int(which)} if which.isdigit() else {kind: which}


async def standing(
    session: AsyncSession, caller: Caller, application: Application, *, before_a_yes: bool = False
) -> tuple[Duty, ...]:
    """How each line of the lender's list stands for a case, from the rows alone. ``before_a_yes``: without what stops
    none, which costs a look at each thing that was brought."""
    tasks = await diligence.tasks(session, application.id)
    reviews = [task for task in tasks if task.kind == reading.REVIEW]
    found = {
        "identity_proven": await _identity(session, caller, application),
        "consents_given": await _consents(session, application),
        "registers_asked": await _registers(session, application),
        "bills_read": await _bills(session, caller, application),
        "purpose_said": _purpose(application),
        "papers_judged": await _papers(session, caller, application),
        "seen_outside": _outside(caller, application, tasks, unvalued=await _unvalued(session, application)),
        "evidence_speaks": Found() if before_a_yes else await _speaks(session, caller, tasks),
        "numbers_match": await _numbers(session, application),
        "own_view_first": _own_view(reviews),
        "override_explained": _override(reviews),
        "report_kept": await _report(session, application),
        "two_people": await _two_people(session, caller, application),
    }
    return stand(caller.tools.policies.duties.codes, found)


# --- each duty --------------------------------------------------------------------------------------------------------


async def _identity(session: AsyncSession, caller: Caller, application: Application) -> Found:
    checks = await people.checks_of(session, application)
    firm = await people.firm_row(session, application)
    kind = PartyKind(firm.kind) if firm else PartyKind.SELF_EMPLOYED
    needed = [one.value for one in caller.tools.policies.profiles[kind].checks]
    proofs = [
        Proof(f"check:{row.kind}", str(row.id), row.answered_at, None, None)
        for row in checks.values()
        if row.outcome == "match"
    ]
    known = {row.kind for row in checks.values() if row.outcome == "match"}
    return Found(proofs=proofs, lacks=[f"check:{one}" for one in needed if one not in known])


async def _consents(session: AsyncSession, application: Application) -> Found:
    rows = [one for one in await diligence.consents(session, application) if one.withdrawn_at is None]
    there = {one.purpose for one in rows}
    # What was read needs its own permission, and one that stands: the bureau's does not stand for the bills'.
    read = {Purpose.FLOWS_ANALYSIS.value} if await reading.files(session, application.id) else set[str]()
    read |= {Purpose.BUREAU_QUERY.value} if await diligence.answers(session, application.id) else set[str]()
    return Found(
        proofs=[Proof(f"consent:{one.purpose}", str(one.id), one.given_at, None, one.text_hash) for one in rows],
        lacks=[f"consent:{one}" for one in sorted(read - there)],
    )


async def _registers(session: AsyncSession, application: Application) -> Found:
    answers = await diligence.answers(session, application.id)
    there = {source for source, *_ in answers}
    firm = await people.firm_row(session, application)
    needed = ["bureau", "courts", *(("company_report", "registry") if firm and firm.licence_index else ())]
    return Found(
        proofs=[Proof(f"register:{source}", reference, at) for source, _, reference, at in answers],
        lacks=[f"register:{one}" for one in needed if one not in there],
    )


async def _bills(session: AsyncSession, caller: Caller, application: Application) -> Found:
    read = [file for file in await reading.files(session, application.id) if file.state == "read"]
    needed = caller.tools.policies.policy(application.product_id).months_of_history
    months = await reading.revenue_months(session, application.firm_id) if application.firm_id else []
    proofs = [Proof("bill", str(one.id), one.received_at, None, one.sha256) for one in read]
    return Found(proofs=proofs, lacks=["months"] if len(months) < needed else [])


def _purpose(application: Application) -> Found:
    if not application.purpose:
        return Found()
    return Found(proofs=[Proof(f"purpose:{application.purpose}", str(application.id), application.created_at)])


async def _papers(session: AsyncSession, caller: Caller, application: Application) -> Found:
    papers = await diligence.papers(session, application.id)
    missing = await documents.missing_of(session, caller.tools.policies.checklist, application)
    judged = [
        Proof(f"item:{one.item}", str(one.id), one.judged_at, one.judged_by, one.sha256)
        for one in papers
        if one.judged_at is not None
    ]
    lacks = [f"item:{one}" for one in missing]
    lacks += [f"unlooked:{one.item}" for one in papers if one.state == "received"]
    return Found(asked=bool(papers or missing), proofs=judged, lacks=lacks)


def _outside(caller: Caller, application: Application, tasks: Sequence[Task], *, unvalued: bool) -> Found:
    asked = caller.tools.policies.offline.asked_of(application.product_id, application.amount_minor)
    done = [task for task in tasks if offline.is_outside(task) and (task.outcome or {}).get("result") == "done"]
    kinds = {task.kind for task in done}
    proofs = [
        Proof(
            f"offline_kind:{task.kind}", str(task.id), task.finished_at, by_whom(task), (task.pack or {}).get("sha256")
        )
        for task in done
    ]
    outside = [task for task in tasks if offline.is_outside(task) and task.kind not in AFTERWARDS]
    sent = [task for task in outside if _before(task, application)]
    wanted = dict.fromkeys([*(kind.id for kind in asked), *(task.kind for task in sent if task.state != "cancelled")])
    missing = [f"offline_kind:{kind}" for kind in wanted if kind not in kinds]
    # Somebody is out still: another one of the kind that was done does not stand for it.
    missing += [f"offline_open:{task.kind}" for task in sent if task.state == "open" and task.kind in kinds]
    missing += ["offline_kind:valuation"] if unvalued and "offline_kind:valuation" not in missing else []
    return Found(asked=bool(wanted or done or unvalued), proofs=proofs, lacks=missing)


async def _speaks(session: AsyncSession, caller: Caller, tasks: Sequence[Task]) -> Found:
    """What was brought from outside; a picture that is far, of another hour or served before is a gap until another
    person takes it, also where enough others speak for the step."""
    done = [task for task in tasks if offline.is_outside(task) and (task.outcome or {}).get("result") == "done"]
    brought = await offline.evidence_of_all(session, [task.id for task in done])
    proofs: list[Proof] = []
    silent = 0
    for task in done:
        doubts = await doubting.of_task(session, caller, task, brought[task.id])
        uncounted = sum(not one.counts for one in doubts.values())
        silent += uncounted
        if brought[task.id] and not uncounted:
            proofs.append(Proof(f"offline_kind:{task.kind}", str(task.id), task.finished_at, by_whom(task)))
    return Found(
        asked=any(brought.values()), proofs=proofs, lacks=[f"uncounted:{silent}"] if silent else []
    )  # fmt: skip


async def _numbers(session: AsyncSession, application: Application) -> Found:
    """Each number that was copied on the spot; a difference is open until somebody explains it or copies it anew."""
    rows = await on_the_spot.compared(session, application.id)
    tasks = {one.id: one for one in await offline.of_application(session, application.id)}

    def what(one: TaskEvidence) -> str:
        return on_the_spot.what(one, tasks[one.task_id])

    proofs: list[Proof] = []
    for one in rows:
        if one.matches or one.explained_at is not None:
            how = "captured" if one.matches else "explained"
            at, by = one.explained_at or one.received_at, one.explained_by or one.by
            proofs.append(Proof(f"{how}:{what(one)}", str(one.id), at, by))
    lacks = [f"captured:{what(one)}" for one in await on_the_spot.differences(session, application.id)]
    doubled = await collateral.doubled(session, application.id)
    apart = [one for one in await collateral.held(session, application.id) if one.apart_at is not None]
    proofs += [Proof(f"apart:{one.kind}", str(one.id), one.apart_at, one.apart_by) for one in apart if one.apart_at]
    lacks += [f"like:{one.kind}" for one in doubled]
    doubted = await valuer_reports.doubted(session, application.id)
    lacks += [f"report:{one.kind}" for one in doubted]
    return Found(asked=bool(rows or doubled or apart or doubted), proofs=proofs, lacks=lacks)


def _before(task: Task, application: Application) -> bool:
    """Whether somebody was sent for the yes: of what is done for a loan that lives its file is another."""
    return application.stage != Stage.FUNDED.value or task.state == "done"


def by_whom(task: Task) -> str | None:
    staff = (task.outcome or {}).get("staff_id")
    return f"staff:{staff}" if staff else None


def _own_view(reviews: Sequence[Task]) -> Found:
    proofs = [
        Proof("own_view", str(task.id), _when(said), f"staff:{said.get('staff_id')}")
        for task in reviews
        for said in desk.views_of(task.own_view)
    ]
    return Found(asked=bool(reviews), proofs=proofs, lacks=["own_view"] if any(map(_unseen, reviews)) else [])


def _unseen(task: Task) -> bool:
    """Whether whoever decided alone had said no view of their own before."""
    outcome = task.outcome or {}
    if outcome.get("verdict") is None or "committee" in outcome:
        return False
    said = {str(view.get("staff_id")) for view in desk.views_of(task.own_view)}
    return str(outcome.get("staff_id")) not in said


async def _unvalued(session: AsyncSession, application: Application) -> bool:
    """Whether a piece that is to secure the loan has no value that counts yet."""
    return any(row.value_minor is None for row in await collateral.held(session, application.id))


def _when(view: dict[str, Any] | None) -> datetime | None:
    at = (view or {}).get("given_at")
    return datetime.fromisoformat(at) if at else None


def _override(reviews: Sequence[Task]) -> Found:
    against = [task for task in reviews if (task.outcome or {}).get("override")]
    proofs = [
        Proof(f"override:{(task.outcome or {})['cause']}", str(task.id), task.finished_at, by_whom(task))
        for task in against
        if (task.outcome or {}).get("cause")
    ]
    lacks = [f"override:{n}" for n, task in enumerate(against, start=1) if not (task.outcome or {}).get("cause")]
    return Found(asked=bool(against), proofs=proofs, lacks=lacks)


async def _report(session: AsyncSession, application: Application) -> Found:
    kept = await diligence.newest_report(session, application.id)
    return Found(proofs=[Proof(f"report:{kept.n}", str(kept.id), kept.made_at, kept.by, kept.sha256)] if kept else [])


async def _two_people(session: AsyncSession, caller: Caller, application: Application) -> Found:
    stands = await diligence.signed(session, application.id)
    named, report = stands.pair, stands.report
    signed = [(part, at) for part, at in (("lead", stands.lead_at), ("second", stands.second_at)) if at is not None]
    who = {"lead": named.lead_id, "second": named.second_id} if named else {}
    return Found(
        asked=investigating.asked(caller, application),
        proofs=[
            Proof(f"part:{part}", str(application.id), at, f"staff:{who[part]}", report.sha256 if report else None)
            for part, at in signed
        ],
        lacks=[
            f"idle:{part}" if part in stands.idle else f"part:{part}"
            for part in ("lead", "second")
            if part not in {one for one, _ in signed}
        ],
    )
