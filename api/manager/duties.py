"""尽职免责包: what a case owes by the lender's list, what there is of it, and all of it in one file (P33).

:func:`of_application` is for whoever decides, before they do; :func:`package` is the one click.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import rfc8785
from sqlalchemy.ext.asyncio import AsyncSession

from api.auditing import noted
from api.caller import Caller
from api.idempotency import Json
from api.looking import look
from api.manager import investigating, reporting
from api.phrases import phrase
from api.routes import PaperFile
from api.views import DutyLine, DutyProof, DutyView
from db import clocks, desk, diligence, documents, doors, offline, on_the_spot, people, reading
from db.tables import Application, Task, TaskEvidence
from infra import i18n
from lending.diligence import Duty, Found, Proof, gaps, stand, stops
from lending.parties import PartyKind
from lending.refusals import DutiesOpen

# A file of a moment has one time in it everywhere, so that the same content is the same bytes.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# Why a person decided as they did.
WHY = ("verdict", "amount_minor", "leaning", "override", "cause", "reason")


async def of_application(caller: Caller, application_id: UUID) -> DutyView:
    """The whole list for one application. The look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        application = await reporting.application_of(session, application_id)
        await look(session, caller, application, "case")
        return await view_of(session, caller, application)


async def view_of(session: AsyncSession, caller: Caller, application: Application) -> DutyView:
    """The list as a part of a larger look, which is on record already."""
    duties = await standing(session, caller, application)
    stopping = stops(duties, caller.tools.policies.duties.required)
    names = await doors.staff_names(session)
    return DutyView(
        application_id=application.id,
        number=application.number,
        lines=tuple(_line(one, names, caller.locale, stops_a_yes=one.code in stopping) for one in duties),
        gaps=len(gaps(duties)),
        list_version=caller.tools.policies.version,
        source=caller.tools.policies.duties.document,
        looked_up=caller.tools.policies.duties.looked_up,
    )


async def require(session: AsyncSession, caller: Caller, application: Application) -> None:
    """Nobody says yes, alone or by vote, while something of a required duty is open: :class:`DutiesOpen`."""
    duties = await standing(session, caller, application)
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
            phrase(f"api.duty_lack.{kind}", locale, {"item" if kind == "unlooked" else kind: which})
            for kind, _, which in (lack.partition(":") for lack in one.lacks)
        ),
    )


def _params(proof: Proof, locale: str) -> Json:
    """``check:face`` is the proof ``check`` of the check ``face``."""
    kind, _, which = proof.what.partition(":")
    if kind == "consent" and i18n.known(title := f"lending.consent.{which}.title"):
        return {kind: i18n.text(title, locale)}
    if kind == "explained":
        return {"captured": which}
    return {kind: which, "n": int(which)} if which.isdigit() else {kind: which}


async def standing(session: AsyncSession, caller: Caller, application: Application) -> tuple[Duty, ...]:
    """How each line of the lender's list stands for a case, from the rows alone."""
    tasks = await diligence.tasks(session, application.id)
    reviews = [task for task in tasks if task.kind == reading.REVIEW]
    found = {
        "identity_proven": await _identity(session, caller, application),
        "consents_given": await _consents(session, application),
        "registers_asked": await _registers(session, application),
        "bills_read": await _bills(session, caller, application),
        "purpose_said": _purpose(application),
        "papers_judged": await _papers(session, caller, application),
        "seen_outside": _outside(caller, application, tasks),
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
    firm = await people.applying_firm(session, application.id)
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
    return Found(
        proofs=[Proof(f"consent:{one.purpose}", str(one.id), one.given_at, None, one.text_hash) for one in rows]
    )


async def _registers(session: AsyncSession, application: Application) -> Found:
    answers = await diligence.answers(session, application.id)
    there = {source for source, *_ in answers}
    firm = await people.applying_firm(session, application.id)
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


def _outside(caller: Caller, application: Application, tasks: Sequence[Task]) -> Found:
    asked = caller.tools.policies.offline.asked_of(application.product_id, application.amount_minor)
    done = [task for task in tasks if offline.is_outside(task) and (task.outcome or {}).get("result") == "done"]
    kinds = {task.kind for task in done}
    proofs = [
        Proof(f"offline_kind:{task.kind}", str(task.id), task.finished_at, _by(task), (task.pack or {}).get("sha256"))
        for task in done
    ]
    missing = [f"offline_kind:{kind.id}" for kind in asked if kind.id not in kinds]
    return Found(asked=bool(asked or done), proofs=proofs, lacks=missing)


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
    return Found(asked=bool(rows), proofs=proofs, lacks=lacks)


def _by(task: Task) -> str | None:
    staff = (task.outcome or {}).get("staff_id")
    return f"staff:{staff}" if staff else None


def _own_view(reviews: Sequence[Task]) -> Found:
    proofs = [
        Proof("own_view", str(task.id), _when(said), f"staff:{said.get('staff_id')}")
        for task in reviews
        for said in desk.views_of(task.own_view)
    ]
    return Found(asked=bool(reviews), proofs=proofs)


def _when(view: dict[str, Any] | None) -> datetime | None:
    at = (view or {}).get("given_at")
    return datetime.fromisoformat(at) if at else None


def _override(reviews: Sequence[Task]) -> Found:
    against = [task for task in reviews if (task.outcome or {}).get("override")]
    proofs = [
        Proof(f"override:{(task.outcome or {})['cause']}", str(task.id), task.finished_at, _by(task))
        for task in against
        if (task.outcome or {}).get("cause")
    ]
    return Found(asked=bool(against), proofs=proofs)


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
        lacks=[f"part:{part}" for part in ("lead", "second") if part not in {one for one, _ in signed}],
    )


