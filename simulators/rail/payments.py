"""Payments: accepted at once, credited a little later, each exactly once however often it is asked."""

import asyncio
import hashlib
import json
import sqlite3
import time
from datetime import date

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators import callbacks
from simulators.answers import Amount, Asked, Currency, Id, Refused, Text, asked, beijing_day, instant, said
from simulators.book import Book
from simulators.callbacks import Callbacks
from simulators.faults import Faults, garbage, hang, troubled
from simulators.rail.book import SETTLEMENT, Movement, account_of, next_payment, reference_of, transfer

DUPLICATES = 3  # how often a duplicate_callback is sent
LATE_SECONDS = 5.0
RETRY_SECONDS = 1.0
log = structlog.get_logger(__name__)


class PaymentAsked(Asked):
    end_to_end_id: Id
    amount_minor: Amount
    currency: Currency
    payee_account: Id
    payee_name: Text
    reference: Text
    requested_on: date | None = None


class Payments:
    """``credit_delay`` and ``cutoff`` are seconds; after the cut-off a payment that is not there never will be."""

    def __init__(self, book: Book, faults: Faults, outbox: Callbacks, *, credit_delay: float, cutoff: float) -> None:
        self._book = book
        self._faults = faults
        self._outbox = outbox
        self.credit_delay = credit_delay
        self.cutoff = cutoff
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def routes(self) -> list[Route]:
        return [
            Route("/payments", troubled(self._faults, self._pay), methods=["POST"]),
            Route("/payments/{end_to_end_id}", troubled(self._faults, self._find)),
        ]

    def start(self) -> None:
        self._task = asyncio.create_task(self._credit_what_is_due(), name="crediting")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _pay(self, request: Request) -> Response:
        wish = await asked(request, PaymentAsked)
        reject = self._faults.take("reject") is not None
        hidden = self._faults.take("not_found_first")
        at = time.time()

        def accept(book: sqlite3.Connection) -> sqlite3.Row:
            known = _payment(book, wish.end_to_end_id)
            if known is not None:
                if known["content_hash"] != wish.content_hash():
                    raise Refused(409, "end_to_end_id_taken")
                return known
            reason = "rejected_by_bank" if reject else _objection(book, wish)
            day = wish.requested_on or beijing_day(at)
            book.execute(
                "insert into payment (end_to_end_id, content_hash, amount_minor, currency, payee_account, payee_name,"
                " reference, requested_on, state, reason, rail_reference, accepted_at, credit_at, at)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    wish.end_to_end_id,
                    wish.content_hash(),
                    wish.amount_minor,
                    wish.currency,
                    wish.payee_account,
                    wish.payee_name,
                    wish.reference,
                    day.isoformat(),
                    "accepted" if reason is None else "rejected",
                    reason,
                    reference_of(next_payment(book), day, "P"),
                    at,
                    at + self.credit_delay,
                    at,
                ),
            )
            if hidden is not None:
                until = None if hidden.seconds is None else at + hidden.seconds
                times = 3 if hidden.seconds is None else None
                book.execute("insert into hidden values (?, ?, ?)", (wish.end_to_end_id, times, until))
            payment = _payment(book, wish.end_to_end_id)
            assert payment is not None  # noqa: S101 (just written in this transaction)
            if reason is not None:
                self._tell(book, payment, at)
            return payment

        payment = await self._book.write(accept)
        self._woken.set()
        self._outbox.wake()
        # From here on the payment is taken; these faults only spoil what the caller hears of it.
        if fault := self._faults.take("pay_then_hang"):
            return await hang(request, fault.seconds)
        if self._faults.take("pay_then_500"):
            return Response("internal error", 500)
        if self._faults.take("pay_then_garbage"):
            return garbage()
        return said(_told(payment), 201)

    async def _find(self, request: Request) -> Response:
        end_to_end_id = request.path_params["end_to_end_id"]

        def find(book: sqlite3.Connection) -> sqlite3.Row | None:
            hidden = book.execute("select * from hidden where end_to_end_id = ?", (end_to_end_id,)).fetchone()
            if hidden is not None:
                if hidden["until"] is not None and time.time() < hidden["until"]:
                    return None
                if hidden["times"] is not None and hidden["times"] > 0:
                    book.execute("update hidden set times = times - 1 where end_to_end_id = ?", (end_to_end_id,))
                    return None
                book.execute("delete from hidden where end_to_end_id = ?", (end_to_end_id,))
            return _payment(book, end_to_end_id)

        payment = await self._book.write(find)
        if payment is None:
            raise Refused(404, "payment_not_found")
        return said(_told(payment))

    async def give_back(self, end_to_end_id: str) -> None:
        """The payee's bank returns a credited payment. Raises Refused when there is no such credit or it is spent."""
        at = time.time()

        def work(book: sqlite3.Connection) -> None:
            payment = _payment(book, end_to_end_id)
            if payment is None or payment["state"] != "credited":
                raise Refused(409, "not_credited")
            if account_of(book, payment["payee_account"])["balance_minor"] < payment["amount_minor"]:
                raise Refused(409, "insufficient_funds")
            day = max(date.fromisoformat(payment["booked_on"]), beijing_day(at))
            transfer(
                book,
                payer=payment["payee_account"],
                movement=Movement(
                    account=SETTLEMENT,
                    amount_minor=payment["amount_minor"],
                    kind="return",
                    order_id=end_to_end_id,
                    reference=payment["reference"],
                    counterparty=payment["payee_account"],
                    at=at,
                    booked_on=day,
                ),
            )
            book.execute(
                "update payment set state = 'returned', reason = 'returned_by_payee_bank', at = ?, booked_on = ?"
                " where end_to_end_id = ?",
                (at, day.isoformat(), end_to_end_id),
            )
            self._tell(book, _payment(book, end_to_end_id), at)

        await self._book.write(work)
        self._outbox.wake()

    async def _credit_what_is_due(self) -> None:
        while True:
            self._woken.clear()
            try:
                next_at = await self._book.write(self._credit)
            except sqlite3.Error as error:  # a full disk, say: nothing is credited, and the worker must outlive it
                log.error("rail.crediting_failed", kind=type(error).__name__)
                next_at = time.time() + RETRY_SECONDS
            self._outbox.wake()
            wait = None if next_at is None else max(0.0, next_at - time.time())
            try:
                async with asyncio.timeout(wait):
                    await self._woken.wait()
            except TimeoutError:
                pass

    def _credit(self, book: sqlite3.Connection) -> float | None:
        """Credit what is due, each in the state's own compare-and-set; returns when the next one is due."""
        at = time.time()
        due = book.execute("select * from payment where state = 'accepted' and credit_at <= ?", (at,)).fetchall()
        for payment in due:
            day = date.fromisoformat(payment["requested_on"])
            taken = book.execute(
                "update payment set state = 'credited', at = ?, booked_on = ?"
                " where end_to_end_id = ? and state = 'accepted'",
                (at, day.isoformat(), payment["end_to_end_id"]),
            )
            if taken.rowcount != 1:
                continue
            transfer(
                book,
                payer=SETTLEMENT,
                movement=Movement(
                    account=payment["payee_account"],
                    amount_minor=payment["amount_minor"],
                    kind="payment",
                    order_id=payment["end_to_end_id"],
                    reference=payment["reference"],
                    counterparty=SETTLEMENT,
                    at=at,
                    booked_on=day,
                ),
            )
            self._tell(book, _payment(book, payment["end_to_end_id"]), at)
        row = book.execute("select min(credit_at) as at from payment where state = 'accepted'").fetchone()
        return row["at"]

    def _tell(self, book: sqlite3.Connection, payment: sqlite3.Row | None, at: float) -> None:
        """Write the callback of the payment's present state into the outbox, spoiled by whatever fault is on."""
        assert payment is not None  # noqa: S101 (the caller has just written it)
        if self._faults.take("no_callback"):
            return
        fault = self._faults.take("late_callback")
        due = at if fault is None else at + (LATE_SECONDS if fault.seconds is None else fault.seconds)
        copies = DUPLICATES if self._faults.take("duplicate_callback") else 1
        for _ in range(copies):
            callbacks.enqueue(book, *_callback(payment, payment["state"], payment["at"]), due)
        if self._faults.take("out_of_order_callback"):
            # The older news comes after the newer: due later, with the lower sequence number.
            callbacks.enqueue(book, *_callback(payment, "accepted", payment["accepted_at"]), due + 0.2)


