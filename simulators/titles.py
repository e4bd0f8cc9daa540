"""A register of titles: the real-estate bureau (不动产登记), the office of intellectual property or the vehicle office,
each with its own book.

Every title is as it is told, except where its number says otherwise: one whose last digits are 901 is unknown, 902
sealed by a court, 903 shared with somebody else, 904 leased to somebody until 2030, 905 somebody else's, 909 takes no
registration.
``POST elsewhere`` registers a maximum claim of another lender, as one could find it here. The fault ``under_review``
keeps a registration waiting: the same order asked again finds the certificate once the fault is over.
"""

import hashlib
import json
import re
import sqlite3
import time
from pathlib import Path

from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Amount, Asked, Id, Refused, Text, asked, instant, refusal, said
from simulators.book import Book
from simulators.faults import COMMON_FAULTS, Faults, troubled
from simulators.inquiries import came_before

SCHEMA = """
create table if not exists charge (
    request_id text primary key,
    content_hash text not null,
    title text not null,
    lender text not null,
    max_minor integer not null,
    number text unique,
    at real not null,
    cancelled_at real,
    times integer not null default 1
);
create table if not exists extract (
    request_id text primary key, content_hash text not null, told text not null, at real not null
);
"""
US = "huoshui"
LEASED_UNTIL = "2030-12-31"


class ExtractAsked(Asked):
    """``owner``: who is said to have the title."""

    request_id: Id
    title: Text
    owner: Text


class ChargeAsked(Asked):
    """``max_minor``: the maximum claim, in fen."""

    request_id: Id
    title: Text
    owner: Text
    max_minor: Amount


class ElsewhereAsked(Asked):
    title: Text
    lender: Text
    max_minor: int = Field(gt=0, lt=10**15)


class TitlesParty:
    """``office``: the name of its book; ``mark``: how its certificates begin."""

    def __init__(self, data: Path, office: str, mark: str) -> None:
        self.book = Book(data / f"{office}.sqlite3", SCHEMA)
        self.faults = Faults((*COMMON_FAULTS, "under_review"))
        self._mark = mark
        self.app = Starlette(
            routes=[
                Route("/extracts", troubled(self.faults, self._look), methods=["POST"]),
                Route("/registrations", troubled(self.faults, self._register), methods=["POST"]),
                Route("/registrations/{request_id}/cancel", troubled(self.faults, self._cancel), methods=["POST"]),
                Route("/elsewhere", self._elsewhere, methods=["POST"]),
                Route("/book", self._witness),
                *self.faults.routes(),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.book.close()

    async def _look(self, request: Request) -> Response:
        wish = await asked(request, ExtractAsked)

        def look(book: sqlite3.Connection) -> sqlite3.Row:
            if not came_before(book, "extract", wish, wish.request_id):
                charges = book.execute(
                    "select number, max_minor, lender from charge "
                    "where title = ? and number is not null and cancelled_at is null order by at",
                    (wish.title,),
                )
                told = json.dumps({**_nature(wish.title), "charges": [dict(row) for row in charges]})
                row = (wish.request_id, wish.content_hash(), told, time.time())
                book.execute("insert into extract values (?, ?, ?, ?)", row)
            return book.execute("select * from extract where request_id = ?", (wish.request_id,)).fetchone()

        row = await self.book.write(look)
        told = json.loads(row["told"])
        charges = [{**one, "ours": one.pop("lender") == US} for one in told.pop("charges")]
        return said({"request_id": wish.request_id, **told, "charges": charges, "at": instant(row["at"])})

    async def _register(self, request: Request) -> Response:
        wish = await asked(request, ChargeAsked)
        if last_digits(wish.title) == "909":
            raise Refused(422, "registration_refused")
        waits = self.faults.take("under_review") is not None

        def register(book: sqlite3.Connection) -> sqlite3.Row:
            if came_before(book, "charge", wish, wish.request_id):
                book.execute("update charge set times = times + 1 where request_id = ?", (wish.request_id,))
            else:
                row = (wish.request_id, wish.content_hash(), wish.title, US, wish.max_minor, time.time())
                columns = "request_id, content_hash, title, lender, max_minor, at"
                book.execute(f"insert into charge ({columns}) values (?, ?, ?, ?, ?, ?)", row)  # noqa: S608 (columns of ours)
            if not waits:
                book.execute(
                    "update charge set number = ? where request_id = ? and number is null and cancelled_at is null",
                    (self._number(wish.request_id), wish.request_id),
                )
            return book.execute("select * from charge where request_id = ?", (wish.request_id,)).fetchone()

        row = await self.book.write(register)
        if row["cancelled_at"] is not None:
            raise Refused(409, "registration_cancelled")
        return said({"request_id": wish.request_id, "number": row["number"], "at": instant(row["at"])})

    async def _cancel(self, request: Request) -> Response:
        request_id = request.path_params["request_id"]

        def cancel(book: sqlite3.Connection) -> float | None:
            book.execute(
                "update charge set cancelled_at = ? where request_id = ? and cancelled_at is null",
                (time.time(), request_id),
            )
            row = book.execute("select cancelled_at from charge where request_id = ?", (request_id,)).fetchone()
            return row["cancelled_at"] if row else None

        at = await self.book.write(cancel)
        if at is None:
            raise Refused(404, "unknown_registration")
        return said({"request_id": request_id, "at": instant(at)})

    async def _elsewhere(self, request: Request) -> Response:
        wish = await asked(request, ElsewhereAsked)

        def register(book: sqlite3.Connection) -> str:
            request_id = f"elsewhere-{wish.content_hash()[:24]}"
            number = self._number(request_id)
            row = (request_id, "", wish.title, wish.lender, wish.max_minor, number, time.time())
            columns = "request_id, content_hash, title, lender, max_minor, number, at"
            book.execute(f"insert or ignore into charge ({columns}) values (?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608 (ours)
            return number

        return said({"number": await self.book.write(register)})

    async def _witness(self, _request: Request) -> Response:
        def told(book: sqlite3.Connection) -> list[dict[str, object]]:
            rows = book.execute(
                "select title, lender, max_minor, number, cancelled_at is not null as cancelled, times "
                "from charge order by at"
            )
            return [dict(row) for row in rows]

        return said({"charges": await self.book.read(told)})

    def _number(self, request_id: str) -> str:
        return f"{self._mark}{hashlib.sha256(request_id.encode()).hexdigest()[:12].upper()}"


def last_digits(title: str) -> str:
    """The last three digits of a title's number, whatever is written behind them: most end in 号."""
    digits = re.findall(r"\d+", title)
    return digits[-1][-3:] if digits else ""


def _nature(title: str) -> dict[str, object]:
    ending = last_digits(title)
    return {
        "known": ending != "901",
        "owned": ending != "905",
        "shared": ending == "903",
        "sealed": ending == "902",
        "leased_until": LEASED_UNTIL if ending == "904" else None,
    }
