"""The message gateway: short messages to a phone."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import httpx2
from pydantic import Field

from gateways.asking import ask
from gateways.exchange import Words
from gateways.failures import GatewayUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageOrder:
    """``purpose`` is a code of ours (login_code, signing_code, notice …); it decides nothing at the gateway."""

    message_id: str
    phone: str = field(repr=False)
    text: str = field(repr=False)
    purpose: str


@runtime_checkable
class Messages(Protocol):
    async def send(self, order: MessageOrder) -> str:
        """The gateway's reference. Idempotent by ``message_id``: a repeat is not delivered twice.
        Raises GatewayUnavailable, GatewayRefused (malformed, or the id is taken by another text)."""
        ...


class _MessageWords(Words):
    message_id: str
    reference: str = Field(min_length=1, max_length=64)


class HttpMessages:
    """The gateway over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def send(self, order: MessageOrder) -> str:
        body = {
            "message_id": order.message_id,
            "phone": order.phone,
            "text": order.text,
            "purpose": order.purpose,
        }
        words = await ask(self._client, "messages", "POST", "", _MessageWords, body=body, deadline=self._deadline)
        if words.message_id != order.message_id:
            raise GatewayUnavailable("messages_answered_something_else")
        return words.reference