SEQUENCE = {"accepted": 1, "rejected": 2, "credited": 2, "returned": 3}


def _callback(payment: sqlite3.Row, state: str, at: float) -> tuple[str, bytes]:
    sequence = SEQUENCE[state]
    body = {
        "type": "payment.updated",
        "schema_version": 1,
        "end_to_end_id": payment["end_to_end_id"],
        "state": state,
        "reason": payment["reason"] if state in ("rejected", "returned") else None,
        "rail_reference": payment["rail_reference"],
        "at": instant(at),
        "booked_on": payment["booked_on"],
        "seq": sequence,
    }
    name = hashlib.sha256(f"{payment['end_to_end_id']}\x1f{sequence}".encode()).hexdigest()
    return f"rail_{name[:32]}", json.dumps(body, separators=(",", ":")).encode()


def _payment(book: sqlite3.Connection, end_to_end_id: str) -> sqlite3.Row | None:
    return book.execute("select * from payment where end_to_end_id = ?", (end_to_end_id,)).fetchone()


def _objection(book: sqlite3.Connection, wish: PaymentAsked) -> str | None:
    """Why the rail will not pay this, as a code; None when it will."""
    account = account_of(book, wish.payee_account)
    if wish.currency != "CNY":
        return "currency_not_supported"
    if account is None:
        return "no_such_account"
    if account["status"] != "open":
        return "account_closed"
    if "".join(account["holder"].split()) != "".join(wish.payee_name.split()):
        return "payee_name_mismatch"
    promised = book.execute(
        "select coalesce(sum(amount_minor), 0) as m from payment where state = 'accepted'"
    ).fetchone()
    if account_of(book, SETTLEMENT)["balance_minor"] - promised["m"] < wish.amount_minor:
        return "insufficient_funds"
    return None


def _told(payment: sqlite3.Row) -> dict[str, object]:
    return {
        "end_to_end_id": payment["end_to_end_id"],
        "amount_minor": payment["amount_minor"],
        "currency": payment["currency"],
        "state": payment["state"],
        "reason": payment["reason"],
        "rail_reference": payment["rail_reference"],
        "at": instant(payment["at"]),
        "booked_on": payment["booked_on"],
    }
