"""The letters that make a mailbox of an application: from its id and a key of ours, so that none is guessed."""

import base64
import hmac
from uuid import UUID

from lending.mailboxes import TAG, local_part


def tag_of(index_key: bytes, application_id: UUID) -> str:
    """Five letters of base32 (RFC 4648, lower case)."""
    digest = hmac.digest(index_key, b"bill mailbox\x1f" + application_id.bytes, "sha256")
    return base64.b32encode(digest).decode().lower()[:TAG]


def address_of(index_key: bytes, application_id: UUID, number: int, domain: str) -> str:
    """The whole address of an application's mailbox."""
    return f"{local_part(number, tag_of(index_key, application_id))}@{domain}"
