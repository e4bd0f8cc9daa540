"""Routers whose routes must say who may use them, and the two kinds of answers that are not JSON."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.policy import PUBLIC, Policy, declare, guard

Endpoint = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A file to hand out: its bytes were compared with the hash in its row."""

    data: bytes
    filename: str
    content_type: str
    sha256: str


class Router(APIRouter):
    """A router on which ``policy`` is not optional."""

    def get(self, path: str, *, policy: Policy, **options: Any) -> Callable[[Endpoint], Endpoint]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A route that changes nothing."""
        return self._route(path, "GET", policy, options)

    def post(self, path: str, *, policy: Policy, **options: Any) -> Callable[[Endpoint], Endpoint]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A route that changes something."""
        return self._route(path, "POST", policy, options)

    def patch(self, path: str, *, policy: Policy, **options: Any) -> Callable[[Endpoint], Endpoint]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A route that changes part of something."""
        return self._route(path, "PATCH", policy, options)

    def delete(self, path: str, *, policy: Policy, **options: Any) -> Callable[[Endpoint], Endpoint]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A route that ends something."""
        return self._route(path, "DELETE", policy, options)

    def _route(self, path: str, method: str, policy: Policy, options: dict[str, Any]) -> Callable[[Endpoint], Endpoint]:
        guards = [Depends(guard(policy)), *options.pop("dependencies", ())]

        def add(endpoint: Endpoint) -> Endpoint:
            declare(endpoint, policy)
            self.add_api_route(path, endpoint, methods=[method], dependencies=guards, **options)
            return endpoint

        return add


class Assets(StaticFiles):
    """Files whose names carry their hash: a browser may keep them for ever."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    async def get_response(self, path: str, scope: Scope) -> Response:
        return await super().get_response(path, scope)


def mount_static(app: FastAPI, path: str, directory: Path) -> None:
    """Serve a folder to everybody."""
    assets = Assets(directory=directory)
    declare(assets, PUBLIC)
    app.mount(path, assets, name=path.strip("/"))


def drawn(file: PaperFile) -> Response:
    """A picture that we drew ourselves, shown in a page of ours; anything else is saved."""
    if file.content_type != "image/jpeg":
        return attachment(file)
    return Response(
        file.data,
        media_type=file.content_type,
        headers={
            "Content-Disposition": "inline",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


def attachment(file: PaperFile) -> Response:
    """A file that the browser saves and never opens as a page of ours."""
    name = quote(file.filename, safe="")
    return Response(
        file.data,
        media_type=file.content_type,
        headers={
            "Content-Disposition": f"attachment; filename=\"document\"; filename*=UTF-8''{name}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Repr-Digest": f"sha-256=:{b64encode(bytes.fromhex(file.sha256)).decode()}:",
        },
    )
