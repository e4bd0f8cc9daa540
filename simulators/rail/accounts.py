"""Accounts: opened by their holders, fed by what firms sell, emptied by what they spend, and transfers between them."""

import json
import sqlite3
import time
from collections.abc import Callable
from datetime import date
from typing import Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import AMOUNT_LIMIT, Amount, Asked, Id, Refused, Text, asked, beijing_day, said
from simulators.book import Book
from simulators.callbacks import Callbacks
from simulators.faults import Faults, troubled
from simulators.rail.book import SETTLEMENT, Movement, account_of, move, open_account, reference_of, transfer
from simulators.rail.incoming import led_to, noted
from simulators.rail.statements import movement_told

MOVEMENTS_SHOWN = 200


class AccountAsked(Asked):
    account: Id
    holder: Text
    kind: Literal["bank", "wechat", "alipay"] = "bank"


class TradingDay(Asked):
    """A business day of one firm: what its tills brought in, and what it spends as long as ``keep_minor`` stays."""

    account: Id
    on: date
    received_minor: int = Field(ge=0, lt=AMOUNT_LIMIT)
    spent_minor: int = Field(ge=0, lt=AMOUNT_LIMIT)
    keep_minor: int = Field(ge=0, lt=AMOUNT_LIMIT)


class SettlementAsked(Asked):
    settlement_id: Id
    days: list[TradingDay] = Field(min_length=1, max_length=20_000)


class TransferAsked(Asked):
    """Money that a customer sends by himself, to the lender unless said otherwise."""

    transfer_id: Id
    from_account: Id
    to_account: Id = SETTLEMENT
    amount_minor: Amount
    reference: Text
    requested_on: date | None = None


Work = Callable[[sqlite3.Connection], dict[str, object]]


class Accounts:
    def __init__(self, book: Book, faults: Faults, outbox: Callbacks) -> None:
        self._book = book
        self._faults = faults
        self._outbox = outbox

    def routes(self) -> list[Route]:
        return [
            Route("/accounts", troubled(self._faults, self._open), methods=["POST"]),
            Route("/accounts/{account}", troubled(self._faults, self._show)),
            Route("/accounts/{account}/closure", self._close, methods=["POST"]),
            Route("/payees", troubled(self._faults, self._payees)),
            Route("/settlements", troubled(self._faults, self._settle), methods=["POST"]),
            Route("/transfers", troubled(self._faults, self._transfer), methods=["POST"]),
        ]

    async def _open(self, request: Request) -> Response:
        wish = await asked(request, AccountAsked)
        row = await self._book.write(lambda book: open_account(book, wish.account, wish.holder, wish.kind, time.time()))
        if row["holder"] != wish.holder:
            raise Refused(409, "account_has_another_holder")
        return said({"account": wish.account, "kind": row["kind"], "status": row["status"]}, 201)

    async def _show(self, request: Request) -> Response:
        account = request.path_params["account"]

        def show(book: sqlite3.Connection) -> dict[str, object]:
            row = account_of(book, account)
            if row is None:
                raise Refused(404, "account_not_found")
            movements = book.execute(
                "select * from movement where account = ? order by n desc limit ?", (account, MOVEMENTS_SHOWN)
            ).fetchall()
            first = book.execute(
                "select min(booked_on) as day from movement where account = ? and kind = 'payment'", (account,)
            ).fetchone()
            return {
                "account": account,
                "kind": row["kind"],
                "status": row["status"],
                "balance_minor": row["balance_minor"],
                "currency": "CNY",
                "first_payment_on": first["day"],
                "movements": [movement_told(movement) for movement in movements],
            }

        return said(await self._book.read(show))

    async def _payees(self, request: Request) -> Response:
        """Accounts that the lender has paid, after a number that the asker has seen; oldest first."""
        try:
            after = int(request.query_params.get("after", "0"))
        except ValueError:
            raise Refused(422, "malformed", "after: a number") from None
        rows = await self._book.read(
            lambda book: book.execute(
                "select n, account, amount_minor, booked_on from movement"
                " where n > ? and kind = 'payment' and account <> ? order by n limit 1000",
                (after, SETTLEMENT),
            ).fetchall()
        )
        return said({"payees": [dict(row) for row in rows]})

    async def _close(self, request: Request) -> Response:
        account = request.path_params["account"]
        closed = await self._book.write(
            lambda book: book.execute("update account set status = 'closed' where account = ?", (account,)).rowcount
        )
        if not closed:
            raise Refused(404, "account_not_found")
        return said({"account": account, "status": "closed"})

    async def _settle(self, request: Request) -> Response:
        wish = await asked(request, SettlementAsked)
        at = time.time()

        def settle(book: sqlite3.Connection) -> dict[str, object]:
            moved = 0
            for day in wish.days:
                if account_of(book, day.account) is None:
                    raise Refused(404, "account_not_found")
                moved += _trade(book, day, wish.settlement_id, at)
            return {"settlement_id": wish.settlement_id, "movements": moved}

        return said(await self._book.write(lambda book: _once(book, wish.settlement_id, wish.content_hash(), settle)))

    async def _transfer(self, request: Request) -> Response:
        wish = await asked(request, TransferAsked)
        at = time.time()

        def send(book: sqlite3.Connection) -> dict[str, object]:
            to = led_to(book, wish.to_account)
            payer, payee = account_of(book, wish.from_account), account_of(book, to)
            if payer is None or payee is None:
                raise Refused(404, "account_not_found")
            if payer["balance_minor"] < wish.amount_minor:
                raise Refused(409, "insufficient_funds")
            day = wish.requested_on or beijing_day(at)
            movement = Movement(
                account=to, amount_minor=wish.amount_minor, kind="transfer", order_id=wish.transfer_id,
                reference=wish.reference, counterparty=wish.from_account, at=at, booked_on=day,
            )  # fmt: skip
            n = transfer(book, payer=wish.from_account, movement=movement)
            if to == SETTLEMENT:
                noted(book, n, movement, via=wish.to_account, faults=self._faults)
            return {"transfer_id": wish.transfer_id, "rail_reference": reference_of(n, day)}

        answer = await self._book.write(lambda book: _once(book, wish.transfer_id, wish.content_hash(), send))
        self._outbox.wake()
        return said(answer, 201)


def _once(book: sqlite3.Connection, order_id: str, content_hash: str, work: Work) -> dict[str, object]:
    """``work``'s answer, done now or remembered; the same id with other content is refused."""
    known = book.execute("select * from booked where id = ?", (order_id,)).fetchone()
    if known is not None:
        if known["content_hash"] != content_hash:
            raise Refused(409, "id_taken")
        return json.loads(known["answer"])
    answer = work(book)
    book.execute("insert into booked values (?, ?, ?)", (order_id, content_hash, json.dumps(answer)))
    return answer


def _trade(book: sqlite3.Connection, day: TradingDay, settlement_id: str, at: float) -> int:
    moved = 0
    if day.received_minor:
        move(book, _till(day, day.received_minor, "settlement", settlement_id, at))
        moved += 1
    spare = account_of(book, day.account)["balance_minor"] - day.keep_minor
    spent = min(day.spent_minor, max(0, spare))
    if spent:
        move(book, _till(day, -spent, "spending", settlement_id, at))
        moved += 1
    return moved


def _till(day: TradingDay, amount_minor: int, kind: str, settlement_id: str, at: float) -> Movement:
    return Movement(
        account=day.account,
        amount_minor=amount_minor,
        kind=kind,
        order_id=None,
        reference=settlement_id,
        counterparty="tills" if kind == "settlement" else "suppliers",
        at=at,
        booked_on=day.on,
    )
