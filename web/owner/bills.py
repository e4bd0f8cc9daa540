"""Uploading bills, and what was understood of them."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from api import checklist
from api.caller import Call, Caller
from api.hands import owners
from api.owner import applying, mailing, seeing, uploading
from api.policy import OWNER, OWNER_APPLIES
from api.problems import FileNeedsPassword, FilePasswordWrong, NotFound, Problem
from api.routes import Router, drawn
from api.views import ApplicationView
from lending.applications import Stage
from lending.parties import PartyKind
from lending.refusals import BillKnown, Refusal
from web.asking import asked_now, errors_of, sent, shown
from web.brought import lacking, papers
from web.owner import dress
from web.owner.applying import current
from web.owner.places import events_of, place_of
from web.showing import go, shell_of, show
from web.views.owner import FlowsPage, PapersToBringPage
from web.views.parts import Form
from web.wording import Say

router = Router(include_in_schema=False)

# Where bills may still be added; elsewhere the page is not the place to be.
OPEN = frozenset({Stage.EVIDENCE.value, Stage.DECLINED.value, Stage.OFFERED.value})
MOST_FILES = 20
HERE, PAPERS = "/apply/flows", "/apply/papers"


@router.get("/apply/flows", policy=OWNER_APPLIES)
async def flows_page(request: Request, call: Call) -> Response:
    """Upload, and see what was understood."""
    application = await current(call)
    if application.stage not in OPEN or application.to_do == "consent":
        return go(place_of(application))
    return await _flows(request, call, application)


async def _flows(
    request: Request,
    call: Caller,
    application: ApplicationView,
    errors: Mapping[str, Say | str] | None = None,
    wrong: dict[str, Form] | None = None,
    shut: dict[str, Form] | None = None,
) -> Response:
    seen = await seeing.evidence(call, application.id)
    brought = await checklist.seen(call, owners(call), application.id)
    reading = any(file.state == "received" for file in seen.files)
    page = FlowsPage(
        form=shown("/apply/flows", errors=errors),
        files=dress.bills(
            seen, dismiss="/apply/flows/dismiss", side="/apply/flows/side", unlock="/apply/flows/unlock", wrong=shut
        ),
        months=dress.months(seen.months),
        covered=seen.months_covered,
        needed=seen.months_needed,
        submit=shown("/apply/submit"),
        invoices=dress.invoice_months(seen),
        split="/apply/flows/split" if seen.months else "",
        papers=papers(brought, PAPERS, bring_at=PAPERS, wrong=wrong),
        lacking=lacking(brought),
        mailbox=(await mailing.mailbox(call, application.id)).address,
        company=(await seeing.identity(call, application.id)).kind == PartyKind.COMPANY,
    )
    shell = await shell_of(
        request,
        call,
        "owner",
        live=events_of(application) if reading else "",
        version=str(application.version),
        refresh=3 if reading else 0,
    )
    return show(request, "owner/flows.html", page, shell, 422 if errors or wrong or shut else 200)


@router.post("/apply/flows", policy=OWNER_APPLIES)
async def add_bills(request: Request, call: Call) -> Response:
    """Take in each file as a command of its own; one that is refused does not lose the others."""
    application = await current(call)
    form = await request.form(max_files=MOST_FILES)
    key = str(form.get("key", ""))
    files = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
    if not files:
        return await _flows(request, call, application, {"files": Say("web.error.file")})
    errors: dict[str, Say | str] = {}
    for n, file in enumerate(files):
        try:
            upload = uploading.Upload(file.filename or "", uploading.chunks_of(file), str(form.get("password", "")))
            await uploading.add_statement(call, application.id, upload, f"{key}.{n}")
        except (Refusal, Problem) as no:
            told = "\n".join(str(words) for words in errors_of(no, call.locale).values())
            why = Say("web.flows.refused", {"name": file.filename or "", "why": told})
            if isinstance(no, FileNeedsPassword | FilePasswordWrong):
                errors.setdefault("password", why)  # said once, beside the field that answers it
            else:
                errors["files" if "files" not in errors else f"files-{n}"] = why
    if errors:
        return await _flows(request, call, await current(call), errors)
    return go("/apply/flows")


@router.get("/apply/papers", policy=OWNER_APPLIES)
async def papers_page(request: Request, call: Call) -> Response:
    """The papers alone, while somebody looks at the case and bills are no longer asked for."""
    return await _papers(request, call, await current(call))


async def _papers(
    request: Request, call: Caller, application: ApplicationView, wrong: dict[str, Form] | None = None
) -> Response:
    brought = await checklist.seen(call, owners(call), application.id)
    page = PapersToBringPage(
        papers(brought, PAPERS, bring_at=PAPERS, wrong=wrong), lacking(brought), place_of(application)
    )
    shell = await shell_of(request, call, "owner")
    return show(request, "owner/bring.html", page, shell, 422 if wrong else 200)


@router.post("/apply/papers", policy=OWNER_APPLIES)
async def add_paper(request: Request, call: Call) -> Response:
    """Bring a paper that a person looks at."""
    application = await current(call)
    form = await request.form(max_files=MOST_FILES)
    item, key = str(form.get("item", ""))[:40], str(form.get("key", ""))
    files = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
    if not files:
        return await _refused(request, call, application, item, Say("web.error.file"))
    for n, file in enumerate(files):
        try:
            upload = uploading.Upload(file.filename or "", uploading.chunks_of(file))
            await checklist.bring(call, owners(call), application.id, item, upload, f"{key}.{n}")
        except (Refusal, Problem) as no:
            told = "\n".join(str(words) for words in errors_of(no, call.locale).values())
            why = Say("web.flows.refused", {"name": file.filename or "", "why": told})
            return await _refused(request, call, application, item, why)
    return go(f"{HERE}#papers" if application.stage in OPEN else PAPERS)


async def _refused(request: Request, call: Caller, application: ApplicationView, item: str, why: Say) -> Response:
    wrong = {item: shown(PAPERS, errors={"files": why})}
    if application.stage in OPEN:
        return await _flows(request, call, application, wrong=wrong)
    return await _papers(request, call, application, wrong)


@router.get("/apply/papers/{document_id:uuid}", policy=OWNER)
async def paper(call: Call, document_id: UUID) -> Response:
    """A paper that one brought, as it was drawn."""
    return drawn(await checklist.opened(call, owners(call), document_id))


@router.post("/apply/flows/dismiss", policy=OWNER_APPLIES)
async def dismiss(request: Request, call: Call) -> Response:
    """Put an unreadable bill away."""
    form = await sent(request)
    try:
        file_id = UUID(form.get("file_id", ""))
    except ValueError:
        raise NotFound from None
    await uploading.dismiss_statement(call, (await current(call)).id, file_id, form.get("key", ""))
    return go("/apply/flows")


@router.post("/apply/flows/unlock", policy=OWNER_APPLIES)
async def unlock(request: Request, call: Call) -> Response:
    """Give the password of a bill that came by mail."""
    form = await sent(request)
    application = await current(call)
    try:
        file_id = UUID(form.get("file_id", ""))
    except ValueError:
        raise NotFound from None
    try:
        await mailing.unlock(call, application.id, file_id, form.get("password", ""), form.get("key", ""))
    except BillKnown:
        return go("/apply/flows")
    except (Refusal, Problem) as no:
        why = next(iter(errors_of(no, call.locale).values()))
        shut = shown("/apply/flows/unlock", {"file_id": str(file_id)}, errors={"password": why})
        return await _flows(request, call, application, shut={str(file_id): shut})
    return go("/apply/flows")


@router.post("/apply/flows/side", policy=OWNER_APPLIES)
async def say_side(request: Request, call: Call) -> Response:
    """Issued or received: what a list of invoices could not tell."""
    form = await sent(request)
    application = await current(call)
    try:
        file_id = UUID(form.get("file_id", ""))
    except ValueError:
        raise NotFound from None
    try:
        await uploading.say_side(call, application.id, file_id, form.get("side", ""), form.get("key", ""))
    except Refusal as no:
        return await _flows(request, call, application, errors_of(no, call.locale))
    return go("/apply/flows")


@router.post("/apply/submit", policy=OWNER_APPLIES)
async def submit(request: Request, call: Call) -> Response:
    """Ask for the decision."""
    form = await sent(request)
    application = await current(call)
    try:
        await applying.submit(call, application.id, None, form.get("key", ""))
    except Refusal as no:
        return await _flows(request, call, application, errors_of(no, call.locale))
    return go(f"/apply/decision?{asked_now(call)}")
