"""Identity checks by an outside provider: network identity, bank card, liveness, business register."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

import httpx2
from pydantic import AwareDatetime, Field

from gateways.asking import ask
from gateways.exchange import Words
from gateways.failures import GatewayUnavailable


class CheckKind(StrEnum):
    NETWORK = "network"  # name and ID number belong together
    BANK_CARD = "bank_card"  # name, ID number and account belong together
    LIVENESS = "liveness"  # a living person with that face
    REGISTER = "register"  # the firm's 统一社会信用代码 exists, is in business and names this person


class CheckOutcome(StrEnum):
    MATCH = "match"
    MISMATCH = "mismatch"
    PENDING = "pending"  # ask again with the same check id


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOrder:
    """``account`` is needed for bank_card, ``licence`` (the 18-character credit code) for register.

    ``firm``: the bank-card check is of a firm's account (对公账户) in this name, and takes the licence too.
    """

    check_id: str
    kind: CheckKind
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    account: str | None = field(default=None, repr=False)
    licence: str | None = field(default=None, repr=False)
    firm: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """``score`` 0–1 (how sure the provider is); ``reason`` a code for a mismatch, e.g. ``revoked``."""

    outcome: CheckOutcome
    reference: str
    score: Decimal
    at: datetime
    reason: str | None = None


@runtime_checkable
class IdentityProvider(Protocol):
    async def check(self, order: CheckOrder) -> CheckResult:
        """Idempotent by ``check_id``. Raises GatewayUnavailable, GatewayRefused (malformed, or the id is taken)."""
        ...


class _CheckWords(Words):
    check_id: str
    outcome: str = Field(pattern="^(match|mismatch|pending)$")
    reference: str = Field(min_length=1, max_length=64)
    score: str = Field(pattern=r"^(0\.[0-9]{1,4}|1\.0{1,4})$")
    reason: str | None = Field(default=None, max_length=64)
    at: AwareDatetime


class HttpIdentityProvider:
    """The provider over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def check(self, order: CheckOrder) -> CheckResult:
        body = {
            "check_id": order.check_id,
            "kind": order.kind.value,
            "name": order.name,
            "id_number": order.id_number,
            "account": order.account,
            "licence": order.licence,
        }
        if order.firm is not None:
            body["firm"] = order.firm
        words = await ask(self._client, "identity", "POST", "checks", _CheckWords, body=body, deadline=self._deadline)
        if words.check_id != order.check_id:
            raise GatewayUnavailable("identity_answered_something_else")
        return CheckResult(
            outcome=CheckOutcome(words.outcome),
            reference=words.reference,
            score=Decimal(words.score),
            at=words.at,
            reason=words.reason,
        )
