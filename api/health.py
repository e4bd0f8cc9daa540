"""Is this process alive, and can it serve? The second question asks everything that it leans on."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import text
from temporalio.api.workflowservice.v1 import GetSystemInfoRequest

from api.caller import Call
from api.policy import PUBLIC
from api.problems import NotFound
from api.routes import Router
from api.tools import Tools
from infra.telemetry import exposition

# A readiness probe that hangs is worse than one that says no.
PATIENCE = 2.0

router = Router(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What answered within the patience. Only the database is needed to serve; the rest degrades and is told."""

    database: bool
    temporal: bool
    storage: bool
    events: bool

    @property
    def ready(self) -> bool:
        return self.database


async def look(tools: Tools) -> Readiness:
    """Ask everything at once."""
    database, temporal, storage = await asyncio.gather(
        _within(_database(tools)), _within(_temporal(tools)), _within(tools.storage.reachable())
    )
    return Readiness(database, temporal, storage, tools.events.connected)


async def _within(asking: Awaitable[bool]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await asking
    except Exception:  # whatever is wrong with it, it is not there
        return False


async def _database(tools: Tools) -> bool:
    async with tools.sessions.begin() as session:
        return await session.scalar(text("select 1")) == 1


async def _temporal(tools: Tools) -> bool:
    await tools.temporal.workflow_service.get_system_info(GetSystemInfoRequest())
    return True


@router.get("/health/live", policy=PUBLIC)
async def live() -> Response:
    """The process answers."""
    return JSONResponse({"state": "live"})


@router.get("/health/ready", policy=PUBLIC)
async def ready(request: Request) -> Response:
    """200 when requests can be served, 503 otherwise; details only where everything is on one machine."""
    tools: Tools = request.app.state.tools
    found = await look(tools)
    body: dict[str, object] = {"state": "ready" if found.ready else "not ready"}
    if tools.simulated:
        body |= {
            "database": found.database,
            "temporal": found.temporal,
            "storage": found.storage,
            "events": found.events,
        }
    return JSONResponse(body, 200 if found.ready else 503, {} if found.ready else {"Retry-After": "2"})


@router.get("/metrics", policy=PUBLIC)
async def metrics(call: Call) -> Response:
    """Figures for Prometheus: in production only from the machine itself, where the scraper stands."""
    if not call.tools.simulated and not call.network.startswith(("127.", "::")):
        raise NotFound
    body, kind = exposition()
    return Response(body, media_type=kind)
