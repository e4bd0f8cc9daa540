"""Parties for the gateways: the simulated world in this process, and servers that misbehave on the wire."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx2
import pytest

from infra.http import client
from simulators.settings import WorldSettings
from simulators.world import world

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
async def party(tmp_path: Path) -> AsyncIterator[Callable[[str], httpx2.AsyncClient]]:
    """``party("rail")``: a client of that party of a simulated world."""
    settings = WorldSettings(
        host="127.0.0.1",
        port=0,
        data=tmp_path,
        public_url="http://127.0.0.1:9",
        rail_secret=SECRET,
        revenue_secret=SECRET,
        messages_secret=SECRET,
        rail_credit_delay=0.05,
    )
    app = world(settings)
    clients: list[httpx2.AsyncClient] = []

    def of(name: str) -> httpx2.AsyncClient:
        made = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=f"http://world/{name}")
        clients.append(made)
        return made

    async with app.router.lifespan_context(app):
        yield of
        for made in clients:
            await made.aclose()


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def http_reply(status: int, body: bytes, headers: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n{headers}\r\n".encode() + body


@pytest.fixture
async def wire() -> AsyncIterator[Callable]:
    """``await wire(talk)``: a client of a server that talks so, after it has read the request's head and body."""
    servers: list[asyncio.Server] = []
    clients: list[httpx2.AsyncClient] = []
    done = asyncio.Event()

    async def start(talk: Talk | bytes) -> httpx2.AsyncClient:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        await reader.readexactly(int(line.split(b":")[1]))
                if isinstance(talk, bytes):
                    writer.write(talk)
                    await writer.drain()
                else:
                    await talk(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        servers.append(server)
        made = client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/party", timeout=5)
        clients.append(made)
        return made

    start.done = done
    yield start
    done.set()
    for made in clients:
        await made.aclose()
    for server in servers:
        server.close()


@pytest.fixture
def silent(wire) -> Talk:
    """Reads and never answers."""

    async def talk(_reader, _writer) -> None:
        await wire.done.wait()

    return talk


@pytest.fixture
def dripping(wire) -> Talk:
    """Answers a byte at a time, for ever."""

    async def talk(_reader, writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while not wire.done.is_set():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    return talk


@pytest.fixture
def resetting() -> Talk:
    """Cuts the line with a reset after it has read the request."""

    async def talk(_reader, writer) -> None:
        writer.transport.abort()

    return talk


@pytest.fixture
def answering() -> Callable[..., bytes]:
    """``answering(200, {...})`` or raw bytes: what the server says."""

    def answer(status: int, body: dict | bytes, headers: str = "") -> bytes:
        return http_reply(status, body if isinstance(body, bytes) else json.dumps(body).encode(), headers)

    return answer


@pytest.fixture
async def nobody() -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an address where nobody listens."""
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with client(f"http://127.0.0.1:{port}", timeout=1) as made:
        yield made
