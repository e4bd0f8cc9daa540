"""Fields seen from above: what stands in a parcel, reckoned from its corners alone, so that it is the same each time.

The picture is of the day before it is asked for; the fault ``clouds`` makes it unsure, ``old_picture`` makes it 20 days
old. Crop and stage hang on the month and the place, the area on the polygon. Every number is a field's near Kunshan,
always the same one; a number that ends in 901 is nobody's.
"""

import hashlib
import json
import math
import sqlite3
import time
from datetime import date, timedelta
from pathlib import Path

from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Asked, Id, Refused, Text, asked, refusal, said
from simulators.book import Book
from simulators.faults import COMMON_FAULTS, Faults, troubled
from simulators.inquiries import came_before

SCHEMA = """
create table if not exists reading (
    request_id text primary key, content_hash text not null, told text not null, at real not null
);
create table if not exists border (
    request_id text primary key, content_hash text not null, told text not null, at real not null
);
"""
METRES_A_DEGREE = 111_320.0
CROPS = ("rice", "wheat", "maize", "rape")
STAGES = ("sown", "growing", "ripe")
# Whole square kilometres in one parcel are no parcel.
LARGEST_M2 = 5_000_000


class ParcelAsked(Asked):
    """``polygon``: corners as [longitude, latitude] in degrees, written as text."""

    request_id: Id
    polygon: tuple[tuple[Text, Text], ...] = Field(min_length=3, max_length=200)
    on: Text


class NumberAsked(Asked):
    request_id: Id
    number: Text


class FieldsParty:
    def __init__(self, data: Path) -> None:
        self.book = Book(data / "fields.sqlite3", SCHEMA)
        self.faults = Faults((*COMMON_FAULTS, "clouds", "old_picture"))
        self.app = Starlette(
            routes=[
                Route("/readings", troubled(self.faults, self._read), methods=["POST"]),
                Route("/borders", troubled(self.faults, self._border), methods=["POST"]),
                Route("/book", self._witness),
                *self.faults.routes(),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.book.close()

    async def _read(self, request: Request) -> Response:
        wish = await asked(request, ParcelAsked)
        try:
            on = date.fromisoformat(wish.on)
            corners = [(float(longitude), float(latitude)) for longitude, latitude in wish.polygon]
        except ValueError:
            raise Refused(422, "malformed", "corners in degrees, a day as YYYY-MM-DD") from None
        area = _area(corners)
        if not 100 <= area <= LARGEST_M2:
            raise Refused(422, "no_parcel")
        clouds = self.faults.take("clouds") is not None
        old = self.faults.take("old_picture") is not None

        def read(book: sqlite3.Connection) -> sqlite3.Row:
            known = book.execute("select * from reading where request_id = ?", (wish.request_id,)).fetchone()
            if known is not None and known["content_hash"] != wish.content_hash():
                raise Refused(409, "request_id_taken")
            if known is None:
                told = _told(corners, area, on - timedelta(days=20 if old else 1), clouds=clouds)
                row = (wish.request_id, wish.content_hash(), json.dumps(told), time.time())
                book.execute("insert into reading values (?, ?, ?, ?)", row)
            return book.execute("select * from reading where request_id = ?", (wish.request_id,)).fetchone()

        row = await self.book.write(read)
        return said({"request_id": wish.request_id, **json.loads(row["told"])})

    async def _border(self, request: Request) -> Response:
        wish = await asked(request, NumberAsked)
        if wish.number.endswith("901"):
            raise Refused(404, "unknown_parcel")

        def look(book: sqlite3.Connection) -> sqlite3.Row:
            if not came_before(book, "border", wish, wish.request_id):
                told = json.dumps({"number": wish.number, "polygon": _corners(wish.number)})
                row = (wish.request_id, wish.content_hash(), told, time.time())
                book.execute("insert into border values (?, ?, ?, ?)", row)
            return book.execute("select * from border where request_id = ?", (wish.request_id,)).fetchone()

        row = await self.book.write(look)
        return said({"request_id": wish.request_id, "polygon": json.loads(row["told"])["polygon"]})

    async def _witness(self, _request: Request) -> Response:
        def told(book: sqlite3.Connection) -> dict[str, list[dict[str, object]]]:
            answers = {
                "readings": "select request_id, told from reading order by at",
                "borders": "select request_id, told from border order by at",
            }
            return {
                name: [{"request_id": row["request_id"], **json.loads(row["told"])} for row in book.execute(rows)]
                for name, rows in answers.items()
            }

        return said(await self.book.read(told))


def _told(corners: list[tuple[float, float]], area: float, seen_on: date, *, clouds: bool) -> dict[str, object]:
    place = int(hashlib.sha256(repr(sorted(corners)).encode()).hexdigest()[:8], 16)
    return {
        "crop": CROPS[place % len(CROPS)],
        "area_m2": round(area * 0.95),  # ridges and paths carry nothing
        "stage": STAGES[(seen_on.month + place) % len(STAGES)],
        "confidence": "0.40" if clouds else f"{0.80 + place % 16 / 100:.2f}",
        "seen_on": seen_on.isoformat(),
    }


def _corners(number: str) -> list[tuple[str, str]]:
    """Four corners, no two sides of one length: 60 to 180 m either way."""
    drawn = hashlib.sha256(number.encode()).digest()
    west, south = 120_900_000 + int.from_bytes(drawn[:3]) % 100_000, 31_350_000 + int.from_bytes(drawn[3:6]) % 80_000
    width, height, lean = 700 + drawn[6] * 4, 600 + drawn[7] * 4, drawn[8]
    walked = ((0, 0), (width, lean), (width + lean, height + lean), (lean, height))
    return [(f"{(west + x) / 1e6:.6f}", f"{(south + y) / 1e6:.6f}") for x, y in walked]


def _area(corners: list[tuple[float, float]]) -> float:
    """The shoelace formula on a plane that touches the earth at the first corner; square metres."""
    east, north = corners[0]
    width = METRES_A_DEGREE * math.cos(math.radians(north))
    flat = [((x - east) * width, (y - north) * METRES_A_DEGREE) for x, y in corners]
    twice = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(flat, [*flat[1:], flat[0]], strict=True))
    return abs(twice) / 2
