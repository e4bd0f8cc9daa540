"""The pages of the simulated world: a phone that shows its messages, the firms to try. Nothing needs a script."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from infra import i18n
from simulators.answers import BEIJING

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "style.css").read_text(encoding="utf-8")
COPY = (FOLDER / "copy.js").read_text(encoding="utf-8")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")


def with_codes(text: str) -> Markup:
    """The text with its six-digit codes set apart, so that they are read at a glance."""
    return Markup(CODE.sub(r'<b class="code">\1</b>', str(escape(text))))  # noqa: S704 (escaped before)


def clock_time(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(BEIJING):%m-%d %H:%M:%S}"


PAGES = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
PAGES.filters["with_codes"] = with_codes
PAGES.filters["clock_time"] = clock_time


def locale_of(request: Request) -> str:
    wish = request.query_params.get("lang")
    return wish if wish in i18n.LOCALES else i18n.negotiate(request.headers.get("accept-language"))


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, not a program."""
    return "text/html" in request.headers.get("accept", "")


def page(request: Request, template: str, **values: Any) -> Response:
    """``template`` in the language asked for; ``t(key)`` in it gives a text of this room."""
    locale = locale_of(request)

    def t(key: str, **parameters: object) -> str:
        return i18n.text(f"simulators.{key}", locale, **parameters)

    other = "en" if locale == "zh_CN" else "zh_CN"
    html = PAGES.get_template(template).render(
        t=t,
        lang="zh-CN" if locale == "zh_CN" else "en",
        locale=locale,
        other_language=str(request.url.include_query_params(lang=other)),
        **values,
    )
    return HTMLResponse(html, headers=HEADERS)


async def style(_request: Request) -> Response:
    return Response(STYLE, media_type="text/css", headers={"Cache-Control": "max-age=300"})


async def copy(_request: Request) -> Response:
    return Response(COPY, media_type="text/javascript", headers={"Cache-Control": "max-age=300"})
