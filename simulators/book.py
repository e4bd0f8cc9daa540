"""A party's durable book: one SQLite file, one writer thread, every commit on disk before anybody hears of it."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class Book:
    """All work runs on one thread in the order asked, so a party's acts are serial as a real ledger's are."""

    def __init__(self, path: Path, schema: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        # FULL: a commit survives kill -9 and a power cut, or the witness could forget what it has done.
        self._connection.execute("pragma synchronous = full")
        self._connection.execute("pragma foreign_keys = on")
        self._connection.executescript(schema)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"book-{path.stem}")

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in one transaction; it is committed and on disk when this returns, or nothing has happened."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, work)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._connection)

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self._connection.execute("begin immediate")
        try:
            result = work(self._connection)
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")
        return result

    def close(self) -> None:
        self._thread.shutdown(wait=True)
        self._connection.close()
