"""``close-10k``, ``close-100k``, ``close-1m``: a day's close of so many loans, against COPY of the rows it writes."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from typing import LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

from ops.bench import loans
from ops.bench.figures import Bar, Figure
from ops.bench.hands import hands, line
from ops.stack import testing
from ops.stack.postgres import SUPERUSER

NAMES = ("close-10k", "close-100k", "close-1m")
COUNTS = {"close-10k": 10_000, "close-100k": 100_000, "close-1m": 1_000_000}
PROCESSES = 2
MINUTES = {"close-1m": Bar("ours", 180)}
# Where a close writes, and which of the rows are its own.
WRITTEN: dict[LiteralString, LiteralString] = {
    "loan_balance": "true",
    "revenue_day": "swept_on is not null",
    "collection": "true",
    "entry": "true",
    "posting": "true",
    "close_shard": "true",
}
MEANING = "COPY of the rows that it wrote into the same tables with their indexes, no triggers, two connections"


class NotClosed(Exception):
    """The day was not closed for every loan."""


def measure(names: Collection[str], seed: int, said: Callable[[str], None]) -> list[Figure]:
    """On a server of its own, whose commits reach the disk."""
    figures: list[Figure] = []
    with testing.databases(durable=True) as servers:
        for name in NAMES:
            if name in names:
                said(f"{name} …")
                database = servers.fresh()
                figures += asyncio.run(closed(database, name, COUNTS[name], seed))
                servers.drop(database)
    return figures


async def closed(database: testing.Database, name: str, count: int, seed: int) -> list[Figure]:
    """Seconds that all shards of a day take in two processes, and the largest process's memory in MB."""
    await asyncio.to_thread(loans.make, database, count, seed)
    shards = range(-(-count // loans.SHARD))
    told = (database.url, loans.CLOSED_ON.isoformat())
    async with hands("ops.bench.closers", [told] * PROCESSES) as processes:
        begun = time.perf_counter()
        answers = await asyncio.gather(
            *(line(one, " ".join(map(str, shards[n::PROCESSES]))) for n, one in enumerate(processes))
        )
        ours = time.perf_counter() - begun
    done = sum(int(answer.split()[0]) for answer in answers)
    if done != count:
        raise NotClosed(f"{done} of {count} loans")
    memory = sum(int(answer.split()[1]) for answer in answers) / 1024
    floor = await _copied(database)
    bars = (Bar("ratio", 1 / 0.3), *([MINUTES[name]] if name in MINUTES else []))
    return [
        Figure(name=name, unit="s", ours=ours, floor=floor, n=count, seed=seed, meaning=MEANING, bars=bars),
        Figure(
            name=f"{name}-memory", unit="MB", ours=memory, floor=None, n=count, seed=seed,
            meaning="of both processes at their largest", bars=(Bar("ours", 2048),),
        ),
    ]  # fmt: skip


async def _copied(database: testing.Database) -> float:
    """Seconds to COPY the same bytes back into emptied tables."""
    url = database.server.url(SUPERUSER, database.name, driver="postgresql")
    bytes_of: dict[str, list[bytes]] = {}
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        for table, which in WRITTEN.items():
            query = SQL("copy (select * from {} where {}) to stdout").format(Identifier(table), SQL(which))
            async with cursor.copy(query) as copy:
                bytes_of[table] = _in_blocks([bytes(block) async for block in copy])
        for table in WRITTEN:
            await cursor.execute(SQL("alter table {} disable trigger all").format(Identifier(table)))
        await cursor.execute(f"truncate {', '.join(WRITTEN)} cascade".encode())
        await cursor.execute("checkpoint")
    halves = [{table: blocks[n::PROCESSES] for table, blocks in bytes_of.items()} for n in range(PROCESSES)]
    begun = time.perf_counter()
    await asyncio.gather(*(_copy(url, half) for half in halves))
    return time.perf_counter() - begun


async def _copy(url: str, half: dict[str, list[bytes]]) -> None:
    async with await psycopg.AsyncConnection.connect(url) as connection, connection.cursor() as cursor:
        for table, blocks in half.items():
            async with cursor.copy(SQL("copy {} from stdin").format(Identifier(table))) as copy:
                for block in blocks:
                    await copy.write(block)


def _in_blocks(rows: Sequence[bytes]) -> list[bytes]:
    """Rows together in blocks, so that the floor is not slowed by our calls."""
    return [b"".join(rows[start : start + 500]) for start in range(0, len(rows), 500)]
