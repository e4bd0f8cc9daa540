"""Collateral at the manager's: what waits, and the figure that a valuer found."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from api import paper_checks
from api.caller import Call, Caller
from api.lining import today_of
from api.manager import securing, telling_apart, valuer_reports
from api.owner.uploading import Upload, chunks_of
from api.policy import MANAGER, MANAGER_DECIDES
from api.problems import Problem
from api.routes import Router, drawn
from api.views import PaperCheckView
from lending.refusals import Refusal
from web.asking import again, minor, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.securing import PaperCheckPage, ValuationPage, ValuationsPage

router = Router(include_in_schema=False)


PAPER = "/manager/customers/{application_id:uuid}/paper"


@router.get(PAPER, policy=MANAGER_DECIDES)
async def paper(request: Request, call: Call, application_id: UUID) -> Response:
    """A tablet on the table between paper and screen."""
    return await _paper(request, call, application_id, shown(f"/manager/customers/{application_id}/paper"))


async def _paper(
    request: Request, call: Caller, application_id: UUID, form: Form, told: PaperCheckView | None = None
) -> Response:
    page = PaperCheckPage(f"/manager/customers/{application_id}", form, told)
    shell = await shell_of(request, call, "manager", tab="customers")
    return show(request, "manager/paper_check.html", page, shell, 422 if form.errors else 200)


@router.post(PAPER, policy=MANAGER_DECIDES)
async def check_paper(request: Request, call: Call, application_id: UUID) -> Response:
    """Hold what the code says beside the terms on the screen (B5); the answer stands on the page."""
    form, here = await sent(request), f"/manager/customers/{application_id}/paper"
    try:
        told = await paper_checks.check(call, application_id, form.get("code", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _paper(request, call, application_id, again(here, form, no, call))
    return await _paper(request, call, application_id, shown(here), told)


@router.get("/manager/collateral", policy=MANAGER)
async def waiting(request: Request, call: Call) -> Response:
    """Pieces that wait for somebody."""
    shell = await shell_of(request, call, "manager", tab="inbox")
    return show(request, "manager/valuations.html", ValuationsPage(await securing.waiting(call)), shell)


@router.get("/manager/collateral/{collateral_id:uuid}", policy=MANAGER)
async def piece(request: Request, call: Call, collateral_id: UUID) -> Response:
    """One of them."""
    return await _piece(request, call, collateral_id)


async def _piece(
    request: Request,
    call: Caller,
    collateral_id: UUID,
    wrong: Form | None = None,
    doubted: Form | None = None,
    report: tuple[UUID, Form] | None = None,
) -> Response:
    seen = await securing.one(call, collateral_id)
    form = wrong
    if form is None and seen.appraise and call.may("task.decide"):
        async with call.tools.sessions.begin(scope="staff") as session:
            today = await today_of(session, call)
        known = {"valued_on": today.isoformat(), "reference": seen.reference or ""}  # brought home: not typed again
        form = shown(f"/manager/collateral/{collateral_id}", known)
    shell = await shell_of(request, call, "manager", tab="inbox")
    apart = doubted or (
        shown(f"/manager/collateral/{collateral_id}/apart") if seen.may_apart and call.may("task.decide") else None
    )
    takes = {
        one.id: shown(f"/manager/collateral/{collateral_id}/reports/{one.id}")
        for one in seen.appraisals
        if one.may_take
    } | (dict([report]) if report else {})
    page = ValuationPage(seen, form, apart, takes)
    return show(request, "manager/valuation.html", page, shell, 422 if wrong or doubted or report else 200)


@router.post("/manager/collateral/{collateral_id:uuid}/apart", policy=MANAGER_DECIDES)
async def tell_apart(request: Request, call: Call, collateral_id: UUID) -> Response:
    """Why a piece is another thing than one whose number is near."""
    form, here = await sent(request), f"/manager/collateral/{collateral_id}"
    try:
        await telling_apart.tell(call, collateral_id, reason=form.get("reason", ""), key=form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _piece(request, call, collateral_id, doubted=again(f"{here}/apart", form, no, call))
    return go(here)


@router.post("/manager/collateral/{collateral_id:uuid}", policy=MANAGER_DECIDES)
async def appraise(request: Request, call: Call, collateral_id: UUID) -> Response:
    """Write down what a valuer found, with their report."""
    given = await request.form(max_files=1, max_fields=10)
    file = given.get("report")
    form = {name: value for name, value in given.items() if isinstance(value, str)}
    said = securing.Figure(
        valuer=form.get("valuer", ""),
        value_minor=minor(form.get("value", "")) or 0,
        reference=form.get("reference", ""),
        valued_on=form.get("valued_on", "").strip(),
    )
    here = f"/manager/collateral/{collateral_id}"
    report = Upload(file.filename, chunks_of(file)) if isinstance(file, UploadFile) and file.filename else None
    try:
        await securing.appraise(call, collateral_id, said, report, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _piece(request, call, collateral_id, again(here, form, no, call))
    return go(here)


@router.post("/manager/collateral/{collateral_id:uuid}/reports/{appraisal_id:uuid}", policy=MANAGER_DECIDES)
async def take_report(request: Request, call: Call, collateral_id: UUID, appraisal_id: UUID) -> Response:
    """Why a report that leaves something open is this piece's."""
    form, here = await sent(request), f"/manager/collateral/{collateral_id}"
    try:
        await valuer_reports.take(call, appraisal_id, reason=form.get("reason", ""), key=form.get("key", ""))
    except (Refusal, Problem) as no:
        back = again(f"{here}/reports/{appraisal_id}", form, no, call)
        return await _piece(request, call, collateral_id, report=(appraisal_id, back))
    return go(here)


@router.get("/manager/collateral/reports/{appraisal_id:uuid}", policy=MANAGER)
async def report(call: Call, appraisal_id: UUID) -> Response:
    """A valuer's report as it was drawn."""
    return drawn(await securing.report(call, appraisal_id))
