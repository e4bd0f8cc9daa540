"""The company register. A firm's entry follows from its credit code and its representative, by these rules alone.

Ordinary firms stand as normal, in the area that their credit code names, at a house there, since a day between 2012 and
2023. The other
firms of a representative are those that were asked about before under the same identity number. Special entries are
known by the representative's sequence number:

=====  ============================================================
931    on the list of irregular businesses (经营异常名录)
932    licence revoked (吊销)
933    struck off (注销)
934    registered sixty days ago
935    registered in Lanzhou (620102)
936    the register never answers
937    the register does not know the firm
=====  ============================================================
"""

import hashlib
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Asked, Id, Refused, Text, asked, instant, refusal, said
from simulators.book import Book
from simulators.faults import COMMON_FAULTS, Faults, hang, troubled
from simulators.inquiries import SCHEMA, noted, told
from simulators.numbers import id_sequence, is_credit_code, is_id_number

# Towns by the first four digits of an area (GB/T 2260); a firm of any other stands in its province's.
TOWNS = {
    "1101": "北京市", "3101": "上海市", "3205": "苏州市", "3301": "杭州市", "4101": "郑州市", "4201": "武汉市",
    "4401": "广州市", "4403": "深圳市", "4419": "东莞市", "5101": "成都市", "6101": "西安市", "6201": "兰州市",
}  # fmt: skip
STREETS = ("人民路", "工业路", "中山路", "建设路", "解放路", "文化路")
FIRST, DAYS = date(2012, 1, 1), 4_300
YOUNG = timedelta(days=60)
# By characters 9-16 of the credit code, for firms whose representative nobody names.
STANDINGS = {
    "00000951": "abnormal",
    "00000952": "revoked",
    "00000953": "cancelled",
    "00000954": "dishonest",
    "00000955": "not_found",
}


class ExtractAsked(Asked):
    inquiry_id: Id
    licence: Text
    id_number: Text


class StandingAsked(Asked):
    """What anybody may ask of a firm: by its credit code alone."""

    inquiry_id: Id
    licence: Text


class RegistryParty:
    def __init__(self, data: Path) -> None:
        self.book = Book(data / "registry.sqlite3", SCHEMA)
        self.faults = Faults(COMMON_FAULTS)
        self.app = Starlette(
            routes=[
                Route("/extracts", troubled(self.faults, self._extract), methods=["POST"]),
                Route("/standings", troubled(self.faults, self._standing), methods=["POST"]),
                Route("/book", self._witness),
                *self.faults.routes(),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.book.close()

    async def _extract(self, request: Request) -> Response:
        wish = await asked(request, ExtractAsked)
        if not is_credit_code(wish.licence):
            raise Refused(422, "licence_invalid")
        if not is_id_number(wish.id_number):
            raise Refused(422, "id_number_invalid")
        if id_sequence(wish.id_number) == "936":
            return await hang(request, None)

        def note(book: sqlite3.Connection) -> tuple[float, list[str]]:
            at = noted(book, wish, wish.inquiry_id, id_number=wish.id_number, licence=wish.licence)
            others = book.execute(
                "select distinct licence from inquiry where id_number = ? and licence <> ? and at <= ? order by 1",
                (wish.id_number, wish.licence, at),
            )
            return at, [row["licence"] for row in others]

        at, others = await self.book.write(note)
        return said(
            {
                "inquiry_id": wish.inquiry_id,
                "reference": f"GS{hashlib.sha256(wish.inquiry_id.encode()).hexdigest()[:16].upper()}",
                "at": instant(at),
                **entry(wish.licence, wish.id_number, datetime.fromtimestamp(at, UTC).date()),
                "others": others,
            }
        )

    async def _standing(self, request: Request) -> Response:
        wish = await asked(request, StandingAsked)
        if not is_credit_code(wish.licence):
            raise Refused(422, "licence_invalid")
        return said({"inquiry_id": wish.inquiry_id, "state": STANDINGS.get(wish.licence[8:16], "normal")})

    async def _witness(self, _request: Request) -> Response:
        return said({"inquiries": await self.book.read(told)})


def entry(licence: str, id_number: str, on: date) -> dict[str, object]:
    """A firm's entry as it stands on a day."""
    digest = hashlib.sha256(f"registry\x1f{licence.upper()}".encode()).digest()
    since = FIRST + timedelta(days=int.from_bytes(digest[:4], "big") % DAYS)
    area = "620102" if id_sequence(id_number) == "935" else licence[2:8]
    street, house = STREETS[digest[4] % len(STREETS)], digest[5] + 1
    plain: dict[str, object] = {
        "state": "normal",
        "established_on": since.isoformat(),
        "area": area,
        "address": f"{TOWNS.get(area[:4], '上海市')}{street}{house}号",
    }
    special: dict[str, dict[str, object]] = {
        "931": {"state": "abnormal"},
        "932": {"state": "revoked"},
        "933": {"state": "cancelled"},
        "934": {"established_on": (on - YOUNG).isoformat()},
        "937": {"state": "not_found", "established_on": None, "area": None, "address": None},
    }
    return plain | special.get(id_sequence(id_number), {})
