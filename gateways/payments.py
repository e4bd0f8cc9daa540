"""The bank rail: paying out, asking what became of a payment, collecting by mandate, the day's statement.

A payment is known by its ``end_to_end_id`` alone: repeating it with the same content is harmless, so whoever is
unsure asks (:meth:`Rail.find`) or repeats, and never invents a new id.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable
from urllib.parse import quote

import httpx2
from pydantic import AwareDatetime, Field

from gateways.exchange import (
    BATCH_REPLY_LIMIT,
    REPLY_LIMIT,
    Garbled,
    Interrupted,
    NeverSent,
    Reply,
    Words,
    exchange,
    problem_code,
    understood,
)
from gateways.failures import GatewayRefused, GatewayUnavailable, GatewayUnsure


class PaymentState(StrEnum):
    ACCEPTED = "accepted"  # the rail has it and will credit it
    CREDITED = "credited"  # the payee has the money; interest starts
    REJECTED = "rejected"  # final; the money never left
    RETURNED = "returned"  # credited, then sent back by the payee's bank
    NOT_FOUND = "not_found"  # the rail does not know the id; final only after its cut-off
    UNKNOWN = "unknown"  # ours alone: asked, and no understandable answer yet


class ReceiptState(StrEnum):
    FULL = "full"
    PARTIAL = "partial"  # the account held less than was asked
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """``amount_minor`` in minor units of ``currency``, > 0. ``requested_on``: the business day on which to book it."""

    end_to_end_id: str
    amount_minor: int
    currency: str
    payee_account: str = field(repr=False)
    payee_name: str = field(repr=False)
    reference: str
    requested_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStatus:
    """What the rail says. ``at``: a real (wall) instant, aware; ``booked_on``: its business day; ``reason``: a code."""

    state: PaymentState
    rail_reference: str | None = None
    reason: str | None = None
    at: datetime | None = None
    booked_on: date | None = None
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionOrder:
    """Debit at most ``amount_minor`` from ``account`` under the signed ``mandate``."""

    instruction_id: str
    account: str = field(repr=False)
    amount_minor: int
    currency: str
    mandate: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """``amount_minor`` is what was taken: all of it, part of it, or 0."""

    instruction_id: str
    amount_minor: int
    state: ReceiptState
    rail_reference: str
    at: datetime
    reason: str | None = None
    booked_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """A booking on our settlement account. ``amount_minor`` is signed: payouts negative, receipts positive.

    ``kind``: payment, return, collection, transfer (money that somebody sent us unasked), funding. ``order_id`` is our
    own end-to-end or instruction id where there is one; ``remark`` what the sender wrote.
    """

    rail_reference: str
    kind: str
    order_id: str | None
    amount_minor: int
    currency: str
    booked_on: date
    at: datetime
    counterparty: str = field(repr=False)
    remark: str = field(repr=False)


@runtime_checkable
class Rail(Protocol):
    async def pay(self, order: PaymentOrder) -> PaymentStatus:
        """Order a payment. Raises GatewayUnavailable (nothing was sent), GatewayUnsure (ask :meth:`find`),
        GatewayRefused (malformed, or the id is taken by other content). A plain "no" is the state REJECTED."""
        ...

    async def find(self, end_to_end_id: str) -> PaymentStatus:
        """What became of a payment; state NOT_FOUND when the rail does not know it (yet). Raises GatewayUnavailable."""
        ...

    async def collect(
        self, batch_id: str, orders: Sequence[CollectionOrder], *, requested_on: date | None = None
    ) -> list[Receipt]:
        """Debit a batch; receipts in the order asked. Idempotent by batch and by instruction, so after GatewayUnsure
        repeat it. Also raises GatewayUnavailable and GatewayRefused."""
        ...

    async def statement(self, on: date) -> list[StatementRow]:
        """Our settlement account's bookings of one business day, oldest first. Raises GatewayUnavailable."""
        ...


class _PaymentWords(Words):
    end_to_end_id: str
    amount_minor: int = Field(gt=0)
    state: str = Field(pattern="^(accepted|credited|rejected|returned)$")
    rail_reference: str = Field(min_length=1, max_length=64)
    reason: str | None = Field(default=None, max_length=64)
    at: AwareDatetime
    booked_on: date | None = None


class _ReceiptWords(Words):
    instruction_id: str
    amount_minor: int = Field(ge=0)
    state: str = Field(pattern="^(full|partial|refused)$")
    rail_reference: str = Field(min_length=1, max_length=64)
    reason: str | None = Field(default=None, max_length=64)
    at: AwareDatetime
    booked_on: date | None = None


class _BatchWords(Words):
    batch_id: str
    receipts: list[_ReceiptWords]


class _StatementRowWords(Words):
    rail_reference: str
    kind: str
    order_id: str | None
    amount_minor: int
    currency: str = Field(pattern="^[A-Z]{3}$")
    booked_on: date
    at: AwareDatetime
    counterparty: str
    remark: str


class _StatementWords(Words):
    on: date
    opening_minor: int
    closing_minor: int
    rows: list[_StatementRowWords]


