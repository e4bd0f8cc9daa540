"""COPY inside a session's transaction."""

from collections.abc import AsyncIterable, Iterable, Sequence
from typing import Any, cast

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session


async def copy_rows(session: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows of Python values."""
    connection = await driver(session)
    async with connection.cursor() as cursor, cursor.copy(_statement(table, columns)) as copy:
        for row in rows:
            await copy.write_row(row)


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
