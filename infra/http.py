"""HTTP clients for the world outside: with timeouts, never following redirects, never through an ambient proxy."""

import ssl
from functools import cache

import httpx2

CONNECT_SECONDS = 2.0  # a host that does not even answer the handshake is away; waiting longer helps nobody


@cache
def _trusted() -> ssl.SSLContext:
    """The roots that are trusted, read once: some thirty milliseconds for each of a dozen parties else."""
    return httpx2.create_ssl_context(trust_env=False)


def client(
    base_url: str, *, timeout: float = 10.0, connections: int = 20, headers: dict[str, str] | None = None
) -> httpx2.AsyncClient:
    """A client of one party; ``timeout`` is seconds for each read or write. Close it (``async with`` or ``aclose``)."""
    return httpx2.AsyncClient(
        verify=_trusted(),
        base_url=base_url,
        timeout=httpx2.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout)),
        limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
        headers={"User-Agent": "huoshui/1", **(headers or {})},
        follow_redirects=False,
        trust_env=False,
    )