class HttpRail:
    """The rail over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def pay(self, order: PaymentOrder) -> PaymentStatus:
        body = {
            "end_to_end_id": order.end_to_end_id,
            "amount_minor": order.amount_minor,
            "currency": order.currency,
            "payee_account": order.payee_account,
            "payee_name": order.payee_name,
            "reference": order.reference,
            "requested_on": order.requested_on.isoformat() if order.requested_on else None,
        }
        reply = await self._order("payments", body)
        try:
            words = understood(reply, _PaymentWords)
        except Garbled:
            raise GatewayUnsure("rail_garbled") from None
        if words.end_to_end_id != order.end_to_end_id or words.amount_minor != order.amount_minor:
            raise GatewayUnsure("rail_answered_something_else")
        return _status(words)

    async def find(self, end_to_end_id: str) -> PaymentStatus:
        reply = await self._read(f"payments/{quote(end_to_end_id, safe='')}")
        if reply.status == 404:
            # Only the rail's own word counts as "not found": a proxy's 404 page must not free a second payment.
            if problem_code(reply) == "payment_not_found":
                return PaymentStatus(state=PaymentState.NOT_FOUND)
            raise GatewayUnavailable("rail_garbled")
        if reply.status != 200:
            raise GatewayUnavailable("rail_error")
        try:
            words = understood(reply, _PaymentWords)
        except Garbled:
            raise GatewayUnavailable("rail_garbled") from None
        if words.end_to_end_id != end_to_end_id:
            raise GatewayUnavailable("rail_answered_something_else")
        return _status(words)

    async def collect(
        self, batch_id: str, orders: Sequence[CollectionOrder], *, requested_on: date | None = None
    ) -> list[Receipt]:
        body = {
            "batch_id": batch_id,
            "requested_on": requested_on.isoformat() if requested_on else None,
            "instructions": [
                {
                    "instruction_id": order.instruction_id,
                    "account": order.account,
                    "amount_minor": order.amount_minor,
                    "currency": order.currency,
                    "mandate": order.mandate,
                    "reference": order.reference,
                }
                for order in orders
            ],
        }
        reply = await self._order("collections", body, limit=BATCH_REPLY_LIMIT)
        try:
            words = understood(reply, _BatchWords)
        except Garbled:
            raise GatewayUnsure("rail_garbled") from None
        return _receipts(batch_id, orders, words)

    async def statement(self, on: date) -> list[StatementRow]:
        reply = await self._read("statement", query={"on": on.isoformat()}, limit=BATCH_REPLY_LIMIT)
        if reply.status != 200:
            raise GatewayUnavailable("rail_error")
        try:
            words = understood(reply, _StatementWords)
        except Garbled:
            raise GatewayUnavailable("rail_garbled") from None
        if words.on != on or words.opening_minor + sum(row.amount_minor for row in words.rows) != words.closing_minor:
            raise GatewayUnavailable("rail_statement_does_not_add_up")
        return [StatementRow(**row.model_dump()) for row in words.rows]

    async def camt053(self, on: date) -> bytes:
        """The same statement as the bank's own document (ISO 20022 camt.053), unread."""
        reply = await self._read("statement.camt053", query={"on": on.isoformat()}, limit=BATCH_REPLY_LIMIT)
        if reply.status != 200:
            raise GatewayUnavailable("rail_error")
        return reply.body

    async def _order(self, path: str, body: dict[str, object], *, limit: int = REPLY_LIMIT) -> Reply:
        """POST something that moves money: whatever may have arrived and was not answered is UNSURE."""
        try:
            reply = await exchange(
                self._client,
                "POST",
                path,
                body=body,
                deadline=self._deadline,
                limit=limit,
            )
        except NeverSent:
            raise GatewayUnavailable("rail_unreachable") from None
        except Interrupted:
            raise GatewayUnsure("rail_interrupted") from None
        except Garbled:
            raise GatewayUnsure("rail_garbled") from None
        if reply.status in (200, 201, 202):
            return reply
        if 400 <= reply.status < 500 and (code := problem_code(reply)) is not None:
            raise GatewayRefused(code)
        raise GatewayUnsure("rail_error")

    async def _read(self, path: str, *, query: dict[str, str] | None = None, limit: int = REPLY_LIMIT) -> Reply:
        try:
            return await exchange(
                self._client,
                "GET",
                path,
                query=query,
                deadline=self._deadline,
                limit=limit,
            )
        except NeverSent:
            raise GatewayUnavailable("rail_unreachable") from None
        except Interrupted:
            raise GatewayUnavailable("rail_interrupted") from None
        except Garbled:
            raise GatewayUnavailable("rail_garbled") from None


def _status(words: _PaymentWords) -> PaymentStatus:
    return PaymentStatus(
        state=PaymentState(words.state),
        rail_reference=words.rail_reference,
        reason=words.reason,
        at=words.at,
        booked_on=words.booked_on,
        amount_minor=words.amount_minor,
    )


def _receipts(batch_id: str, orders: Sequence[CollectionOrder], words: _BatchWords) -> list[Receipt]:
    """One receipt for each order, none more, none above what was asked; anything else does not answer our batch."""
    given = {receipt.instruction_id: receipt for receipt in words.receipts}
    asked = {order.instruction_id: order for order in orders}
    if words.batch_id != batch_id or len(given) != len(words.receipts) or given.keys() != asked.keys():
        raise GatewayUnsure("rail_answered_something_else")
    receipts: list[Receipt] = []
    for instruction_id, order in asked.items():
        receipt = given[instruction_id]
        state = ReceiptState(receipt.state)
        taken_fits = {
            ReceiptState.FULL: receipt.amount_minor == order.amount_minor,
            ReceiptState.PARTIAL: 0 < receipt.amount_minor < order.amount_minor,
            ReceiptState.REFUSED: receipt.amount_minor == 0,
        }
        if not taken_fits[state]:
            raise GatewayUnsure("rail_answered_something_else")
        receipts.append(
            Receipt(
                instruction_id=instruction_id,
                amount_minor=receipt.amount_minor,
                state=state,
                rail_reference=receipt.rail_reference,
                at=receipt.at,
                reason=receipt.reason,
                booked_on=receipt.booked_on,
            )
        )
    return receipts
