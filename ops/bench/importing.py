"""``import``: a bill from its file to rows, against a COPY of the same rows into the same table."""

import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

from ops.bench.figures import Figure, median
from ops.stack import testing

LINES = 60_000  # some 9 MB: a busy shop's year
ROUNDS = 3
FIRM = UUID(int=1)
HEADING = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注"


async def measure(seed: int) -> list[Figure]:
    """Lines a second, median of three rounds each."""
    from imports.streaming import Children

    index_key = os.urandom(32)
    with testing.databases() as servers, testing.folder() as folder:
        database = servers.fresh()
        path = folder / "bill.csv"
        path.write_text("".join(bill(LINES, seed)), encoding="utf-8")
        ours: list[float] = []
        floor: list[float] = []
        async with Children(warm=1) as children:
            for _ in range(ROUNDS):
                took, blocks = await _import(database, path, index_key, children)
                ours.append(LINES / took)
                floor.append(LINES / await _copy(database, blocks))
    return [
        Figure(
            name="import",
            unit="lines/s",
            ours=median(ours),
            floor=median(floor),
            n=LINES,
            seed=seed,
            meaning="COPY of the same rows into the same table",
        )
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


async def _import(
    database: testing.Database, path: Path, index_key: bytes, children: object
) -> tuple[float, list[bytes]]:
    from db.copying import copy_blocks
    from db.sessions import Sessions
    from imports.lines import COPY_COLUMNS
    from imports.streaming import Children, stream

    assert isinstance(children, Children)  # noqa: S101 (for the type checker)
    database.execute("truncate statement_line")
    sessions = Sessions(testing.settings_for(database=database), scope="worker")
    seen: list[bytes] = []
    begun = time.perf_counter()
    rows = stream(
        path, name="bill", firm_id=FIRM, file_id=UUID(int=2), index_key=index_key, known=set(), children=children
    )

    async def kept() -> AsyncIterator[bytes]:
        async for block in rows:
            seen.append(block)
            yield block

    async with sessions.begin() as session, rows:
        await copy_blocks(session, "statement_line", COPY_COLUMNS, kept())
    took = time.perf_counter() - begun
    await sessions.close()
    if rows.summary.lines != LINES:
        raise AssertionError(f"{rows.summary.lines} of {LINES} lines were understood")
    return took, seen


async def _copy(database: testing.Database, blocks: list[bytes]) -> float:
    from db.copying import copy_blocks
    from db.sessions import Sessions
    from imports.lines import COPY_COLUMNS

    database.execute("truncate statement_line")
    sessions = Sessions(testing.settings_for(database=database), scope="worker")

    async def again() -> AsyncIterator[bytes]:
        for block in blocks:
            yield block

    begun = time.perf_counter()
    async with sessions.begin() as session:
        await copy_blocks(session, "statement_line", COPY_COLUMNS, again())
    took = time.perf_counter() - begun
    await sessions.close()
    return took
