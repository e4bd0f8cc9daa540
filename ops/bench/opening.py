"""``first-page``: what the first page weighs on the wire and what it costs the server."""

import gzip
import re
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from ops.bench.figures import Bar, Figure, spread
from ops.stack import probes, testing
from ops.stack.ports import HOST, Ports
from ops.stack.programs import Program

ROUNDS = 200
WARM_UP = 10
KIBIBYTE = 1024
# What a browser loads by itself: what the page links, and what a stylesheet of it names.
LINKED = re.compile(rb"""(?:\ssrc=|\shref=|url\()["']?(/static/[^"')\s>]+)""")
# As a browser asks.
HEADERS = {"Accept-Encoding": "gzip", "Accept": "text/html", "Accept-Language": "zh-CN"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer: ``wire`` is all of it in bytes, status line and headers included; ``content`` is unpacked."""

    wire: int
    packed: bytes
    content: bytes
    headers: dict[str, str]


async def measure(url: str, seed: int) -> list[Figure]:
    """Bytes of the page and all that it loads, compressed as a browser gets them; milliseconds of the page alone."""
    async with _browser(url) as browser:
        page = await fetch(browser, "/")
        loaded = [page, *[part async for part in _linked(browser, page)]]
        with testing.folder(durable=True) as folder, still(folder, page) as static_url:
            async with _browser(static_url) as beside:
                ours, floor = await _in_turn(browser, beside)
    weight = Figure(
        name="first-page-bytes",
        unit="bytes",
        ours=sum(part.wire for part in loaded),
        floor=len(gzip.compress(b"".join(part.content for part in loaded), 9)),
        n=len(loaded),
        seed=seed,
        meaning="all of it in one gzip -9, without headers",
        bars=(Bar("ours", 60 * KIBIBYTE),),
    )
    meaning = "the same bytes as a static page, same server"
    return [weight, *spread("first-page", ours, floor, seed=seed, meaning=meaning, p95=(Bar("ours", 100),))]


async def fetch(browser: httpx2.AsyncClient, path: str) -> Fetched:
    """One answer as it came over the wire. Raises for any status of failure."""
    async with browser.stream("GET", path) as answer:
        answer.raise_for_status()
        packed = b"".join([part async for part in answer.aiter_raw()])
        headers = dict(answer.headers)
    status_line = len(f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}\r\n")
    heading = status_line + sum(len(name) + len(value) + 4 for name, value in answer.headers.raw) + 2
    content = gzip.decompress(packed) if headers.get("content-encoding") == "gzip" else packed
    return Fetched(heading + len(packed), packed, content, headers)


async def _linked(browser: httpx2.AsyncClient, page: Fetched) -> AsyncIterator[Fetched]:
    """Each thing once, and what it names in turn."""
    seen: set[bytes] = set()
    waiting = LINKED.findall(page.content)
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            part = await fetch(browser, path.decode().replace("&amp;", "&"))
            waiting += LINKED.findall(part.content) if "css" in part.headers.get("content-type", "") else []
            yield part


async def _in_turn(browser: httpx2.AsyncClient, beside: httpx2.AsyncClient) -> tuple[list[float], list[float]]:
    """Milliseconds of each, in turn: what slows the machine down slows both."""
    took: tuple[list[float], list[float]] = ([], [])
    for n in range(-WARM_UP, ROUNDS):
        for one, into in zip((browser, beside), took, strict=True):
            begun = time.perf_counter()
            (await one.get("/")).raise_for_status()
            if n >= 0:
                into.append((time.perf_counter() - begun) * 1000)
    return took


@asynccontextmanager
async def _browser(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=url, headers=HEADERS, trust_env=False, timeout=30) as made:
        yield made


@contextmanager
def still(folder: Path, page: Fetched) -> Iterator[str]:
    """The page's bytes as they are, answered by the same server software in a process of its own; its address."""
    port = Ports().get("still")
    (folder / "page").write_bytes(page.packed)
    kind, packing = (page.headers.get(name, "") for name in ("content-type", "content-encoding"))
    program = Program(
        name="still",
        argv=(sys.executable, "-m", "ops.bench.still", str(port), str(folder / "page"), kind, packing),
        log=folder / "still.log",
        env={"PATH": "/usr/bin:/bin"},
        ready=lambda: probes.http_status(port, "/") == 200,
    )
    with testing.running(program):
        yield f"http://{HOST}:{port}"
