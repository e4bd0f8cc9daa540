"""All pages on one application: the routes, the static files, and what a no looks like."""

from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import Response

from api.caller import Caller, calling
from api.policy import PUBLIC
from api.problem_words import told
from api.problems import NotSignedIn, Problem
from api.routes import Router
from infra import i18n
from lending.refusals import Refusal
from web import assets
from web.manager import (
    calls,
    cases,
    catalogue,
    customers,
    diligence,
    drafts,
    leading,
    leaves,
    papers,
    seeing,
    warnings,
    words,
    workbench,
)
from web.manager import securing as valuing
from web.manager import visits as going
from web.owner import (
    applying,
    bills,
    conditions,
    data,
    deciding,
    endings,
    front,
    holding,
    introduced,
    keeping,
    late,
    lines,
    loans,
    looking_back,
    pack,
    parties,
    photos,
    plans,
    progress,
    receivables,
    relief,
    sales,
    seats,
    securing,
    signing,
    signing_in,
    split,
    surveys,
    talking,
    verifying,
    visits,
)
from web.showing import go, shell_of, show
from web.staff import cases as credit_desk
from web.staff import classing as classing_desk
from web.staff import collections as collections_desk
from web.staff import committee as committee_room
from web.staff import endings as ends_desk
from web.staff import files as loan_files
from web.staff import glass, portfolio, releases, room, scoring_models
from web.staff import incoming as incoming_desk
from web.staff import lines as line_desk
from web.staff import policies as policy_desk
from web.staff import receivables as claims_desk
from web.staff import reliefs as relief_desk
from web.staff import sales as sales_desk
from web.staff import signing_in as staff_door
from web.staff import subsidies as subsidy_desk
from web.staff import talking as answering
from web.views.owner import ProblemPage
from web.views.parts import Action, Shell
from web.wording import Reader, Say

files = Router(include_in_schema=False)
files.get("/static/{name}", policy=PUBLIC)(assets.serve)

ROUTERS = (
    files,
    front.router,
    introduced.router,
    signing_in.router,
    applying.router,
    looking_back.router,
    photos.router,
    bills.router,
    split.router,
    deciding.router,
    signing.router,
    parties.router,
    visits.router,
    going.router,
    valuing.router,
    leaves.router,
    leading.router,
    words.router,
    progress.router,
    holding.router,
    conditions.router,
    loans.router,
    plans.router,
    sales.router,
    endings.router,
    late.router,
    relief.router,
    relief_desk.router,
    surveys.router,
    lines.router,
    receivables.router,
    securing.router,
    pack.router,
    verifying.router,
    keeping.router,
    seats.router,
    talking.router,
    answering.router,
    data.router,
    staff_door.router,
    cases.router,
    workbench.router,
    customers.router,
    catalogue.router,
    diligence.router,
    drafts.router,
    seeing.router,
    papers.router,
    calls.router,
    warnings.router,
    room.router,
    scoring_models.router,
    policy_desk.router,
    ends_desk.router,
    classing_desk.router,
    collections_desk.router,
    glass.router,
    claims_desk.router,
    credit_desk.router,
    committee_room.router,
    releases.router,
    line_desk.router,
    incoming_desk.router,
    portfolio.router,
    sales_desk.router,
    subsidy_desk.router,
    loan_files.router,
)
STAFF_PATHS = ("/manager", "/desk", "/staff")
# Statuses with words of their own; every other one is told in the words of its kind.
WORDED = frozenset({400, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503})
KINDS = {410: 409, 406: 400, 412: 409}


def install(app: FastAPI) -> None:
    """Add the pages; the ``pages`` argument of :func:`api.app.create_app`."""
    for router in ROUTERS:
        app.include_router(router)
    app.state.problem_page = problem_page


async def problem_page(request: Request, error: Refusal | Problem) -> Response:
    """A no as a page, in the reader's language; somebody who is not signed in is asked to, and comes back here."""
    for_staff = request.url.path.startswith(STAFF_PATHS)
    if isinstance(error, NotSignedIn):
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = urlencode({"next": here}) if request.method == "GET" else ""
        return go(("/staff/sign-in" if for_staff else "/sign-in") + (f"?{back}" if back else ""))
    caller = await _caller(request, error)
    locale = caller.locale if caller else i18n.negotiate(request.headers.get("accept-language"))
    words = told(error, locale)
    status = KINDS.get(words.status, words.status)
    status = status if status in WORDED else 500 if status >= 500 else 400
    signed = caller is not None and caller.principal.kind == "owner"
    seated = caller is not None and caller.principal.seat is not None
    page = ProblemPage(
        status=status,
        code=words.code,
        # A refusal says itself what is the matter; a status alone is told in the page's own words.
        message=words.detail if isinstance(error, Refusal) else None,
        details=tuple(said for _, said in words.fields),
        reference=request.state.request_id,
        wait_seconds=words.retry_after,
        back=_way_out(status, signed=signed, seated=seated, for_staff=for_staff),
    )
    shell = await _around(request, caller, locale, status)
    headers = {"Retry-After": str(words.retry_after)} if words.retry_after else {}
    return show(request, "problem.html", page, shell, words.status, headers)


async def _around(request: Request, caller: Caller | None, locale: str, status: int) -> Shell:
    """The header of whoever is signed in, if that can be known: a fault of ours must not need what is at fault."""
    path = request.url.path
    rooms = {"/manager": "manager", "/desk": "staff", "/staff": "manager"}
    audience = next((room for start, room in rooms.items() if path.startswith(start)), "public")
    if caller is not None and status < 500:
        owner = audience == "public" and caller.principal.kind in ("owner", "seat")
        return await shell_of(request, caller, "owner" if owner else audience)
    return Shell(
        audience=audience,
        path="/" if request.method != "GET" else path,
        reader=Reader(locale=locale),
        nonce=request.state.nonce,
        csrf=caller.csrf if caller else "",
    )


async def _caller(request: Request, error: Refusal | Problem) -> Caller | None:
    """Who asks. What was refused before any route looked (a body that cannot be stored) was refused without knowing."""
    known: Caller | None = getattr(request.state, "caller", None)
    if known is not None or (isinstance(error, Problem) and error.status >= 500):
        return known
    return await calling(request)


def _way_out(status: int, *, signed: bool, seated: bool, for_staff: bool) -> Action:
    if for_staff:
        return Action(Say("web.problem.staff"), "/staff/sign-in")
    if seated:
        return Action(Say("web.problem.firm"), "/firm")
    if signed and status in (400, 403, 409, 422, 500, 503):
        return Action(Say("web.problem.progress"), "/progress")
    return Action(Say("web.problem.home"), "/")
