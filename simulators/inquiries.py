"""What was asked of a register and how often: one id means one question, however often it comes."""

import sqlite3
import time

from simulators.answers import Asked, Refused

SCHEMA = """
create table if not exists inquiry (
    inquiry_id text primary key,
    content_hash text not null,
    id_number text not null,
    licence text,
    at real not null,
    times integer not null default 1
);
"""


def noted(book: sqlite3.Connection, wish: Asked, inquiry_id: str, *, id_number: str, licence: str | None) -> float:
    """When it was asked first; 409 where the same id asks something else."""
    known = book.execute("select * from inquiry where inquiry_id = ?", (inquiry_id,)).fetchone()
    if known is None:
        at = time.time()
        book.execute(
            "insert into inquiry (inquiry_id, content_hash, id_number, licence, at) values (?, ?, ?, ?, ?)",
            (inquiry_id, wish.content_hash(), id_number, licence, at),
        )
        return at
    if known["content_hash"] != wish.content_hash():
        raise Refused(409, "inquiry_id_taken")
    book.execute("update inquiry set times = times + 1 where inquiry_id = ?", (inquiry_id,))
    return known["at"]


def came_before(book: sqlite3.Connection, table: str, wish: Asked, request_id: str) -> bool:
    """Whether this very request stands in a table of ours already; 409 where its id asked for something else."""
    query = f"select content_hash from {table} where request_id = ?"  # noqa: S608 (a table of ours)
    known = book.execute(query, (request_id,)).fetchone()
    if known is not None and known["content_hash"] != wish.content_hash():
        raise Refused(409, "request_id_taken")
    return known is not None


def told(book: sqlite3.Connection) -> list[dict[str, object]]:
    """Every inquiry with how often it came, oldest first."""
    return [dict(row) for row in book.execute("select inquiry_id, times from inquiry order by at")]
