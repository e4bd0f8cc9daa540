"""Starts programs in the order of their needs, watches them, restarts what dies, stops them in reverse."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ops.stack.programs import Child, Program

TICK_SECONDS = 0.03
BACKOFF_FIRST, BACKOFF_LAST = 0.5, 30.0
STEADY_SECONDS = 60.0  # a child that lived this long starts its back-off anew
STARTS_BEFORE_GIVING_UP = 3  # while starting; a server may meet the port or the memory of its killed forerunner once


class State(StrEnum):
    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    DOWN = "down"  # died, will be restarted
    STOPPED = "stopped"


@dataclass
class Part:
    program: Program
    state: State = State.WAITING
    child: Child | None = None
    starts: int = 0
    again_at: float = 0.0
    backoff: float = BACKOFF_FIRST
    ready_after: float | None = None  # seconds from its start


class StartFailed(Exception):
    """A program did not become ready; ``said`` is the end of its log."""

    def __init__(self, name: str, why: str, said: str) -> None:
        super().__init__(f"{name} {why}")
        self.name, self.why, self.said = name, why, said


@dataclass
class Engine:
    """``on_change`` hears of each part whose state changed. Not for use from several threads: a child is tied to the
    thread that started it."""

    programs: Iterable[Program]
    on_change: Callable[[Part], None] = field(default=lambda part: None)
    on_wait: Callable[[], None] = field(default=lambda: None)
    restart: bool = True
    parts: dict[str, Part] = field(init=False)

    def __post_init__(self) -> None:
        self.parts = {program.name: Part(program) for program in self.programs}

    def start(self, stop_asked: Callable[[], bool] = lambda: False) -> bool:
        """True when everything is ready, False when ``stop_asked`` said so before. Raises :class:`StartFailed`."""
        while not stop_asked():
            self.tick(starting=True)
            if all(part.state is State.READY for part in self.parts.values()):
                return True
            for part in self.parts.values():
                if part.state is State.STOPPED:  # nobody will start it again: waiting for it would be for ever
                    raise StartFailed(
                        part.program.name, "ended while others started", part.child.said() if part.child else ""
                    )
            self.on_wait()
            time.sleep(TICK_SECONDS)
        return False

    def tick(self, *, starting: bool = False) -> None:
        """One look at every part."""
        for part in self.parts.values():
            match part.state:
                case State.WAITING if self._may_start(part):
                    self.launch(part.program.name)
                case State.STARTING:
                    self._look_at_start(part, starting=starting)
                case State.READY if part.child is not None and not part.child.alive and not part.program.once:
                    self._died(part)
                case State.DOWN if time.monotonic() >= part.again_at:
                    self.launch(part.program.name)
                case _:
                    pass

    def launch(self, name: str) -> Part:
        """Starts one program now, whatever it waits for."""
        part = self.parts[name]
        part.starts += 1
        part.child = Child(part.program)
        self._enter(part, State.STARTING)
        return part

    def wait_ready(self, name: str, seconds: float = 30.0) -> None:
        """Until one part is ready. Raises :class:`StartFailed`."""
        part = self.parts[name]
        until = time.monotonic() + seconds
        while part.state is not State.READY:
            if time.monotonic() > until:
                raise StartFailed(name, f"was not ready in {seconds:g} s", part.child.said() if part.child else "")
            self.tick(starting=True)
            time.sleep(TICK_SECONDS)

    def wait_until(self, true: Callable[[], bool], seconds: float) -> None:
        """Until ``true`` says so, the parts being looked at meanwhile. Raises ``TimeoutError``."""
        until = time.monotonic() + seconds
        while not true():
            if time.monotonic() > until:
                raise TimeoutError(f"not within {seconds:g} s")
            self.tick()
            time.sleep(TICK_SECONDS)

    def kill(self, name: str) -> None:
        """SIGKILL, as a power cut; it stays down until ``launch``."""
        part = self.parts[name]
        if part.child is not None:
            part.child.kill()
        self._enter(part, State.STOPPED)

    def stop(self, seconds: float = 10.0, hurry: Callable[[], bool] = lambda: False) -> None:
        """Stops everything within ``seconds``, the last to start first; what does not heed its signal is killed.

        Programs with the same needs stop together.
        """
        until = time.monotonic() + seconds
        waves = self._waves()
        for left, wave in enumerate(waves):
            for part in wave:
                if part.child is not None:
                    part.child.ask_to_stop()
            # Each wave may use what is left, less a second for each that follows it.
            limit = max(until - (len(waves) - left - 1), time.monotonic() + 0.5)
            while any(part.child and part.child.alive for part in wave) and time.monotonic() < limit and not hurry():
                time.sleep(TICK_SECONDS)
            for part in wave:
                if part.child is not None:
                    part.child.kill()
                self._enter(part, State.STOPPED)

    def alive(self) -> dict[str, Child]:
        return {name: part.child for name, part in self.parts.items() if part.child is not None and part.child.alive}

    def _waves(self) -> list[list[Part]]:
        """Parts by how many needs lie under them, the most dependent first."""

        def depth(name: str) -> int:
            needs = [need for need in self.parts[name].program.after if need in self.parts]
            return 1 + max((depth(need) for need in needs), default=0)

        depths = {name: depth(name) for name in self.parts}
        return [
            [self.parts[name] for name in depths if depths[name] == d]
            for d in sorted(set(depths.values()), reverse=True)
        ]

    def _may_start(self, part: Part) -> bool:
        return all(self.parts[name].state is State.READY for name in part.program.after if name in self.parts)

    def _look_at_start(self, part: Part, *, starting: bool) -> None:
        child = part.child
        assert child is not None, "a part that is starting has a child"  # noqa: S101
        if part.program.once:
            if child.exit_code == 0:
                self._became_ready(part, child)
            elif not child.alive:
                raise StartFailed(part.program.name, f"ended with {child.exit_code}", child.said())
        elif not child.alive:
            if starting and part.starts >= STARTS_BEFORE_GIVING_UP:
                raise StartFailed(part.program.name, f"ended with {child.exit_code}", child.said())
            self._died(part)
            return
        elif part.program.ready():
            self._became_ready(part, child)
        if part.state is State.STARTING and time.monotonic() - child.started > part.program.patience:
            if starting:
                raise StartFailed(part.program.name, f"was not ready in {part.program.patience:g} s", child.said())
            child.kill()
            self._died(part)

    def _became_ready(self, part: Part, child: Child) -> None:
        part.program.on_ready()
        part.ready_after = time.monotonic() - child.started
        self._enter(part, State.READY)

    def _died(self, part: Part) -> None:
        if not self.restart:
            self._enter(part, State.STOPPED)
            return
        if part.child is not None and time.monotonic() - part.child.started > STEADY_SECONDS:
            part.backoff = BACKOFF_FIRST
        part.again_at = time.monotonic() + part.backoff
        self._enter(part, State.DOWN)
        part.backoff = min(part.backoff * 2, BACKOFF_LAST)

    def _enter(self, part: Part, state: State) -> None:
        if part.state is not state:
            part.state = state
            self.on_change(part)