# --- the package ------------------------------------------------------------------------------------------------------


async def package(caller: Caller, application_id: UUID) -> PaperFile:
    """All of it as one ZIP: the list with its proofs and gaps, who looked, what was done and why, the report as it was
    signed, and a manifest with the SHA-256 of each file. That it was taken, and its hash, is on the trail."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        application = await reporting.application_of(session, application_id)
        await look(session, caller, application, "case")
        view = await view_of(session, caller, application)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        looks, acts = await _looked(session, application), await _done(session, application)
        report = await diligence.newest_report(session, application.id)
        content = await reporting.opened(session, caller, report) if report else None
        duties = {
            "application": str(application.id),
            "number": application.number,
            "at": now.astimezone(UTC).isoformat(),
            "list": list(caller.tools.policies.duties.codes),
            "list_version": view.list_version,
            "list_source": {"document": view.source, "looked_up": view.looked_up},
            "gaps": [one.code for one in view.lines if one.standing == "gap"],
            "duties": [_plain(asdict(one)) for one in view.lines],
        }
        files = {
            "duties.json": rfc8785.dumps(duties),
            "duties.csv": _table(
                ("code", "title", "standing", "proof", "at", "by", "sha256"),
                [(one.code, one.title, one.standing, *row) for one in view.lines for row in _rows(one)],
            ),
            "looks.csv": _table(("at", "who", "what"), looks),
            "acts.csv": _table(("at", "who", "act", "object", "detail"), acts),
        }
        if content is not None and report is not None:
            files["report.json"] = rfc8785.dumps(content)
        data = _zipped(files)
        digest = hashlib.sha256(data).hexdigest()
        detail = {"sha256": digest, "gaps": duties["gaps"]}
        await noted(session, caller, "duties.package", "application", str(application_id), detail)
    return PaperFile(data, f"A-{application.number}-duties.zip", "application/zip", digest)


def _rows(one: DutyLine) -> Iterable[tuple[str, ...]]:
    for proof in one.proofs:
        yield (proof.text, proof.at.isoformat() if proof.at else "", proof.by or "", proof.sha256 or "")
    for lack in one.lacks:
        yield (lack, "", "", "")
    if not one.proofs and not one.lacks:
        yield ("", "", "", "")


async def _looked(session: AsyncSession, application: Application) -> list[tuple[str, ...]]:
    return [(row.at.isoformat(), row.actor, row.what) for row in await diligence.looks(session, application)]


async def _done(session: AsyncSession, application: Application) -> list[tuple[str, ...]]:
    """What the trail holds of the application, its tasks and its papers; overrides stand there with their cause."""
    tasks = await diligence.tasks(session, application.id)
    papers = await diligence.papers(session, application.id)
    objects = [str(application.id), *(str(one.id) for one in (*tasks, *papers))]
    names = await doors.staff_names(session)
    found = [
        (row.at.isoformat(), names.get(row.actor, row.actor), row.action, f"{row.object_kind}:{row.object_id}",
         json.dumps(row.detail, ensure_ascii=False, sort_keys=True))
        for row in await diligence.acts(session, objects)
    ]  # fmt: skip
    for task in tasks:
        outcome = task.outcome or {}
        if task.finished_at is not None and outcome.get("reason"):
            kept = json.dumps({name: outcome.get(name) for name in WHY}, ensure_ascii=False, sort_keys=True)
            by = names.get(_by(task) or "", "")
            found.append((task.finished_at.isoformat(), by, "task.reason", f"task:{task.id}", kept))
    return sorted(found)


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table for a spreadsheet; no cell begins a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heading)
    writer.writerows([f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _zipped(files: dict[str, bytes]) -> bytes:
    manifest = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    whole = {**files, "MANIFEST.sha256": manifest.encode()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in sorted(whole.items()):
            packed.writestr(zipfile.ZipInfo(name, ZIP_TIME), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _plain(value: Any) -> Any:
    """Ready for canonical JSON."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case dict():
            return {name: _plain(one) for name, one in cast("dict[str, Any]", value).items()}
        case list() | tuple():
            return [_plain(one) for one in cast("list[Any]", value)]
        case _:
            return value
