"""One request to a party and one bounded reply: a deadline, a size limit, and whether the request can have arrived."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

REPLY_LIMIT = 256 * 1024  # bytes; no reply about one thing is longer
BATCH_REPLY_LIMIT = 16 * 1024 * 1024  # bytes; receipts of 2,000 debits, or a day's statement


class NeverSent(Exception):
    """No connection was made, so the party cannot have acted."""


class Interrupted(Exception):
    """The request left and no whole reply came back: the party may have acted."""


class Garbled(Exception):
    """A reply came that is not what was agreed; what the party did is not known from it."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes


class Words(BaseModel):
    """A reply's agreed fields: exact types, unknown additions ignored so that a party may grow its replies."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class Problem(Words):
    code: str


WordsT = TypeVar("WordsT", bound=Words)


async def exchange(
    client: httpx2.AsyncClient,
    method: str,
    path: str,
    *,
    deadline: float,
    body: Mapping[str, Any] | bytes | None = None,
    content_type: str = "application/json",
    query: Mapping[str, str] | None = None,
    limit: int = REPLY_LIMIT,
) -> Reply:
    """Send and read within ``deadline`` seconds in all: a client's own timeouts are per read, and a reply may drip.
    A ``body`` of bytes goes as it is, as ``content_type``.

    Raises :class:`NeverSent`, :class:`Interrupted`, or :class:`Garbled` when the reply is longer than ``limit`` bytes.
    """
    content = body if isinstance(body, bytes | None) else _packed(body)
    headers = {"Content-Type": content_type} if content is not None else {}
    try:
        async with (
            asyncio.timeout(deadline),
            client.stream(method, path, content=content, params=query, headers=headers) as response,
        ):
            read = bytearray()
            async for chunk in response.aiter_bytes():
                read += chunk
                if len(read) > limit:
                    raise Garbled
            return Reply(response.status_code, bytes(read))
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol) as error:
        raise NeverSent from error
    except httpx2.DecodingError as error:
        raise Garbled from error
    except (httpx2.HTTPError, httpx2.StreamError, TimeoutError, OSError) as error:
        raise Interrupted from error


def _packed(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def understood(reply: Reply, words: type[WordsT]) -> WordsT:
    """The reply as ``words``; raises :class:`Garbled` for anything else."""
    try:
        return words.model_validate_json(reply.body)
    except (ValidationError, ValueError):
        # The validation error quotes the reply, which may hold personal data: it must not ride along as a cause.
        raise Garbled from None


def problem_code(reply: Reply) -> str | None:
    """The party's own error code in a 4xx reply, if it speaks our language; a proxy's error page has none."""
    try:
        code = Problem.model_validate_json(reply.body).code
    except (ValidationError, ValueError):
        return None
    return code if code.replace("_", "").isalnum() and code.isascii() and len(code) <= 64 else None
