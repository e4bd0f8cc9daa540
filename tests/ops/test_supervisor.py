"""``huoshui up`` with the servers alone (ours are tried in tests/stories): start, crash, stop, kill, start again."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ops.stack import testing

CODE = """
import dataclasses, sys
from pathlib import Path
from ops.stack import plan, supervisor
wish = plan.Wish(data=Path(sys.argv[1]), ports=plan.WISHED if len(sys.argv) < 4 else {"postgres": int(sys.argv[3])})
whole = plan.make
plan.make = lambda wish: dataclasses.replace(made := whole(wish), programs=made.programs[:3])
sys.exit(supervisor.up(wish, fresh=sys.argv[2] == "fresh"))
"""


class Terminal:
    """A supervisor started as from a terminal, and what it printed."""

    def __init__(self, data: Path, out: Path, *words: str) -> None:
        self.data, self._out = data, out
        environment = {**os.environ, "HUOSHUI_LOCALE": "en"}
        with out.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", CODE, str(data), *(words or ("again",))],
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment,
            )

    @property
    def said(self) -> str:
        return self._out.read_text(encoding="utf-8")

    def wait_for(self, word: str, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while word not in self.said:
            assert time.monotonic() < until, f"never said {word!r}:\n{self.said}"
            assert self.process.poll() is None or word in self.said, f"ended without saying {word!r}:\n{self.said}"
            time.sleep(0.05)

    def record(self) -> dict[str, int]:
        """Process ids by part."""
        children = json.loads((self.data / "stack.json").read_text())["children"]
        return {name: child["pid"] for name, child in children.items()}


@pytest.fixture
def data() -> Iterator[Path]:
    with testing.folder() as made:
        yield made / "data"


@pytest.fixture
def start(data: Path) -> Iterator[Callable[..., Terminal]]:
    terminals: list[Terminal] = []

    def begin(*words: str) -> Terminal:
        terminals.append(Terminal(data, data.parent / f"out-{len(terminals)}", *words))
        return terminals[-1]

    yield begin
    for terminal in terminals:
        if terminal.process.poll() is None:
            terminal.process.terminate()
            terminal.process.wait(15)


def gone(pids: list[int]) -> bool:
    found = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    return psutil.wait_procs(found, timeout=5)[1] == []


def test_it_starts_says_where_mends_what_dies_and_stops_within_ten_seconds(
    start: Callable[..., Terminal], data: Path, postgres: testing.Databases
) -> None:
    busy = postgres.server.port
    terminal = start("again", str(busy))
    terminal.wait_for("Huoshui is ready")
    terminal.wait_for("http://127.0.0.1:")
    terminal.wait_for("authenticator seed")
    moved = re.search(rf"Port {busy} is taken; PostgreSQL uses (\d+)", terminal.said)
    assert moved is not None
    assert int(moved[1]) > busy

    second = start()
    assert second.process.wait(60) == 1
    assert "is running already: http://127.0.0.1:" in second.said

    before = terminal.record()["temporal"]
    os.kill(before, signal.SIGKILL)
    terminal.wait_for("Temporal ended unexpectedly (-9)")
    terminal.wait_for("Temporal is back")
    assert terminal.record()["temporal"] != before

    pids = list(terminal.record().values())
    began = time.monotonic()
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.process.wait(15) == 0
    assert time.monotonic() - began < 10
    assert gone(pids)
    assert "Stopped in" in terminal.said
    assert not (data / "stack.json").exists()


@pytest.mark.long
def test_after_a_kill_nothing_is_left_and_the_next_start_goes_on_unless_told_to_start_over(
    start: Callable[..., Terminal], data: Path
) -> None:
    first = start()
    first.wait_for("Huoshui is ready")
    cluster = (data / "postgres" / "global" / "pg_control").stat().st_ino
    keys = (data / "secrets.env").read_text()
    pids = list(first.record().values())
    first.process.kill()
    first.process.wait()

    second = start()
    second.wait_for("Huoshui is ready")
    assert gone(pids)
    assert (data / "postgres" / "global" / "pg_control").stat().st_ino == cluster, "the data is another"
    assert (data / "secrets.env").read_text() == keys
    second.process.terminate()
    assert second.process.wait(15) == 0

    third = start("fresh")
    third.wait_for("Huoshui is ready")
    assert "Emptied; starting over" in third.said
    assert (data / "secrets.env").read_text() != keys


def test_what_does_not_start_is_shown_with_the_end_of_its_log(start: Callable[..., Terminal], data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("9.6\n")
    terminal = start()
    assert terminal.process.wait(60) == 1
    assert "PostgreSQL did not start" in terminal.said
    assert "postgres.log" in terminal.said
    assert str(data / "postgres") in terminal.said.split("postgres.log")[1]
    assert "Traceback" not in terminal.said
