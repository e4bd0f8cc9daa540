"""Rows from a file into the table, in one transaction."""

from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from imports.lines import COPY_COLUMNS
from imports.misreadings import StatementNotUnderstood
from imports.statements import read
from imports.streaming import Children, stream

FIRM = UUID(int=7)
COPY = f"copy statement_line ({', '.join(COPY_COLUMNS)}) from stdin"


@pytest.fixture(scope="module")
async def children():
    async with Children(warm=1) as pool:
        yield pool


@pytest.fixture
async def connection(database):
    url = database.owner_url.replace("postgresql+psycopg", "postgresql")
    async with await psycopg.AsyncConnection.connect(url, options="-c app.scope=worker") as connection:
        await connection.execute("delete from statement_line")
        await connection.commit()
        yield connection


async def given(connection, path: Path, file: int, children: Children, known=None):
    rows = stream(
        path, name=path.name, firm_id=FIRM, file_id=UUID(int=file), index_key=b"k" * 32, known=known, children=children
    )
    async with connection.transaction(), rows, connection.cursor() as cursor, cursor.copy(COPY) as copy:
        async for block in rows:
            await copy.write(block)
    return rows


async def stored(connection) -> list[tuple]:
    cursor = await connection.execute(
        "select n, fingerprint, to_char(at, 'YYYY-MM-DD HH24:MI:SS'), on_date::text, direction, amount_minor, currency,"
        " kind, octet_length(counterparty_key), flags from statement_line order by file_id, n"
    )
    return await cursor.fetchall()


async def test_every_line_arrives_in_the_table_as_it_was_read(connection, wechat, row, tmp_path, children):
    path = tmp_path / "a.csv"
    path.write_text(wechat(*(row(f"2025-01-{day:02} 12:00:00", number=str(day)) for day in range(1, 29))))
    await given(connection, path, 1, children)
    lines = read(path.read_bytes()).lines
    assert await stored(connection) == [
        (n.row, n.fingerprint, n.at, n.on_date, n.direction, n.amount_minor, n.currency, n.kind, 8, n.flags)
        for n in lines
    ]


async def test_two_overlapping_files_store_each_line_once(connection, wechat, row, tmp_path, children):
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    rows = [row(f"2025-01-{day:02} 12:00:00", number=str(day)) for day in range(1, 29)]
    first.write_text(wechat(*rows[:20]))
    second.write_text(wechat(*rows[10:]))
    await given(connection, first, 1, children)
    known = {row[1] for row in await stored(connection)}
    rows = await given(connection, second, 2, children, known)
    assert (rows.duplicates_dropped, rows.rows_streamed) == (10, 8)
    assert len(await stored(connection)) == 28


async def test_nothing_is_stored_of_a_file_that_turns_out_bad_at_its_end(connection, wechat, row, tmp_path, children):
    path = tmp_path / "cut.csv"
    rows = [row(f"2025-01-{1 + n // 100:02} 12:{n % 60:02}:00", number=str(n)) for n in range(2_500)]
    path.write_text(wechat(*rows)[:-60])
    with pytest.raises(StatementNotUnderstood):
        await given(connection, path, 1, children)
    assert await stored(connection) == []


async def test_a_neutral_line_and_a_line_without_a_name_are_stored(connection, wechat, row, tmp_path, children):
    path = tmp_path / "a.csv"
    path.write_text(wechat(row(kind="零钱提现", way="/", who="/", what="/", status="提现已到账")))
    await given(connection, path, 1, children)
    ((*_, direction, amount, currency, kind, key, flags),) = await stored(connection)
    assert (direction, amount, currency, kind, key, flags) == (0, 2350, "CNY", 6, None, 0)
