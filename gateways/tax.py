"""The tax bureau's invoice check: whether an invoice was issued as somebody says, and still stands."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable

import httpx2
from pydantic import AwareDatetime, Field

from gateways.asking import ask
from gateways.exchange import Words
from gateways.failures import GatewayUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceOrder:
    """Names as printed; the amount with tax, in fen."""

    inquiry_id: str
    seller: str = field(repr=False)
    buyer: str = field(repr=False)
    number: str = field(repr=False)
    amount_minor: int
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCheck:
    """``state``: valid, void, red (taken back, 红冲), unknown, or differs: the bureau has the invoice of this number
    otherwise, in the fields of ``differs`` (seller, buyer, amount, issued_on); where the seller is another, that alone
    is told, since the rest is somebody else's."""

    reference: str
    state: str
    at: datetime
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupOrder:
    """What the code on an invoice says. ``amount_minor``: with tax or without, as that form prints it."""

    inquiry_id: str
    number: str = field(repr=False)
    code: str = ""
    check_code: str = field(default="", repr=False)
    amount_minor: int
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFace:
    """What the bureau has of it; the face is empty where it tells the state alone. ``gross_minor`` with tax."""

    state: str
    seller: str = field(default="", repr=False)
    seller_licence: str = field(default="", repr=False)
    buyer: str = field(default="", repr=False)
    buyer_licence: str = field(default="", repr=False)
    gross_minor: int = 0
    issued_on: date | None = None


@runtime_checkable
class Tax(Protocol):
    async def verify(self, order: InvoiceOrder) -> InvoiceCheck:
        """Idempotent by ``inquiry_id``. Raises GatewayUnavailable, GatewayRefused (malformed, or the id is taken)."""
        ...

    async def look_up(self, order: LookupOrder) -> InvoiceFace:
        """The invoice that has this code. Idempotent and raising as ``verify``."""
        ...


class _CheckWords(Words):
    inquiry_id: str
    reference: str = Field(min_length=1, max_length=64)
    state: Literal["valid", "void", "red", "unknown", "differs"]
    at: AwareDatetime
    differs: tuple[Literal["seller", "buyer", "amount", "issued_on"], ...] = Field(default=(), strict=False)


class _FaceWords(Words):
    inquiry_id: str
    state: Literal["valid", "void", "red", "unknown"]
    seller: str = ""
    seller_licence: str = ""
    buyer: str = ""
    buyer_licence: str = ""
    number: str = ""
    gross_minor: int = 0
    net_minor: int = 0
    issued_on: date | None = None


class HttpTax:
    """The bureau over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def verify(self, order: InvoiceOrder) -> InvoiceCheck:
        body = {
            "inquiry_id": order.inquiry_id,
            "seller": order.seller,
            "buyer": order.buyer,
            "number": order.number,
            "amount_minor": order.amount_minor,
            "issued_on": order.issued_on.isoformat(),
        }
        words = await ask(self._client, "tax", "POST", "verifications", _CheckWords, body=body, deadline=self._deadline)
        if words.inquiry_id != order.inquiry_id:
            raise GatewayUnavailable("tax_answered_something_else")
        if (words.state == "differs") is not bool(words.differs):
            raise GatewayUnavailable("tax_answered_something_else")
        return InvoiceCheck(reference=words.reference, state=words.state, at=words.at, differs=words.differs)

    async def look_up(self, order: LookupOrder) -> InvoiceFace:
        body = {
            "inquiry_id": order.inquiry_id,
            "number": order.number,
            "code": order.code,
            "check_code": order.check_code,
            "amount_minor": order.amount_minor,
            "issued_on": order.issued_on.isoformat(),
        }
        words = await ask(self._client, "tax", "POST", "lookups", _FaceWords, body=body, deadline=self._deadline)
        if words.inquiry_id != order.inquiry_id:
            raise GatewayUnavailable("tax_answered_something_else")
        return InvoiceFace(
            state=words.state,
            seller=words.seller,
            seller_licence=words.seller_licence,
            buyer=words.buyer,
            buyer_licence=words.buyer_licence,
            gross_minor=words.gross_minor,
            issued_on=words.issued_on,
        )
