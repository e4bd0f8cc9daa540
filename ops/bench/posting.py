"""``posting`` and ``posting-bulk``: entries into the journal, one a transaction and many by COPY, against bare rows."""

import asyncio
import re
import subprocess
import time
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import islice

import psycopg
from sqlalchemy import text

from db import closes
from db.copying import copy_blocks
from db.sessions import Sessions
from ops.bench.figures import Bar, Figure, median
from ops.bench.hands import hands, line
from ops.bench.posters import CURRENCY, repayments
from ops.stack import testing
from ops.stack.binaries import postgres_folder
from ops.stack.postgres import SUPERUSER

NAMES = ("posting", "posting-bulk")
CLIENTS, PROCESSES = 8, 2
SECONDS = 3.0
ROUNDS = 3
BULK = 40_000
# What no lender could do with less: a row for the entry, a row for its posting, and their commit.
BARE = (
    "create table bench_entry (id uuid, loan uuid, kind text, booked_at timestamptz, on_day date, source text)",
    "create table bench_posting (entry uuid, n smallint, debit text, credit text, amount bigint)",
)
BARE_SCRIPT = """
begin;
insert into bench_entry values (gen_random_uuid(), gen_random_uuid(), 'repayment', now(), current_date, 'rail:1');
insert into bench_posting values (gen_random_uuid(), 0, 'cash.wallet', 'loans.principal', :client_id + 1);
commit;
"""


class NotPosted(Exception):
    """The journal does not hold what was measured."""


async def measure(names: Collection[str], seed: int) -> list[Figure]:
    """On a server of its own, whose commits reach the disk."""
    figures: list[Figure] = []
    with testing.databases(durable=True) as servers:
        if "posting" in names:
            figures.append(await one_by_one(servers.fresh(), seed, seconds=SECONDS, rounds=ROUNDS))
        if "posting-bulk" in names:
            figures.append(await in_bulk(servers.fresh(), seed, entries=BULK, rounds=ROUNDS))
    return figures


async def one_by_one(database: testing.Database, seed: int, *, seconds: float, rounds: int) -> Figure:
    """Entries a second, each in a transaction of its own, eight clients; ours and the floor in turn."""
    database.execute(*BARE)
    ours: list[float] = []
    floor: list[float] = []
    made = 0
    async with _posters(database, seed) as posters, _sessions(database) as sessions:
        await _posted(posters, 0.3)  # pools are filled and statements prepared in nobody's time
        before = await _count(sessions)
        for _ in range(rounds):
            count, took = await _posted(posters, seconds)
            made += count
            ours.append(count / took)
            floor.append(await asyncio.to_thread(_bare, database, seconds))
        if await _count(sessions) - before != made:
            raise NotPosted(f"{made} were posted")
    return Figure(
        name="posting",
        unit="entries/s",
        ours=median(ours),
        floor=median(floor),
        n=made,
        seed=seed,
        meaning="pgbench: two bare rows and their commit, 8 clients too",
        bars=(Bar("ratio", 0.15, at_least=True),),
    )


async def in_bulk(database: testing.Database, seed: int, *, entries: int, rounds: int) -> Figure:
    """Entries a second as a close books them, against a COPY of the same bytes into the same tables."""
    ours: list[float] = []
    floor: list[float] = []
    made = [(entry, CURRENCY) for entry in islice(repayments(str(seed)), entries)]
    async with _sessions(database) as sessions:
        for _ in range(rounds):
            _empty(database)
            begun = time.perf_counter()
            async with sessions.begin() as session:
                await closes.copy_entries(session, made)
            ours.append(entries / (time.perf_counter() - begun))
            if await _count(sessions) != entries:
                raise NotPosted(f"{entries} were posted")
            rows, moves = await _written(database)
            _empty(database)
            begun = time.perf_counter()
            async with sessions.begin() as session:
                await copy_blocks(session, "entry", closes.ENTRY_COLUMNS, _once(rows))
                await copy_blocks(session, "posting", closes.POSTING_COLUMNS, _once(moves))
            floor.append(entries / (time.perf_counter() - begun))
    return Figure(
        name="posting-bulk",
        unit="entries/s",
        ours=median(ours),
        floor=median(floor),
        n=entries,
        seed=seed,
        meaning="COPY of the same bytes into the same tables",
        bars=(Bar("ratio", 0.5, at_least=True),),
    )


def _posters(database: testing.Database, seed: int) -> AbstractAsyncContextManager[list[Process]]:
    """Two processes of four clients each, as pgbench has two threads: one alone would leave the server waiting."""
    clients = str(CLIENTS // PROCESSES)
    return hands("ops.bench.posters", [(database.url, clients, f"{seed}/{number}") for number in range(PROCESSES)])


async def _posted(posters: list[Process], seconds: float) -> tuple[int, float]:
    """How many entries all clients post in so many seconds, and how long it took to the last commit."""
    answers = [said.split() for said in await asyncio.gather(*(line(one, str(seconds)) for one in posters))]
    return sum(int(count) for count, _ in answers), max(float(took) for _, took in answers)


def _bare(database: testing.Database, seconds: float) -> float:
    """Transactions a second that the server's own client makes."""
    with testing.folder(durable=True) as folder:
        script = folder / "bare.sql"
        script.write_text(BARE_SCRIPT, encoding="utf-8")
        url = database.server.url(SUPERUSER, database.name, driver="postgresql")
        done = subprocess.run(
            [
                str(postgres_folder() / "bin" / "pgbench"),
                *("-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(max(1, round(seconds)))),
                *("-f", str(script), url),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        raise NotPosted(done.stdout)
    return float(found[1])


def _empty(database: testing.Database) -> None:
    database.execute(
        "alter table entry disable trigger all",
        "alter table posting disable trigger all",
        "truncate entry, posting",
    )


async def _count(sessions: Sessions) -> int:
    async with sessions.begin() as session:
        return await session.scalar(text("select count(*) from entry")) or 0


async def _written(database: testing.Database) -> tuple[list[bytes], list[bytes]]:
    """What lies in the tables, as the server would write it for a COPY."""
    url = database.server.url(SUPERUSER, database.name, driver="postgresql")
    found: list[list[bytes]] = []
    async with await psycopg.AsyncConnection.connect(url) as connection, connection.cursor() as cursor:
        for table, columns in (("entry", closes.ENTRY_COLUMNS), ("posting", closes.POSTING_COLUMNS)):
            statement = f"copy {table} ({', '.join(columns)}) to stdout".encode()
            async with cursor.copy(statement) as copy:
                found.append([bytes(block) async for block in copy])
    return _in_blocks(found[0]), _in_blocks(found[1])


def _in_blocks(rows: list[bytes]) -> list[bytes]:
    """Rows together in blocks, so that the floor is not slowed by our calls."""
    return [b"".join(rows[start : start + 500]) for start in range(0, len(rows), 500)]


async def _once(blocks: list[bytes]) -> AsyncGenerator[bytes]:
    for block in blocks:
        yield block


@asynccontextmanager
async def _sessions(database: testing.Database) -> AsyncGenerator[Sessions]:
    made = Sessions(testing.settings_for(database=database), scope="worker")
    try:
        yield made
    finally:
        await made.close()
