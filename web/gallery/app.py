"""The gallery as an ASGI application: ``/`` lists the states, ``/<state>?lang=&large=&simulated=`` shows one."""

import secrets
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from api.middleware.envelope import security_headers
from infra.i18n import LOCALES
from web import assets, rendering
from web.gallery.states import shell_of, states


def create() -> Starlette:
    """The gallery, with the headers that pages have in production."""
    built = {locale: states(locale) for locale in LOCALES}

    async def index(request: Request) -> Response:
        items = "".join(f'<li><a href="/{escape(name)}">{escape(name)}</a></li>' for name in built[LOCALES[0]])
        return HTMLResponse(f'<!doctype html><html lang="en"><title>gallery</title><ul>{items}</ul>')

    async def show(request: Request) -> Response:
        query = request.query_params
        locale = query.get("lang", LOCALES[0])
        state = built.get(locale, {}).get(request.path_params["name"])
        if state is None:
            return PlainTextResponse("no such state", 404)
        nonce = secrets.token_urlsafe(16)
        large, simulated = query.get("large") == "1", query.get("simulated") == "1"
        shell = shell_of(state, locale, large=large, nonce=nonce, simulated=simulated)
        page = rendering.html(state.template, state.page, shell)
        return HTMLResponse(page, state.status, security_headers(nonce, secure=False))

    async def nothing(request: Request) -> Response:
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/", index),
            Route("/gallery/{rest:path}", nothing, methods=["GET", "POST"]),
            Route("/static/{name}", assets.serve),
            Route("/{name}", show),
        ]
    )
