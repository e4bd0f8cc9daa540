"""Faults that a test or a visitor switches on at a party: each with how often and for how long."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Asked, Refused, asked, said

HANG_SECONDS = 120.0  # longer than any caller waits
GARBAGE = b"<html><body>502 Bad Gateway"


class FaultAsked(Asked):
    """``times``: how many requests it meets (none: until cleared); ``seconds``: how long it delays."""

    mode: str
    times: int | None = Field(default=None, ge=1, le=10**6)
    seconds: float | None = Field(default=None, ge=0, le=3600)


@dataclass(slots=True)
class Fault:
    mode: str
    left: int | None
    seconds: float | None


class Faults:
    """The faults now switched on at one party. In memory: a restarted party is a healthy one."""

    def __init__(self, modes: Iterable[str]) -> None:
        self._modes = tuple(modes)
        self._on: dict[str, Fault] = {}

    def take(self, mode: str) -> Fault | None:
        """The fault if it is on, counting this use."""
        fault = self._on.get(mode)
        if fault is None:
            return None
        if fault.left is not None:
            fault.left -= 1
            if fault.left == 0:
                del self._on[mode]
        return fault

    def routes(self) -> Sequence[Route]:
        return [Route("/faults", self._control, methods=["GET", "POST", "DELETE"])]

    async def _control(self, request: Request) -> Response:
        if request.method == "POST":
            wish = await asked(request, FaultAsked)
            if wish.mode not in self._modes:
                raise Refused(422, "unknown_fault", "modes: " + ", ".join(self._modes))
            self._on[wish.mode] = Fault(wish.mode, wish.times, wish.seconds)
        elif request.method == "DELETE":
            self._on.clear()
        return said({"modes": self._modes, "on": [[f.mode, f.left, f.seconds] for f in self._on.values()]})


async def hang(request: Request, seconds: float | None) -> Response:
    """Keep the caller waiting without a byte, then cut the line; an impatient caller frees us earlier."""
    end = time.monotonic() + (seconds or HANG_SECONDS)
    # A caller that goes away makes no event: one has to look.
    while time.monotonic() < end and not await request.is_disconnected():  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    return Response(status_code=504)


def garbage() -> Response:
    return Response(GARBAGE, 200, media_type="text/html")


Handler = Callable[[Request], Awaitable[Response]]


def troubled(faults: Faults, handler: Handler) -> Handler:
    """``handler`` behind the faults that every party can have: down, dead (no answer), slow, garbage."""

    async def with_faults(request: Request) -> Response:
        if faults.take("down"):
            raise Refused(503, "down")
        if fault := faults.take("dead"):
            return await hang(request, fault.seconds)
        if fault := faults.take("slow"):
            await asyncio.sleep(10.0 if fault.seconds is None else fault.seconds)
        if faults.take("garbage"):
            return garbage()
        return await handler(request)

    return with_faults


COMMON_FAULTS = ("down", "dead", "slow", "garbage")
