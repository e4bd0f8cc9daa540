"""The message gateway: short messages to a phone, and mails that came to a bill mailbox."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable
from urllib.parse import quote

import httpx2
from pydantic import Field

from gateways.asking import ask
from gateways.exchange import Garbled, Interrupted, NeverSent, Words, exchange
from gateways.failures import GatewayRefused, GatewayUnavailable
from lending.contact_policy import ContactToken


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageOrder:
    """``purpose`` is a code of ours (login_code, signing_code, notice …); it decides nothing at the gateway.

    ``token``: the rules of contact allowed it. There is no order without one.
    """

    token: ContactToken
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


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a mail: its place, its name as it was sent, its size in bytes."""

    n: int
    name: str = field(repr=False)
    size: int


@runtime_checkable
class MailGateway(Protocol):
    async def attachments(self, mail_id: str) -> tuple[Attached, ...]:
        """What a mail holds. Raises GatewayUnavailable, GatewayRefused (``unknown_mail``)."""
        ...

    async def attachment(self, mail_id: str, n: int, limit: int) -> bytes:
        """One of its files, of at most ``limit`` bytes. Raises GatewayUnavailable, GatewayRefused."""
        ...


class _FileWords(Words):
    n: int = Field(ge=0)
    name: str = Field(max_length=200)
    size: int = Field(ge=0)


class _MailWords(Words):
    mail_id: str
    files: list[_FileWords]


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

    async def attachments(self, mail_id: str) -> tuple[Attached, ...]:
        where = f"mails/{quote(mail_id, safe='')}"
        words = await ask(self._client, "messages", "GET", where, _MailWords, deadline=self._deadline)
        return tuple(Attached(file.n, file.name, file.size) for file in words.files)

    async def attachment(self, mail_id: str, n: int, limit: int) -> bytes:
        where = f"mails/{quote(mail_id, safe='')}/files/{n}"
        try:
            reply = await exchange(self._client, "GET", where, deadline=self._deadline, limit=limit)
        except (NeverSent, Interrupted):
            raise GatewayUnavailable("messages_interrupted") from None
        except Garbled:
            raise GatewayRefused("file_too_large") from None
        if reply.status == 404:
            raise GatewayRefused("unknown_file")
        if reply.status != 200:
            raise GatewayUnavailable("messages_error")
        return reply.body
