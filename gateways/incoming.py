"""Money that comes to us unasked, over any rail: where it may be sent, what came, and sending it back.

The rail numbers its credits without a gap, so that whoever asks after the last number seen misses none; its callback
only says that it is time to ask.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable
from urllib.parse import urlencode

import httpx2
from pydantic import AwareDatetime, Field

from gateways.asking import ask
from gateways.exchange import Words
from gateways.failures import GatewayUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """One credit of ours. ``seq``: its number at the rail; ``account``: where it was sent; ``amount_minor`` > 0;
    ``order_id``: the payer's own end-to-end id; ``remark``: what the payer wrote."""

    seq: int
    rail_reference: str
    rail: str
    account: str
    payer_account: str = field(repr=False)
    payer_name: str = field(repr=False)
    amount_minor: int
    currency: str
    order_id: str | None
    remark: str = field(repr=False)
    booked_on: date
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """Send part or all of what came back on its own way (原路退回). ``of``: the rail's reference of what came."""

    return_id: str
    of: str
    amount_minor: int
    reference: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class GivenBack:
    """It left us on ``booked_on``."""

    rail_reference: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class SeenCredit:
    """What somebody else's account was sent, which its holder lets us see."""

    rail_reference: str
    payer_name: str = field(repr=False)
    amount_minor: int
    remark: str = field(repr=False)
    booked_on: date


@runtime_checkable
class Incoming(Protocol):
    """Every order is idempotent by its own id; raises GatewayUnavailable (again) or GatewayRefused (no)."""

    async def open_account(self, request_id: str, name: str) -> str:
        """A number of its own that leads to our account, for one payer's money to be told apart by."""
        ...

    async def credits(self, after: int) -> tuple[Credit, ...]:
        """What came after a number, oldest first; a page at a time."""
        ...

    async def give_back(self, order: GiveBack) -> GivenBack:
        """Send money back to where it came from."""
        ...

    async def seen_between(self, account: str, first: date, last: date) -> tuple[SeenCredit, ...]:
        """What an account of a borrower's was sent on some days; only with the holder's leave."""
        ...


class _AccountWords(Words):
    request_id: str
    account: str = Field(pattern=r"^[0-9]{8,34}$")


class _CreditWords(Words):
    seq: int = Field(gt=0)
    rail_reference: str = Field(min_length=1, max_length=64)
    rail: Literal["bank", "wechat", "alipay"]
    account: str
    payer_account: str
    payer_name: str
    amount_minor: int = Field(gt=0)
    currency: str = Field(pattern="^[A-Z]{3}$")
    order_id: str | None
    remark: str
    booked_on: date
    at: AwareDatetime


class _CreditsWords(Words):
    after: int
    credits: tuple[_CreditWords, ...]


class _GivenBackWords(Words):
    return_id: str
    amount_minor: int = Field(gt=0)
    rail_reference: str = Field(min_length=1, max_length=64)
    booked_on: date
    at: AwareDatetime


class _SeenWords(Words):
    rail_reference: str
    payer_name: str
    amount_minor: int = Field(gt=0)
    remark: str
    booked_on: date


class _SeenOnWords(Words):
    account: str
    credits: tuple[_SeenWords, ...]


class HttpIncoming:
    """Over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def open_account(self, request_id: str, name: str) -> str:
        body = {"request_id": request_id, "name": name}
        words = await ask(
            self._client, "rail", "POST", "collection-accounts", _AccountWords, body=body, deadline=self._deadline
        )
        if words.request_id != request_id:
            raise GatewayUnavailable("rail_answered_something_else")
        return words.account

    async def credits(self, after: int) -> tuple[Credit, ...]:
        words = await ask(self._client, "rail", "GET", f"credits?after={after}", _CreditsWords, deadline=self._deadline)
        if [one.seq for one in words.credits] != list(range(after + 1, after + 1 + len(words.credits))):
            raise GatewayUnavailable("rail_left_a_gap")
        return tuple(Credit(**one.model_dump()) for one in words.credits)

    async def give_back(self, order: GiveBack) -> GivenBack:
        body = {
            "return_id": order.return_id,
            "of": order.of,
            "amount_minor": order.amount_minor,
            "reference": order.reference,
            "requested_on": order.requested_on.isoformat(),
        }
        words = await ask(self._client, "rail", "POST", "returns", _GivenBackWords, body=body, deadline=self._deadline)
        if (words.return_id, words.amount_minor) != (order.return_id, order.amount_minor):
            raise GatewayUnavailable("rail_answered_something_else")
        return GivenBack(words.rail_reference, words.booked_on)

    async def seen_between(self, account: str, first: date, last: date) -> tuple[SeenCredit, ...]:
        query = urlencode({"account": account, "from": first.isoformat(), "to": last.isoformat()})
        words = await ask(self._client, "rail", "GET", f"credits/of?{query}", _SeenOnWords, deadline=self._deadline)
        if words.account != account or any(not first <= one.booked_on <= last for one in words.credits):
            raise GatewayUnavailable("rail_answered_something_else")
        return tuple(SeenCredit(**one.model_dump()) for one in words.credits)
