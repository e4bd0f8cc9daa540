"""A policy as it is kept beside the decisions that it made: written out, hashed, and read again years later."""

import json
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from lending.verdicts import Policy

_ADAPTER = TypeAdapter(Policy)


class NotAPolicy(ValueError):
    """What is kept is no policy, or not the one that its hash names."""


def written(policy: Policy) -> dict[str, Any]:
    """All of a policy as JSON: numbers with a decimal point as texts, so that nothing is rounded."""
    return cast("dict[str, Any]", _plain(policy))


def content_hash(content: dict[str, Any]) -> str:
    """The hash under which a written policy is kept; the order of its keys does not matter."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(canonical.encode()).hexdigest()


def read(content: dict[str, Any], expected: str) -> Policy:
    """The policy that was written; :class:`NotAPolicy` if its words are not those that ``expected`` is the hash of."""
    if content_hash(content) != expected:
        raise NotAPolicy("its words are not those of its hash")
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as error:
        raise NotAPolicy(f"not readable: {error.errors()[0]['loc']}") from None


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    match value:
        case Decimal():
            return str(value)
        case Enum():
            return value.value
        case frozenset():
            return sorted(cast("frozenset[str]", value))
        case tuple():
            return [_plain(each) for each in cast("tuple[object, ...]", value)]
        case _:
            return value
