"""The report on an application: drafted from its file, each figure with its place, a person's words beside it (P33)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

import rfc8785
from sqlalchemy.ext.asyncio import AsyncSession

from api import doubting, fields
from api.auditing import noted
from api.caller import Caller
from api.idempotency import Json, perform
from api.looking import look
from api.manager import investigating, report_collateral
from api.manager.report_lines import Draft, Line, Source
from api.phrases import phrase
from api.problems import NotFound
from api.views import FileLine, FileLines, ReportLine, ReportSource, ReportView
from db import applications, clocks, desk, diligence, offline, on_the_spot, people, permissions, reading, registers
from db.tables import Application, CaseReport
from lending.consents import Purpose
from lending.offline import Captured
from lending.refusals import FigureWithoutSource
from lending.report import unsourced

SECTIONS = ("applicant", "request", "business", "registers", "collateral", "outside", "papers", "judgement")
WORDS_LONGEST = 2_000
MONTHS = 12
# Of each register the figures that a decision turns on, by the code of the sentence that tells them.
TOLD = {
    "bureau": ("outstanding_minor", "monthly_instalments_minor", "current_overdue_minor", "overdue_months_24",
               "enquiries_90d"),
    "company_report": ("outstanding_minor", "current_overdue_minor"),
    "courts": ("open_claims", "claims_minor"),
    "registry": ("established_on",),
}  # fmt: skip


async def report(caller: Caller, application_id: UUID, *, fresh: bool = False) -> ReportView:
    """The version that stands, or a draft; ``fresh``: the file as it is now, with the words that were kept."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        application = await application_of(session, application_id)
        await look(session, caller, application, "case")
        await desk.open_views(
            session, application.id, caller.staff_id, await clocks.now(session, caller.tools.settings.clock_id)
        )
        return await _view(session, caller, application, fresh=fresh)


async def keep(caller: Caller, application_id: UUID, words: Mapping[str, str], key: str) -> ReportView:
    """Keep the file's figures as they are now with these words, under one hash. A number in the words that the file
    does not have is refused: :class:`FigureWithoutSource`."""
    form = fields.Form()
    clean: dict[str, str] = {}
    for section, typed in words.items():
        if section not in SECTIONS:
            form.refuse(section, "not_one_of_these")
        elif typed.strip():
            clean[section] = form.take(section, lambda text: fields.line(text, longest=WORDS_LONGEST), typed, "")
    form.done()
    tools = caller.tools

    async def act(session: AsyncSession) -> Json:
        application = await applications.locked(session, (await application_of(session, application_id)).id)
        await look(session, caller, application, "case")
        draft = await drafted(session, caller, application)
        file = [text for locale in ("zh_CN", "en") for text in _texts(draft.lines, locale, application.currency)]
        for typed in clean.values():
            if missing := unsourced(typed, file):
                raise FigureWithoutSource(figure=missing[0])
        content = draft.content(application_id, clean, SECTIONS)
        digest = _digest(content)
        report_id = uuid4()
        sealing = await people.key_of(session, tools.vault, application.person_id)
        now = await clocks.now(session, tools.settings.clock_id)
        n = await diligence.keep_report(
            session,
            id=report_id,
            application_id=application_id,
            person_id=application.person_id,
            content_sealed=tools.vault.seal(sealing, diligence.CONTENT, report_id, json.dumps(content)),
            sha256=digest,
            by=caller.principal.actor,
            made_at=now,
        )
        detail = {"n": n, "sha256": digest}
        await noted(session, caller, "report.kept", "application", str(application_id), detail)
        return {}

    body = {"application_id": str(application_id), "words": dict(words)}
    await perform(caller, "manager.report", key, body, act, scope="staff", object_id=str(application_id))
    return await report(caller, application_id)


