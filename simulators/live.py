"""Rooms for live video visits. Both links open a page on which one goes in and out; who leaves last ends the recording.

Nothing is recorded of a guest who did not agree before: the room then ends without a recording. The fault ``preparing``
keeps a recording from being ready, ``lost`` loses one that was made.
"""

import hashlib
import sqlite3
import time
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Asked, Id, Refused, Text, asked, instant, refusal, said
from simulators.book import Book
from simulators.faults import COMMON_FAULTS, Faults, troubled
from simulators.pages import page

SCHEMA = """
create table if not exists session (
    session_id text primary key, content_hash text not null, guest text not null unique, host text not null unique,
    agreed_at text, words_sha256 text, began_at real, ended_at real, times integer not null default 1, at real not null
);
"""
SECONDS, BYTES_A_SECOND = 480.0, 40_000  # a visit in this world lasts eight minutes


class RoomAsked(Asked):
    session_id: Id
    opens_at: Text
    shuts_at: Text


class ConsentAsked(Asked):
    agreed_at: Text
    words_sha256: Text


class LiveParty:
    def __init__(self, data: Path, site: str = "") -> None:
        """``site``: where browsers reach this world; else where it was asked."""
        self._site = site.rstrip("/")
        self.book = Book(data / "live.sqlite3", SCHEMA)
        self.faults = Faults((*COMMON_FAULTS, "preparing", "lost"))
        self.app = Starlette(
            routes=[
                Route("/sessions", troubled(self.faults, self._open), methods=["POST"]),
                Route("/sessions/{session_id}/consent", troubled(self.faults, self._agree), methods=["POST"]),
                Route("/sessions/{session_id}/recording", troubled(self.faults, self._recording)),
                Route("/sessions/{session_id}/meeting", self._meet, methods=["POST"]),
                Route("/rooms/{key}", self._room, methods=["GET", "POST"]),
                Route("/book", self._witness),
                *self.faults.routes(),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.book.close()

    async def _open(self, request: Request) -> Response:
        wish = await asked(request, RoomAsked)
        try:
            opens_at, shuts_at = datetime.fromisoformat(wish.opens_at), datetime.fromisoformat(wish.shuts_at)
        except ValueError:
            raise Refused(422, "malformed", "opens_at, shuts_at: instants") from None
        if shuts_at <= opens_at:
            raise Refused(422, "shuts_before_it_opens")
        keys = [hashlib.sha256(f"{who} {wish.session_id}".encode()).hexdigest()[:24] for who in ("guest", "host")]

        def make(book: sqlite3.Connection) -> None:
            known = book.execute("select * from session where session_id = ?", (wish.session_id,)).fetchone()
            if known is None:
                row = (wish.session_id, wish.content_hash(), *keys, time.time())
                book.execute(
                    "insert into session (session_id, content_hash, guest, host, at) values (?, ?, ?, ?, ?)", row
                )
            elif known["content_hash"] != wish.content_hash():
                raise Refused(409, "session_id_taken")
            else:
                book.execute("update session set times = times + 1 where session_id = ?", (wish.session_id,))

        await self.book.write(make)
        site = self._site or f"{request.url.scheme}://{request.url.netloc}"
        rooms = f"{site}{request.scope.get('root_path', '')}/rooms"
        return said(
            {"session_id": wish.session_id, "guest_link": f"{rooms}/{keys[0]}", "host_link": f"{rooms}/{keys[1]}"}
        )

    async def _agree(self, request: Request) -> Response:
        wish, session_id = await asked(request, ConsentAsked), request.path_params["session_id"]

        def note(book: sqlite3.Connection) -> None:
            told = (wish.agreed_at, wish.words_sha256, _session(book, session_id)["session_id"])
            book.execute(
                "update session set agreed_at = ?, words_sha256 = ? where session_id = ? and agreed_at is null", told
            )

        await self.book.write(note)
        return said({"session_id": session_id, "agreed_at": wish.agreed_at})

    async def _meet(self, request: Request) -> Response:
        """Both go in and out: what two people would do in their browsers."""
        session_id = request.path_params["session_id"]
        row = await self.book.write(lambda book: _met(book, "session_id", session_id))
        return said({"session_id": session_id, "recorded": row["agreed_at"] is not None})

    async def _room(self, request: Request) -> Response:
        key = request.path_params["key"]
        column = await self.book.read(lambda book: _side(book, key))
        if request.method == "POST":
            row = await self.book.write(lambda book: _met(book, column, key))
        else:
            row = await self.book.read(
                lambda book: book.execute(f"select * from session where {column} = ?", (key,)).fetchone()  # noqa: S608
            )
        agreed, over = row["agreed_at"] is not None, row["ended_at"] is not None
        return page(request, "room.html", host=column == "host", agreed=agreed, over=over)

    async def _recording(self, request: Request) -> Response:
        session_id = request.path_params["session_id"]
        row = await self.book.read(lambda book: _session(book, session_id))
        made = row["ended_at"] is not None and row["agreed_at"] is not None
        if made and self.faults.take("preparing"):
            return said({"session_id": session_id, "state": "preparing", "file": None})
        if not made or self.faults.take("lost"):
            return said({"session_id": session_id, "state": "none", "file": None})
        file = {
            "reference": f"LV{hashlib.sha256(session_id.encode()).hexdigest()[:16].upper()}",
            "media_type": "video/mp4",
            "sha256": hashlib.sha256(f"{session_id} {row['began_at']}".encode()).hexdigest(),
            "size": int((row["ended_at"] - row["began_at"]) * BYTES_A_SECOND),
            "began_at": instant(row["began_at"]),
            "ended_at": instant(row["ended_at"]),
        }
        return said({"session_id": session_id, "state": "ready", "file": file})

    async def _witness(self, _request: Request) -> Response:
        def told(book: sqlite3.Connection) -> list[dict[str, object]]:
            columns = "session_id, agreed_at, words_sha256, ended_at is not null as met, times"
            rows = book.execute(f"select {columns} from session order by at")  # noqa: S608
            return [dict(row) for row in rows]

        return said({"sessions": await self.book.read(told)})


def _session(book: sqlite3.Connection, session_id: str) -> sqlite3.Row:
    row = book.execute("select * from session where session_id = ?", (session_id,)).fetchone()
    if row is None:
        raise Refused(404, "no_such_session")
    return row


def _side(book: sqlite3.Connection, key: str) -> str:
    for column in ("guest", "host"):
        if book.execute(f"select 1 from session where {column} = ?", (key,)).fetchone():  # noqa: S608
            return column
    raise Refused(404, "no_such_room")


def _met(book: sqlite3.Connection, column: str, value: str) -> sqlite3.Row:
    began = time.time()  # and it lasts as long as visits here last, whatever a clock says
    book.execute(
        f"update session set began_at = ?, ended_at = ? where {column} = ? and ended_at is null",  # noqa: S608
        (began, began + SECONDS, value),
    )
    row = book.execute(f"select * from session where {column} = ?", (value,)).fetchone()  # noqa: S608
    if row is None:
        raise Refused(404, "no_such_session")
    return row
