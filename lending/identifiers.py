"""Identifiers that follow from their cause, so that doing a thing twice names the same row twice."""

from hashlib import sha256
from uuid import UUID

# The ASCII unit separator: it can stand in no namespace, so no two (namespace, cause) pairs run together.
SEPARATOR = "\x1f"


def derived_id(namespace: str, cause: str) -> UUID:
    """The first 16 bytes of SHA-256(namespace, unit separator, cause).

    PostgreSQL derives the same one: ``substr(sha256(convert_to(ns || chr(31) || cause, 'UTF8')), 1, 16)``.
    """
    if not namespace or SEPARATOR in namespace:
        raise ValueError("a namespace is a non-empty text without the unit separator")
    return UUID(bytes=sha256(f"{namespace}{SEPARATOR}{cause}".encode()).digest()[:16])
