"""``ingest``: a batch of a hundred thousand days from its bytes to its rows, against COPY of the same rows."""

import json
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from datetime import time as day_time

import psycopg

from api.hooks.revenue import read
from db import people, revenue
from db.sessions import Sessions
from infra import collecting
from infra.crypto import Vault
from infra.settings import Settings
from ops.bench import loans
from ops.bench.figures import Bar, Figure, median
from ops.stack import testing
from ops.stack.postgres import SUPERUSER

NAMES = ("ingest",)
ROWS = 100_000
ROUNDS = 3
AT = datetime.combine(loans.CLOSED_ON, day_time(23), UTC)


class NotTaken(Exception):
    """Not every day was taken."""


async def measure(seed: int) -> list[Figure]:
    """On a server of its own, whose commits reach the disk."""
    with testing.databases(durable=True) as servers:
        return [await taken(servers.fresh(), seed, rows=ROWS, rounds=ROUNDS)]


async def taken(database: testing.Database, seed: int, *, rows: int, rounds: int) -> Figure:
    """Rows a second, the median of the rounds each; every round tells each account's day for the first time."""
    settings = testing.settings_for(database=database)
    vault = Vault(settings)
    accounts = [f"6222{n:015d}" for n in range(rows)]
    loans.make(database, rows, seed, revenue=False)
    await _known(database, vault, accounts)
    body = _body(accounts)
    ours: list[float] = []
    floor: list[float] = []
    collecting.settle()
    async with _sessions(settings) as sessions:
        for n in range(rounds):
            database.execute("truncate revenue_day")
            begun = time.perf_counter()
            _, good, _ = read(vault, body, loans.CLOSED_ON, tabular=False)
            async with sessions.begin() as session:
                became = await revenue.take(session, "wallet", f"bench-{n}", good, AT)
            ours.append(rows / (time.perf_counter() - begun))
            if became.new != rows:
                raise NotTaken(f"{became.new} of {rows}")
            floor.append(rows / await _copied(database))
    return Figure(
        name="ingest",
        unit="rows/s",
        ours=median(ours),
        floor=median(floor),
        n=rows,
        seed=seed,
        meaning="COPY of the same rows into the same table, no triggers",
        bars=(Bar("ratio", 0.3, at_least=True),),
    )


def _body(accounts: Sequence[str]) -> bytes:
    day = {"on": loans.CLOSED_ON.isoformat(), "refunds_minor": 1_200, "chargebacks_minor": 0, "currency": "CNY"}
    rows = [{"account": account, "sales_minor": 100_000 + n, **day} for n, account in enumerate(accounts)]
    return json.dumps({"rows": rows}).encode()


async def _known(database: testing.Database, vault: Vault, accounts: Sequence[str]) -> None:
    """The loans are repaid from these accounts."""
    url = database.server.url(SUPERUSER, database.name, driver="postgresql")
    async with await psycopg.AsyncConnection.connect(url) as connection, connection.cursor() as cursor:
        await cursor.execute("create temporary table known (n bigint, account_index bytea)")
        async with cursor.copy("copy known from stdin") as copy:
            for n, account in enumerate(accounts):
                await copy.write_row((n, vault.blind_index(people.ACCOUNT, account)))
        await cursor.execute("set session_replication_role = replica")
        await cursor.execute(
            "update loan set account_index = known.account_index from known"
            " join (select id, row_number() over (order by id) - 1 as n from loan) numbered using (n)"
            " where loan.id = numbered.id"
        )
        await connection.commit()
        await connection.set_autocommit(True)
        await cursor.execute("vacuum analyze loan")


async def _copied(database: testing.Database) -> float:
    url = database.server.url(SUPERUSER, database.name, driver="postgresql")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        async with cursor.copy("copy revenue_day to stdout") as copy:
            rows = [bytes(block) async for block in copy]
        await cursor.execute("alter table revenue_day disable trigger all")
        await cursor.execute("truncate revenue_day")
        blocks = [b"".join(rows[start : start + 500]) for start in range(0, len(rows), 500)]
        begun = time.perf_counter()
        async with cursor.copy("copy revenue_day from stdin") as copy:
            for block in blocks:
                await copy.write(block)
        took = time.perf_counter() - begun
        await cursor.execute("alter table revenue_day enable trigger all")
    return took


@asynccontextmanager
async def _sessions(settings: Settings) -> AsyncGenerator[Sessions]:
    made = Sessions(settings, scope="worker")
    try:
        yield made
    finally:
        await made.close()
