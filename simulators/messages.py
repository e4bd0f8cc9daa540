"""The message gateway: keeps every short message, shows them on a simulated phone, and takes in mails with bills."""

import hashlib
import sqlite3
import time
from urllib.parse import urlencode

from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from simulators.answers import Asked, Id, Refused, Text, asked, instant, refusal, said
from simulators.book import Book
from simulators.faults import COMMON_FAULTS, Faults, troubled
from simulators.mails import SCHEMA as MAIL_SCHEMA
from simulators.mails import Mails
from simulators.pages import wants_page
from simulators.settings import WorldSettings

SHOWN = 50
SCHEMA = """
create table if not exists message (
    n integer primary key,
    message_id text unique not null,
    content_hash text not null,
    phone text not null,
    text text not null,
    purpose text not null,
    at real not null,
    times integer not null default 1
);
create index if not exists message_phone on message (phone, n);
"""


class MessageAsked(Asked):
    message_id: Id
    phone: str = Field(pattern=r"^\+?[0-9]{6,15}$")
    text: str = Field(min_length=1, max_length=1000)
    purpose: Text


class MessagesParty:
    def __init__(self, settings: WorldSettings) -> None:
        self.book = Book(settings.data / "messages.sqlite3", SCHEMA + MAIL_SCHEMA)
        self.faults = Faults(COMMON_FAULTS)
        self.mails = Mails(self.book, settings)
        send = troubled(self.faults, self._send)
        self.app = Starlette(
            routes=[
                Route("/", send, methods=["POST"]),
                Route("/", self._phone),
                Route("/inbox", self._inbox),
                Route("/book", self._witness),
                *self.mails.routes(self.faults),
                *self.faults.routes(),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        self.mails.outbox.start()

    async def stop(self) -> None:
        await self.mails.outbox.stop()
        self.book.close()

    async def _send(self, request: Request) -> Response:
        wish = await asked(request, MessageAsked)

        def keep(book: sqlite3.Connection) -> None:
            known = book.execute("select * from message where message_id = ?", (wish.message_id,)).fetchone()
            if known is None:
                book.execute(
                    "insert into message (message_id, content_hash, phone, text, purpose, at)"
                    " values (?, ?, ?, ?, ?, ?)",
                    (
                        wish.message_id,
                        wish.content_hash(),
                        same_phone(wish.phone),
                        wish.text,
                        wish.purpose,
                        time.time(),
                    ),
                )
            elif known["content_hash"] != wish.content_hash():
                raise Refused(409, "message_id_taken")
            else:
                book.execute("update message set times = times + 1 where message_id = ?", (wish.message_id,))

        await self.book.write(keep)
        reference = f"SMS{hashlib.sha256(wish.message_id.encode()).hexdigest()[:16].upper()}"
        return said({"message_id": wish.message_id, "reference": reference}, 202)

    async def inbox(self, phone: str, limit: int = SHOWN) -> list[dict[str, object]]:
        """The phone's messages, newest first."""
        rows = await self.book.read(
            lambda book: book.execute(
                "select * from message where phone = ? order by n desc limit ?", (same_phone(phone), limit)
            ).fetchall()
        )
        return [
            {
                "message_id": row["message_id"],
                "text": row["text"],
                "purpose": row["purpose"],
                "at": instant(row["at"]),
                "times": row["times"],
            }
            for row in rows
        ]

    async def _phone(self, request: Request) -> Response:
        return RedirectResponse("/phone", 303)

    async def _inbox(self, request: Request) -> Response:
        if wants_page(request):
            query = urlencode({"number": number} if (number := request.query_params.get("phone")) else {})
            return RedirectResponse(f"/phone?{query}", 303)
        return said({"messages": await self.inbox(request.query_params.get("phone", ""))})

    async def _witness(self, request: Request) -> Response:
        rows = await self.book.read(
            lambda book: book.execute("select purpose, count(*) as n from message group by purpose").fetchall()
        )
        return said({"sent": {row["purpose"]: row["n"] for row in rows}})


def same_phone(phone: str) -> str:
    """The number as it is kept: +86 and spaces do not make it another phone."""
    digits = "".join(letter for letter in phone if letter.isdigit())
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
