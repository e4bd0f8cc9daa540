"""The gallery as an ASGI application: ``/`` lists the states, ``/<state>?lang=&large=&simulated=`` shows one."""

import importlib.util
from html import escape
from pathlib import Path
from types import ModuleType

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from infra.i18n import LOCALES
from web import assets, rendering

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "web" / "fixtures" / "states.py"


def fixtures() -> ModuleType:
    """The states, from the tests that also use them."""
    spec = importlib.util.spec_from_file_location("web_gallery_states", FIXTURES)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(FIXTURES)
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def create() -> Starlette:
    """The gallery."""
    module = fixtures()
    states = {locale: module.build(locale) for locale in LOCALES}

    async def index(request: Request) -> Response:
        items = "".join(f'<li><a href="/{escape(name)}">{escape(name)}</a></li>' for name in states[LOCALES[0]])
        return HTMLResponse(f"<!doctype html><title>gallery</title><ul>{items}</ul>")

    async def show(request: Request) -> Response:
        query = request.query_params
        locale = query.get("lang", LOCALES[0])
        state = states.get(locale, {}).get(request.path_params["name"])
        if state is None:
            return PlainTextResponse("no such state", 404)
        shell = module.shell_of(
            state, locale, query.get("large") == "1", rendering.nonce(), query.get("simulated") == "1"
        )
        headers = {**rendering.headers(shell), "Content-Security-Policy": rendering.policy(shell.nonce)}
        return HTMLResponse(rendering.html(state.template, state.page, shell), state.status, headers)

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
