"""``start``: the whole system from nothing and again, and what it holds, against its three servers alone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.bench.crowd import Crowd
from ops.bench.figures import Bar, Figure
from ops.bench.system import laid_out, resident_mebibytes
from ops.demo.town import town_of
from ops.stack import testing
from ops.stack.engine import Engine
from ops.stack.testing import RunningStack

SERVERS = ("postgres", "temporal", "s3")


async def measure(seed: int) -> list[Figure]:
    """The first start trains the default model, the second finds everything there. A decision is part of the first."""
    with testing.folder(durable=True) as warm:
        _alone(warm)  # what a cold disk costs is nobody's floor
    with testing.folder(durable=True) as bare:
        first_floor, _ = _alone(bare)
        second_floor, floor_memory = _alone(bare)
    with testing.folder(durable=True) as data:
        begun = time.perf_counter()
        with started(data) as stack:
            first = time.perf_counter() - begun
            async with town_of(stack) as town:
                crowd = Crowd(town, seed)
                (owner,) = await crowd.ready(1)
                await crowd.decide(owner)
            decided = time.perf_counter() - begun
            memory = resident_mebibytes(stack.engine)
        begun = time.perf_counter()
        with started(data):
            second = time.perf_counter() - begun
    return [
        _figure("start-first", "s", first, first_floor, seed),
        _figure("start-first-decided", "s", decided, first_floor, seed, Bar("ours", 60)),
        _figure("start-second", "s", second, second_floor, seed, Bar("ours", 15)),
        _figure("start-memory", "MiB", memory, floor_memory, seed, Bar("ours", 1.2 * 1024)),
    ]


@contextmanager
def started(data: Path, *names: str) -> Iterator[RunningStack]:
    """The system in a folder, or only these parts of it."""
    made = laid_out(data, model_cache=False)
    engine = Engine([program for program in made.programs if not names or program.name in names], restart=False)
    try:
        engine.start()
        yield RunningStack(made, engine)
    finally:
        engine.stop()


def _alone(data: Path) -> tuple[float, float]:
    """Each server by itself, one after the other: the sum of their starts in seconds and of their memory in MiB."""
    seconds = mebibytes = 0.0
    for name in SERVERS:
        begun = time.perf_counter()
        with started(data, name) as alone:
            seconds += time.perf_counter() - begun
            mebibytes += resident_mebibytes(alone.engine)
    return seconds, mebibytes


def _figure(name: str, unit: str, ours: float, floor: float, seed: int, *bars: Bar) -> Figure:
    meaning = "sum of the three servers, each alone"
    return Figure(name=name, unit=unit, ours=ours, floor=floor, n=1, seed=seed, meaning=meaning, bars=bars)
