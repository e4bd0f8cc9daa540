import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from ops.stack.engine import Engine, Part, StartFailed, State
from ops.stack.programs import Program

ENV = {"PATH": os.environ["PATH"]}


def python(folder: Path, name: str, code: str, **more: object) -> Program:
    defaults = {"name": name, "argv": (sys.executable, "-c", code), "env": ENV, "log": folder / f"{name}.log"}
    return Program(**{**defaults, **more})  # type: ignore[arg-type]


def sleeper(folder: Path, name: str, **more: object) -> Program:
    return python(folder, name, "import time; time.sleep(60)", **more)


def test_programs_start_after_what_they_need_and_stop_before_it(tmp_path: Path) -> None:
    ups: list[str] = []
    downs: list[str] = []

    def heard(part: Part) -> None:
        if part.state is State.READY:
            ups.append(part.program.name)
        if part.state is State.STOPPED:
            downs.append(part.program.name)

    engine = Engine(
        [
            sleeper(tmp_path, "web", after=("prepare",)),
            python(tmp_path, "prepare", "print('done')", after=("database",), once=True),
            sleeper(tmp_path, "database"),
        ],
        on_change=heard,
    )
    assert engine.start()
    children = list(engine.alive().values())
    engine.stop(5)
    assert ups == ["database", "prepare", "web"]
    assert downs == ["web", "prepare", "database"]
    assert not any(child.alive for child in children)


def test_a_job_that_fails_stops_the_start_and_shows_what_it_said(tmp_path: Path) -> None:
    engine = Engine([python(tmp_path, "prepare", "raise SystemExit('no such schema')", once=True)])
    with pytest.raises(StartFailed, match="prepare ended with 1") as failed:
        engine.start()
    assert failed.value.said == "no such schema"


def test_a_server_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    engine = Engine([sleeper(tmp_path, "deaf", ready=lambda: False, patience=0.2)])
    with pytest.raises(StartFailed, match=r"was not ready in 0\.2 s"):
        engine.start()
    engine.stop(2)


def test_a_server_that_dies_at_its_start_is_tried_three_times(tmp_path: Path) -> None:
    engine = Engine([python(tmp_path, "weak", "print('port taken'); raise SystemExit(3)", ready=lambda: False)])
    with pytest.raises(StartFailed, match="weak ended with 3"):
        engine.start()
    assert (tmp_path / "weak.log").read_text().count("port taken") == 3


def test_a_server_that_dies_while_others_start_is_not_waited_for(tmp_path: Path) -> None:
    weak = python(tmp_path, "weak", "print('no such module'); raise SystemExit(1)")
    engine = Engine([weak, sleeper(tmp_path, "deaf", ready=lambda: False)], restart=False)
    with pytest.raises(StartFailed, match="weak ended while others started") as failed:
        engine.start()
    assert failed.value.said == "no such module"
    engine.stop(2)


def test_a_child_that_dies_later_is_started_again_with_growing_pauses(tmp_path: Path) -> None:
    heard: list[State] = []
    engine = Engine([sleeper(tmp_path, "server")], on_change=lambda part: heard.append(part.state))
    engine.start()
    first = engine.parts["server"].child
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    until = time.monotonic() + 5
    while time.monotonic() < until and (State.DOWN not in heard or heard[-1] is not State.READY):
        engine.tick()
        time.sleep(0.02)
    second = engine.parts["server"].child
    assert second is not None
    assert second.pid != first.pid
    assert second.alive
    assert engine.parts["server"].backoff == 1.0
    engine.stop(2)


def test_a_child_that_ignores_its_signal_is_killed_in_time(tmp_path: Path) -> None:
    stubborn = python(
        tmp_path,
        "stubborn",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('set', flush=True); time.sleep(60)",
        ready=lambda: (tmp_path / "stubborn.log").read_text().startswith("set"),
    )
    engine = Engine([stubborn])
    engine.start()
    child = engine.alive()["stubborn"]
    started = time.monotonic()
    engine.stop(1)
    assert time.monotonic() - started < 3
    assert not child.alive


def test_a_second_request_to_stop_hurries(tmp_path: Path) -> None:
    stubborn = python(
        tmp_path,
        "stubborn",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('set', flush=True); time.sleep(60)",
        ready=lambda: (tmp_path / "stubborn.log").read_text().startswith("set"),
    )
    engine = Engine([stubborn])
    engine.start()
    started = time.monotonic()
    engine.stop(30, hurry=lambda: True)
    assert time.monotonic() - started < 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_children_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        "from ops.stack.engine import Engine\nfrom ops.stack.programs import Program\n"
        f"log = Path({str(tmp_path)!r}) / 'child.log'\n"
        "p = Program(name='child', argv=(sys.executable, '-c', 'import time; time.sleep(60)'), env={}, log=log)\n"
        "e = Engine([p]); e.start(); print(e.alive()['child'].pid, flush=True); time.sleep(60)"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    child = psutil.Process(int(supervisor.stdout.readline()))
    supervisor.kill()
    supervisor.wait()
    gone, alive = psutil.wait_procs([child], timeout=3)
    assert alive == []
    assert len(gone) == 1
