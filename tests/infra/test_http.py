import asyncio
import time

import httpx2
import pytest

from infra.http import client


@pytest.fixture
async def deaf_server():
    """Accepts a connection and never answers."""

    async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(ignore, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_a_party_that_never_answers_is_given_up_in_time(deaf_server: str) -> None:
    started = time.monotonic()
    async with client(deaf_server, timeout=0.2) as party:
        with pytest.raises(httpx2.TimeoutException):
            await party.get("/")
    assert time.monotonic() - started < 2


async def test_a_redirect_is_not_followed() -> None:
    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(redirect, "127.0.0.1", 0)
    async with server, client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as party:
        assert (await party.get("/")).status_code == 302


async def test_an_ambient_proxy_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    # A host name, because loopback addresses are exempt from some proxy rules.
    async with server, client(f"http://localhost:{server.sockets[0].getsockname()[1]}") as party:
        assert (await party.get("/")).status_code == 204
