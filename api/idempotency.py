"""One request under one key is carried out once: the key's row is written in the transaction of what it asks for.

The body is hashed in its canonical form (RFC 8785) and keyed, since it may hold an id number that could be guessed from
a bare hash.
"""

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, cast
from uuid import UUID

import rfc8785
from fastapi import Depends, Header
from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.problems import KeyMissing, KeyReused, ReplayedSecret, Running
from api.tools import Tools
from db import commands
from db.commands import Claim
from db.tables import IdempotencyKey

Json = dict[str, Any]

KEY = re.compile(r"[\x21-\x7e]{8,128}", re.ASCII)
# How often a patient caller looks whether its twin has been answered.
LOOK_EVERY = timedelta(milliseconds=50)
ANSWERS_KEPT = timedelta(days=30)


def new_key() -> str:
    """A key for the hidden field of a form."""
    return secrets.token_urlsafe(18)


async def _header(idempotency_key: Annotated[str | None, Header()] = None) -> str:
    return checked_key(idempotency_key)


# A route parameter: the request's Idempotency-Key, required.
Key = Annotated[str, Depends(_header)]


def checked_key(key: str | None) -> str:
    """The key, or :class:`KeyMissing`."""
    if key is None or not KEY.fullmatch(key):
        raise KeyMissing
    return key


@dataclass(frozen=True, slots=True)
class Answered:
    """An earlier answer to the same request."""

    status: int
    response: Json


def claim(caller: Caller, use: str, key: str, body: object, *, client: str | None = None) -> Claim:
    """What names this request. ``client`` replaces the principal where nobody is signed in yet."""
    canonical = rfc8785.dumps(plain(body))
    return Claim(
        client=client or caller.principal.actor,
        route=use,
        key_hash=hashlib.sha256(checked_key(key).encode()).digest(),
        body_hash=hmac.digest(_hash_key(caller.tools), canonical, "sha256"),
    )


def _hash_key(tools: Tools) -> bytes:
    return hmac.digest(tools.settings.secret_bytes("index_key"), b"idempotent body", "sha256")


async def perform(
    caller: Caller,
    use: str,
    key: str,
    body: object,
    act: Callable[[AsyncSession], Awaitable[Json]],
    *,
    person: UUID | None = None,
    scope: str | None = None,
    client: str | None = None,
    object_id: str | None = None,
    secret: bool = False,
) -> Json:
    """An act that is one transaction of ours and wakes no workflow: its rows, its key and its answer commit together.

    ``secret``: the answer is shown once and not kept; a repeat is told so.
    """
    claimed = claim(caller, use, key, body, client=client)
    async with caller.tools.sessions.begin(person=person, scope=scope) as session:
        earlier = await commands.claim_key(
            session, claimed, now=caller.tools.wall_now(), command_id=None, object_id=object_id
        )
        if earlier is not None:
            _same_body(earlier, claimed)
            if secret:
                raise ReplayedSecret
            return _answer(earlier).response
        answer = await act(session)
        await commands.answer_key(session, claimed, 200, {} if secret else answer)
        return answer


def _same_body(earlier: IdempotencyKey, claimed: Claim) -> None:
    if not hmac.compare_digest(earlier.body_hash, claimed.body_hash):
        raise KeyReused


def _answer(earlier: IdempotencyKey) -> Answered:
    if earlier.status is None:
        raise Running(retry_after=1)
    return Answered(earlier.status, earlier.response or {})


async def earlier_answer(
    caller: Caller, claimed: Claim, earlier: IdempotencyKey, deadline: timedelta
) -> Answered | IdempotencyKey:
    """What became of the same request before: its answer, or its key when it has none yet.

    Raises :class:`KeyReused` for another body. A patient caller waits for the twin's answer, at most ``deadline``.
    """
    _same_body(earlier, claimed)
    until = asyncio.get_running_loop().time() + deadline.total_seconds()
    found: IdempotencyKey | None = earlier
    while found is not None and found.status is None:
        if not caller.patient or asyncio.get_running_loop().time() > until:
            return found
        await asyncio.sleep(LOOK_EVERY.total_seconds())
        async with caller.tools.sessions.begin() as session:
            found = await commands.find_key(session, claimed)
    if found is None:
        raise Running(retry_after=1)
    return _answer(found)


def plain(value: object) -> Any:
    """A command as plain JSON values: what is hashed, and what is stored."""
    match value:
        case None | bool() | int() | str():
            return value.value if isinstance(value, Enum) else value
        case Enum():
            return value.value
        case Decimal():
            return f"{value.normalize():f}"
        case UUID() | date():
            return str(value) if isinstance(value, UUID) else value.isoformat()
        case bytes():
            return value.hex()
        case dict():
            return {str(name): plain(inner) for name, inner in cast("dict[Any, object]", value).items()}
        case list() | tuple():
            return [plain(inner) for inner in cast("list[object]", value)]
        case _:
            return plain(asdict(cast("Any", value)))
