"""The certification authority: certificates for signatures, and time stamps on them (RFC 3161)."""

import base64
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import httpx2
from pydantic import Field

from gateways.asking import ask
from gateways.exchange import Garbled, Interrupted, NeverSent, Words, exchange
from gateways.failures import GatewayUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOrder:
    """``csr``: PKCS #10, DER. ``evidence``: SHA-256 in hex of what proves an act; None for an organisation."""

    request_id: str
    kind: Literal["organisation", "act"]
    name: str = field(repr=False)
    csr: bytes = field(repr=False)
    evidence: str | None = None


@runtime_checkable
class Authority(Protocol):
    async def certify(self, order: CertificateOrder) -> tuple[bytes, ...]:
        """The certificate and those above it but for the root, DER. Idempotent by ``request_id``.

        Raises GatewayUnavailable, GatewayRefused (malformed, or the id is taken).
        """
        ...

    async def stamp(self, query: bytes) -> bytes:
        """The reply (TimeStampResp, DER) to a query (TimeStampReq, DER). Raises GatewayUnavailable."""
        ...


class _ChainWords(Words):
    request_id: str
    chain: tuple[str, ...] = Field(min_length=1, max_length=5)


class HttpAuthority:
    """The authority over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def certify(self, order: CertificateOrder) -> tuple[bytes, ...]:
        body = {
            "request_id": order.request_id,
            "kind": order.kind,
            "name": order.name,
            "csr": base64.b64encode(order.csr).decode(),
            "evidence": order.evidence,
        }
        words = await ask(
            self._client, "authority", "POST", "certificates", _ChainWords, body=body, deadline=self._deadline
        )
        try:
            chain = tuple(base64.b64decode(one, validate=True) for one in words.chain)
        except ValueError:
            raise GatewayUnavailable("authority_garbled") from None
        if words.request_id != order.request_id:
            raise GatewayUnavailable("authority_answered_something_else")
        return chain

    async def stamp(self, query: bytes) -> bytes:
        try:
            reply = await exchange(
                self._client,
                "POST",
                "timestamps",
                body=query,
                content_type="application/timestamp-query",
                deadline=self._deadline,
            )
        except NeverSent:
            raise GatewayUnavailable("authority_unreachable") from None
        except Interrupted:
            raise GatewayUnavailable("authority_interrupted") from None
        except Garbled:
            raise GatewayUnavailable("authority_garbled") from None
        if reply.status != 200:
            raise GatewayUnavailable("authority_error")
        return reply.body
