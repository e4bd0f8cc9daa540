"""The system under measurement: as ``make up`` runs it, commits reach the disk, in a folder that ends with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from ops.stack import plan, testing
from ops.stack.engine import Engine
from ops.stack.prepare import MODEL_CACHE
from ops.stack.testing import RunningStack


def laid_out(data: Path, *, model_cache: bool) -> plan.Plan:
    """Everything on free ports; without ``model_cache`` the default model is trained as on a fresh machine."""
    extra = {MODEL_CACHE: str(testing.model_cache())} if model_cache else {}
    return plan.make(plan.Wish(data=data, ports={}, firms_trade=False, extra=extra))


@contextmanager
def system() -> Iterator[RunningStack]:
    """A fresh one for the length of a block."""
    with testing.folder(durable=True) as data:
        made = laid_out(data, model_cache=True)
        engine = Engine(made.programs, restart=False)
        try:
            engine.start()
            yield RunningStack(made, engine)
        finally:
            engine.stop()


def resident_mebibytes(engine: Engine) -> float:
    """Memory of all programs and their children; what processes share is counted once (PSS)."""
    found = 0
    for child in engine.alive().values():
        root = psutil.Process(child.pid)
        for process in (root, *root.children(recursive=True)):
            try:
                found += process.memory_full_info().pss
            except psutil.NoSuchProcess:  # a reader that has done its file
                continue
    return found / 2**20
