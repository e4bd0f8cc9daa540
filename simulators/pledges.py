"""The credit reference centre's two services for movable security: the unified register of pledges (中登网) and the
platform on which buyers confirm what they owe (应收账款确认).

A registration is public: a search under a name finds every one that lives, whoever made it. Buyers answer on the
platform, each person for themselves; ``POST confirmations/{id}/answers`` is their door. ``POST elsewhere`` registers a
pledge for another lender, as one could find it here. A pledgor whose name ends in 拒登 is refused a registration.
"""

import hashlib
import json
import sqlite3
import time
from datetime import date
from pathlib import Path
from typing import Literal

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
create table if not exists registration (
    request_id text primary key,
    content_hash text not null,
    number text not null unique,
    pledgor text not null,
    subject text not null,
    lender text not null,
    until text not null,
    at real not null,
    cancelled_at real,
    times integer not null default 1
);
create table if not exists search (
    request_id text primary key, content_hash text not null, found text not null, at real not null
);
create table if not exists confirmation (
    request_id text primary key, content_hash text not null, buyer text not null, asked text not null, at real not null,
    noticed_at real
);
create table if not exists answer (
    request_id text not null references confirmation, signer text not null, said text not null, at real not null,
    primary key (request_id, signer)
);
create table if not exists redirect (redirect_id text primary key, request_id text not null, at real not null);
"""
US = "huoshui"


class SearchAsked(Asked):
    """``names``: the pledgor's present name and every former one; ``subject``: what identifies the invoice."""

    request_id: Id
    names: tuple[Text, ...] = Field(min_length=1, max_length=20)
    subject: Text


class RegistrationAsked(Asked):
    request_id: Id
    pledgor: Text
    subject: Text
    amount_minor: Amount
    until: Text


class ElsewhereAsked(Asked):
    pledgor: Text
    subject: Text
    lender: Text


class ConfirmationAsked(Asked):
    """What the buyer is asked to state; ``account``: where it is to pay."""

    request_id: Id
    seller: Text
    buyer: Text
    number: Text
    amount_minor: Amount
    due_on: Text
    account: Text


class AnswerAsked(Asked):
    signer: Text
    means: Literal["seal", "signatory", "code"]
    amount_minor: int = Field(ge=0)
    due_on: Text
    defences_waived: bool
    account: Text


class RedirectAsked(Asked):
    redirect_id: Text


