"""The application: its lifespan, its layers, its routes; and the check that every route says who may use it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware

from api import answers, health, policy
from api.middleware.body import BodyGate
from api.middleware.csrf import Csrf
from api.middleware.envelope import Envelope
from api.openapi import describe
from api.tools import opened
from api.v1 import router
from infra.settings import Profile, Settings

Pages = Callable[[FastAPI], None]
VERSION = "2026-11-01"


def create_app(settings: Settings, *, pages: Pages | None = None) -> FastAPI:
    """The service's web process. ``pages`` adds the HTML routes; a route without a policy stops here."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with opened(settings) as tools:
            app.state.tools = tools
            if settings.ready_file:
                settings.ready_file.touch()
            yield

    app = FastAPI(
        title="Huoshui 活水",
        version=VERSION,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.user_middleware = [
        Middleware(Envelope, owner=app),
        Middleware(BodyGate, owner=app),
        Middleware(Csrf, owner=app),
    ]
    answers.install(app)
    app.include_router(health.router)
    app.include_router(router)
    describe(app, served=settings.profile is not Profile.PRODUCTION)
    if pages is not None:
        pages(app)
    check(app)
    return app


def check(app: FastAPI) -> list[policy.Door]:
    """Every door of the app; raises :class:`api.policy.RouteWithoutPolicy` for one that nobody decided about."""
    return list(policy.doors(app))


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the API under /v1."""
    return app.openapi()