async def lines_of(caller: Caller, application_id: UUID, month: date) -> FileLines:
    """The lines behind a month's figure. Of what the owner does not allow (any more) nothing is read."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        application = await application_of(session, application_id)
        await look(session, caller, application, "flows")
        now = await clocks.now(session, caller.tools.settings.clock_id)
        closed = await permissions.closed(session, application.person_id, now)
        if application.firm_id is None or Purpose.FLOWS_ANALYSIS.value in closed:
            raise NotFound
        first = month.replace(day=1)
        sums = [one for one in await reading.revenue_months(session, application.firm_id) if one.month == first]
        rows = await diligence.lines(session, application.firm_id, first)
        if not rows or not sums:
            raise NotFound
        hashes = {file.id: file.sha256 for file in await reading.files(session, application_id)}
        return FileLines(
            month=first,
            sales_minor=sums[0].sales_minor,
            refunds_minor=sums[0].refunds_minor,
            currency=application.currency,
            lines=tuple(
                FileLine(
                    on=row.on_date,
                    amount_minor=row.amount_minor,
                    currency=row.currency,
                    direction=row.direction,
                    kind=phrase(f"imports.kind.{_KINDS[row.kind]}", caller.locale, {}),
                    sha256=hashes.get(row.file_id, ""),
                )
                for row in rows
            ),
            more=len(rows) == diligence.LINES_SHOWN,
        )


# Codes of imports.lines.Kind, in their order from 1.
_KINDS = ("", "sale", "refund", "purchase", "rent", "payroll", "transfer_self", "loan_in", "loan_repay", "private",
          "other")  # fmt: skip


# --- the draft --------------------------------------------------------------------------------------------------------


async def drafted(session: AsyncSession, caller: Caller, application: Application) -> Draft:
    """The file in sentences. What its owner took back is not told; the score only to who said their own view."""
    draft = Draft()
    now = await clocks.now(session, caller.tools.settings.clock_id)
    closed = await permissions.closed(session, application.person_id, now)
    await _applicant(session, draft, application)
    if Purpose.FLOWS_ANALYSIS.value not in closed:
        await _business(session, draft, application)
    if Purpose.BUREAU_QUERY.value not in closed:
        await _registers(session, caller, draft, application)
    await report_collateral.tell(session, caller, draft, application)
    await _outside(session, caller, draft, application)
    await _papers(session, draft, application)
    await _judgement(session, draft, application)
    return draft


async def _applicant(session: AsyncSession, draft: Draft, application: Application) -> None:
    asked = Source("application", "application", str(application.id), application.created_at.isoformat())
    draft.say("request", "asked", asked, amount_minor=application.amount_minor, months=application.months)
    if application.purpose:
        draft.say("request", "purpose", asked, purpose=application.purpose)
    if application.declared_revenue_minor:
        draft.say("request", "declared", asked, amount_minor=application.declared_revenue_minor)
    for check in (await people.checks_of(session, application)).values():
        at = (check.answered_at or check.asked_at).isoformat()
        source = Source(f"check-{check.kind}", "check", str(check.id), at, check.reference)
        code = "check_match" if check.outcome == "match" else "check_mismatch"
        draft.say("applicant", code, source, check=check.kind)


async def _business(session: AsyncSession, draft: Draft, application: Application) -> None:
    if application.firm_id is None:
        return
    months = await reading.revenue_months(session, application.firm_id)
    for file in await reading.files(session, application.id):
        if file.state == "read":
            at = file.received_at.isoformat()
            source = Source(f"bill-{file.id.hex[:8]}", "bill", str(file.id), at, None, file.sha256)
            draft.say("business", "bill", source, lines=int((file.summary or {}).get("lines", 0)))
    for one in months[-MONTHS:]:
        month = f"{one.month:%Y-%m}"
        source = Source(f"lines-{month}", "lines", month)
        net = one.sales_minor - one.refunds_minor
        draft.say("business", "month", source, month=month, amount_minor=net, lines=one.lines)


async def _registers(session: AsyncSession, caller: Caller, draft: Draft, application: Application) -> None:
    found, _ = await registers.entries(session, caller.tools.vault, application.id)
    for name, facts in TOLD.items():
        entry = found.get(name)
        if entry is None:
            continue
        source = Source(f"register-{name}", "register", name, entry.received_at.isoformat(), entry.reference)
        for fact in facts:
            if (value := entry.said.get(fact)) is None:
                continue
            told = fact if fact.endswith(("_minor", "_on")) else "figure"
            value = str(value)[:10] if fact.endswith("_on") else int(value)
            draft.say("registers", f"{name}.{fact}", source, **{told: value})


async def _outside(session: AsyncSession, caller: Caller, draft: Draft, application: Application) -> None:
    key = await people.key_of(session, caller.tools.vault, application.person_id)
    for task in await offline.of_application(session, application.id):
        outcome = task.outcome or {}
        if outcome.get("result") != "done" or task.finished_at is None:
            continue
        brought = await offline.evidence_of(session, task.id)
        source = Source(f"task-{task.id.hex[:8]}", "task", str(task.id), task.finished_at.isoformat())
        draft.say("outside", "went", source, offline_kind=task.kind, things=len(brought),
                  offline_way=str(outcome.get("way", "on_site")), went_at=task.finished_at.isoformat())  # fmt: skip
        doubts = await doubting.of_task(session, caller, task, brought)
        if pictures := sum(not one.counts for one in doubts.values()):
            draft.say("outside", "pictures_served", source, n=pictures)
        for one in brought:
            at = one.received_at.isoformat()
            place = Source(f"thing-{one.id.hex[:8]}", "evidence", str(one.id), at, None, one.sha256)
            word = doubts.get(one.id)
            if word is not None and one.vouched_at is not None and word.counts:
                draft.say("outside", "picture_vouched", place, words=word.explained, who=word.explained_by or "")
            if one.words_sealed and one.kind in (Captured.NOTE, Captured.SERIAL, Captured.REFERENCE):
                words = caller.tools.vault.open(key, offline.WORDS, one.id, one.words_sealed)
                captured = on_the_spot.what(one, task)
                draft.say("outside", "brought", place, captured=captured, words=words)
                if (doubt := doubts.get(one.id)) is not None and not one.matches:
                    code = "differs_explained" if doubt.explained else "differs" if doubt.differs else "differs_mended"
                    draft.say("outside", code, place, captured=captured, piece_number=doubt.said, words=doubt.explained)


async def _papers(session: AsyncSession, draft: Draft, application: Application) -> None:
    for paper in await diligence.papers(session, application.id):
        at = (paper.judged_at or paper.received_at).isoformat()
        source = Source(f"paper-{paper.id.hex[:8]}", "paper", str(paper.id), at, None, paper.sha256)
        draft.say("papers", f"paper_{paper.state}", source, item=paper.item)


async def _judgement(session: AsyncSession, draft: Draft, application: Application) -> None:
    """Everybody's own view with whose it is, and after them what model and rules said."""
    tasks = await diligence.tasks(session, application.id)
    said = [(task, n, view) for task in tasks for n, view in enumerate(desk.views_of(task.own_view), start=1)]
    if not said:
        return
    by = await desk.names(session, [UUID(view["staff_id"]) for _, _, view in said if view.get("staff_id")])
    for task, n, view in said:
        who = by.get(UUID(view["staff_id"]), "") if view.get("staff_id") else ""
        place = f"view-{task.id.hex[:8]}" if n == 1 else f"view-{task.id.hex[:8]}-{n}"
        source = Source(place, "task", str(task.id), str(view.get("given_at", "")) or None)
        if view.get("amount_minor"):
            draft.say("judgement", "own_view_of_amount", source, own_view=str(view["verdict"]), who=who,
                      amount_minor=int(view["amount_minor"]))  # fmt: skip
        else:
            draft.say("judgement", "own_view_of", source, own_view=str(view["verdict"]), who=who)
    for row in (await reading.decisions(session, application.id))[:1]:
        if row.grade is not None and row.pd is not None:
            place = Source(f"decision-{row.n}", "decision", str(row.id), row.decided_at.isoformat(), row.model_id)
            draft.say("judgement", "score", place, grade=row.grade, default_rate=str(row.pd),
                      limit_minor=row.limit_minor)  # fmt: skip


