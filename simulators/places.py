"""A service that knows where addresses lie. Towns it knows by heart; a street lies near its town's middle, by its name.

``POST known`` puts an address somewhere, as a survey would. An address without a town that it knows is unknown; the
fault ``town_only`` makes it find no more than the town.
"""

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
from simulators.faults import COMMON_FAULTS, Faults, troubled

SCHEMA = """
create table if not exists known (address text primary key, latitude real not null, longitude real not null);
create table if not exists finding (
    request_id text primary key, content_hash text not null, latitude real, longitude real, precision text not null,
    at real not null, times integer not null default 1
);
"""
# Middles of towns, in degrees north and east (WGS 84).
TOWNS = {
    "北京": (39.9042, 116.4074),
    "上海": (31.2304, 121.4737),
    "广州": (23.1291, 113.2644),
    "深圳": (22.5431, 114.0579),
    "杭州": (30.2741, 120.1551),
    "苏州": (31.2989, 120.5853),
    "昆山": (31.3847, 120.9578),
    "成都": (30.5728, 104.0668),
    "武汉": (30.5928, 114.3055),
    "西安": (34.3416, 108.9398),
    "郑州": (34.7466, 113.6254),
    "佛山": (23.0218, 113.1219),
    "东莞": (23.0207, 113.7518),
    "义乌": (29.3069, 120.0751),
}
SPREAD = 0.04  # degrees; some four kilometres around the middle


class AddressAsked(Asked):
    request_id: Id
    address: Text


class KnownAsked(Asked):
    address: Text
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class PlacesParty:
    def __init__(self, data: Path) -> None:
        self.book = Book(data / "places.sqlite3", SCHEMA)
        self.faults = Faults((*COMMON_FAULTS, "town_only"))
        self.app = Starlette(
            routes=[
                Route("/addresses", troubled(self.faults, self._find), methods=["POST"]),
                Route("/known", self._know, methods=["POST"]),
                Route("/book", self._witness),
                *self.faults.routes(),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.book.close()

    async def _find(self, request: Request) -> Response:
        wish = await asked(request, AddressAsked)
        town_only = self.faults.take("town_only") is not None

        def find(book: sqlite3.Connection) -> sqlite3.Row:
            known = book.execute("select * from finding where request_id = ?", (wish.request_id,)).fetchone()
            if known is None:
                where = _where(book, wish.address, town_only=town_only)
                row = (wish.request_id, wish.content_hash(), *where, time.time())
                book.execute(
                    "insert into finding (request_id, content_hash, latitude, longitude, precision, at)"
                    " values (?, ?, ?, ?, ?, ?)",
                    row,
                )
            elif known["content_hash"] != wish.content_hash():
                raise Refused(409, "request_id_taken")
            else:
                book.execute("update finding set times = times + 1 where request_id = ?", (wish.request_id,))
            return book.execute("select * from finding where request_id = ?", (wish.request_id,)).fetchone()

        found = await self.book.write(find)
        reference = f"DZ{hashlib.sha256(wish.request_id.encode()).hexdigest()[:16].upper()}"
        return said(
            {
                "request_id": wish.request_id,
                "datum": "wgs84",
                "latitude": found["latitude"],
                "longitude": found["longitude"],
                "precision": found["precision"],
                "reference": reference,
                "at": instant(found["at"]),
            }
        )

    async def _know(self, request: Request) -> Response:
        wish = await asked(request, KnownAsked)
        row = (_plain(wish.address), wish.latitude, wish.longitude)
        await self.book.write(lambda book: book.execute("insert or replace into known values (?, ?, ?)", row))
        return said({"address": wish.address})

    async def _witness(self, _request: Request) -> Response:
        def told(book: sqlite3.Connection) -> list[dict[str, object]]:
            return [dict(row) for row in book.execute("select request_id, precision, times from finding order by at")]

        return said({"findings": await self.book.read(told)})


def _where(book: sqlite3.Connection, address: str, *, town_only: bool) -> tuple[float | None, float | None, str]:
    plain = _plain(address)
    surveyed = book.execute("select latitude, longitude from known where address = ?", (plain,)).fetchone()
    if surveyed is not None and not town_only:
        return surveyed["latitude"], surveyed["longitude"], "house"
    town = next((town for town in TOWNS if town in plain), None)
    if town is None:
        return None, None, "unknown"
    north, east = TOWNS[town]
    if town_only or plain.endswith((town, f"{town}市")):
        return north, east, "town"
    place = hashlib.sha256(plain.encode()).digest()
    exact = any(letter.isdigit() for letter in plain)
    return (
        round(north + (place[0] / 255 - 0.5) * SPREAD, 6),
        round(east + (place[1] / 255 - 0.5) * SPREAD, 6),
        "house" if exact else "street",
    )


def _plain(address: str) -> str:
    return "".join(address.split()).lower()
