"""The company register (国家企业信用信息公示系统): how a firm stands, since when, where, and whose else it is."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable

import httpx2
from pydantic import AwareDatetime, Field

from gateways.asking import ask
from gateways.exchange import Words
from gateways.failures import GatewayUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractOrder:
    """``id_number``: the legal representative's, by whom the register finds other firms of the same person."""

    inquiry_id: str
    licence: str = field(repr=False)
    id_number: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterExtract:
    """``state``: a value of :class:`lending.verdicts.RegisterState`; ``area``: six digits of GB/T 2260, None with
    ``established_on`` where the register does not know the firm; ``others``: credit codes of the representative's
    other firms; ``address``: where it is registered (住所)."""

    reference: str
    state: str
    established_on: date | None
    area: str | None
    others: tuple[str, ...] = field(repr=False)
    at: datetime
    address: str | None = field(default=None, repr=False)


@runtime_checkable
class Registry(Protocol):
    async def extract(self, order: ExtractOrder) -> RegisterExtract:
        """Idempotent by ``inquiry_id``. Raises GatewayUnavailable, GatewayRefused (malformed, or the id is taken)."""
        ...


class _ExtractWords(Words):
    inquiry_id: str
    reference: str = Field(min_length=1, max_length=64)
    state: Literal["normal", "abnormal", "revoked", "cancelled", "not_found"]
    established_on: date | None
    area: str | None = Field(pattern=r"^[1-9][0-9]{5}$")
    others: tuple[str, ...] = Field(max_length=200)
    at: AwareDatetime
    address: str | None = Field(max_length=200)


class HttpRegistry:
    """The register over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def extract(self, order: ExtractOrder) -> RegisterExtract:
        body = {"inquiry_id": order.inquiry_id, "licence": order.licence, "id_number": order.id_number}
        words = await ask(
            self._client, "registry", "POST", "extracts", _ExtractWords, body=body, deadline=self._deadline
        )
        if words.inquiry_id != order.inquiry_id:
            raise GatewayUnavailable("registry_answered_something_else")
        return RegisterExtract(**words.model_dump(exclude={"inquiry_id"}))
