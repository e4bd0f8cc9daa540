"""Registers of titles: the real-estate bureau (不动产登记), the office of intellectual property (专利权质押登记), the
vehicle office (车辆抵押登记).

They tell what a title is, who has it, what stands on it and in which order, and register ours behind that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable

import httpx2
from pydantic import AwareDatetime, Field

from gateways.asking import ask
from gateways.exchange import Words, WordsT
from gateways.failures import GatewayUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleOrder:
    """``owner``: who is said to have it, by name."""

    request_id: str
    title: str = field(repr=False)
    owner: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Charge:
    """A registered maximum claim that lives, in fen. ``ours``: the lender is we."""

    number: str
    max_minor: int
    ours: bool


@dataclass(frozen=True, slots=True)
class Extract:
    """What a register says of a title on a day. ``owned``: by whom it was said to be; ``shared``: by others besides;
    ``sealed``: a court has it; ``leased_until``: of a lease older than any charge of ours; charges by rank."""

    known: bool
    owned: bool
    shared: bool
    sealed: bool
    leased_until: date | None
    charges: tuple[Charge, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeOrder:
    """``max_minor``: the registered maximum claim (最高额), in fen."""

    request_id: str
    title: str = field(repr=False)
    owner: str = field(repr=False)
    max_minor: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """``number`` None: it was taken in and is looked at; the same order again asks how far it is."""

    number: str | None
    at: datetime


@runtime_checkable
class Titles(Protocol):
    """Every call is idempotent by its request's id; raises GatewayUnavailable (again) or GatewayRefused (no)."""

    async def look(self, order: TitleOrder) -> Extract:
        """What stands on a title."""
        ...

    async def register(self, order: ChargeOrder) -> Certificate:
        """Register a charge behind those that stand."""
        ...

    async def cancel(self, request_id: str) -> None:
        """Take a registration back, by the id that asked for it: a certificate is cancelled, an open request too."""
        ...


class _ChargeWords(Words):
    number: str = Field(min_length=1, max_length=64)
    max_minor: int = Field(ge=0)
    ours: bool


class _ExtractWords(Words):
    request_id: str
    known: bool
    owned: bool
    shared: bool
    sealed: bool
    leased_until: date | None
    charges: tuple[_ChargeWords, ...] = Field(max_length=1_000)
    at: AwareDatetime


class _CertificateWords(Words):
    request_id: str
    number: str | None = Field(max_length=64)
    at: AwareDatetime


class _CancelWords(Words):
    request_id: str
    at: AwareDatetime


class HttpTitles:
    """One of them over HTTP. ``office`` names it in failures; ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, office: str, *, deadline: float = 10.0) -> None:
        self._client = client
        self._office = office
        self._deadline = deadline

    async def look(self, order: TitleOrder) -> Extract:
        body = {"request_id": order.request_id, "title": order.title, "owner": order.owner}
        words = self._same(order.request_id, await self._post("extracts", _ExtractWords, body))
        charges = tuple(Charge(one.number, one.max_minor, one.ours) for one in words.charges)
        return Extract(words.known, words.owned, words.shared, words.sealed, words.leased_until, charges, words.at)

    async def register(self, order: ChargeOrder) -> Certificate:
        body = {
            "request_id": order.request_id,
            "title": order.title,
            "owner": order.owner,
            "max_minor": order.max_minor,
        }
        words = self._same(order.request_id, await self._post("registrations", _CertificateWords, body))
        return Certificate(words.number, words.at)

    async def cancel(self, request_id: str) -> None:
        self._same(request_id, await self._post(f"registrations/{request_id}/cancel", _CancelWords, {}))

    async def _post(self, path: str, words: type[WordsT], body: Mapping[str, Any]) -> WordsT:
        return await ask(self._client, self._office, "POST", path, words, body=body, deadline=self._deadline)

    def _same(self, request_id: str, words: Any) -> Any:
        if words.request_id != request_id:
            raise GatewayUnavailable(f"{self._office}_answered_something_else")
        return words
