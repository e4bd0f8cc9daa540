"""The tax bureau's invoice check (全国增值税发票查验平台): whether an invoice was issued as told, and still stands.

Every invoice is as it is told, except where its number says otherwise: one that ends in 901 is unknown, in 902 void.
``POST red`` takes one back in red ink, as its issuer could any day; whoever asks after that is told. ``POST issued``
is what an issuer's program sends: of such an invoice the bureau knows the whole face, tells it to whoever has its code
(``POST lookups``), and says of one that is told otherwise in which fields it differs.
"""

import hashlib
import json
import sqlite3
import time
from datetime import date
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Amount, Asked, Id, Refused, Text, asked, instant, refusal, said
from simulators.book import Book
from simulators.faults import COMMON_FAULTS, Faults, troubled

SCHEMA = """
create table if not exists inquiry (
    inquiry_id text primary key,
    content_hash text not null,
    state text not null,
    at real not null,
    times integer not null default 1
);
create table if not exists red (number text primary key, at real not null);
create table if not exists issued (number text primary key, face text not null, at real not null);
create table if not exists lookup (
    inquiry_id text primary key,
    content_hash text not null,
    answer text not null
);
"""


class InvoiceAsked(Asked):
    """``seller`` and ``buyer``: names as printed; amount with tax, in fen."""

    inquiry_id: Id
    seller: Text
    buyer: Text
    number: Text
    amount_minor: Amount
    issued_on: Text


class RedAsked(Asked):
    number: Text


class IssuedAsked(Asked):
    """An invoice as its issuer's program files it; ``gross_minor`` with tax, ``net_minor`` without."""

    seller: Text
    seller_licence: Text
    buyer: Text
    buyer_licence: Text
    number: Text
    code: str = ""
    gross_minor: Amount
    net_minor: Amount
    issued_on: Text


class LookupAsked(Asked):
    """What the code on an invoice says: ``amount_minor`` with tax or without, as that form prints it."""

    inquiry_id: Id
    number: Text
    code: str = ""
    check_code: str = ""
    amount_minor: Amount
    issued_on: Text