# --- parts ------------------------------------------------------------------------------------------------------------


async def application_of(session: AsyncSession, application_id: UUID) -> Application:
    """The application, or :class:`NotFound`."""
    found = await reading.application(session, application_id)
    if found is None:
        raise NotFound
    return found


def _digest(content: Json) -> str:
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def _texts(lines: Iterable[Line], locale: str, currency: str) -> list[str]:
    return [phrase(f"api.report.{one.code}", locale, {"currency": currency, **one.params}) for one in lines]


def sentences(content: Json, locale: str, currency: str) -> list[tuple[Json, str]]:
    """Each line of a kept version with its words in one language."""
    lines: list[Json] = content["lines"]
    return list(zip(lines, _texts([Line(**one) for one in lines], locale, currency), strict=True))


async def opened(session: AsyncSession, caller: Caller, row: CaseReport) -> Json:
    """A kept version in clear; its bytes are compared with the hash in its row."""
    key = await people.key_of(session, caller.tools.vault, row.person_id)
    content: Json = json.loads(caller.tools.vault.open(key, diligence.CONTENT, row.id, row.content_sealed))
    if _digest(content) != row.sha256:
        raise ValueError(f"the report {row.id} is not what was kept")
    return content


async def _view(session: AsyncSession, caller: Caller, application: Application, *, fresh: bool) -> ReportView:
    kept = await diligence.newest_report(session, application.id)
    content = await opened(session, caller, kept) if kept else None
    words: dict[str, str] = content["words"] if content else {}
    now = (await drafted(session, caller, application)).content(application.id, words, SECTIONS)
    stands = now if content is None or fresh else content
    lines = [Line(**one) for one in stands["lines"]]
    texts = _texts(lines, caller.locale, application.currency)
    return ReportView(
        application_id=application.id,
        number=application.number,
        n=0 if kept is None or fresh else kept.n,
        sections=SECTIONS,
        lines=tuple(
            ReportLine(one.section, one.code, text, one.source) for one, text in zip(lines, texts, strict=True)
        ),
        sources=tuple(
            ReportSource(
                one["id"],
                one["kind"],
                one["ref"],
                datetime.fromisoformat(one["at"]) if one["at"] else None,
                one["reference"],
                one["sha256"],
            )
            for one in stands["sources"]
        ),
        words=words,
        sha256=kept.sha256 if kept and not fresh else None,
        by=kept.by if kept else None,
        made_at=kept.made_at if kept else None,
        stale=content is not None and _digest(now) != _digest(content),
        investigation=await investigating.view(session, caller, application),
    )
