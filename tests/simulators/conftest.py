"""A real simulator process on a free port, with a receiver for its callbacks that answers as a test wants."""

import asyncio
import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx2
import pytest

PARTIES = (
    *("rail", "identity", "bureau", "courts", "registry", "tax", "pledges", "estates", "patents", "vehicles", "fields"),
    *("places", "live", "messages", "firms"),
)
RAIL_SECRET = "whsec_" + base64.b64encode(b"rail secret of the tests, 32 byt").decode()
MAIL_SECRET = "whsec_" + base64.b64encode(b"mail secret of the tests, 32 bytes!").decode()
REVENUE_SECRET = "whsec_" + base64.b64encode(b"revenue secret of the tests, 32b").decode()


@dataclass
class Delivery:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def content(self) -> dict:
        return json.loads(self.body)


@dataclass
class Receiver:
    """The lender's public address as the world sees it. ``answer`` decides each reply's status; ``clock`` is served."""

    url: str = ""
    deliveries: list[Delivery] = field(default_factory=list)
    answer: Callable[[Delivery], int] = lambda _delivery: 204
    clock: dict | None = None

    def about(self, name: str) -> list[Delivery]:
        """The deliveries that speak of ``name``: a payment, an account, a batch."""
        return [delivery for delivery in self.deliveries if name.encode() in delivery.body]

    def reset(self) -> None:
        self.deliveries.clear()
        self.answer = lambda _delivery: 204
        self.clock = None

    async def until(self, seen: Callable[[], bool], seconds: float = 10.0) -> None:
        end = time.monotonic() + seconds
        while not seen():
            assert time.monotonic() < end, f"not seen in {seconds} s; got {[d.path for d in self.deliveries]}"
            await asyncio.sleep(0.02)


@contextmanager
def receiving() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            delivery = Delivery(self.path, {k.lower(): v for k, v in self.headers.items()}, body, time.monotonic())
            state.deliveries.append(delivery)
            self.send_response(state.answer(delivery))
            self.send_header("content-length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            body = json.dumps(state.clock).encode()
            self.send_response(200 if state.clock and self.path == "/v1/clock" else 404)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


@dataclass
class World:
    """A simulator process; ``kill`` takes it down as a power cut would, ``start`` brings it back on the same books."""

    data: Path
    receiver: Receiver
    environment: dict[str, str]
    process: subprocess.Popen | None = None
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.url, timeout=10, trust_env=False, verify=False)

    def start(self) -> None:
        (self.data / "port").unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulators"],
            env={**os.environ, **self.environment, "HUOSHUI_SIMULATORS_PORT": str(self.port)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        end = time.monotonic() + 20
        while time.monotonic() < end:
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read().decode()
            if (self.data / "port").exists() and (text := (self.data / "port").read_text()).endswith("\n"):
                self.port = int(text)
                try:
                    if httpx2.get(f"{self.url}/health", trust_env=False).status_code == 200:
                        return
                except httpx2.HTTPError:
                    pass
            time.sleep(0.02)
        raise AssertionError("the simulators did not come up in 20 s")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process is not None and self.process.stderr is not None:
            self.process.stderr.close()


@contextmanager
def running(data: Path, receiver: Receiver, **more: str) -> Iterator[World]:
    environment = {
        "HUOSHUI_SIMULATORS_DATA": str(data),
        "HUOSHUI_PUBLIC_URL": receiver.url,
        "HUOSHUI_RAIL_WEBHOOK_SECRET": RAIL_SECRET,
        "HUOSHUI_REVENUE_WEBHOOK_SECRET": REVENUE_SECRET,
        "HUOSHUI_MESSAGES_WEBHOOK_SECRET": MAIL_SECRET,
        "HUOSHUI_RAIL_CREDIT_DELAY_SECONDS": "0.1",
        "HUOSHUI_RAIL_CUTOFF_SECONDS": "2",
    }
    world = World(data, receiver, environment | more)
    world.start()
    try:
        yield world
    finally:
        world.stop()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One process for all tests that leave it standing; they keep apart by the names they use."""
    with receiving() as receiver, running(tmp_path_factory.mktemp("world"), receiver) as world:
        yield world


@pytest.fixture(scope="session")
async def line(shared: World) -> AsyncIterator[httpx2.AsyncClient]:
    async with shared.client() as client:
        yield client


@pytest.fixture
async def http(line: httpx2.AsyncClient) -> AsyncIterator[httpx2.AsyncClient]:
    """A line to the shared process; no fault of a test outlives it."""
    yield line
    for party in PARTIES:
        await line.delete(f"/{party}/faults")


@pytest.fixture
def receiver(shared: World) -> Receiver:
    shared.receiver.reset()
    return shared.receiver


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[World]:
    """A process of one's own, to be killed."""
    with receiving() as receiver, running(tmp_path, receiver) as world:
        yield world


@pytest.fixture
def ticking(tmp_path: Path) -> Iterator[World]:
    """A process of one's own whose firms live by the receiver's clock."""
    with receiving() as receiver, running(tmp_path, receiver, HUOSHUI_SIMULATORS_TICK="1") as world:
        yield world


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name that no other test uses."""
    return "t" + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:10]


@pytest.fixture
def card(name: str) -> str:
    """An account number that no other test uses."""
    return f"620009{int(name[1:], 16) % 10**12:012d}8"


@pytest.fixture
def rail_secret() -> str:
    return RAIL_SECRET


@pytest.fixture
def revenue_secret() -> str:
    return REVENUE_SECRET
