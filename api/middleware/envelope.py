"""Around every request: its id, its log line and measure, the security headers, and an answer even after a fault."""

import contextlib
import re
import secrets
import time
import uuid
from typing import Any

import structlog
from fastapi import FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import problem_response
from api.auth.limits import told
from api.caller import cookie_name
from api.middleware.allow import allowed_methods
from api.problems import Internal
from api.tools import Tools
from infra.telemetry import http_seconds

REQUEST_ID = re.compile(r"[\w-]{8,64}", re.ASCII)
A_YEAR = 365 * 24 * 3600

log = structlog.get_logger(__name__)


class Envelope:
    """The outermost layer of ours. Sets ``request.state.request_id`` and ``.nonce``."""

    def __init__(self, app: ASGIApp, owner: FastAPI) -> None:
        self._app = app
        self._owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = request_id = _request_id(scope)
        state["nonce"] = secrets.token_urlsafe(16)
        asked = scope["method"]
        if asked == "HEAD":  # whoever may GET may ask for its headers
            scope["method"] = "GET"
        begun, status = time.perf_counter(), 0
        limits: dict[str, str] = {}
        limited = told.set(limits)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(scope, message, asked)
                MutableHeaders(scope=message).update(limits)
            elif asked == "HEAD" and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            except Exception as error:
                log.error("http.fault", exc_info=error)
                if status:  # half of the answer has left: nothing can be said any more
                    raise
                await (await problem_response(Request(scope), Internal()))(scope, receive, answer)
            finally:
                told.reset(limited)
                self._measure(scope, asked, status, time.perf_counter() - begun)

    def _dress(self, scope: Scope, message: Message, asked: str) -> None:
        headers = MutableHeaders(scope=message)
        state = scope["state"]
        headers["Request-Id"] = state["request_id"]
        for name, value in security_headers(state["nonce"], secure=self._secure).items():
            headers.setdefault(name, value)
        if scope["path"].startswith("/v1/"):
            headers["Api-Version"] = self._owner.version
        if message["status"] == 405:
            headers["Allow"] = ", ".join(allowed_methods(self._owner, scope["path"]))
        if state.get("device_is_new") and asked != "HEAD":
            headers.append("Set-Cookie", self._device_cookie(state["device"]))

    @property
    def _secure(self) -> bool:
        tools: Tools | None = getattr(self._owner.state, "tools", None)
        return tools is not None and tools.secure

    def _device_cookie(self, device: str) -> str:
        tools: Tools = self._owner.state.tools
        end = "; Secure" if tools.secure else ""
        return f"{cookie_name('did', tools)}={device}; Path=/; Max-Age={A_YEAR}; HttpOnly; SameSite=Lax{end}"

    def _measure(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path_format", None) or getattr(scope.get("route"), "path", "unmatched")
        with contextlib.suppress(ValueError):
            http_seconds.labels(method if method in KNOWN_METHODS else "OTHER", route, str(status)).observe(seconds)
        if route not in QUIET:
            log.info("http.answered", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"})
QUIET = frozenset({"/health/live", "/health/ready", "/metrics", "/static"})


def security_headers(nonce: str, *, secure: bool) -> dict[str, str]:
    """What every answer carries unless the route said otherwise."""
    policy = (
        "default-src 'none'",
        f"script-src 'nonce-{nonce}' 'strict-dynamic'",
        f"style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data:",
        "font-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=()",
        "Cache-Control": "no-store",
    }
    if secure:
        headers["Strict-Transport-Security"] = f"max-age={A_YEAR}; includeSubDomains"
    return headers


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"request-id":
            text = value.decode("latin-1")
            if REQUEST_ID.fullmatch(text):
                return text
    return uuid.uuid4().hex
