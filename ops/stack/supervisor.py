"""``huoshui up``: one supervisor that starts the whole system, keeps it running, and stops it cleanly."""

import os
import signal
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import FrameType

import psutil

from ops.stack import plan, record, secrets
from ops.stack.engine import Engine, Part, StartFailed, State
from ops.stack.telling import Telling, command_line

STOP_SECONDS = 10.0
LOOK_SECONDS = 0.25  # how often a running system is looked at


class Asked(AbstractContextManager["Asked"]):
    """Counts the requests to stop: the first asks, the second hurries."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.times = 0
        self._before: dict[int, object] = {}

    def __enter__(self) -> "Asked":
        self._before = {number: signal.signal(number, self._heard) for number in self.SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # pyright: ignore[reportArgumentType]

    def to_stop(self) -> bool:
        return self.times > 0

    def to_hurry(self) -> bool:
        return self.times > 1

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        self.times += 1


def up(wish: plan.Wish, *, fresh: bool = False, telling: Telling | None = None) -> int:
    """Runs the system until it is told to stop. Exit code: 0 stopped as asked, 1 did not start or runs already."""
    tell = telling or Telling()
    data = wish.data.resolve()
    with ExitStack() as held:
        try:
            held.enter_context(record.lock(data))
        except record.AlreadyRunning:
            running = record.read(data)
            address = running.addresses.get("web", "") if running else ""
            command = command_line("stop", data)
            tell.line("ops.up.already", "yellow", folder=str(data), address=address, command=command)
            return 1
        asked = held.enter_context(Asked())
        tell.line("ops.up.starting", "bold", folder=str(data))
        if left := record.clear_leftovers(data):
            tell.line("ops.up.leftovers", "yellow", names=", ".join(left))
        if fresh:
            record.wipe(data)
            tell.line("ops.up.fresh")
        return _run(plan.make(wish), tell, asked)


def _run(made: plan.Plan, tell: Telling, asked: Asked) -> int:
    began = time.monotonic()
    data = made.wish.data.resolve()
    made.environment_file()
    for name, (wished, got) in made.ports.moved.items():
        part = name.removesuffix("-ui").removesuffix("-admin")
        tell.line("ops.up.port_moved", "yellow", wished=wished, port=got, part=tell.part(part))
    written = record.Record(record.Running.of(os.getpid()), addresses=dict(made.addresses))
    engine = Engine(made.programs, restart=True)
    running = False

    def changed(part: Part) -> None:
        if part.child is not None and part.state is State.STARTING:
            written.children[part.program.name] = record.Running.of(part.child.pid)
            written.write(data)
        if not running:
            if part.state is State.READY:
                tell.ready(part)
        elif part.state is State.DOWN:
            code = part.child.exit_code if part.child else None
            tell.line(
                "ops.up.died", "yellow", part=tell.part(part.program.name), code=code, seconds=f"{part.backoff:g}"
            )
            tell.raw(part.child.said(4) if part.child else "")
        elif part.state is State.READY:
            seconds = f"{part.ready_after or 0:.1f}"
            tell.line("ops.up.back", "green", part=tell.part(part.program.name), seconds=seconds)

    engine.on_change = changed
    engine.on_wait = lambda: tell.wait(engine.parts.values(), data / "run")
    code = 0
    try:
        if engine.start(asked.to_stop):
            tell.settle()
            running = True
            tell.welcome(made, kept_of(data), time.monotonic() - began)
            while not asked.to_stop():
                engine.tick()
                time.sleep(LOOK_SECONDS)
    except StartFailed as failure:
        tell.settle()
        log = data / "logs" / f"{failure.name}.log"
        tell.line("ops.up.failed", "bold red", part=tell.part(failure.name), why=failure.why, log=str(log))
        tell.raw(failure.said)
        code = 1
    finally:
        tell.settle()
        running = False
        engine.on_change = lambda part: None
        tell.line("ops.up.stopping", "dim")
        stopping = time.monotonic()
        engine.stop(STOP_SECONDS, asked.to_hurry)
        record.forget(data)
        tell.line("ops.up.stopped", seconds=f"{time.monotonic() - stopping:.1f}", folder=str(data))
    return code


def kept_of(data: Path) -> Mapping[str, str]:
    """The secrets of a data folder that exists."""
    return secrets.keep(data)


def stop(data: Path, tell: Telling, seconds: float = 15.0) -> int:
    """Asks the supervisor of ``data`` to stop and waits. Exit code: 0 stopped or nothing ran, 1 it did not stop."""
    found = record.read(data)
    supervisor = found.supervisor.process() if found else None
    if found is None or supervisor is None:
        # A supervisor that was killed may have left its children.
        record.clear_leftovers(data)
        tell.line("ops.stop.none", folder=str(data))
        return 0
    supervisor.send_signal(signal.SIGTERM)
    try:
        supervisor.wait(seconds)
    except psutil.TimeoutExpired:
        tell.line("ops.stop.stuck", "red", pid=supervisor.pid, seconds=f"{seconds:g}")
        return 1
    tell.line("ops.stop.done")
    return 0
