"""How fast acts come: one a second whatever the earlier ones do (open loop), or each after the last (closed loop)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

Act = Callable[[], Awaitable[object]]
EVERY_SECOND = 1.0


async def milliseconds(act: Act) -> float:
    """How long an act took."""
    begun = time.perf_counter()
    await act()
    return (time.perf_counter() - begun) * 1000


async def side_by_side(
    ours: Sequence[Act], floor: Sequence[Act], *, interval: float = EVERY_SECOND
) -> tuple[list[float], list[float]]:
    """Milliseconds of each act of both: one of ours and half an interval later one of the floor, in each interval.

    A slow act does not hold up those after it, and a machine that changes its pace changes it for both.
    """
    took: tuple[list[float], list[float]] = ([], [])

    async def timed(act: Act, into: list[float]) -> None:
        into.append(await milliseconds(act))

    async with asyncio.TaskGroup() as running:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for n, pair in enumerate(zip(ours, floor, strict=True)):
            for half, act in enumerate(pair):
                await asyncio.sleep(max(0.0, begun + (n + half / 2) * interval - loop.time()))
                running.create_task(timed(act, took[half]))
    return took


async def per_minute(acts: Sequence[Act], *, at_once: int) -> float:
    """Acts a minute with so many under way at any time, from the first begun to the last done."""
    waiting = list(reversed(acts))
    begun = time.perf_counter()

    async def one_after_another() -> None:
        while waiting:
            await waiting.pop()()

    async with asyncio.TaskGroup() as running:
        for _ in range(at_once):
            running.create_task(one_after_another())
    return len(acts) / (time.perf_counter() - begun) * 60
