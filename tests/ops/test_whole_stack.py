"""The whole system as processes: ready, closed to the network, silent about its keys, small, mended part by part."""

import psutil
import pytest

from ops import demo_staff
from ops.stack import secrets
from ops.stack.record import tree_bytes
from ops.stack.testing import RunningStack, http_status

PARTS = ("postgres", "temporal", "s3", "simulators", "worker", "web")


def test_every_part_is_ready_and_the_page_answers(stack: RunningStack) -> None:
    assert [name for name in PARTS if not stack.alive(name)] == []
    assert http_status(f"{stack.url}/", seconds=10) == 200
    assert http_status(f"{stack.url}/health/ready") == 200


def test_nothing_listens_beyond_this_machine(stack: RunningStack) -> None:
    listening: set[tuple[str, str]] = set()
    for name in PARTS:
        root = psutil.Process(stack.engine.alive()[name].pid)
        for process in [root, *root.children(recursive=True)]:
            listening |= {
                (name, connection.laddr.ip)
                for connection in process.net_connections("inet")
                if connection.status == psutil.CONN_LISTEN
            }
    assert {name for name, _ in listening} >= {"postgres", "temporal", "s3", "simulators", "web"}
    assert {(name, address) for name, address in listening if address not in ("127.0.0.1", "::1")} == set()


def test_no_log_holds_a_key(stack: RunningStack) -> None:
    kept = secrets.keep(stack.data)
    for path in (stack.data / "logs").iterdir():
        text = path.read_text(encoding="utf-8", errors="replace")
        assert [name for name, value in kept.items() if value in text] == [], path.name


def test_a_killed_worker_comes_back(stack: RunningStack) -> None:
    stack.kill("worker")
    assert not stack.alive("worker")
    assert stack.mend() == ["worker"]
    assert stack.alive("worker")
    assert stack.mend() == []


@pytest.mark.parametrize("name", ["postgres", "temporal", "s3"])
def test_the_pages_serve_again_after_a_server_was_killed(stack: RunningStack, name: str) -> None:
    stack.kill(name)
    stack.start(name)
    stack.engine.wait_until(lambda: http_status(f"{stack.url}/health/ready") == 200, 20)
    assert stack.alive("worker"), stack.log("worker")[-2000:]


def test_the_demo_logins_are_there_with_different_second_factors(stack: RunningStack) -> None:
    rows = stack.sql("select login, totp_sealed from staff order by login")
    assert [login for login, _ in rows] == sorted(player.login for player in demo_staff.PLAYERS)
    assert len({bytes(sealed) for _, sealed in rows}) == len(demo_staff.PLAYERS)  # type: ignore[arg-type]


def test_the_whole_system_fits_into_its_memory(stack: RunningStack) -> None:
    used = {name: tree_bytes(psutil.Process(stack.engine.alive()[name].pid)) >> 20 for name in PARTS}
    assert sum(used.values()) < 1_200, used
