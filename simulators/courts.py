"""The courts' public records. What stands against a person follows from the identity number, by these rules alone.

One ordinary person in eight is sued over ¥1,800.00. Special persons are known by the sequence number:

=====  ============================================================
902    dishonest judgment debtor (失信被执行人), ¥52,000.00 being enforced
921    a judgment debtor (被执行人): ¥86,000.00 being enforced
922    sued for ¥2,600,000.00 in two cases
923    the courts never answer
924    the courts take 12 seconds to answer
=====  ============================================================
"""

import asyncio
import hashlib
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Asked, Id, Refused, Text, asked, instant, refusal, said
from simulators.book import Book
from simulators.faults import COMMON_FAULTS, Faults, hang, troubled
from simulators.inquiries import SCHEMA, noted, told
from simulators.numbers import id_sequence, is_id_number

SLOW_SECONDS = 12.0


class SearchAsked(Asked):
    inquiry_id: Id
    name: Text
    id_number: Text
    firm_name: Text | None
    licence: Text | None


class CourtsParty:
    def __init__(self, data: Path) -> None:
        self.book = Book(data / "courts.sqlite3", SCHEMA)
        self.faults = Faults(COMMON_FAULTS)
        self.app = Starlette(
            routes=[
                Route("/searches", troubled(self.faults, self._search), methods=["POST"]),
                Route("/book", self._witness),
                *self.faults.routes(),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.book.close()

    async def _search(self, request: Request) -> Response:
        wish = await asked(request, SearchAsked)
        if not is_id_number(wish.id_number):
            raise Refused(422, "id_number_invalid")
        sequence = id_sequence(wish.id_number)
        if sequence == "923":
            return await hang(request, None)
        if sequence == "924":
            await asyncio.sleep(SLOW_SECONDS)
        at = await self.book.write(
            lambda book: noted(book, wish, wish.inquiry_id, id_number=wish.id_number, licence=wish.licence)
        )
        return said(
            {
                "inquiry_id": wish.inquiry_id,
                "reference": f"SF{hashlib.sha256(wish.inquiry_id.encode()).hexdigest()[:16].upper()}",
                "at": instant(at),
                **record(wish.id_number),
            }
        )

    async def _witness(self, _request: Request) -> Response:
        return said({"inquiries": await self.book.read(told)})


def record(id_number: str) -> dict[str, object]:
    """What stands against a person and the firm: amounts in fen."""
    digest = hashlib.sha256(f"courts\x1f{id_number.upper()}".encode()).digest()
    sued = digest[0] % 8 == 0
    plain: dict[str, object] = {
        "dishonest": False,
        "enforced_cases": 0,
        "enforced_minor": 0,
        "open_claims": int(sued),
        "claims_minor": 180_000 if sued else 0,
    }
    special: dict[str, dict[str, object]] = {
        "902": {"dishonest": True, "enforced_cases": 1, "enforced_minor": 5_200_000},
        "921": {"enforced_cases": 1, "enforced_minor": 8_600_000},
        "922": {"open_claims": 2, "claims_minor": 260_000_000},
    }
    return plain | special.get(id_sequence(id_number), {})
