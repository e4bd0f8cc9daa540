"""The simulated world as one ASGI app: each party under its own path, started and stopped together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from simulators.answers import said
from simulators.authority import AuthorityParty
from simulators.bureau import BureauParty
from simulators.courts import CourtsParty
from simulators.fields import FieldsParty
from simulators.firms.app import FirmsParty
from simulators.identity import IdentityParty
from simulators.live import LiveParty
from simulators.messages import MessagesParty
from simulators.pages import copy, page, style
from simulators.places import PlacesParty
from simulators.pledges import PledgesParty
from simulators.rail.app import RailParty
from simulators.registry import RegistryParty
from simulators.settings import WorldSettings
from simulators.tax import TaxParty
from simulators.titles import TitlesParty

PHONE_REFRESH_SECONDS = 4


class Party(Protocol):
    app: Starlette

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def world(settings: WorldSettings) -> Starlette:
    rail = RailParty(settings)
    messages = MessagesParty(settings)
    parties: dict[str, Party] = {
        "rail": rail,
        "identity": IdentityParty(settings.data),
        "bureau": BureauParty(settings.data),
        "courts": CourtsParty(settings.data),
        "registry": RegistryParty(settings.data),
        "tax": TaxParty(settings.data),
        "pledges": PledgesParty(settings.data),
        "estates": TitlesParty(settings.data, "estates", "苏(2026)不动产证明"),
        "patents": TitlesParty(settings.data, "patents", "Y"),
        "vehicles": TitlesParty(settings.data, "vehicles", "DY"),
        "fields": FieldsParty(settings.data),
        "places": PlacesParty(settings.data),
        "live": LiveParty(settings.data, settings.site),
        "authority": AuthorityParty(settings.data),
        "messages": messages,
        "firms": FirmsParty(settings, rail.app),
    }

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        for party in parties.values():
            await party.start()
        yield
        for party in reversed(parties.values()):
            await party.stop()

    async def health(_request: Request) -> Response:
        return said({"parties": list(parties), "ok": True})

    async def index(request: Request) -> Response:
        return page(request, "index.html")

    async def phone(request: Request) -> Response:
        number = request.query_params.get("number", "")[:20]
        inbox = await messages.inbox(number) if number else []
        still = "still" in request.query_params
        shown = page(request, "phone.html", number=number, messages=inbox, still=still)
        if number and not still:
            shown.headers["Refresh"] = str(PHONE_REFRESH_SECONDS)  # without a script, and it can be stopped
        return shown

    async def no_icon(_request: Request) -> Response:
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/", index),
            Route("/phone", phone),
            Route("/style.css", style),
            Route("/copy.js", copy),
            Route("/favicon.ico", no_icon),
            Route("/health", health),
            *(Mount(f"/{name}", party.app) for name, party in parties.items()),
        ],
        lifespan=lifespan,
    )
