"""How a firm that is no customer of ours stands in the public register, by its credit code alone."""

from typing import Literal, Protocol, runtime_checkable

import httpx2

from gateways.asking import ask
from gateways.exchange import Words
from gateways.failures import GatewayUnavailable


@runtime_checkable
class Standings(Protocol):
    async def standing(self, inquiry_id: str, licence: str) -> str:
        """normal, abnormal (经营异常), revoked, cancelled, dishonest (严重违法失信 or 失信被执行人) or not_found.

        Idempotent by ``inquiry_id``. Raises GatewayUnavailable (again) or GatewayRefused (no)."""
        ...


class _StandingWords(Words):
    inquiry_id: str
    state: Literal["normal", "abnormal", "revoked", "cancelled", "dishonest", "not_found"]


class HttpStandings:
    """Over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def standing(self, inquiry_id: str, licence: str) -> str:
        body = {"inquiry_id": inquiry_id, "licence": licence}
        words = await ask(
            self._client, "registry", "POST", "standings", _StandingWords, body=body, deadline=self._deadline
        )
        if words.inquiry_id != inquiry_id:
            raise GatewayUnavailable("registry_answered_something_else")
        return words.state
