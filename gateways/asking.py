"""Asking a party that moves no money: an order with an id of ours, so every failure may simply be tried again."""

from collections.abc import Mapping
from typing import Any

import httpx2

from gateways.exchange import Garbled, Interrupted, NeverSent, WordsT, exchange, problem_code, understood
from gateways.failures import GatewayRefused, GatewayUnavailable


async def ask(
    client: httpx2.AsyncClient,
    party: str,
    method: str,
    path: str,
    words: type[WordsT],
    *,
    deadline: float,
    body: Mapping[str, Any] | None = None,
) -> WordsT:
    """The party's answer as ``words``. Raises GatewayUnavailable (try again) or GatewayRefused (the party said no)."""
    try:
        reply = await exchange(client, method, path, body=body, deadline=deadline)
        if reply.status in (200, 201, 202):
            return understood(reply, words)
    except NeverSent:
        raise GatewayUnavailable(f"{party}_unreachable") from None
    except Interrupted:
        raise GatewayUnavailable(f"{party}_interrupted") from None
    except Garbled:
        raise GatewayUnavailable(f"{party}_garbled") from None
    if 400 <= reply.status < 500 and reply.status != 429 and (code := problem_code(reply)) is not None:
        raise GatewayRefused(code)
    raise GatewayUnavailable(f"{party}_error")
