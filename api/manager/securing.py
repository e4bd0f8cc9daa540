"""Collateral at the manager's: what waits for somebody, and the value that a valuer found."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auditing import noted
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.lining import today_of
from api.looking import look
from api.manager import holding, telling_apart, valuer_reports
from api.owner.uploading import Upload
from api.problems import NotFound
from api.routes import PaperFile
from api.securing import security, stands, view
from api.views import CollateralView, SecurityView
from api.views.collateral import ValuerChoice
from db import audits, clocks, collateral, offline, people
from db.people import Erased
from db.tables import Application, Collateral, Task
from infra import i18n
from lending.calendars import Jurisdiction, add_months, business_date
from lending.collateral import CollateralKind
from lending.refusals import ReportUsed, ValuerNotAllowed
from lending.valuers import ValuerFirm, allowed

REFERENCE_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Figure:
    """What a valuer found: who of the list, how much, number and day of their report."""

    valuer: str
    value_minor: int
    reference: str = field(repr=False)
    valued_on: str


async def waiting(caller: Caller) -> tuple[CollateralView, ...]:
    """All that somebody of the lender has to do with, the most urgent first. Each look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple([await _seen(session, caller, row) for row in await collateral.under_way(session)])


async def one(caller: Caller, collateral_id: UUID) -> CollateralView:
    """One piece; the look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await collateral.one(session, collateral_id)
        if row is None:
            raise NotFound
        return await _seen(session, caller, row)


async def of_case(caller: Caller, application_id: UUID) -> SecurityView:
    """Everything that secures an application; the look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        application = await session.get(Application, application_id)
        if application is None:
            raise NotFound
        await look(session, caller, application, "collateral")
        return await security(session, caller, application)


async def _seen(session: AsyncSession, caller: Caller, row: Collateral) -> CollateralView:
    application = await session.get_one(Application, row.application_id)
    await look(session, caller, application, "collateral")
    today, rules = await today_of(session, caller), caller.tools.policies.collateral
    stood = stands(await collateral.of_application(session, application.id), application.amount_minor, rules, today)
    shown = await view(session, caller, row, today, stands=stood)
    try:
        who = await people.identity_of(session, caller.tools.vault, row.person_id)
        name = who.name or people.masked_phone(who.phone)
    except Erased:
        name = ""
    if row.task_id is not None and (task := await session.get(Task, row.task_id)) and task.state == "open":
        shown = replace(shown, due_at=offline.promised_at(task))  # what was promised, not until when it is kept open
    brought = None
    if shown.appraise and row.task_id is not None and name:
        brought = await collateral.brought_number(session, caller.tools.vault, row, row.task_id)
    spoke = {one.valuer_id for one in await collateral.said(session, row)}
    choices = firms(caller, row.kind, await today_of(session, caller), spoke) if shown.appraise else ()
    valuers = tuple(ValuerChoice(one.id, name_of(one, caller.locale), one.licence, one.valid_until) for one in choices)
    near: Json = dict(await telling_apart.told(session, caller, row)) if name else {}
    if name:
        near["appraisals"] = await valuer_reports.told(session, caller, row, shown.appraisals)
    return replace(shown, customer=name, number=application.number, reference=brought, valuers=valuers, **near)


