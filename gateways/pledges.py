"""The unified register of pledges (中登网) and the platform on which buyers confirm what they owe (确权)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol, runtime_checkable

import httpx2
from pydantic import AwareDatetime, Field

from gateways.asking import ask
from gateways.exchange import Words, WordsT
from gateways.failures import GatewayUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOrder:
    """Under the pledgor's present name and every former one (P19); ``subject``: what identifies the invoice."""

    request_id: str
    names: tuple[str, ...] = field(repr=False)
    subject: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """A registration that lives. ``ours``: the lender is we."""

    number: str
    until: date
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationOrder:
    """``amount_minor``: in fen; ``until``: the last day on which it is good."""

    request_id: str
    pledgor: str = field(repr=False)
    subject: str = field(repr=False)
    amount_minor: int
    until: date


@dataclass(frozen=True, slots=True)
class Registration:
    """What the register gave."""

    number: str
    until: date
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationOrder:
    """What a buyer is asked to state. ``account``: where it is to pay."""

    request_id: str
    seller: str = field(repr=False)
    buyer: str = field(repr=False)
    number: str = field(repr=False)
    amount_minor: int
    due_on: date
    account: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stated:
    """What one person on the buyer's side stated. ``means``: seal, signatory, or code (evidence alone)."""

    signer: str = field(repr=False)
    means: str
    amount_minor: int
    due_on: date
    defences_waived: bool
    account: str = field(repr=False)


@runtime_checkable
class Pledges(Protocol):
    """Every call is idempotent by its request's id; raises GatewayUnavailable (again) or GatewayRefused (no)."""

    async def search(self, order: SearchOrder) -> tuple[Found, ...]:
        """Every registration of this subject that lives, the oldest first."""
        ...

    async def register(self, order: RegistrationOrder) -> Registration:
        """Register a pledge."""
        ...

    async def cancel(self, number: str) -> None:
        """Cancel a registration; one that is cancelled stays so."""
        ...

    async def ask_buyer(self, order: ConfirmationOrder) -> tuple[Stated, ...]:
        """Ask a buyer; what was stated so far."""
        ...

    async def answers(self, request_id: str) -> tuple[Stated, ...]:
        """What the buyer's people stated, in that order."""
        ...

    async def give_notice(self, request_id: str) -> None:
        """Tell the buyer that its debt is pledged and whom it has to pay (民法典 546)."""
        ...

    async def redirect(self, redirect_id: str, request_id: str) -> None:
        """Tell a buyer again whom it has to pay, because it paid somebody else (担保解释 66, 民法典 546)."""
        ...


class _FoundWords(Words):
    number: str = Field(min_length=1, max_length=64)
    until: date
    ours: bool


class _SearchWords(Words):
    request_id: str
    found: tuple[_FoundWords, ...] = Field(max_length=1_000)
    at: AwareDatetime


class _RegistrationWords(Words):
    request_id: str
    number: str = Field(min_length=1, max_length=64)
    until: date
    at: AwareDatetime


class _CancelWords(Words):
    number: str
    at: AwareDatetime


class _StatedWords(Words):
    signer: str = Field(min_length=1, max_length=200)
    means: Literal["seal", "signatory", "code"]
    amount_minor: int = Field(ge=0)
    due_on: date
    defences_waived: bool
    account: str


class _AnswersWords(Words):
    request_id: str
    answers: tuple[_StatedWords, ...] = Field(max_length=100)


class _NoticeWords(Words):
    request_id: str
    at: AwareDatetime


class HttpPledges:
    """Both over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def search(self, order: SearchOrder) -> tuple[Found, ...]:
        body = {"request_id": order.request_id, "names": list(order.names), "subject": order.subject}
        words = _same(order.request_id, await self._post("searches", _SearchWords, body))
        return tuple(Found(one.number, one.until, one.ours) for one in words.found)

    async def register(self, order: RegistrationOrder) -> Registration:
        body = {
            "request_id": order.request_id,
            "pledgor": order.pledgor,
            "subject": order.subject,
            "amount_minor": order.amount_minor,
            "until": order.until.isoformat(),
        }
        words = _same(order.request_id, await self._post("registrations", _RegistrationWords, body))
        return Registration(words.number, words.until, words.at)

    async def cancel(self, number: str) -> None:
        await self._post(f"registrations/{number}/cancel", _CancelWords, {})

    async def ask_buyer(self, order: ConfirmationOrder) -> tuple[Stated, ...]:
        body = {
            "request_id": order.request_id,
            "seller": order.seller,
            "buyer": order.buyer,
            "number": order.number,
            "amount_minor": order.amount_minor,
            "due_on": order.due_on.isoformat(),
            "account": order.account,
        }
        return _stated(_same(order.request_id, await self._post("confirmations", _AnswersWords, body)))

    async def answers(self, request_id: str) -> tuple[Stated, ...]:
        words = await ask(
            self._client, "pledges", "GET", f"confirmations/{request_id}", _AnswersWords, deadline=self._deadline
        )
        return _stated(_same(request_id, words))

    async def give_notice(self, request_id: str) -> None:
        await self._post(f"confirmations/{request_id}/notice", _NoticeWords, {})

    async def redirect(self, redirect_id: str, request_id: str) -> None:
        await self._post(f"confirmations/{request_id}/redirect", _NoticeWords, {"redirect_id": redirect_id})

    async def _post(self, path: str, words: type[WordsT], body: Mapping[str, Any]) -> WordsT:
        return await ask(self._client, "pledges", "POST", path, words, body=body, deadline=self._deadline)


def _same(request_id: str, words: Any) -> Any:
    if words.request_id != request_id:
        raise GatewayUnavailable("pledges_answered_something_else")
    return words


def _stated(words: _AnswersWords) -> tuple[Stated, ...]:
    return tuple(
        Stated(one.signer, one.means, one.amount_minor, one.due_on, one.defences_waived, one.account)
        for one in words.answers
    )
