"""One child process: how it is started, when it counts as ready, how it is stopped. It never outlives us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_LIMIT_BYTES = 20 * 1024 * 1024  # a longer log is set aside at the next start, one generation is kept
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class SystemUser:
    """Who a program runs as, when it refuses to run as root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, kw_only=True)
class Program:
    """A server (``once`` false) or a job that ends by itself (``once`` true: ready means ended well)."""

    name: str
    argv: tuple[str, ...]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    after: tuple[str, ...] = ()  # names of programs that must be ready before
    ready: Callable[[], bool] = field(default=lambda: True)
    once: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    user: SystemUser | None = None
    cwd: Path | None = None
    before_start: Callable[[], None] = field(default=lambda: None)
    on_ready: Callable[[], None] = field(default=lambda: None)  # short; what must be done before others may begin
    address: str = ""  # to be shown
    patience: float = 60.0  # seconds until "not ready" counts as "failed"


class Child:
    """A running (or ended) program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        program.before_start()
        program.log.parent.mkdir(parents=True, exist_ok=True)
        if program.log.exists() and program.log.stat().st_size > LOG_LIMIT_BYTES:
            program.log.rename(program.log.with_suffix(".old.log"))
        self.log_start = program.log.stat().st_size if program.log.exists() else 0
        self.started = time.monotonic()
        user = program.user
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                program.argv,
                env=dict(program.env),
                cwd=program.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
                preexec_fn=_tether(program.stop_signal),
            )
        self.pid = self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.poll()

    @property
    def alive(self) -> bool:
        return self.exit_code is None

    def ask_to_stop(self) -> None:
        """Sends the program's own stop signal to the process alone: it winds up its children itself."""
        if self.alive:
            self._process.send_signal(self.program.stop_signal)

    def wait(self, seconds: float) -> bool:
        """Whether it ended within ``seconds``."""
        try:
            self._process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """Ends it and its children at once (SIGKILL), as a power cut would."""
        if self.alive:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                self._process.kill()
            self._process.wait(10)

    def said(self, lines: int = 12) -> str:
        """The last lines that this run wrote to its log."""
        if not self.program.log.exists():
            return ""
        with self.program.log.open("rb") as log:
            log.seek(self.log_start)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])


def _tether(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Runs in the child before exec (after the change of user, which would undo it): should we die, the kernel sends it
    its stop signal. Elsewhere than on Linux the next start clears up what a killed one left."""
    if _libc is None:
        return None
    prctl, parent, number = _libc.prctl, os.getpid(), int(stop_signal)

    def tether() -> None:
        prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # we died before the line above
            os._exit(1)

    return tether
