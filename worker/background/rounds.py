"""How a background job goes round: work until there is none, wait, and outlive every fault of a round."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from infra.telemetry import counter

log = structlog.get_logger(__name__)
faults = counter("background_faults", "Rounds of a background job that failed", ("name",))

LONGEST_PAUSE = 15.0  # seconds between tries while something that the job needs is away


async def for_ever(
    name: str, round_of_work: Callable[[], Awaitable[bool]], pause: Callable[[], Awaitable[None]]
) -> None:
    """Run rounds. A round returns whether there may be more at once; after a fault the pause doubles."""
    failed = 0
    while True:
        try:
            more = await round_of_work()
            failed = 0
        except Exception as error:  # a job that ends silently is worse than one that fails aloud
            failed += 1
            faults.labels(name).inc()
            log.warning("background.fault", name=name, attempt=failed, exc_info=error)
            await asyncio.sleep(min(0.5 * 2**failed, LONGEST_PAUSE))
            continue
        if not more:
            await pause()


def every(seconds: float) -> Callable[[], Awaitable[None]]:
    """A pause of a fixed length."""

    async def pause() -> None:
        await asyncio.sleep(seconds)

    return pause
