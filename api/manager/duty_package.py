"""The package of what was owed and done (尽职免责包, P33): one ZIP from the file, with times, places and hashes."""

import asyncio
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import rfc8785
from sqlalchemy.ext.asyncio import AsyncSession

from api import doubting, pieces_over, securing
from api.auditing import noted
from api.caller import Caller
from api.idempotency import Json
from api.looking import look
from api.manager import duties as duties_of
from api.manager import investigating, report_collateral, reporting
from api.manager.duties import by_whom
from api.manager.duty_papers import READ_IN, Frame, KeptReport, both, duties_paper, index, report_paper
from api.manager.report_lines import Draft
from api.routes import PaperFile
from api.views import DutyLine, DutyView
from db import clocks, collateral, conditions, desk, diligence, doors, offline, people, reading, releases
from db.tables import Application
from infra.crypto import PersonKey
from infra.storage import ObjectMissing
from lending.calendars import Jurisdiction, business_date
from lending.collateral import CollateralKind, loan_to_value

# A file of a moment has one time in it everywhere, so that the same content is the same bytes.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# Why a person decided as they did.
WHY = ("verdict", "amount_minor", "leaning", "override", "cause", "reason")
# So much of pictures and reports goes along as files; of what is more, and of films, the table has the hash.
MOST_BYTES = 60 * 1024 * 1024
PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class Stored:
    """A sealed object that goes into the package. ``purpose``, ``file_id``: what it was sealed for."""

    name: str
    object_key: str = field(repr=False)
    purpose: str
    file_id: UUID
    key: PersonKey = field(repr=False)


