"""Money that comes to the lender unasked: numbers of its collection accounts, what was credited, and what is sent back.

A collection account is a number of its own that leads to the settlement account, so that each payer's money is told
apart by where it was sent.
"""

import hashlib
import json
import sqlite3
import time
from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators import callbacks
from simulators.answers import Amount, Asked, Id, Refused, Text, asked, beijing_day, day_asked, instant, said
from simulators.book import Book
from simulators.faults import Faults
from simulators.rail.book import SETTLEMENT, SETTLEMENT_HOLDER, Movement, account_of, reference_of, transfer

A_PAGE = 200


class CollectionAccountAsked(Asked):
    """``name``: whose money is collected there, as payers read it."""

    request_id: Id
    name: Text


class GiveBackAsked(Asked):
    """Send money back to where it came from; ``of``: the rail's reference of the credit or of the debit's receipt."""

    return_id: Id
    of: Id
    amount_minor: Amount
    reference: Text
    requested_on: date | None = None


def noted(book: sqlite3.Connection, movement_n: int, movement: Movement, *, via: str, faults: Faults) -> None:
    """A credit of the settlement account, and the word to the lender that it is there."""
    payer = account_of(book, movement.counterparty)
    row = book.execute(
        "insert into credit (movement, via, payer, payer_name, rail) values (?, ?, ?, ?, ?) returning n",
        (movement_n, via, movement.counterparty, payer["holder"], payer["kind"]),
    ).fetchone()
    if faults.take("no_credit_callback"):
        return
    reference = reference_of(movement_n, movement.booked_on)
    body = {"type": "credit.received", "schema_version": 1, "rail_reference": reference, "seq": row["n"],
            "at": instant(movement.at)}  # fmt: skip
    name = hashlib.sha256(f"credit\x1f{row['n']}".encode()).hexdigest()
    callbacks.enqueue(book, f"rail_{name[:32]}", json.dumps(body, separators=(",", ":")).encode(), movement.at)


def led_to(book: sqlite3.Connection, account: str) -> str:
    """The account to which a number leads: the settlement account for a collection account, otherwise itself."""
    found = book.execute("select 1 from collection_account where account = ?", (account,)).fetchone()
    return SETTLEMENT if found else account