async def appraise(caller: Caller, collateral_id: UUID, said: Figure, upload: Upload | None, key: str) -> Receipt:
    """Write down what a valuer of the list found, with their report. Too far from the desktop model, another one is
    sent and both are kept (B4). Raises :class:`ValuerNotAllowed`; a task that is another's is theirs to end."""
    tools, form = caller.tools, fields.Form()
    firm = next((one for one in tools.policies.valuers if one.id == said.valuer), None)
    if firm is None:
        form.refuse("valuer", "not_one_of_these" if said.valuer else "missing")
    number = form.take(
        "reference", lambda text: fields.line(text, longest=REFERENCE_LONGEST, least=3), said.reference, ""
    )
    if said.value_minor <= 0:
        form.refuse("value", "missing")
    try:
        day = date.fromisoformat(said.valued_on)
    except ValueError:
        day = date.min
        form.refuse("valued_on", "not_a_date")
    if upload is None:
        form.refuse("report", "missing")
    form.done()
    if firm is None or upload is None:
        raise NotFound  # refused above
    async with tools.sessions.begin(scope="staff") as session:
        row = await collateral.one(session, collateral_id)
        if row is None:
            raise NotFound
        if day > await today_of(session, caller):
            form.refuse("valued_on", "in_the_future")
        holds = tools.policies.collateral.types[CollateralKind(row.kind)].revalue_months
        if day > date.min and add_months(day, holds) <= await today_of(session, caller):
            form.refuse("valued_on", "report_too_old", months=holds)  # a wrong year would end the piece
        form.done()
        if not firm.may_value(CollateralKind(row.kind), day):
            raise ValuerNotAllowed(firm=name_of(firm, caller.locale), on=firm.valid_until.isoformat())
        task = await session.get(Task, row.task_id) if row.task_id is not None else None
        if task is not None:  # also when the visit is over: whoever was sent says what was found
            async with holding.on_record(caller, task.id, "appraise"):
                await holding.held(session, caller, task)
            # A report from before anybody was sent, or came, is of another look at it, or of another thing.
            sent = business_date(max(task.created_at, task.slot_at or task.created_at), _place(caller))
            if day < sent:
                form.refuse("valued_on", "before_the_visit", on=sent.isoformat())
                form.done()
        await look(session, caller, await session.get_one(Application, row.application_id), "collateral")
        sealing = await people.key_of(session, tools.vault, row.person_id)
        title = (await collateral.thing_of(session, tools.vault, row)).title
    report = await valuer_reports.read(upload)
    file_id = uuid4()  # sealed anew it is another object, whatever became of an earlier try
    sealed = tools.vault.seal_file(sealing, collateral.REPORT, file_id, report.data)

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        if await collateral.report_used(session, report.sha256, firm.id, number):
            raise ReportUsed
        piece = await session.get_one(Collateral, collateral_id)
        await valuer_reports.weigh(session, caller, piece, report, title, said.value_minor)
        await tools.storage.put(detail["report_key"], sealed, "application/octet-stream")

    detail: Json = {
        "valuer": firm.names[i18n.DEFAULT_LOCALE],
        "valuer_id": firm.id,
        "licence": firm.licence,
        "value_minor": said.value_minor,
        "reference": number,
        "valued_on": day.isoformat(),
        "report_key": f"valuations/{file_id}",
        "report_sha256": report.sha256,
        "report_type": report.media_type,
        "by": caller.principal.actor,
    }
    order = Order(
        workflow_type="Collateral",
        workflow_id=clocks.workflow_of("collateral", collateral_id),
        update="appraise",
        object_kind="collateral",
        object_id=collateral_id,
        start={"collateral_id": str(collateral_id), "clock_id": tools.settings.clock_id},
        detail=detail,
    )
    told = {"value_minor": said.value_minor, "reference": number, "valuer": firm.id, "sha256": report.sha256}
    return await issue(
        caller,
        order,
        use="manager.appraise",
        key=key,
        body={"collateral_id": collateral_id, **detail, "report_key": ""},
        store=store,
        scope="staff",
        audited=told,
    )


def _place(caller: Caller) -> Jurisdiction:
    return Jurisdiction(caller.tools.settings.jurisdiction)


async def report(caller: Caller, appraisal_id: UUID) -> PaperFile:
    """The report that came with a figure; the look is on record."""
    tools = caller.tools
    async with tools.sessions.begin(scope="staff") as session:
        found = await collateral.appraisal(session, appraisal_id)
        row = await collateral.one(session, found.collateral_id) if found else None
        if found is None or row is None or found.report_key is None or found.report_type is None:
            raise NotFound
        await look(session, caller, await session.get_one(Application, row.application_id), "collateral")
        key = await people.key_of(session, tools.vault, row.person_id)
        object_key, media_type = found.report_key, found.report_type
        await noted(session, caller, audits.OPENED, "appraisal", str(appraisal_id), {"piece": str(row.id)})
    file_id = UUID(object_key.rpartition("/")[2])
    data = tools.vault.open_file(key, collateral.REPORT, file_id, await tools.storage.get(object_key))
    return valuer_reports.file(data, media_type, appraisal_id)


def firms(caller: Caller, kind: str, on: date, but: Collection[str | None] = ()) -> tuple[ValuerFirm, ...]:
    """Who may value such a thing now; ``but``: who has spoken already."""
    return tuple(one for one in allowed(caller.tools.policies.valuers, CollateralKind(kind), on) if one.id not in but)


def name_of(firm: ValuerFirm, locale: str) -> str:
    """A firm's name as the reader has it."""
    return firm.names[locale if locale in firm.names else i18n.DEFAULT_LOCALE]
