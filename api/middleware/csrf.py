"""An unsafe request must come from our own page: the browser's own word first, our token where a browser says nothing.

WeChat's web view and old phones send no ``Sec-Fetch-Site``; some send no ``Origin`` either: there the token decides.
"""

import hmac
import re
from urllib.parse import parse_qs, urlsplit

import structlog
from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import problem_response
from api.caller import SAFE, calling, cookie_name
from api.middleware.body import SIGNED_PATHS
from api.problems import CsrfRefused, Problem
from api.tools import Tools

HEADER = "x-csrf-token"
FIELD = "csrf"
# The token is the first field of a multipart form, so that a large file need not be read to find it.
HEAD_OF_FORM = 16 * 1024
MULTIPART_FIELD = re.compile(rb'name="csrf"\r\n\r\n([\w-]{20,128})\r\n')
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "")

log = structlog.get_logger(__name__)


class Csrf:
    """Refuses unsafe requests that another site may have caused."""

    def __init__(self, app: ASGIApp, owner: FastAPI) -> None:
        self._app = app
        self._owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE:
            request = Request(scope)
            try:
                receive = await self._proven(request, receive)
            except Problem as problem:
                log.warning("csrf.refused", method=scope["method"])
                await (await problem_response(request, problem))(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _proven(self, request: Request, receive: Receive) -> Receive:
        tools: Tools = self._owner.state.tools
        if "authorization" in request.headers or request.url.path.startswith(SIGNED_PATHS):
            return receive  # no browser adds these by itself
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            if site not in ("same-origin", "none"):
                raise CsrfRefused
            return receive
        origin = request.headers.get("origin")
        if origin is not None:
            if not self._ours(origin, request, tools):
                raise CsrfRefused
            return receive
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        by_a_form = request.method == "POST" and kind in FORM_TYPES
        if cookie_name("sid", tools) not in request.cookies and not by_a_form:
            return receive  # nothing rides along, and no form of another site can send this
        return await self._by_token(request, receive, kind)

    def _ours(self, origin: str, request: Request, tools: Tools) -> bool:
        parts = urlsplit(tools.settings.public_url)
        if hmac.compare_digest(origin.encode(), f"{parts.scheme}://{parts.netloc}".encode()):
            return True
        # On one's own machine the same service is reached by several names: localhost, 127.0.0.1, the phone's address.
        return tools.simulated and origin == f"{request.url.scheme}://{request.headers.get('host', '')}"

    async def _by_token(self, request: Request, receive: Receive, kind: str) -> Receive:
        expected = (await calling(request)).csrf
        given = request.headers.get(HEADER, "")
        if not given and kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
            head, receive = await _peek(receive, HEAD_OF_FORM)
            given = _in_form(head, kind)
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise CsrfRefused
        return receive


def _in_form(head: bytes, kind: str) -> str:
    if kind == "multipart/form-data":
        found = MULTIPART_FIELD.search(head)
        return found.group(1).decode() if found else ""
    fields = parse_qs(head.decode("ascii", "replace"), keep_blank_values=True)
    return fields.get(FIELD, [""])[0]


async def _peek(receive: Receive, size: int) -> tuple[bytes, Receive]:
    """The first ``size`` bytes of the body, and a receive that gives all of it."""
    messages: list[Message] = []
    seen = b""
    while len(seen) < size:
        message = await receive()
        messages.append(message)
        seen += message.get("body", b"")
        if not message.get("more_body"):
            break
    waiting = iter(messages)

    async def replay() -> Message:
        return next(waiting, None) or await receive()

    return seen, replay
