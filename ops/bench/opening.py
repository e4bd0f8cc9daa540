"""``first-page``: what the first page weighs on the wire and costs the server."""

import re
import time

import httpx2

from ops.bench.figures import Figure, median, percentile
from ops.stack.testing import RunningStack

ROUNDS = 60
BUDGET_BYTES = 60 * 1024
LINKED = re.compile(rb"""(?:src|href)=["'](/static/[^"']+)["']""")


async def measure(stack: RunningStack, seed: int) -> list[Figure]:
    """Bytes of the page and all that it links, compressed as a browser gets them; milliseconds of the page alone."""
    headers = {"Accept-Encoding": "gzip, deflate, br", "Accept": "text/html", "Accept-Language": "zh-CN"}
    async with httpx2.AsyncClient(base_url=stack.url, headers=headers, trust_env=False, timeout=30) as browser:
        page, weight = await _fetched(browser, "/")
        linked = sorted(set(LINKED.findall(page)))
        for path in linked:
            weight += (await _fetched(browser, path.decode()))[1]
        ours = [await _timed(browser, "/") for _ in range(ROUNDS)]
        floor = [await _timed(browser, "/health/live") for _ in range(ROUNDS)]
    what = "the emptiest answer of the same process"
    common = {"n": ROUNDS, "seed": seed, "meaning": what}
    return [
        Figure(name="first-page", unit="ms p50", ours=median(ours), floor=median(floor), **common),
        Figure(
            name="first-page-p95", unit="ms p95", ours=percentile(ours, 0.95), floor=percentile(floor, 0.95), **common
        ),
        Figure(
            name="first-page-bytes",
            unit="bytes",
            ours=weight,
            floor=BUDGET_BYTES,
            n=1 + len(linked),
            seed=seed,
            meaning="the budget of 60 KiB",
        ),
    ]


async def _fetched(browser: httpx2.AsyncClient, path: str) -> tuple[bytes, int]:
    """The content, and its bytes as they came over the wire, headers included."""
    async with browser.stream("GET", path) as answer:
        answer.raise_for_status()
        raw = b"".join([part async for part in answer.aiter_raw()])
        heading = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    return (await browser.get(path)).content, len(raw) + heading


async def _timed(browser: httpx2.AsyncClient, path: str) -> float:
    begun = time.perf_counter()
    (await browser.get(path)).raise_for_status()
    return (time.perf_counter() - begun) * 1000
