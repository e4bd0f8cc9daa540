"""Trading: once a firm has its loan, its tills feed its account day by day and the lender is told what it sold.

A call to trade is planned in the book, then settled at the rail, then told to the lender as one signed batch; whatever
step a crash interrupts is taken up again, under the same ids, so no day is ever told or paid twice.
"""

import asyncio
import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator
from datetime import date, timedelta

import httpx2

from simulators import callbacks
from simulators.answers import Refused
from simulators.book import Book
from simulators.callbacks import Callbacks
from simulators.firms.life import Day
from simulators.firms.register import Firm
from simulators.firms.trades import LAST

ROWS_A_BATCH = 1500  # keeps a batch under 200 KiB, within what a lender's door lets through
STOCKING_DAYS = 15  # a loan is spent over so many days
STOCKED_PERCENT = 90  # of the loan
CUSHION_PERCENT = 12  # of monthly sales; a healthy firm keeps it in its account
MONTH_DAYS = 30


class Trading:
    def __init__(self, book: Book, rail: httpx2.AsyncClient, outbox: Callbacks) -> None:
        self._book = book
        self._rail = rail
        self._outbox = outbox
        self._lock = asyncio.Lock()

    async def through(self, last: date, *, wait: float) -> dict[str, object]:
        """Let every firm with a loan trade up to the business day ``last``, and wait until the lender has accepted it.

        Raises Refused 504 when he has not within ``wait`` seconds; the batch is repeated until he does.
        """
        async with self._lock:
            await self._notice_loans()
            await self._book.write(lambda book: _plan(book, last))
            callbacks_made = await self._settle_what_is_planned()
            self._outbox.wake()
        open_ones = await self._book.read(_open_callbacks)
        if open_ones:
            await self._outbox.retry_now()
            if not await self._outbox.accepted(open_ones, wait):
                raise Refused(504, "lender_has_not_accepted")
        return {"through": last.isoformat(), "batches": callbacks_made}

    async def _notice_loans(self) -> None:
        """Ask the rail which accounts have been paid since we last looked; those that are firms' begin to trade."""
        after = await self._book.read(_cursor)
        reply = await self._rail.get("/payees", params={"after": after})
        reply.raise_for_status()
        payees = reply.json()["payees"]
        if payees:
            await self._book.write(lambda book: _begin(book, payees))

    async def _settle_what_is_planned(self) -> list[str]:
        """Deposit the takings of each planned batch and write its callback; the rail knows a settlement by its id."""
        planned = await self._book.read(
            lambda book: book.execute("select * from trading where settled_at is null order by rowid").fetchall()
        )
        for row in planned:
            reply = await self._rail.post("/settlements", content=row["settlement"].encode())
            reply.raise_for_status()

            def settled(book: sqlite3.Connection, row: sqlite3.Row = row) -> None:
                at = time.time()
                n = callbacks.enqueue(book, row["batch_id"], row["told"].encode(), at)
                book.execute(
                    "update trading set settled_at = ?, callback = ? where batch_id = ?", (at, n, row["batch_id"])
                )

            await self._book.write(settled)
        return [row["batch_id"] for row in planned]


def _begin(book: sqlite3.Connection, payees: list[dict[str, object]]) -> None:
    for payee in payees:
        book.execute(
            "update firm set trading_since = coalesce(trading_since, ?), loan_minor = loan_minor + ? where account = ?",
            (payee["booked_on"], payee["amount_minor"], payee["account"]),
        )
    book.execute(
        "insert into cursor values ('payees', ?) on conflict (name) do update set n = excluded.n",
        (max(int(str(payee["n"])) for payee in payees),),
    )


def _cursor(book: sqlite3.Connection) -> int:
    row = book.execute("select n from cursor where name = 'payees'").fetchone()
    return 0 if row is None else row["n"]


def _open_callbacks(book: sqlite3.Connection) -> list[int]:
    return [
        row["n"]
        for row in book.execute("select n from callback where accepted_at is null and abandoned_at is null order by n")
    ]


def _plan(book: sqlite3.Connection, last: date) -> None:
    """Write down what every firm's days up to ``last`` will be told as, and that they have been traded."""
    rows: list[dict[str, object]] = []
    days: list[dict[str, object]] = []
    for row in book.execute("select * from firm where trading_since is not null order by rowid").fetchall():
        since = date.fromisoformat(row["trading_since"])
        through = row["traded_through"]
        first = since if through is None else date.fromisoformat(through) + timedelta(days=1)
        until = min(last, LAST)
        if first > until:
            continue
        firm = Firm.from_json(row["firm_id"], row["record"])
        for day in firm.life.days(first, until):
            rows.append(_told(firm, day))
            days.append(_settled(firm, day, since, row["loan_minor"]))
        book.execute("update firm set traded_through = ? where firm_id = ?", (until.isoformat(), firm.firm_id))
    for some_rows, some_days in zip(_in_batches(rows), _in_batches(days), strict=True):
        named = json.dumps(some_rows, separators=(",", ":")).encode()
        batch_id = f"rev_{hashlib.sha256(named).hexdigest()[:32]}"
        told = {"type": "revenue.posted", "schema_version": 1, "batch_id": batch_id, "rows": some_rows}
        settlement = {"settlement_id": batch_id, "days": some_days}
        book.execute(
            "insert into trading (batch_id, settlement, told) values (?, ?, ?)",
            (batch_id, json.dumps(settlement), json.dumps(told, separators=(",", ":"))),
        )


def _in_batches(rows: list[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    for begin in range(0, len(rows), ROWS_A_BATCH):
        yield rows[begin : begin + ROWS_A_BATCH]


def _told(firm: Firm, day: Day) -> dict[str, object]:
    return {
        "account": firm.account,
        "on": day.on.isoformat(),
        "sales_minor": day.sales,
        "refunds_minor": day.refunds,
        "chargebacks_minor": day.chargebacks,
        "currency": "CNY",
    }


def _settled(firm: Firm, day: Day, since: date, loan_minor: int) -> dict[str, object]:
    """What the day does to the firm's account: the net takings come in, spending goes out above a cushion."""
    stocking = loan_minor * STOCKED_PERCENT // 100 // STOCKING_DAYS if (day.on - since).days < STOCKING_DAYS else 0
    # A weak firm keeps nothing back, so its account runs dry between good days.
    percent = CUSHION_PERCENT if firm.plan.health >= 0.2 else 0
    return {
        "account": firm.account,
        "on": day.on.isoformat(),
        "received_minor": max(0, day.net),
        "spent_minor": day.spent + stocking + max(0, -day.net),
        "keep_minor": int(firm.plan.monthly_sales * percent),
    }
