"""Collections: a batch of debits under mandates; in full, in part when funds are short, or refused, with receipts."""

import sqlite3
import time
from datetime import date

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Amount, Asked, Currency, Id, Refused, Text, asked, beijing_day, instant, said
from simulators.book import Book
from simulators.faults import Faults, garbage, hang, troubled
from simulators.rail.book import SETTLEMENT, Movement, account_of, next_receipt, reference_of, transfer

BATCH_LIMIT = 5000


class Instruction(Asked):
    instruction_id: Id
    account: Id
    amount_minor: Amount
    currency: Currency
    mandate: Id
    reference: Text


class BatchAsked(Asked):
    batch_id: Id
    requested_on: date | None = None
    instructions: list[Instruction] = Field(min_length=1, max_length=BATCH_LIMIT)


class Collections:
    def __init__(self, book: Book, faults: Faults) -> None:
        self._book = book
        self._faults = faults

    def routes(self) -> list[Route]:
        return [
            Route("/collections", troubled(self._faults, self._collect), methods=["POST"]),
            Route("/collections/{batch_id}", troubled(self._faults, self._find)),
            Route("/mandates/{mandate}/revocation", self._revoke, methods=["POST"]),
        ]

    async def _collect(self, request: Request) -> Response:
        wish = await asked(request, BatchAsked)
        if len({instruction.instruction_id for instruction in wish.instructions}) != len(wish.instructions):
            raise Refused(422, "instruction_id_twice")
        receipts = await self._book.write(lambda book: _collect(book, wish, time.time()))
        if fault := self._faults.take("pay_then_hang"):
            return await hang(request, fault.seconds)
        if self._faults.take("pay_then_500"):
            return Response("internal error", 500)
        if self._faults.take("pay_then_garbage"):
            return garbage()
        return said({"batch_id": wish.batch_id, "receipts": receipts}, 201)

    async def _find(self, request: Request) -> Response:
        batch_id = request.path_params["batch_id"]
        rows = await self._book.read(
            lambda book: book.execute("select * from receipt where batch_id = ? order by n", (batch_id,)).fetchall()
        )
        if not rows:
            raise Refused(404, "batch_not_found")
        return said({"batch_id": batch_id, "receipts": [_told(row) for row in rows]})

    async def _revoke(self, request: Request) -> Response:
        mandate = request.path_params["mandate"]
        await self._book.write(
            lambda book: book.execute(
                "insert into revoked_mandate values (?, ?) on conflict do nothing", (mandate, time.time())
            )
        )
        return said({"mandate": mandate, "state": "revoked"})


def _collect(book: sqlite3.Connection, wish: BatchAsked, at: float) -> list[dict[str, object]]:
    known = book.execute("select content_hash from batch where batch_id = ?", (wish.batch_id,)).fetchone()
    if known is not None and known["content_hash"] != wish.content_hash():
        raise Refused(409, "batch_id_taken")
    if known is None:
        book.execute("insert into batch values (?, ?, ?)", (wish.batch_id, wish.content_hash(), at))
    day = wish.requested_on or beijing_day(at)
    receipts: list[dict[str, object]] = []
    for n, instruction in enumerate(wish.instructions):
        row = _receipt(book, instruction.instruction_id)
        if row is None:
            _debit(book, wish.batch_id, n, instruction, at, day)
            row = _receipt(book, instruction.instruction_id)
        elif row["content_hash"] != instruction.content_hash():
            raise Refused(409, "instruction_id_taken")
        assert row is not None  # noqa: S101 (just written in this transaction)
        receipts.append(_told(row))
    return receipts


def _debit(book: sqlite3.Connection, batch_id: str, n: int, instruction: Instruction, at: float, day: date) -> None:
    account = account_of(book, instruction.account)
    reason = _objection(book, account, instruction)
    taken = 0 if reason else min(instruction.amount_minor, account["balance_minor"])
    if not reason and taken == 0:
        reason = "insufficient_funds"
    if taken:
        transfer(
            book,
            payer=instruction.account,
            movement=Movement(
                account=SETTLEMENT,
                amount_minor=taken,
                kind="collection",
                order_id=instruction.instruction_id,
                reference=instruction.reference,
                counterparty=instruction.account,
                at=at,
                booked_on=day,
            ),
        )
    state = "refused" if not taken else "full" if taken == instruction.amount_minor else "partial"
    book.execute(
        "insert into receipt values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            instruction.instruction_id,
            instruction.content_hash(),
            batch_id,
            n,
            taken,
            state,
            reason if not taken else "insufficient_funds" if state == "partial" else None,
            reference_of(next_receipt(book), day, "C"),
            at,
            day.isoformat(),
        ),
    )


def _objection(book: sqlite3.Connection, account: sqlite3.Row | None, instruction: Instruction) -> str | None:
    if account is None:
        return "no_such_account"
    if account["status"] != "open":
        return "account_closed"
    if instruction.currency != "CNY":
        return "currency_not_supported"
    if book.execute("select 1 from revoked_mandate where mandate = ?", (instruction.mandate,)).fetchone():
        return "mandate_revoked"
    return None


def _receipt(book: sqlite3.Connection, instruction_id: str) -> sqlite3.Row | None:
    return book.execute("select * from receipt where instruction_id = ?", (instruction_id,)).fetchone()


def _told(row: sqlite3.Row) -> dict[str, object]:
    return {
        "instruction_id": row["instruction_id"],
        "amount_minor": row["amount_minor"],
        "state": row["state"],
        "reason": row["reason"],
        "rail_reference": row["rail_reference"],
        "at": instant(row["at"]),
        "booked_on": row["booked_on"],
    }
