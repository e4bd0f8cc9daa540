"""Where an address lies: a service that knows the country's streets (地理编码)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

import httpx2
from pydantic import AwareDatetime, Field

from gateways.asking import ask
from gateways.exchange import Words
from gateways.failures import GatewayUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressOrder:
    """``address``: as its owner wrote it."""

    request_id: str
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """Where it lies in degrees (WGS 84), and how exactly: ``house``, ``street``, ``town``; no point: ``unknown``."""

    latitude: float | None = field(repr=False)
    longitude: float | None = field(repr=False)
    precision: str
    reference: str
    at: datetime


@runtime_checkable
class Places(Protocol):
    async def find(self, order: AddressOrder) -> Address:
        """Idempotent by ``request_id``. Raises GatewayUnavailable, GatewayRefused (malformed, or the id is taken)."""
        ...


class _AddressWords(Words):
    request_id: str
    # A point in the maps' own datum (GCJ-02) would be wrong by half a kilometre: such an answer is none.
    datum: Literal["wgs84"]
    latitude: float | None = Field(ge=-90, le=90)
    longitude: float | None = Field(ge=-180, le=180)
    precision: Literal["house", "street", "town", "unknown"]
    reference: str = Field(min_length=1, max_length=64)
    at: AwareDatetime


class HttpPlaces:
    """The service over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def find(self, order: AddressOrder) -> Address:
        body = {"request_id": order.request_id, "address": order.address}
        words = await ask(
            self._client, "places", "POST", "addresses", _AddressWords, body=body, deadline=self._deadline
        )
        found = words.precision != "unknown"
        placed = words.latitude is not None and words.longitude is not None
        if words.request_id != order.request_id or found != placed:
            raise GatewayUnavailable("places_answered_something_else")
        return Address(words.latitude, words.longitude, words.precision, words.reference, words.at)
