"""The report on an application with its sources, the two who sign it, what is owed to the case, and the package."""

from datetime import date
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.manager import duties, duty_package, investigating, leaves, reporting
from api.policy import MANAGER, MANAGER_DECIDES
from api.problems import BadFields, FieldError, NotFound, Problem
from api.routes import Router, attachment
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.diligence import LinesPage, ReportPage
from web.views.parts import Form

router = Router(include_in_schema=False)
PATH = "/manager/customers/{application_id:uuid}"


def _here(application_id: UUID) -> str:
    return f"/manager/customers/{application_id}"


@router.get(PATH + "/report", policy=MANAGER)
async def report(request: Request, call: Call, application_id: UUID) -> Response:
    """What the file says, sentence by sentence, and what is still open."""
    return await _report(request, call, application_id, fresh="fresh" in request.query_params)


async def _report(
    request: Request, call: Caller, application_id: UUID, *, fresh: bool = False, **wrong: Form
) -> Response:
    here = f"{_here(application_id)}/report"
    seen = await reporting.report(call, application_id, fresh=fresh)
    acts = call.may("task.decide")
    mine = seen.investigation
    signed = {"lead": mine.lead_at, "second": mine.second_at}.get(mine.my_part or "")
    may_sign = acts and seen.sha256 and mine.my_part and signed is None
    page = ReportPage(
        seen=seen,
        duties=await duties.of_application(call, application_id),
        here=_here(application_id),
        form=(wrong.get("form") or shown(here, dict(seen.words))) if acts else None,
        pair=(wrong.get("pair") or shown(f"{here}/pair")) if acts and not mine.complete else None,
        colleagues=await leaves.colleagues(call) if acts and not mine.complete else (),
        sign=(wrong.get("sign") or shown(f"{here}/sign", {"sha256": seen.sha256 or ""})) if may_sign else None,
    )
    shell = await shell_of(request, call, "manager", tab="customers")
    return show(request, "manager/report.html", page, shell, 422 if wrong else 200)


@router.post(PATH + "/report", policy=MANAGER_DECIDES)
async def keep(request: Request, call: Call, application_id: UUID) -> Response:
    """Keep a version."""
    form = await sent(request)
    words = {section: form.get(section, "") for section in reporting.SECTIONS}
    try:
        await reporting.keep(call, application_id, words, form.get("key", ""))
    except (Refusal, Problem) as no:
        tried = again(f"{_here(application_id)}/report", form, no, call)
        return await _report(request, call, application_id, form=tried)
    return go(f"{_here(application_id)}/report")


@router.post(PATH + "/report/pair", policy=MANAGER_DECIDES)
async def pair(request: Request, call: Call, application_id: UUID) -> Response:
    """Take the lead and name the second."""
    form = await sent(request)
    try:
        await investigating.name(call, application_id, _colleague(form), form.get("key", ""))
    except (Refusal, Problem) as no:
        tried = again(f"{_here(application_id)}/report/pair", form, no, call)
        return await _report(request, call, application_id, pair=tried)
    return go(f"{_here(application_id)}/report#two")


def _colleague(form: dict[str, str]) -> UUID:
    try:
        return UUID(form.get("second_id", ""))
    except ValueError:
        raise BadFields(fields=(FieldError("second_id", "missing"),)) from None


@router.post(PATH + "/report/sign", policy=MANAGER_DECIDES)
async def sign(request: Request, call: Call, application_id: UUID) -> Response:
    """Sign the version that was read."""
    form = await sent(request)
    try:
        await investigating.sign(call, application_id, form.get("sha256", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        tried = again(f"{_here(application_id)}/report/sign", form, no, call)
        return await _report(request, call, application_id, sign=tried)
    return go(f"{_here(application_id)}/report#two")


@router.get(PATH + "/lines", policy=MANAGER)
async def lines(request: Request, call: Call, application_id: UUID) -> Response:
    """The lines behind a month's figure."""
    try:
        month = date.fromisoformat(request.query_params.get("month", "") + "-01")
    except ValueError:
        raise NotFound from None
    page = LinesPage(await reporting.lines_of(call, application_id, month), f"{_here(application_id)}/report")
    return show(request, "manager/lines.html", page, await shell_of(request, call, "manager", tab="customers"))


@router.get(PATH + "/package", policy=MANAGER)
async def package(call: Call, application_id: UUID) -> Response:
    """All of it in one file."""
    return attachment(await duty_package.package(call, application_id))
