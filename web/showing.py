"""What is around a page for this caller, and the page as a response."""

import gzip
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.caller import Caller
from api.owner import seating
from api.staff import desk
from api.views import ClockView
from web.rendering import html
from web.views.parts import Shell
from web.wording import HTML_LANGUAGES, Reader

# Below this a compressed page is not worth its work.
SMALL = 1000
FASTEST = 4
# Pages of signed-in people vary in length by so much, so that their compressed size tells nothing of what is in them.
BLUR = 160
# What the navigation depends on.
NAVIGATION = (
    "book.read",
    "close.read",
    "stuck.read",
    "close.run",
    "task.read",
    "task.decide",
    "case.read",
    "care.read",
    "glass.answer",
    "release.answer",
    "complaint.answer",
    "subsidy.claim",
    "money.place",
    "staff.lead",
)


async def shell_of(
    request: Request, call: Caller, audience: str = "public", *, hour: ClockView | None = None, **around: Any
) -> Shell:
    """The shell of a page: its reader, its guards, and the business clock where time is simulated; ``hour``: if
    somebody asked already."""
    clock = hour or await desk.clock(call)
    simulated = call.tools.simulated
    return Shell(
        audience=audience,
        path=path_of(request),
        reader=Reader(locale=call.locale, today=clock.date),
        large_type=call.principal.large_type or request.cookies.get("type") == "large",
        nonce=call.nonce,
        csrf=call.csrf,
        who=call.principal.name or "",
        whose=whose(call) if call.principal.kind == "staff" else "",
        may=frozenset(permission for permission in NAVIGATION if call.may(permission)),
        simulated=simulated,
        business_at=clock.now if simulated else None,
        speed=clock.speed,
        seat=await seating.current(call),
        **around,
    )


def path_of(request: Request) -> str:
    """Where the reader is, to come back to after a change of language; only pages that can be asked for again."""
    if request.method != "GET":
        return "/progress" if request.url.path.startswith(("/apply", "/progress")) else "/"
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def show(
    request: Request,
    template: str,
    page: object,
    shell: Shell,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The page, compressed for whoever takes that."""
    body = html(template, page, shell)
    if shell.audience != "public":
        body += f"<!--{secrets.token_hex(secrets.randbelow(BLUR // 2))}-->"
    data = body.encode()
    given = {
        "Content-Language": HTML_LANGUAGES[shell.reader.locale],
        "Vary": "Accept-Encoding, Cookie, Accept-Language",
        **(headers or {}),
    }
    if len(data) > SMALL and "gzip" in request.headers.get("accept-encoding", ""):
        data = gzip.compress(data, FASTEST, mtime=0)
        given["Content-Encoding"] = "gzip"
    return HTMLResponse(data, status, headers=given)


def kept_on_the_road(call: Caller) -> Mapping[str, str]:
    """The header by which a phone may keep a page for where there is no network, and whose phone it is.

    What one kept is dropped when another comes.
    """
    return {"Huoshui-Keep": whose(call)}


def whose(call: Caller) -> str:
    """A tag that tells one person's phone from another's, and nothing else."""
    return hashlib.sha256(f"road/{call.principal.id}".encode()).hexdigest()[:16]


def go(path: str) -> Response:
    """After something was done: look at it by a GET of its own, so that a reload does nothing twice."""
    return RedirectResponse(path, status_code=303)
