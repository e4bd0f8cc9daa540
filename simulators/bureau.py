"""The credit bureau. A person's record follows from the identity number, by these rules and nothing else.

Ordinary persons have ¥0–60,000 of loans elsewhere, no overdue instalment now, at most two overdue months in 24, and at
most four enquiries in 90 days. Special persons are known by the sequence number in the identity number:

=====  ============================================================
901    overdue now (¥3,200.00), five overdue months in 24
902    dishonest judgment debtor (失信被执行人)
903    17 enquiries in 90 days
904    heavy debt elsewhere: ¥680,000.00, ¥31,000.00 a month
905    no record at all (白户)
906    the bureau takes 12 seconds to answer
907    the bureau never answers
=====  ============================================================
"""

import asyncio
import hashlib
import sqlite3
import time
from pathlib import Path

from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Asked, Id, Refused, Text, asked, instant, refusal, said
from simulators.book import Book
from simulators.faults import COMMON_FAULTS, Faults, hang, troubled
from simulators.numbers import id_sequence, is_id_number

SLOW_SECONDS = 12.0
SCHEMA = """
create table if not exists inquiry (
    inquiry_id text primary key,
    content_hash text not null,
    id_number text not null,
    at real not null,
    times integer not null default 1
);
"""


class ReportAsked(Asked):
    inquiry_id: Id
    name: Text
    id_number: Text
    consent_hash: str = Field(max_length=64)


class BureauParty:
    def __init__(self, data: Path) -> None:
        self.book = Book(data / "bureau.sqlite3", SCHEMA)
        self.faults = Faults(COMMON_FAULTS)
        self.app = Starlette(
            routes=[
                Route("/reports", troubled(self.faults, self._report), methods=["POST"]),
                Route("/book", self._witness),
                *self.faults.routes(),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.book.close()

    async def _report(self, request: Request) -> Response:
        wish = await asked(request, ReportAsked)
        if len(wish.consent_hash) != 64 or any(letter not in "0123456789abcdef" for letter in wish.consent_hash):
            raise Refused(403, "consent_missing")
        if not is_id_number(wish.id_number):
            raise Refused(422, "id_number_invalid")
        sequence = id_sequence(wish.id_number)
        if sequence == "907":
            return await hang(request, None)
        if sequence == "906":
            await asyncio.sleep(SLOW_SECONDS)

        def note(book: sqlite3.Connection) -> float:
            known = book.execute("select * from inquiry where inquiry_id = ?", (wish.inquiry_id,)).fetchone()
            if known is None:
                at = time.time()
                book.execute(
                    "insert into inquiry (inquiry_id, content_hash, id_number, at) values (?, ?, ?, ?)",
                    (wish.inquiry_id, wish.content_hash(), wish.id_number, at),
                )
                return at
            if known["content_hash"] != wish.content_hash():
                raise Refused(409, "inquiry_id_taken")
            book.execute("update inquiry set times = times + 1 where inquiry_id = ?", (wish.inquiry_id,))
            return known["at"]

        at = await self.book.write(note)
        return said(
            {
                "inquiry_id": wish.inquiry_id,
                "reference": f"CR{hashlib.sha256(wish.inquiry_id.encode()).hexdigest()[:16].upper()}",
                "at": instant(at),
                **record(wish.id_number),
            }
        )

    async def _witness(self, request: Request) -> Response:
        rows = await self.book.read(
            lambda book: book.execute("select inquiry_id, times from inquiry order by at").fetchall()
        )
        return said({"inquiries": [dict(row) for row in rows]})


def record(id_number: str) -> dict[str, object]:
    """The person's record: amounts in fen, counts as the report's fields say."""
    sequence = id_sequence(id_number)
    digest = hashlib.sha256(f"bureau\x1f{id_number.upper()}".encode()).digest()
    outstanding = max(0, digest[0] - 96) * 37_500  # fen; three in eight owe nothing, the others up to ¥59,625
    plain: dict[str, object] = {
        "found": True,
        "current_overdue_minor": 0,
        "overdue_months_24": (0, 0, 0, 0, 0, 0, 1, 2)[digest[1] % 8],
        "enquiries_90d": (0, 0, 1, 1, 2, 2, 3, 4)[digest[2] % 8],
        "outstanding_minor": outstanding,
        "monthly_instalments_minor": outstanding // 18,
        "dishonest": False,
    }
    special: dict[str, dict[str, object]] = {
        "901": {"current_overdue_minor": 320_000, "overdue_months_24": 5, "outstanding_minor": 4_000_000},
        "902": {"dishonest": True},
        "903": {"enquiries_90d": 17},
        "904": {"outstanding_minor": 68_000_000, "monthly_instalments_minor": 3_100_000},
        "905": {
            "found": False,
            "overdue_months_24": 0,
            "enquiries_90d": 0,
            "outstanding_minor": 0,
            "monthly_instalments_minor": 0,
        },
    }
    return plain | special.get(sequence, {})