class TaxParty:
    def __init__(self, data: Path) -> None:
        self.book = Book(data / "tax.sqlite3", SCHEMA)
        self.faults = Faults(COMMON_FAULTS)
        self.app = Starlette(
            routes=[
                Route("/verifications", troubled(self.faults, self._verify), methods=["POST"]),
                Route("/red", self._red, methods=["POST"]),
                Route("/issued", self._issued, methods=["POST"]),
                Route("/lookups", troubled(self.faults, self._look_up), methods=["POST"]),
                Route("/book", self._witness),
                *self.faults.routes(),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.book.close()

    async def _verify(self, request: Request) -> Response:
        wish = await asked(request, InvoiceAsked)
        try:
            date.fromisoformat(wish.issued_on)
        except ValueError:
            raise Refused(422, "malformed", "issued_on: a day as YYYY-MM-DD") from None

        def answer(book: sqlite3.Connection) -> sqlite3.Row:
            known = book.execute("select * from inquiry where inquiry_id = ?", (wish.inquiry_id,)).fetchone()
            if known is None:
                differs = _differs(book, wish)
                state = f"differs:{','.join(differs)}" if differs else _state(book, wish.number)
                row = (wish.inquiry_id, wish.content_hash(), state, time.time())
                book.execute("insert into inquiry (inquiry_id, content_hash, state, at) values (?, ?, ?, ?)", row)
            elif known["content_hash"] != wish.content_hash():
                raise Refused(409, "inquiry_id_taken")
            else:
                book.execute("update inquiry set times = times + 1 where inquiry_id = ?", (wish.inquiry_id,))
            return book.execute("select * from inquiry where inquiry_id = ?", (wish.inquiry_id,)).fetchone()

        told = await self.book.write(answer)
        state, _, fields = str(told["state"]).partition(":")
        reference = f"CY{hashlib.sha256(wish.inquiry_id.encode()).hexdigest()[:16].upper()}"
        return said(
            {
                "inquiry_id": wish.inquiry_id,
                "reference": reference,
                "state": state,
                "at": instant(told["at"]),
                "differs": fields.split(",") if fields else [],
            }
        )

    async def _red(self, request: Request) -> Response:
        wish = await asked(request, RedAsked)

        def redden(book: sqlite3.Connection) -> None:
            book.execute("insert or ignore into red values (?, ?)", (_plain(wish.number), time.time()))

        await self.book.write(redden)
        return said({"number": wish.number, "state": "red"})

    async def _issued(self, request: Request) -> Response:
        wish = await asked(request, IssuedAsked)
        face = {name: getattr(wish, name) for name in FACE}

        def file(book: sqlite3.Connection) -> None:
            row = (_plain(wish.number), json.dumps(face), time.time())
            book.execute("insert or ignore into issued values (?, ?, ?)", row)

        await self.book.write(file)
        return said({"number": wish.number, "state": "valid"})

    async def _look_up(self, request: Request) -> Response:
        wish = await asked(request, LookupAsked)

        def answer(book: sqlite3.Connection) -> sqlite3.Row:
            known = book.execute("select * from lookup where inquiry_id = ?", (wish.inquiry_id,)).fetchone()
            if known is not None and known["content_hash"] != wish.content_hash():
                raise Refused(409, "inquiry_id_taken")
            if known is None:
                row = (wish.inquiry_id, wish.content_hash(), json.dumps(_face(book, wish)))
                book.execute("insert into lookup values (?, ?, ?)", row)
            return book.execute("select * from lookup where inquiry_id = ?", (wish.inquiry_id,)).fetchone()

        told = await self.book.write(answer)
        return said({"inquiry_id": wish.inquiry_id, **json.loads(told["answer"])})

    async def _witness(self, _request: Request) -> Response:
        def told(book: sqlite3.Connection) -> list[dict[str, object]]:
            return [dict(row) for row in book.execute("select inquiry_id, state, times from inquiry order by at")]

        return said({"inquiries": await self.book.read(told)})


FACE = ("seller", "seller_licence", "buyer", "buyer_licence", "number", "gross_minor", "net_minor", "issued_on")


def _filed(book: sqlite3.Connection, number: str) -> dict[str, Any] | None:
    row = book.execute("select face from issued where number = ?", (_plain(number),)).fetchone()
    return json.loads(row["face"]) if row else None


def _face(book: sqlite3.Connection, wish: LookupAsked) -> dict[str, Any]:
    """Its state, and its face where the code that was told is its own."""
    face = _filed(book, wish.number)
    state = _state(book, wish.number)
    if face is None:
        return {"state": state}
    fits = wish.amount_minor in (face["gross_minor"], face["net_minor"]) and wish.issued_on == face["issued_on"]
    return {"state": state, **face} if fits else {"state": "unknown"}


def _differs(book: sqlite3.Connection, wish: InvoiceAsked) -> list[str]:
    """What of a filed invoice is told otherwise. Whoever is not its seller learns that alone."""
    face = _filed(book, wish.number)
    if face is None:
        return []
    if _plain(wish.seller) != _plain(face["seller"]):
        return ["seller"]
    otherwise = {
        "buyer": _plain(wish.buyer) != _plain(face["buyer"]),
        "amount": wish.amount_minor != face["gross_minor"],
        "issued_on": wish.issued_on != face["issued_on"],
    }
    return [name for name, so in otherwise.items() if so]


def _state(book: sqlite3.Connection, number: str) -> str:
    plain = _plain(number)
    if book.execute("select 1 from red where number = ?", (plain,)).fetchone():
        return "red"
    return {"901": "unknown", "902": "void"}.get(plain[-3:], "valid")


def _plain(number: str) -> str:
    return "".join(letter for letter in number.upper() if letter.isalnum())
