"""A case as rows of fields: what it is known by, and what changed since somebody saw it (P34).

A field is a dotted name (``asked.amount_minor``, ``check.face``) and its value as text; amounts are minor units in
decimal digits. A field that is not there is nothing, and nothing is no value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

# What stands around a case and says nothing about it: a message more is no other case.
AROUND = ("around.",)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that is not what it was; None where it was not there, or is not any more."""

    field: str
    before: str | None
    after: str | None


def hash_of(fields: Mapping[str, str]) -> str:
    """SHA-256 over the names and values in the order of the names; the same case has the same hash."""
    parts = [f"{len(part)}:{part}" for name in sorted(fields) for part in (name, fields[name])]
    return sha256("\x1f".join(parts).encode()).hexdigest()


def substance(fields: Mapping[str, str]) -> dict[str, str]:
    """What is decided on: all but what only stands around the case."""
    return {name: value for name, value in fields.items() if not name.startswith(AROUND)}


def case_hash(fields: Mapping[str, str]) -> str:
    """The hash that a vote, a verdict and a look are bound to."""
    return hash_of(substance(fields))


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[Change, ...]:
    """Field by field, in the order of their names."""
    names = sorted(before.keys() | now.keys())
    return tuple(Change(name, before.get(name), now.get(name)) for name in names if before.get(name) != now.get(name))
