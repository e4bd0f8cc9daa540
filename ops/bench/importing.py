"""``import``: a bill from its file to rows, against a COPY of the same rows into the same table."""

import csv
import os
import random
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import psutil

from db.copying import copy_blocks
from db.sessions import Sessions
from imports.lines import COPY_COLUMNS
from imports.streaming import Children, stream
from infra.confinement import Limits
from ops.bench.figures import Bar, Figure, median
from ops.stack import testing

LINES = 200_000  # some 34 MB: the largest that wallets export, of a busy chain
MILLION = 1_000_000
ROOMY = Limits(cpu_seconds=300, memory_bytes=4 << 30)  # for a file ten times as large as any that is taken in
LARGEST_BYTES = 64 * 1024 * 1024
ROUNDS = 5
FIRM = UUID(int=1)
HEADING = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注"


class LinesMissing(Exception):
    """The reader did not understand what was measured."""


async def measure(seed: int) -> list[Figure]:
    """On a server of its own, whose commits reach the disk."""
    with testing.databases(durable=True) as servers:
        return [await compared(servers.fresh(), seed, lines=LINES, rounds=ROUNDS)]


async def compared(database: testing.Database, seed: int, *, lines: int, rounds: int) -> Figure:
    """Lines a second from opening the file to the commit, ours and floor in turn, the median of the rounds each."""
    index_key = os.urandom(32)
    ours: list[float] = []
    floor: list[float] = []
    with testing.folder(durable=True) as folder:
        path = folder / "bill.csv"
        path.write_text("".join(bill(lines, seed)), encoding="utf-8")
        async with Children(warm=1) as children, _sessions(database) as sessions:
            for _ in range(rounds):
                database.execute("truncate statement_line")
                took, blocks = await _import(sessions, path, index_key, children, lines)
                ours.append(lines / took)
                database.execute("truncate statement_line")
                floor.append(lines / await copy(sessions, blocks))
    return Figure(
        name="import",
        unit="lines/s",
        ours=median(ours),
        floor=median(floor),
        n=lines,
        seed=seed,
        meaning="COPY of the same rows into the same table",
        bars=(Bar("ours", 50_000, at_least=True), Bar("ratio", 0.5, at_least=True)),
    )


async def million(seed: int) -> list[Figure]:
    """A bill of a million lines from its file to rows, and the most memory that its reader took."""
    return await from_file(seed, lines=MILLION)


async def from_file(seed: int, *, lines: int) -> list[Figure]:
    """Lines a second and megabytes at most, each beside a floor: bare reading of cells, and the file itself."""
    with testing.folder(durable=True) as folder:
        path = folder / "bill.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(bill(lines, seed))
        begun = time.perf_counter()
        with path.open(encoding="utf-8", newline="") as file:
            cells = sum(map(len, csv.reader(file)))
        floor = lines / (time.perf_counter() - begun)
        rows = stream(
            path,
            name="bill",
            firm_id=FIRM,
            file_id=UUID(int=2),
            index_key=os.urandom(32),
            children=Children(warm=0, limits=ROOMY),
            limit_bytes=1 << 30,
        )
        peak = 0
        begun = time.perf_counter()
        async with rows:
            reader = psutil.Process(rows.reader)
            async for _ in rows:
                peak = max(peak, reader.memory_info().rss)
        took = time.perf_counter() - begun
        size = path.stat().st_size
    if rows.summary.lines != lines or not cells:
        raise LinesMissing(f"{rows.summary.lines} of {lines} lines were understood")
    return [
        Figure(
            name="import-1m",
            unit="lines/s",
            ours=lines / took,
            floor=floor,
            n=lines,
            seed=seed,
            meaning="the cells alone, by csv.reader",
            bars=(Bar("ours", 50_000, at_least=True),),
        ),
        Figure(
            name="import-1m-memory",
            unit="MB",
            ours=peak / 1e6,
            floor=size / 1e6,
            n=lines,
            seed=seed,
            meaning="the file's own size",
            bars=(Bar("ours", 1_500),),
        ),
    ]


def bill(lines: int, seed: int) -> Iterator[str]:
    """A WeChat Pay bill of sales, some of them given back, over a year."""
    chance = random.Random(seed)  # noqa: S311 (not a secret)
    yield f"微信支付账单明细,,,,,,,,,,\r\n----微信支付账单明细列表----,,,,,,,,,,\r\n{HEADING}\r\n"
    for n in range(lines):
        day, minute = divmod(n * 365 * 1440 // lines, 1440)
        month, date = divmod(day, 31)
        at = f"2025-{min(month + 1, 12):02}-{min(date, 27) + 1:02} {minute // 60:02}:{minute % 60:02}:{n % 60:02}"
        amount = f"{chance.randint(100, 20_000) / 100:.2f}"
        way, kind = ("支出", "商户消费") if chance.random() < 0.2 else ("收入", "二维码收款")
        who, number = f"客人{chance.randint(1, 3_000)}", f"1000050001{n:015}"
        yield f'{at},{kind},{who},"收款方备注:二维码收款",{way},¥{amount},零钱,已收钱,"{number}\t","/\t","/"\r\n'


@asynccontextmanager
async def _sessions(database: testing.Database) -> AsyncGenerator[Sessions]:
    made = Sessions(testing.settings_for(database=database), scope="worker")
    try:
        yield made
    finally:
        await made.close()


async def _import(
    sessions: Sessions, path: Path, index_key: bytes, children: Children, lines: int
) -> tuple[float, list[bytes]]:
    """Seconds, and the rows as they went into the table."""
    seen: list[bytes] = []
    begun = time.perf_counter()
    rows = stream(
        path,
        name="bill",
        firm_id=FIRM,
        file_id=UUID(int=2),
        index_key=index_key,
        known=set(),
        children=children,
        limit_bytes=LARGEST_BYTES,
    )

    async def kept() -> AsyncIterator[bytes]:
        async for block in rows:
            seen.append(block)
            yield block

    async with rows:
        await _committed(sessions, kept())
    took = time.perf_counter() - begun
    if rows.summary.lines != lines:
        raise LinesMissing(f"{rows.summary.lines} of {lines} lines were understood")
    return took, seen


async def copy(sessions: Sessions, blocks: list[bytes]) -> float:
    """Seconds that the bare COPY of rows takes, with its commit."""

    async def again() -> AsyncIterator[bytes]:
        for block in blocks:
            yield block

    begun = time.perf_counter()
    await _committed(sessions, again())
    return time.perf_counter() - begun


async def _committed(sessions: Sessions, blocks: AsyncIterable[bytes]) -> None:
    async with sessions.begin() as session:
        await copy_blocks(session, "statement_line", COPY_COLUMNS, blocks)
