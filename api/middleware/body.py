"""Bodies are bounded and clean before anything reads them: size while streaming, depth, characters, whole numbers."""

import json
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import parse_qsl, unquote_to_bytes

from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import problem_response
from api.problems import BadFields, BadJson, BadRequest, FieldError, Problem, TooLarge
from api.tools import Tools

PLAIN_LIMIT = 256 * 1024  # bytes of a JSON or form body
# What is signed is verified over its raw bytes before anything reads it.
SIGNED_PATHS = ("/v1/hooks/", "/v1/revenue_batches")
# A hundred thousand rows of a day's sales, as JSON.
LARGE = {"/v1/revenue_batches": 24 * 1024 * 1024}
MULTIPART_OVERHEAD = 64 * 1024  # bytes of fields and boundaries around an uploaded file
DEPTH = 20
INT64 = 2**63


class BodyGate:
    """Refuses what Postgres, Python or memory would stumble over later."""

    def __init__(self, app: ASGIApp, owner: FastAPI) -> None:
        self._app = app
        self._owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            receive = await self._checked(scope, receive)
        except Problem as problem:
            await (await problem_response(Request(scope), problem))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive) -> Receive:
        _check_address(scope)
        headers = {name: value for name, value in scope["headers"] if name in (b"content-type", b"content-length")}
        kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        limit = self._limit(kind, str(scope["path"]))
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > limit:
            raise TooLarge(limit_kb=limit // 1024)
        if kind == b"application/json" or kind.endswith(b"+json"):
            body = await _read(receive, limit)
            if body and not str(scope["path"]).startswith(SIGNED_PATHS):
                check_json(body)
            return _again(body, receive)
        if kind == b"application/x-www-form-urlencoded":
            body = await _read(receive, limit)
            check_form(body)
            return _again(body, receive)
        return _counted(receive, limit)

    def _limit(self, kind: bytes, path: str) -> int:
        if kind == b"multipart/form-data":
            tools: Tools = self._owner.state.tools
            return tools.settings.upload_limit_bytes + MULTIPART_OVERHEAD
        return LARGE.get(path, PLAIN_LIMIT)


async def _read(receive: Receive, limit: int) -> bytes:
    read = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BadRequest
        read += message.get("body", b"")
        if len(read) > limit:
            raise TooLarge(limit_kb=limit // 1024)
        if not message.get("more_body"):
            return bytes(read)


def _again(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()  # a disconnect
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def count() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLarge(limit_kb=limit // 1024)
        return message

    return count


def _check_address(scope: Scope) -> None:
    """Path and query decode, and hold nothing that a text column cannot."""
    for part in (scope.get("raw_path") or b"", scope.get("query_string") or b""):
        try:
            plain = unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            raise BadRequest from None
        if not storable(plain):
            raise BadRequest


def check_json(body: bytes) -> None:
    """Raise :class:`BadJson`, or :class:`BadFields` naming the place of a character or number that cannot be kept."""
    try:
        value: Any = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadJson from None
    wrong = [FieldError("/".join(place) or "body", code) for place, code in _faults(value, (), 0)]
    if wrong:
        raise BadFields(fields=tuple(wrong[:20]))


def check_form(body: bytes) -> None:
    """The same for a form's fields."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=200, errors="strict")
    except ValueError:
        raise BadRequest from None
    wrong = [FieldError(name[:60], "control_characters") for name, value in pairs if not storable(value)]
    if wrong or not all(storable(name) for name, _ in pairs):
        raise BadFields(fields=tuple(wrong[:20]))


def storable(text: str) -> bool:
    """Whether Postgres and UTF-8 can hold the text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _faults(value: Any, place: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], str]]:
    if depth > DEPTH:
        raise BadJson
    match value:
        case str() if not storable(value):
            yield place, "control_characters"
        case bool():
            return
        case int() if not -INT64 <= value < INT64:
            yield place, "too_large"
        case dict():
            for name, inner in cast("dict[str, Any]", value).items():
                if not storable(name):
                    raise BadJson
                yield from _faults(inner, (*place, name), depth + 1)
        case list():
            for index, inner in enumerate(cast("list[Any]", value)):
                yield from _faults(inner, (*place, str(index)), depth + 1)
        case _:
            return