async def package(caller: Caller, application_id: UUID) -> PaperFile:
    """All of it as one ZIP: the list with its proofs and gaps, who looked, what was done and why, the report as it was
    signed, both to read and to print (HTML, PDF) and as data (JSON, CSV), what secures the case with its valuations and
    registrations, the pictures with place and time, an index, and a manifest with the SHA-256 of each file. That it was
    taken, and its hash, is on the trail."""
    tools = caller.tools
    async with tools.sessions.begin(scope="staff") as session:
        application = await reporting.application_of(session, application_id)
        await look(session, caller, application, "case")
        standing = await duties_of.standing(session, caller, application)
        names = await doors.staff_names(session)
        view = duties_of.told(caller, application, standing, names, caller.locale)
        now = await clocks.now(session, tools.settings.clock_id)
        await desk.open_views(session, application.id, caller.staff_id, now)
        looks, acts = await _looked(session, application), await _done(session, application)
        report = await diligence.newest_report(session, application.id)
        content = await reporting.opened(session, caller, report) if report else None
        duties = {
            "application": str(application.id),
            "number": application.number,
            "at": now.astimezone(UTC).isoformat(),
            "list": list(tools.policies.duties.codes),
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
        kept = None
        if content is not None and report is not None:
            files["report.json"] = rfc8785.dumps(content)
            signed = await investigating.view(session, caller, application)
            by = names.get(report.by, report.by)
            kept = KeptReport(report.n, report.sha256, by, report.made_at, application.currency, content, signed)
        wanted = await _secured(session, caller, application, files)
        wanted += await _brought(session, caller, application, files)
        told = {locale: duties_of.told(caller, application, standing, names, locale) for locale in READ_IN}
        on = business_date(now, Jurisdiction(caller.tools.settings.jurisdiction))
        frame = Frame(f"A-{application.number}", now, on, caller.tools.policies.lender.name.zh_CN)
    files |= await _opened(caller, wanted)
    files |= await asyncio.to_thread(_papers, frame, told, kept, files)
    data = _zipped(files)
    digest = hashlib.sha256(data).hexdigest()
    async with tools.sessions.begin(scope="staff") as session:
        detail = {"sha256": digest, "gaps": duties["gaps"]}
        await noted(session, caller, "duties.package", "application", str(application_id), detail)
    return PaperFile(data, f"A-{application.number}-duties.zip", "application/zip", digest)


def _papers(
    frame: Frame, told: Mapping[str, DutyView], kept: KeptReport | None, files: Mapping[str, bytes]
) -> dict[str, bytes]:
    """List and report to read and to print, and the index of all. Takes a second of a core the first time."""
    made = both("duties", duties_paper(frame, told))
    if kept is not None:
        # A picture and a valuation's report are named by the id that the report's source has.
        beside = {name.rpartition("/")[2].partition(".")[0][-36:]: name for name in files if "/" in name}
        made |= both("report", report_paper(frame, kept, beside))
    return made | {"index.html": index(frame, {**files, **made})}


# --- what secures it --------------------------------------------------------------------------------------------------


async def _secured(
    session: AsyncSession, caller: Caller, application: Application, files: dict[str, bytes]
) -> list[Stored]:
    """The section of the report as it is now, each piece, each value with its report, each registration."""
    rows = await collateral.of_application(session, application.id)
    if not rows:
        return []
    await look(session, caller, application, "collateral")
    draft, rules = Draft(), caller.tools.policies.collateral
    await report_collateral.tell(session, caller, draft, application)
    files["collateral.json"] = rfc8785.dumps(draft.content(application.id, {}, ()))
    key = await people.key_of(session, caller.tools.vault, application.person_id)
    pieces: list[Sequence[str]] = []
    values: list[Sequence[str]] = []
    registered: list[Sequence[str]] = []
    wanted: list[Stored] = []
    today = await securing.today_of(session, caller)
    over = await pieces_over.ended(session, caller, rows)
    gone: list[Sequence[str]] = []
    for row in rows:
        thing = await collateral.thing_of(session, caller.tools.vault, row)
        one = rules.types[CollateralKind(row.kind)]
        piece = collateral.as_piece(row, row.value_minor, today) if row.value_minor else None
        ours = row.ours_minor or application.amount_minor
        if (end := over.get(row.id)) is not None:
            gone.append((
                str(row.id), row.kind, thing.label, thing.title, row.ownership, row.state, _text(row.value_minor),
                end.at.isoformat(), end.by, end.why, end.text,
            ))  # fmt: skip
        else:
            pieces.append((
                str(row.id), row.kind, thing.label, thing.title, row.ownership, row.state, _text(row.value_minor),
                _text(row.valued_on), str(one.haircut), str(loan_to_value(piece, ours)) if piece else "",
                str(row.earlier + 1) if row.searched_at else "", str(row.earlier) if row.searched_at else "",
                str(row.prior_minor) if row.searched_at else "", _text(row.searched_at),
            ))  # fmt: skip
        if row.registration_no is not None or row.searched_at is not None:
            registered.append((
                str(row.id), row.kind, one.registry.value, row.registration_no or "", _text(row.registered_at),
                str(row.ours_minor), _text(row.searched_at), str(row.earlier), str(row.prior_minor),
                _text(row.cancelled_at),
            ))  # fmt: skip
        for found in await collateral.appraisals(session, row.id):
            name = ""
            if found.report_key is not None:
                name = f"valuations/{found.id}.{_ending(found.report_type)}"
                file_id = UUID(found.report_key.rpartition("/")[2])
                wanted.append(Stored(name, found.report_key, collateral.REPORT, file_id, key))
            values.append((
                str(row.id), str(found.round), str(found.n), str(found.value_minor), found.valuer or "",
                found.licence or "", found.valued_on.isoformat(), found.reference or "", found.by, found.at.isoformat(),
                found.report_sha256 or "", name,
            ))  # fmt: skip
    files["collateral.csv"] = _table(
        ("piece", "kind", "label", "title", "ownership", "state", "value_minor", "valued_on", "haircut",
         "loan_to_value", "rank", "earlier_claims", "prior_minor", "searched_at"), pieces)  # fmt: skip
    if gone:
        files["collateral-over.csv"] = _table(
            ("piece", "kind", "label", "title", "ownership", "state", "value_minor", "ended_at", "ended_by",
             "ended_why", "ended"), gone)  # fmt: skip
    files["valuations.csv"] = _table(
        ("piece", "round", "n", "value_minor", "valuer", "licence", "valued_on", "report_no", "by", "at",
         "report_sha256", "file"), values)  # fmt: skip
    files["registrations.csv"] = _table(
        ("piece", "kind", "registry", "number", "registered_at", "ours_minor", "searched_at", "earlier_claims",
         "prior_minor", "cancelled_at"), registered)  # fmt: skip
    return wanted


# --- what was brought home --------------------------------------------------------------------------------------------


async def _brought(
    session: AsyncSession, caller: Caller, application: Application, files: dict[str, bytes]
) -> list[Stored]:
    """Everything from outside with place, time and hash; photos go along as they were drawn."""
    tasks = await offline.of_application(session, application.id)
    if not tasks:
        return []
    await look(session, caller, application, "visit")
    vault = caller.tools.vault
    key = await people.key_of(session, vault, application.person_id)
    names = await doors.staff_names(session)
    rows: list[Sequence[str]] = []
    wanted: list[Stored] = []
    room = MOST_BYTES
    for task in tasks:
        brought = await offline.evidence_of(session, task.id)
        doubts = await doubting.of_task(session, caller, task, brought)
        for one in brought:
            doubt = doubts.get(one.id, doubting.NONE)
            place = json.loads(vault.open(key, offline.PLACE, one.id, one.place_sealed)) if one.place_sealed else None
            name = ""
            if one.kind == PHOTO and one.object_key is not None and (one.size or 0) <= room:
                room -= one.size or 0
                name = f"photos/{task.kind}-{one.id}.{_ending(one.media_type)}"
                wanted.append(Stored(name, one.object_key, offline.FILE, one.id, key))
            rows.append((
                f"{task.kind}:{task.id}", one.kind, _text(one.taken_at), one.received_at.isoformat(),
                f"{place[0]:.6f}" if place else "", f"{place[1]:.6f}" if place else "", one.place_source or "",
                names.get(one.by, one.by), one.reference or "", one.sha256 or "", name,
                "yes" if doubt.counts else "no", doubt.text, doubt.explained_by or "", doubt.explained,
            ))  # fmt: skip
    files["outside.csv"] = _table(
        ("task", "kind", "taken_at", "received_at", "latitude", "longitude", "place_by", "by", "reference", "sha256",
         "file", "counts", "doubt", "said_by", "said"), rows)  # fmt: skip
    return wanted


async def _opened(caller: Caller, wanted: Sequence[Stored]) -> dict[str, bytes]:
    """The objects in clear; one that the store has lost is named as lost, and the package says so."""
    found: dict[str, bytes] = {}
    for one in wanted:
        try:
            sealed = await caller.tools.storage.get(one.object_key)
        except ObjectMissing:
            found[f"{one.name}.missing.txt"] = b"the store does not have it any more\n"
            continue
        found[one.name] = caller.tools.vault.open_file(one.key, one.purpose, one.file_id, sealed)
    return found


def _ending(media_type: str | None) -> str:
    return (media_type or "application/bin").rpartition("/")[2].replace("jpeg", "jpg")


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


# --- who looked, what was done ----------------------------------------------------------------------------------------


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
    """What the trail holds of the application, its tasks, papers and pieces, its conditions, its committee and its
    money; beside it what the rows say of reasons, values, conditions that ended and money that was let go."""
    tasks = await diligence.tasks(session, application.id)
    papers = await diligence.papers(session, application.id)
    pieces = await collateral.of_application(session, application.id)
    asked = await conditions.ever(session, application.id)
    paid = await reading.payout_of(session, application.id)
    payouts = [paid[0].id] if paid else []
    things = (*tasks, *papers, *pieces, *asked)
    objects = [str(application.id), *(str(one.id) for one in things), *(str(one) for one in payouts)]
    names = await doors.staff_names(session)
    found = [
        (row.at.isoformat(), names.get(row.actor, row.actor), row.action, f"{row.object_kind}:{row.object_id}",
         json.dumps(row.detail, ensure_ascii=False, sort_keys=True))
        for row in await diligence.acts(session, objects)
    ]  # fmt: skip

    def row(at: datetime, by: str | None, act: str, what: str, detail: Json) -> None:
        told = json.dumps(detail, ensure_ascii=False, sort_keys=True)
        found.append((at.isoformat(), names.get(by or "", by or ""), act, what, told))

    for task in tasks:
        outcome = task.outcome or {}
        if task.finished_at is not None and outcome.get("reason"):
            row(
                task.finished_at,
                by_whom(task),
                "task.reason",
                f"task:{task.id}",
                {one: outcome.get(one) for one in WHY},
            )
    for piece in pieces:
        for one in await collateral.appraisals(session, piece.id):
            if one.n > 0:
                said = {"value_minor": one.value_minor, "valuer": one.valuer, "report_sha256": one.report_sha256}
                row(one.at, one.by, "collateral.valued", f"collateral:{piece.id}", said)
    for one in asked:
        row(one.asked_at, one.asked_by, "condition.set", f"condition:{one.id}", {"kind": one.kind, "words": one.words})
        if one.ended_at is not None:
            proof = {"proof": one.proof, "proof_id": str(one.proof_id)} if one.proof_id else {"why": one.why}
            row(
                one.ended_at, one.ended_by, f"condition.{one.state}", f"condition:{one.id}", {"kind": one.kind, **proof}
            )
    for payout_id in payouts:
        let_go = await releases.release_of(session, payout_id)
        if let_go is not None and let_go.answered_at is not None:
            kept = {"state": let_go.state, "maker": let_go.maker, "checker": let_go.checker, "reason": let_go.reason}
            row(let_go.answered_at, let_go.answered_by, f"release.{let_go.state}", f"payout:{payout_id}", kept)
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
