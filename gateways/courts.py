"""The courts' public records: judgment debtors, enforcement, open claims; asked only under the owner's consent."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

import httpx2
from pydantic import AwareDatetime, Field

from gateways.asking import ask
from gateways.exchange import Words
from gateways.failures import GatewayUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOrder:
    """Owner and firm are searched together; ``licence`` and ``firm_name``: None where no firm is registered."""

    inquiry_id: str
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    firm_name: str | None = field(default=None, repr=False)
    licence: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtRecord:
    """Amounts in fen. ``dishonest``: owner or firm on the list of judgment debtors (失信被执行人); ``enforced_minor``:
    what is being enforced against them (被执行人); ``claims_minor``: what open lawsuits claim of them."""

    reference: str
    dishonest: bool
    enforced_cases: int
    enforced_minor: int
    open_claims: int
    claims_minor: int
    at: datetime


@runtime_checkable
class Courts(Protocol):
    async def search(self, order: SearchOrder) -> CourtRecord:
        """Idempotent by ``inquiry_id``. Raises GatewayUnavailable, GatewayRefused (malformed, or the id is taken)."""
        ...


class _RecordWords(Words):
    inquiry_id: str
    reference: str = Field(min_length=1, max_length=64)
    dishonest: bool
    enforced_cases: int = Field(ge=0)
    enforced_minor: int = Field(ge=0)
    open_claims: int = Field(ge=0)
    claims_minor: int = Field(ge=0)
    at: AwareDatetime


class HttpCourts:
    """The courts over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def search(self, order: SearchOrder) -> CourtRecord:
        body = {
            "inquiry_id": order.inquiry_id,
            "name": order.name,
            "id_number": order.id_number,
            "firm_name": order.firm_name,
            "licence": order.licence,
        }
        words = await ask(self._client, "courts", "POST", "searches", _RecordWords, body=body, deadline=self._deadline)
        if words.inquiry_id != order.inquiry_id:
            raise GatewayUnavailable("courts_answered_something_else")
        return CourtRecord(**words.model_dump(exclude={"inquiry_id"}))
