"""COPY inside a session's transaction."""

from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from itertools import islice
from types import NoneType
from typing import Any, cast
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

# Some hundred kilobytes.
BLOCK = 1_000
ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


async def copy_rows(session: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows of Python values: texts, whole numbers, decimals, dates, moments, bytes, UUIDs, or None.

    A block at a time: to hand each row to the driver by itself takes ten times as long as to write it.
    """
    connection = await driver(session)
    waiting = iter(rows)
    async with connection.cursor() as cursor, cursor.copy(_statement(table, columns)) as copy:
        while some := list(islice(waiting, BLOCK)):
            await copy.write(("\n".join(map(_line, some)) + "\n").encode())


def _word(value: str) -> str:
    return value if value.isidentifier() else value.translate(ESCAPED)


# One value in COPY's text format, by its type; what is not named here is written as it prints.
FIELD: dict[type, Callable[[Any], str]] = {
    int: int.__repr__,
    NoneType: lambda _: "\\N",
    str: _word,
    UUID: lambda value: f"{value.int:032x}",
    bytes: lambda value: f"\\\\x{value.hex()}",
}


def _line(row: Sequence[object]) -> str:
    return "\t".join([FIELD.get(type(value), _other)(value) for value in row])


def _other(value: object) -> str:
    return _word(value) if isinstance(value, str) else str(value)


async def copy_blocks(session: AsyncSession, table: str, columns: Sequence[str], blocks: AsyncIterable[bytes]) -> None:
    """COPY blocks of text rows as they come; an error on the way leaves no row behind."""
    connection = await driver(session)
    async with connection.cursor() as cursor, cursor.copy(_statement(table, columns)) as copy:
        async for block in blocks:
            await copy.write(block)


def _statement(table: str, columns: Sequence[str]) -> SQL:
    names = SQL(", ").join(Identifier(column) for column in columns)
    return cast("SQL", SQL("copy {} ({}) from stdin").format(Identifier(table), names))


async def driver(session: AsyncSession) -> AsyncConnection[Any]:
    """The driver's connection below a session's transaction."""
    connection = await session.run_sync(_below)
    if not isinstance(connection, AsyncConnection):
        raise TypeError("a psycopg connection is needed here")
    return cast("AsyncConnection[Any]", connection)


def _below(session: Session) -> object:
    return session.connection().connection.driver_connection
