"""From a view to a page: templates, their filters, and the headers every page leaves with."""

import secrets
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from web import wording
from web.assets import assets
from web.views.parts import APPLY_STEPS, Shell

FOLDER = Path(__file__).parent / "templates"
FILTERS = ("money", "yuan", "plain_yuan", "short_yuan", "day", "month", "month_number", "moment", "full_moment",
           "machine_time", "percent", "number", "size", "grouped", "say")  # fmt: skip


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates; a name that does not exist is an error, not a gap on the page."""
    env = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters.update({name: getattr(wording, name) for name in FILTERS})
    env.globals.update(
        t=wording.t,
        rich=wording.rich,
        language=wording.language,
        locale=wording.locale,
        asset=lambda name: assets()[name].href,
        apply_steps=APPLY_STEPS,
    )
    return env


def nonce() -> str:
    """What marks our own scripts and styles in one response."""
    return secrets.token_urlsafe(16)


def html(template: str, page: object, shell: Shell) -> str:
    """The whole page."""
    with wording.reading(shell.reader):
        return environment().get_template(template).render(page=page, shell=shell)


def fragment(template: str, block: str, page: object, shell: Shell) -> str:
    """One block of a page, for the parts that change while it is open."""
    found = environment().get_template(template)
    with wording.reading(shell.reader):
        context = found.new_context({"page": page, "shell": shell})
        return "".join(found.blocks[block](context))


def policy(nonce: str) -> str:
    """The content security policy of a page (security.md CSP-1)."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}' 'strict-dynamic'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
        )
    )


def headers(shell: Shell) -> Mapping[str, str]:
    """What every page carries."""
    return {
        "Content-Security-Policy": policy(shell.nonce),
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cache-Control": "no-store" if shell.audience != "public" else "no-cache",
        "Content-Language": wording.HTML_LANGUAGES[shell.reader.locale],
        "Vary": "Cookie, Accept-Language",
    }


def respond(
    template: str, page: object, shell: Shell, status: int = 200, extra: Mapping[str, str] | None = None
) -> Any:
    """The page as a response."""
    body = html(template, page, shell)
    return HTMLResponse(body, status, headers={**headers(shell), **(extra or {})})
