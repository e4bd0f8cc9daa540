"""One process of a few clients that post into the journal: it says when it is ready, posts when told, says how many.

``python -m ops.bench.posters URL CLIENTS SEED``: each line on standard input is so many seconds of posting; the answer
is a line with the entries posted and the seconds that they took to the last commit.
"""

import asyncio
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy.engine import make_url

from db import ledger
from db.sessions import Sessions
from lending.ledger import Entry, Split, repayment
from ops.stack import testing

CURRENCY = "CNY"


def repayments(seed: str) -> Iterator[Entry]:
    """Repayments of principal on many loans, without an end: an entry and its posting, two rows each."""
    chance = random.Random(seed)  # noqa: S311 (not a secret)
    at, on = datetime(2026, 11, 21, 6, tzinfo=UTC), date(2026, 11, 21)
    n = 0
    while True:
        n += 1
        split = Split(0, chance.randint(1_000, 90_000), 0)
        loan_id = UUID(int=chance.getrandbits(128))
        cause = f"bench/{seed}/{n}"
        yield repayment(loan_id, split, cause=cause, booked_at=at, effective_on=on, source=f"rail:C{n}")


async def posted(sessions: Sessions, waiting: Iterator[Entry], clients: int, seconds: float) -> tuple[int, float]:
    """How many entries the clients post in so many seconds, each in a transaction, and how long it took in all."""
    begun = time.perf_counter()
    until = begun + seconds
    count = 0

    async def client() -> None:
        nonlocal count
        while time.perf_counter() < until:
            async with sessions.begin() as session:
                await ledger.post(session, next(waiting), currency=CURRENCY)
            count += 1

    await asyncio.gather(*(client() for _ in range(clients)))
    return count, time.perf_counter() - begun


async def main(url: str, clients: int, seed: str) -> None:
    settings = testing.settings_for(database_url=make_url(url).render_as_string(hide_password=False))
    sessions = Sessions(settings, scope="worker")
    waiting = repayments(seed)
    try:
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            count, took = await posted(sessions, waiting, clients, float(line))
            print(count, took, flush=True)
    finally:
        await sessions.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