class PledgesParty:
    def __init__(self, data: Path) -> None:
        self.book = Book(data / "pledges.sqlite3", SCHEMA)
        self.faults = Faults(COMMON_FAULTS)
        routes = (
            ("/searches", self._search),
            ("/registrations", self._register),
            ("/registrations/{number}/cancel", self._cancel),
            ("/confirmations", self._ask),
            ("/confirmations/{request_id}/notice", self._notice),
            ("/confirmations/{request_id}/redirect", self._redirect),
        )
        self.app = Starlette(
            routes=[
                *(Route(path, troubled(self.faults, handler), methods=["POST"]) for path, handler in routes),
                Route("/confirmations/{request_id}", troubled(self.faults, self._told)),
                Route("/confirmations/{request_id}/answers", self._answer, methods=["POST"]),
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

    # --- the register -------------------------------------------------------------------------------------------------

    async def _search(self, request: Request) -> Response:
        wish = await asked(request, SearchAsked)

        def search(book: sqlite3.Connection) -> sqlite3.Row:
            if not came_before(book, "search", wish, wish.request_id):
                marks = ",".join("?" * len(wish.names))
                found = book.execute(
                    f"select number, lender, until from registration where cancelled_at is null and subject = ? "  # noqa: S608 (marks only)
                    f"and pledgor in ({marks}) order by at",
                    (wish.subject, *wish.names),
                )
                told = json.dumps([dict(row) for row in found])
                row = (wish.request_id, wish.content_hash(), told, time.time())
                book.execute("insert into search values (?, ?, ?, ?)", row)
            return book.execute("select * from search where request_id = ?", (wish.request_id,)).fetchone()

        row = await self.book.write(search)
        found = [{**one, "ours": one.pop("lender") == US} for one in json.loads(row["found"])]
        return said({"request_id": wish.request_id, "found": found, "at": instant(row["at"])})

    async def _register(self, request: Request) -> Response:
        wish = await asked(request, RegistrationAsked)
        if wish.pledgor.endswith("拒登"):
            raise Refused(422, "registration_refused")
        until = _day(wish.until)

        def register(book: sqlite3.Connection) -> sqlite3.Row:
            if came_before(book, "registration", wish, wish.request_id):
                book.execute("update registration set times = times + 1 where request_id = ?", (wish.request_id,))
            else:
                number = f"ZD{hashlib.sha256(wish.request_id.encode()).hexdigest()[:18].upper()}"
                row = (wish.request_id, wish.content_hash(), number, wish.pledgor, wish.subject, US, until, time.time())
                _insert_registration(book, row)
            return book.execute("select * from registration where request_id = ?", (wish.request_id,)).fetchone()

        row = await self.book.write(register)
        return said(
            {
                "request_id": wish.request_id,
                "number": row["number"],
                "until": row["until"],
                "at": instant(row["at"]),
            }
        )

    async def _cancel(self, request: Request) -> Response:
        number = request.path_params["number"]

        def cancel(book: sqlite3.Connection) -> float | None:
            book.execute(
                "update registration set cancelled_at = ? where number = ? and cancelled_at is null",
                (time.time(), number),
            )
            row = book.execute("select cancelled_at from registration where number = ?", (number,)).fetchone()
            return row["cancelled_at"] if row else None

        at = await self.book.write(cancel)
        if at is None:
            raise Refused(404, "unknown_registration")
        return said({"number": number, "at": instant(at)})

    async def _elsewhere(self, request: Request) -> Response:
        wish = await asked(request, ElsewhereAsked)

        def register(book: sqlite3.Connection) -> str:
            request_id = f"elsewhere-{wish.content_hash()[:24]}"
            number = f"ZD{wish.content_hash()[:18].upper()}"
            if not book.execute("select 1 from registration where request_id = ?", (request_id,)).fetchone():
                row = (request_id, "", number, wish.pledgor, wish.subject, wish.lender, "2036-12-31", time.time())
                _insert_registration(book, row)
            return number

        return said({"number": await self.book.write(register)})

    # --- the platform -------------------------------------------------------------------------------------------------

    async def _ask(self, request: Request) -> Response:
        wish = await asked(request, ConfirmationAsked)
        _day(wish.due_on)

        def ask(book: sqlite3.Connection) -> None:
            if not came_before(book, "confirmation", wish, wish.request_id):
                told = wish.model_dump_json()
                row = (wish.request_id, wish.content_hash(), wish.buyer, told, time.time())
                book.execute(
                    "insert into confirmation (request_id, content_hash, buyer, asked, at) values (?, ?, ?, ?, ?)", row
                )

        await self.book.write(ask)
        return said({"request_id": wish.request_id, "answers": await self.book.read(_answers(wish.request_id))})

    async def _told(self, request: Request) -> Response:
        request_id = request.path_params["request_id"]
        if not await self.book.read(_asked(request_id)):
            raise Refused(404, "unknown_confirmation")
        return said({"request_id": request_id, "answers": await self.book.read(_answers(request_id))})

    async def _answer(self, request: Request) -> Response:
        wish, request_id = await asked(request, AnswerAsked), request.path_params["request_id"]
        _day(wish.due_on)
        if not await self.book.read(_asked(request_id)):
            raise Refused(404, "unknown_confirmation")

        def answer(book: sqlite3.Connection) -> None:
            row = (request_id, wish.signer, wish.model_dump_json(), time.time())
            # The first word of a person counts: who confirmed cannot take it back.
            book.execute("insert or ignore into answer values (?, ?, ?, ?)", row)

        await self.book.write(answer)
        return said({"request_id": request_id, "answers": await self.book.read(_answers(request_id))})

    async def _notice(self, request: Request) -> Response:
        request_id = request.path_params["request_id"]

        def notice(book: sqlite3.Connection) -> float | None:
            book.execute(
                "update confirmation set noticed_at = ? where request_id = ? and noticed_at is null",
                (time.time(), request_id),
            )
            row = book.execute("select noticed_at from confirmation where request_id = ?", (request_id,)).fetchone()
            return row["noticed_at"] if row else None

        at = await self.book.write(notice)
        if at is None:
            raise Refused(404, "unknown_confirmation")
        return said({"request_id": request_id, "at": instant(at)})

    async def _redirect(self, request: Request) -> Response:
        wish, request_id = await asked(request, RedirectAsked), request.path_params["request_id"]
        if not await self.book.read(_asked(request_id)):
            raise Refused(404, "unknown_confirmation")

        def redirect(book: sqlite3.Connection) -> float:
            row = (wish.redirect_id, request_id, time.time())
            book.execute("insert or ignore into redirect values (?, ?, ?)", row)
            return book.execute("select at from redirect where redirect_id = ?", (wish.redirect_id,)).fetchone()["at"]

        return said({"request_id": request_id, "at": instant(await self.book.write(redirect))})

    async def _witness(self, _request: Request) -> Response:
        def told(book: sqlite3.Connection) -> dict[str, object]:
            registrations = book.execute(
                "select number, pledgor, lender, until, cancelled_at is not null as cancelled, times "
                "from registration order by at"
            )
            asked_for = book.execute(
                "select request_id, buyer, noticed_at is not null as noticed from confirmation order by at"
            )
            return {
                "registrations": [dict(row) for row in registrations],
                "confirmations": [dict(row) for row in asked_for],
                "redirects": [row["request_id"] for row in book.execute("select request_id from redirect order by at")],
                "searches": [row["request_id"] for row in book.execute("select request_id from search order by at")],
            }

        return said(await self.book.read(told))


def _insert_registration(book: sqlite3.Connection, row: tuple[object, ...]) -> None:
    columns = "request_id, content_hash, number, pledgor, subject, lender, until, at"
    book.execute(f"insert into registration ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608 (columns of ours)


def _asked(request_id: str):
    def find(book: sqlite3.Connection) -> bool:
        return book.execute("select 1 from confirmation where request_id = ?", (request_id,)).fetchone() is not None

    return find


def _answers(request_id: str):
    def told(book: sqlite3.Connection) -> list[dict[str, object]]:
        rows = book.execute("select said from answer where request_id = ? order by at", (request_id,))
        return [json.loads(row["said"]) for row in rows]

    return told


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Refused(422, "malformed", "a day as YYYY-MM-DD") from None
