"""``call-during-close``: what an owner waits for a payoff quote and for how to pay it, while a day is closed."""

import asyncio
from collections.abc import Sequence

from ops.bench import loans
from ops.bench.crowd import Crowd
from ops.bench.figures import Bar, Figure, percentile
from ops.bench.hands import hands, line
from ops.bench.pace import milliseconds
from ops.demo.town import Owner
from ops.stack.postgres import DATABASE
from ops.stack.testing import Database, RunningStack

NAME = "call-during-close"
COUNT, PROCESSES, LEAST = 100_000, 2, 20
FIRST = 5_000
BAR = Bar("ours", 300)
# The two calls of somebody who pays a loan off.
CALLS = ("payoff", "ways-to-pay")


async def measure(stack: RunningStack, crowd: Crowd, count: int = COUNT) -> list[Figure]:
    """Milliseconds at the 95th percentile of each call during the close; the same calls before it beside them."""
    database = Database(DATABASE, stack.plan.postgres.url(), stack.owner_url, stack.plan.postgres)
    await asyncio.to_thread(loans.make, database, count, crowd.seed)
    owner, loan_id = await _borrower(crowd)
    calm: dict[str, list[float]] = {name: [] for name in CALLS}
    for _ in range(LEAST):
        await _both(owner, loan_id, calm)
    busy: dict[str, list[float]] = {name: [] for name in CALLS}
    shards = range(-(-count // loans.SHARD))
    told = (stack.plan.postgres.url(), loans.CLOSED_ON.isoformat())
    async with hands("ops.bench.closers", [told] * PROCESSES) as processes:
        closing = asyncio.gather(
            *(line(one, " ".join(map(str, shards[n::PROCESSES]))) for n, one in enumerate(processes))
        )
        while not closing.done():
            await _both(owner, loan_id, busy)
        closed = sum(int(answer.split()[0]) for answer in await closing)
    if closed != count:
        raise NotClosed(f"{closed} of {count} loans")
    return [_figure(name, busy[name], calm[name], crowd.seed) for name in CALLS]


class NotClosed(Exception):
    """The day was not closed for every loan: nothing was measured."""


async def _borrower(crowd: Crowd) -> tuple[Owner, str]:
    (owner,) = await crowd.approved_owners(1)
    await owner.choose()
    await owner.sign(await owner.read_key_facts())
    await owner.until_stage("funded")
    answer = await owner.caller.http.get("/v1/loans")
    return owner, str(answer.json()["items"][0]["id"])


async def _both(owner: Owner, loan_id: str, into: dict[str, list[float]]) -> None:
    for name in CALLS:

        async def call(name: str = name) -> None:
            answer = await owner.caller.http.get(f"/v1/loans/{loan_id}/{name}")
            answer.raise_for_status()

        into[name].append(await milliseconds(call))


def _figure(name: str, busy: Sequence[float], calm: Sequence[float], seed: int) -> Figure:
    return Figure(
        name=f"{NAME}-{name}",
        unit="ms",
        ours=percentile(busy, 0.95),
        floor=percentile(calm, 0.95),
        n=len(busy),
        seed=seed,
        meaning="the same call while nothing is closed, p95",
        bars=(BAR,),
    )
