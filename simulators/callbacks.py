"""Signed callbacks to the lender, written into the book with the act that they report and repeated until accepted.

The signature is the Standard Webhooks one, written out here and not shared with the lender's verifier.
"""

import asyncio
import base64
import hashlib
import hmac
import sqlite3
import time
from functools import partial

import httpx2
import structlog

from infra.http import client
from simulators.book import Book

SCHEMA = """
create table if not exists callback (
    n integer primary key,
    message_id text not null,
    body blob not null,
    made_at real not null,
    due real not null,
    attempts integer not null default 0,
    accepted_at real,
    abandoned_at real
);
create index if not exists callback_open on callback (due) where accepted_at is null and abandoned_at is null;
"""

WAITS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)  # seconds between tries; the last one repeats
GIVE_UP_AFTER = 72 * 3600.0
AT_ONCE = 8
GONE = 410  # the receiver wants no more of these
log = structlog.get_logger(__name__)


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def enqueue(book: sqlite3.Connection, message_id: str, body: bytes, due: float) -> int:
    """Inside the transaction of the act. ``due``: the real instant of the first try. Returns the callback's number."""
    row = book.execute(
        "insert into callback (message_id, body, made_at, due) values (?, ?, ?, ?) returning n",
        (message_id, body, time.time(), due),
    ).fetchone()
    return row["n"]


class Callbacks:
    """Delivers what the book holds, oldest due first, at most :data:`AT_ONCE` at a time."""

    def __init__(self, book: Book, receiver: str, path: str, secret: str) -> None:
        self._book = book
        self._receiver = receiver
        self._path = path
        self._secret = secret
        self._woken = asyncio.Event()
        self._changed = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="callbacks")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        self._woken.set()

    async def accepted(self, numbers: list[int], seconds: float) -> bool:
        """Whether the receiver has accepted all of these, waiting at most so long."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                while not await self._all_accepted(numbers):
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def retry_now(self) -> None:
        """Try everything open at once, whatever its back-off says: for a receiver known to be back."""
        await self._book.write(
            lambda book: book.execute(
                "update callback set due = ? where accepted_at is null and abandoned_at is null and attempts > 0",
                (time.time(),),
            )
        )
        self.wake()

    async def _all_accepted(self, numbers: list[int]) -> bool:
        marks = ",".join("?" * len(numbers))
        rows = await self._book.read(
            lambda book: book.execute(
                f"select count(*) as open from callback where n in ({marks}) and accepted_at is null",  # noqa: S608
                numbers,
            ).fetchone()
        )
        return rows["open"] == 0

    async def _run(self) -> None:
        async with client(self._receiver, timeout=15.0, connections=AT_ONCE) as http:
            while True:
                try:
                    await self._round(http)
                except sqlite3.Error as error:  # a full disk, say: a try that could not be noted is made again
                    log.error("callbacks.book_failed", kind=type(error).__name__)
                    await asyncio.sleep(WAITS[2])

    async def _round(self, http: httpx2.AsyncClient) -> None:
        """Try what is due, or wait until something is."""
        self._woken.clear()
        due = await self._book.read(_next_due)
        wait = (due[0]["due"] - time.time()) if due else None
        if wait is None or wait > 0:
            await _either(self._woken, wait)
            return
        ready = [row for row in due if row["due"] <= time.time()]
        outcomes = await asyncio.gather(*(self._try(http, row) for row in ready))
        tries = list(zip(ready, outcomes, strict=True))
        await self._book.write(partial(_note, tries=tries))
        async with self._changed:
            self._changed.notify_all()

    async def _try(self, http: httpx2.AsyncClient, row: sqlite3.Row) -> int:
        """The receiver's status, 0 for none. Each try is signed anew: a signature is good for five minutes only."""
        timestamp = int(time.time())
        headers = {
            "content-type": "application/json",
            "webhook-id": row["message_id"],
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._secret, row["message_id"], timestamp, row["body"]),
        }
        try:
            async with (
                asyncio.timeout(30),
                http.stream("POST", self._path, content=row["body"], headers=headers) as response,
            ):
                return response.status_code
        except (httpx2.HTTPError, httpx2.StreamError, TimeoutError, OSError):
            return 0


async def _either(event: asyncio.Event, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


def _next_due(book: sqlite3.Connection) -> list[sqlite3.Row]:
    return book.execute(
        "select n, message_id, body, made_at, due, attempts from callback"
        " where accepted_at is null and abandoned_at is null order by due, n limit ?",
        (AT_ONCE,),
    ).fetchall()


def _note(book: sqlite3.Connection, *, tries: list[tuple[sqlite3.Row, int]]) -> None:
    at = time.time()
    for row, status in tries:
        attempts = row["attempts"] + 1
        if 200 <= status < 300:
            book.execute("update callback set accepted_at = ?, attempts = ? where n = ?", (at, attempts, row["n"]))
        elif status == GONE or at - row["made_at"] > GIVE_UP_AFTER:
            book.execute("update callback set abandoned_at = ?, attempts = ? where n = ?", (at, attempts, row["n"]))
        else:
            due = at + WAITS[min(attempts - 1, len(WAITS) - 1)]
            book.execute("update callback set due = ?, attempts = ? where n = ?", (due, attempts, row["n"]))
