"""What JSON routes answer: a view, a list of views, a receipt, a stream of versions."""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import Depends, Header
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, create_model

from api.commands import Receipt
from api.problems import BadRequest
from api.wire import Json, model_of, present

ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "Stored and on its way; `Location` tells what became of it.",
        "model": model_of(Receipt),
        "headers": {
            "Location": {"schema": {"type": "string"}},
            "Retry-After": {"schema": {"type": "integer"}},
        },
    }
}
RECEIPT: dict[str, Any] = {"response_model": model_of(Receipt), "responses": ACCEPTED}


def one(view: type) -> dict[str, Any]:
    """A route's options for one view."""
    return {"response_model": model_of(view)}


def many(view: type) -> dict[str, Any]:
    """A route's options for a list of views: ``{"items": […]}``, which may grow a cursor."""
    items: Any = (list[model_of(view)], ...)
    made: type[BaseModel] = create_model(f"{view.__name__}List", items=items)
    return {"response_model": made}


VERSION = re.compile(r'(?:W/)?"v(\d{1,9})"')


def tagged(view: Any, version: int) -> Response:
    """One view as JSON with the version that an edit may name in ``If-Match``."""
    response = shown(view)
    response.headers["ETag"] = f'"v{version}"'
    return response


def _seen(tag: Annotated[str | None, Header(alias="If-Match", max_length=100)] = None) -> int | None:
    """The version in ``If-Match``; None without one or with ``*``. Raises :class:`BadRequest` for any other tag."""
    if tag is None or tag.strip() == "*":
        return None
    found = VERSION.fullmatch(tag.strip())
    if found is None:
        raise BadRequest
    return int(found[1])


Seen = Annotated[int | None, Depends(_seen)]


def shown(view: Any, status: int = 200) -> Response:
    """One view as JSON."""
    return JSONResponse(present(view), status)


def listed(views: Sequence[Any]) -> Response:
    """Several views as JSON."""
    return JSONResponse({"items": present(views)})


def told(receipt: Receipt, *, created: str | None = None, commands: str = "/v1/commands") -> Response:
    """A receipt: 200 (201 with ``created``, the new thing's address) when done, 202 while it is on its way."""
    body: Json = present(receipt)
    headers = {"Idempotent-Replayed": "true"} if receipt.replayed else {}
    if receipt.state == "waiting":
        headers |= {"Location": f"{commands}/{receipt.command_id}", "Retry-After": "1"}
        return JSONResponse(body, 202, headers)
    if created is not None:
        return JSONResponse(body, 201, {**headers, "Location": created})
    return JSONResponse(body, 200, headers)


def streamed(versions: AsyncGenerator[int | None], first: int | None) -> Response:
    """Server-sent events: ``changed`` with the version, and a comment as the heartbeat."""

    async def lines() -> AsyncIterator[bytes]:
        yield b"retry: 3000\n\n"
        yield _changed(first)
        async with aclosing(versions):
            async for version in versions:
                yield b": still here\n\n" if version is None else _changed(version)
        yield b"event: closed\nretry: 60000\ndata: {}\n\n"

    return StreamingResponse(
        lines(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    )


def _changed(version: int | None) -> bytes:
    return f"event: changed\ndata: {json.dumps({'version': version})}\n\n".encode()
