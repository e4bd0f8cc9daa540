"""The report of a valuer: read once, drawn anew, kept by the hash of what was brought.

Which piece it is of it says by itself, in its text; else another person than whoever brought it says so, after they
opened it, and until then nobody says yes and no money leaves.
"""

import hashlib
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auditing import noted
from api.caller import Caller
from api.checklist import LARGEST, UNDRAWN
from api.idempotency import Json, perform
from api.looking import look
from api.manager import holding
from api.owner.uploading import Upload, read_whole
from api.phrases import phrase
from api.problems import BadFields, FieldError, NotFound
from api.routes import PaperFile
from api.views.collateral import AppraisalView
from db import audits, clocks, collateral, desk, doors, people, valuer_reports
from db.tables import Application, Collateral, ValuerReport
from infra import cleaning
from infra.cleaning import Cleaned
from lending.refusals_at_desk import AnotherTakesIt, PictureNotOpened, ReportStands
from lending.report_doubts import of_text, words_of

WORDS_LONGEST = 500
COMPARED_LEAST = 6  # what was compared, not only "fine"


@dataclass(frozen=True, slots=True)
class Report:
    """``sha256``: of the file as it was brought; ``data``: as it was drawn anew."""

    data: bytes = field(repr=False)
    media_type: str
    sha256: str
    drawn: Cleaned = field(repr=False)


async def read(upload: Upload) -> Report:
    """A PDF or a photo of at most 20 MB and 20 pages; anything else is refused beside its field."""
    data = await read_whole(upload.chunks, LARGEST)
    try:
        clean = await cleaning.cleaned(data, known=True)
    except cleaning.CannotClean as problem:
        raise BadFields(fields=(FieldError("report", UNDRAWN[problem.code]),)) from None
    return Report(clean.data, clean.media_type, hashlib.sha256(data).hexdigest(), clean)


def file(data: bytes, media_type: str, appraisal_id: UUID) -> PaperFile:
    """As it is handed out."""
    ending = media_type.rpartition("/")[2].replace("jpeg", "jpg")
    return PaperFile(data, f"{appraisal_id}.{ending}", media_type, hashlib.sha256(data).hexdigest())


async def weigh(
    session: AsyncSession, caller: Caller, piece: Collateral, report: Report, title: str, value_minor: int
) -> None:
    """Keep what a report is known by, and what it leaves open."""
    said = words_of(report.drawn.text)
    words = hashlib.sha256(said.encode()).hexdigest() if said else None
    open_ = [one.value for one in of_text(report.drawn.text, title, value_minor)]
    await valuer_reports.keep(
        session,
        sha256=report.sha256,
        collateral_id=piece.id,
        person_id=piece.person_id,
        doubts=open_ + await valuer_reports.shared(session, piece, report.sha256, report.drawn, words),
        looks=report.drawn.looks,
        views=[one for one in (report.drawn.points, *report.drawn.views) if one is not None],
        words_sha256=words,
        by=caller.principal.actor,
        at=await clocks.now(session, caller.tools.settings.clock_id),
    )


async def told(
    session: AsyncSession, caller: Caller, piece: Collateral, values: tuple[AppraisalView, ...]
) -> tuple[AppraisalView, ...]:
    """The values of a piece with what each report leaves open, who took it and why, and whether the reader may."""
    rows = await valuer_reports.of_piece(session, piece.id)
    names = await doors.staff_names(session) if rows else {}
    found: list[AppraisalView] = []
    for value in values:
        row = rows.get(value.report_sha256 or "")
        if row is None or not row.doubts:
            found.append(value)
            continue
        text = "；" if caller.locale.startswith("zh") else "; "
        doubt = text.join(phrase(f"api.report_doubt.{one}", caller.locale, {}) for one in row.doubts)
        if row.taken_sealed is None:
            found.append(replace(value, doubt=doubt, may_take=await _may_take(session, caller, piece, row)))
            continue
        key = await people.key_of(session, caller.tools.vault, piece.person_id)
        words = caller.tools.vault.open(key, valuer_reports.TAKEN, value.id, row.taken_sealed)
        by = names.get(row.taken_by or "", row.taken_by or "")
        found.append(replace(value, doubt=doubt, taken=words, taken_by=by))
    return tuple(found)


async def _may_take(session: AsyncSession, caller: Caller, piece: Collateral, row: ValuerReport) -> bool:
    if not caller.may("task.decide") or not await holding.of_the_pair_or_leads(session, caller, piece.application_id):
        return False
    return await desk.employee(session, caller.staff_id) not in await desk.employees(session, {row.by})


async def take(caller: Caller, appraisal_id: UUID, *, reason: str, key: str) -> UUID:
    """Say of a report that it is of its piece, once, as another person than who brought it; the id of the piece."""
    form = fields.Form()
    said = form.take("reason", lambda text: fields.line(text, longest=WORDS_LONGEST, least=COMPARED_LEAST), reason, "")
    form.done()
    tools = caller.tools
    async with tools.sessions.begin(scope="staff") as session:
        value = await collateral.appraisal(session, appraisal_id)
        if value is None or value.report_sha256 is None:
            raise NotFound
        piece_id, sha256 = value.collateral_id, value.report_sha256

    async def act(session: AsyncSession) -> Json:
        piece = await collateral.one(session, piece_id)
        row = await valuer_reports.of_hash(session, sha256, locked=True)
        if piece is None or row is None or not row.doubts or row.taken_at is not None:
            raise ReportStands
        if not await _may_take(session, caller, piece, row):
            raise AnotherTakesIt
        if not await audits.opened_by(session, str(appraisal_id), caller.principal.actor):
            raise PictureNotOpened
        await look(session, caller, await session.get_one(Application, piece.application_id), "collateral")
        sealing = await people.key_of(session, tools.vault, piece.person_id)
        now = await clocks.now(session, tools.settings.clock_id)
        row.taken_sealed = tools.vault.seal(sealing, valuer_reports.TAKEN, appraisal_id, said)
        row.taken_by = caller.principal.actor
        row.taken_at = now
        await session.flush()
        await noted(session, caller, "collateral.report", "appraisal", str(appraisal_id), {"piece": str(piece_id)})
        return {}

    body = {"appraisal_id": appraisal_id, "reason": said}
    await perform(caller, "collateral.report", key, body, act, scope="staff", object_id=str(appraisal_id))
    return piece_id
