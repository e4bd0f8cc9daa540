"""Fields: their borders by number, and from above which crop stands in one, on how much, how far grown, how sure."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Protocol, runtime_checkable

import httpx2
from pydantic import Field

from gateways.asking import ask
from gateways.exchange import Words
from gateways.failures import GatewayUnavailable

Point = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelOrder:
    """``polygon``: the corners in order, each (longitude, latitude) in degrees; ``on``: no later picture than this."""

    request_id: str
    polygon: tuple[Point, ...] = field(repr=False)
    on: date


@dataclass(frozen=True, slots=True)
class Reading:
    """``area_m2``: that stands under the crop; ``confidence``: 0 to 1; ``seen_on``: the day of the picture."""

    crop: str
    area_m2: int
    stage: str
    confidence: Decimal
    seen_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOrder:
    """``number``: the parcel's, as its register has it."""

    request_id: str
    number: str = field(repr=False)


@runtime_checkable
class Fields(Protocol):
    async def border(self, order: NumberOrder) -> tuple[Point, ...]:
        """The corners of the parcel with that number. Raises GatewayUnavailable, GatewayRefused (no such number)."""
        ...

    async def read(self, order: ParcelOrder) -> Reading:
        """Idempotent by ``request_id``. Raises GatewayUnavailable, GatewayRefused (no parcel, or the id is taken)."""
        ...


Degree = Annotated[str, Field(pattern=r"^-?\d{1,3}(\.\d{1,7})?$")]


class _BorderWords(Words):
    request_id: str
    polygon: tuple[tuple[Degree, Degree], ...] = Field(min_length=3, max_length=200)


class _ReadingWords(Words):
    request_id: str
    crop: str = Field(min_length=1, max_length=32)
    area_m2: int = Field(ge=0)
    stage: str = Field(min_length=1, max_length=32)
    confidence: str = Field(pattern=r"^[01]\.\d{2}$")
    seen_on: date


class HttpFields:
    """The service over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def border(self, order: NumberOrder) -> tuple[Point, ...]:
        body = {"request_id": order.request_id, "number": order.number}
        words = await ask(self._client, "fields", "POST", "borders", _BorderWords, body=body, deadline=self._deadline)
        if words.request_id != order.request_id:
            raise GatewayUnavailable("fields_answered_something_else")
        return tuple((Decimal(longitude), Decimal(latitude)) for longitude, latitude in words.polygon)

    async def read(self, order: ParcelOrder) -> Reading:
        body = {
            "request_id": order.request_id,
            "polygon": [[str(longitude), str(latitude)] for longitude, latitude in order.polygon],
            "on": order.on.isoformat(),
        }
        words = await ask(self._client, "fields", "POST", "readings", _ReadingWords, body=body, deadline=self._deadline)
        if words.request_id != order.request_id:
            raise GatewayUnavailable("fields_answered_something_else")
        return Reading(words.crop, words.area_m2, words.stage, Decimal(words.confidence), words.seen_on)