class Incoming:
    """Open a number, list what came, send back."""

    def __init__(self, book: Book, faults: Faults) -> None:
        self._book = book
        self._faults = faults

    def routes(self) -> list[Route]:
        # Asked every few seconds: a fault that is meant for one payment must not be used up here.
        return [
            Route("/collection-accounts", self._open, methods=["POST"]),
            Route("/credits", self._credits),
            Route("/credits/of", self._of),
            Route("/returns", self._give_back, methods=["POST"]),
        ]

    async def _open(self, request: Request) -> Response:
        wish = await asked(request, CollectionAccountAsked)

        def open_(book: sqlite3.Connection) -> sqlite3.Row:
            digits = str(int(hashlib.sha256(wish.request_id.encode()).hexdigest(), 16))[:12]
            book.execute(
                "insert into collection_account (request_id, account, name, at) values (?, ?, ?, ?)"
                " on conflict do nothing",
                (wish.request_id, f"6288{digits}", wish.name, time.time()),
            )
            return book.execute("select * from collection_account where request_id = ?", (wish.request_id,)).fetchone()

        row = await self._book.write(open_)
        return said({"request_id": wish.request_id, "account": row["account"], "holder": SETTLEMENT_HOLDER}, 201)

    async def _credits(self, request: Request) -> Response:
        """Everything credited after a number that the asker has seen, oldest first."""
        if self._faults.take("credits_down"):
            return Response("unavailable", 503)
        try:
            after = int(request.query_params.get("after", "0"))
        except ValueError:
            raise Refused(422, "malformed", "after: a number") from None
        rows = await self._book.read(
            lambda book: book.execute(
                "select c.*, m.amount_minor, m.reference, m.order_id, m.at, m.booked_on, m.n as movement_n"
                " from credit c join movement m on m.n = c.movement where c.n > ? order by c.n limit ?",
                (after, A_PAGE),
            ).fetchall()
        )
        return said({"after": after, "credits": [_told(row) for row in rows]})

    async def _of(self, request: Request) -> Response:
        """What another account was sent on some days, by its holder's leave: who sent it, and how much."""
        account = request.query_params.get("account", "")
        first, last = day_asked(request, "from"), day_asked(request, "to")
        rows = await self._book.read(
            lambda book: book.execute(
                "select m.*, a.holder from movement m join account a on a.account = m.counterparty"
                " where m.account = ? and m.booked_on between ? and ? and m.amount_minor > 0 and m.kind = 'transfer'"
                " order by m.n limit ?",
                (account, first.isoformat(), last.isoformat(), A_PAGE),
            ).fetchall()
        )
        credits = [
            {
                "rail_reference": reference_of(row["n"], date.fromisoformat(row["booked_on"])),
                "payer_name": row["holder"],
                "amount_minor": row["amount_minor"],
                "remark": row["reference"],
                "booked_on": row["booked_on"],
            }
            for row in rows
        ]
        return said({"account": account, "credits": credits})

    async def _give_back(self, request: Request) -> Response:
        wish = await asked(request, GiveBackAsked)

        def give_back(book: sqlite3.Connection) -> sqlite3.Row:
            known = book.execute("select * from given_back where return_id = ?", (wish.return_id,)).fetchone()
            if known is not None:
                if known["content_hash"] != wish.content_hash():
                    raise Refused(409, "return_id_taken")
                return known
            source = _source(book, wish.of)
            if source is None:
                raise Refused(404, "unknown_credit")
            payer, came = source
            back = book.execute(
                "select coalesce(sum(amount_minor), 0) as m from given_back where of = ?", (wish.of,)
            ).fetchone()
            if back["m"] + wish.amount_minor > came:
                raise Refused(409, "more_than_came")
            if account_of(book, payer)["status"] != "open":
                raise Refused(409, "account_closed")
            at = time.time()
            day = wish.requested_on or beijing_day(at)
            n = transfer(
                book,
                payer=SETTLEMENT,
                movement=Movement(
                    account=payer, amount_minor=wish.amount_minor, kind="return", order_id=wish.return_id,
                    reference=wish.reference, counterparty=SETTLEMENT, at=at, booked_on=day,
                ),
            )  # fmt: skip
            book.execute(
                "insert into given_back values (?, ?, ?, ?, ?, ?, ?)",
                (wish.return_id, wish.content_hash(), wish.of, wish.amount_minor, n, at, day.isoformat()),
            )
            return book.execute("select * from given_back where return_id = ?", (wish.return_id,)).fetchone()

        row = await self._book.write(give_back)
        told = {
            "return_id": row["return_id"],
            "amount_minor": row["amount_minor"],
            "rail_reference": reference_of(row["movement"], date.fromisoformat(row["booked_on"])),
            "booked_on": row["booked_on"],
            "at": instant(row["at"]),
        }
        return said(told, 201)


def _source(book: sqlite3.Connection, reference: str) -> tuple[str, int] | None:
    """Where money of a reference came from, and how much it was; None where nothing of it came."""
    if reference.startswith("C"):
        row = book.execute(
            "select m.counterparty, m.amount_minor from receipt r join movement m on m.order_id = r.instruction_id"
            " where r.rail_reference = ? and m.account = ?",
            (reference, SETTLEMENT),
        ).fetchone()
    else:
        row = book.execute(
            "select m.counterparty, m.amount_minor from credit c join movement m on m.n = c.movement where m.n = ?",
            (int(reference[9:]) if reference[9:].isdecimal() else 0,),
        ).fetchone()
    return (row["counterparty"], row["amount_minor"]) if row else None


def _told(row: sqlite3.Row) -> dict[str, object]:
    return {
        "seq": row["n"],
        "rail_reference": reference_of(row["movement_n"], date.fromisoformat(row["booked_on"])),
        "rail": row["rail"],
        "account": row["via"],
        "payer_account": row["payer"],
        "payer_name": row["payer_name"],
        "amount_minor": row["amount_minor"],
        "currency": "CNY",
        "order_id": row["order_id"],
        "remark": row["reference"],
        "booked_on": row["booked_on"],
        "at": instant(row["at"]),
    }
