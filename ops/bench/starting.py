"""``start``: the whole system from nothing and again, against its three servers alone."""

import time
from pathlib import Path

from ops.bench.figures import Figure
from ops.stack import plan, testing
from ops.stack.engine import Engine

SERVERS = ("postgres", "temporal", "s3")


async def measure(seed: int) -> list[Figure]:
    """Seconds until every part is ready: the first start trains the default model, the second finds all there."""
    with testing.folder() as data:
        _start(data, SERVERS)  # what a cold disk costs is nobody's floor
        servers = _start(data, SERVERS)
        first = _start(data, ())
        second = _start(data, ())
    what = "the three servers alone"
    return [
        Figure(name="start-first", unit="s", ours=first, floor=servers, n=1, seed=seed, meaning=what),
        Figure(name="start", unit="s", ours=second, floor=servers, n=1, seed=seed, meaning=what),
    ]


def _start(data: Path, names: tuple[str, ...]) -> float:
    begun = time.perf_counter()
    made = plan.make(plan.Wish(data=data, ports={}))
    engine = Engine([program for program in made.programs if not names or program.name in names])
    try:
        engine.start()
        return time.perf_counter() - begun
    finally:
        engine.stop()
