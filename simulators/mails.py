"""Mails that a wallet sends to a lender's bill mailbox: kept whole, told by a signed callback, fetched by their number.

Whoever sends says who they are; ``proven`` stands for what a real gateway finds by SPF and DKIM.
"""

import base64
import json
import sqlite3
import time

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators import callbacks
from simulators.answers import Asked, Id, Refused, asked, said
from simulators.book import Book
from simulators.callbacks import Callbacks
from simulators.faults import Faults, troubled
from simulators.settings import WorldSettings

MOST_FILES = 20
LONGEST = 30 * 1024 * 1024  # characters of base64: about 22 MB
SCHEMA = f"""
create table if not exists mail (
    mail_id text primary key,
    recipient text not null,
    sender text not null,
    proven integer not null,
    content_hash text not null,
    at real not null
);
create table if not exists mail_file (
    mail_id text not null,
    n integer not null,
    name text not null,
    data blob not null,
    primary key (mail_id, n)
);
{callbacks.SCHEMA}
"""


class FileAsked(Asked):
    name: str = Field(min_length=1, max_length=200)
    content: str = Field(max_length=LONGEST)


class MailAsked(Asked):
    mail_id: Id
    recipient: str = Field(pattern=r"^[^@\s]{1,64}@[^@\s]{3,120}$")
    sender: str = Field(pattern=r"^[^@\s]{1,64}@[^@\s]{3,120}$")
    proven: bool = True
    files: tuple[FileAsked, ...] = Field(max_length=MOST_FILES)


class Mails:
    def __init__(self, book: Book, settings: WorldSettings) -> None:
        self._book = book
        self.outbox = Callbacks(book, settings.public_url, "/v1/hooks/mail", settings.messages_secret)

    def routes(self, faults: Faults) -> list[Route]:
        return [
            Route("/mails", troubled(faults, self._send), methods=["POST"]),
            Route("/mails/{mail_id}", troubled(faults, self._files)),
            Route("/mails/{mail_id}/files/{n:int}", troubled(faults, self._file)),
        ]

    async def _send(self, request: Request) -> Response:
        wish = await asked(request, MailAsked)
        try:
            files = [(n, one.name, base64.b64decode(one.content, validate=True)) for n, one in enumerate(wish.files)]
        except ValueError:
            raise Refused(422, "not_base64") from None

        def keep(book: sqlite3.Connection) -> None:
            known = book.execute("select content_hash from mail where mail_id = ?", (wish.mail_id,)).fetchone()
            if known is not None:
                if known["content_hash"] != wish.content_hash():
                    raise Refused(409, "mail_id_taken")
                return
            book.execute(
                "insert into mail (mail_id, recipient, sender, proven, content_hash, at) values (?, ?, ?, ?, ?, ?)",
                (wish.mail_id, wish.recipient, wish.sender, wish.proven, wish.content_hash(), time.time()),
            )
            book.executemany(
                "insert into mail_file (mail_id, n, name, data) values (?, ?, ?, ?)",
                [(wish.mail_id, *file) for file in files],
            )
            told = {
                "type": "mail.received",
                "mail_id": wish.mail_id,
                "recipient": wish.recipient,
                "sender": wish.sender,
                "proven": wish.proven,
            }
            callbacks.enqueue(book, f"mail-{wish.mail_id}", json.dumps(told).encode(), time.time())

        await self._book.write(keep)
        self.outbox.wake()
        return said({"mail_id": wish.mail_id, "files": len(files)}, 202)

    async def _files(self, request: Request) -> Response:
        mail_id = request.path_params["mail_id"]
        rows = await self._book.read(
            lambda book: book.execute(
                "select n, name, length(data) as size from mail_file where mail_id = ? order by n", (mail_id,)
            ).fetchall()
        )
        known = await self._book.read(
            lambda book: book.execute("select 1 from mail where mail_id = ?", (mail_id,)).fetchone()
        )
        if known is None:
            raise Refused(404, "unknown_mail")
        return said({"mail_id": mail_id, "files": [dict(row) for row in rows]})

    async def _file(self, request: Request) -> Response:
        where = (request.path_params["mail_id"], request.path_params["n"])
        row = await self._book.read(
            lambda book: book.execute("select data from mail_file where mail_id = ? and n = ?", where).fetchone()
        )
        if row is None:
            raise Refused(404, "unknown_file")
        return Response(row["data"], media_type="application/octet-stream")
