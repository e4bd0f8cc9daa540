"""账单直投: each application has a mailbox that a wallet sends its export to (lending-practice P25).

The address is short enough to type into a wallet's form, and cannot be guessed from another one: a number that counts
up, and letters that only we can make.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from lending.applications import Stage

_LOCAL = re.compile(r"a(\d{1,12})([a-z2-7]{5})")
TAG = 5  # letters of base32: one guess in 33 million finds an open mailbox
# Bills still change an answer there; afterwards the mailbox is closed.
OPEN = frozenset({Stage.EVIDENCE, Stage.OFFERED, Stage.DECLINED})


@dataclass(frozen=True, slots=True)
class Mail:
    """What the gateway says of a mail: the part before the @, the sender's domain, and whether the domain proved itself
    (SPF or DKIM, aligned: RFC 7489)."""

    local: str
    sender_domain: str
    proven: bool


def local_part(number: int, tag: str) -> str:
    """The part before the @ of an application's mailbox."""
    return f"a{number}{tag}"


def number_in(local: str) -> tuple[int, str] | None:
    """The application's number and the letters behind it; None for what is no mailbox of ours."""
    found = _LOCAL.fullmatch(local.strip().lower())
    return (int(found[1]), found[2]) if found else None


def why_not_taken(mail: Mail, stage: Stage, senders: Collection[str]) -> str | None:
    """Why a mail that came to a mailbox is not taken, by name; None if it is.

    ``senders``: the domains from which wallets and banks send; a subdomain of one is one.
    """
    if stage not in OPEN:
        return "mailbox_closed"
    domain = mail.sender_domain.lower().rstrip(".")
    if not any(domain == one or domain.endswith(f".{one}") for one in senders):
        return "sender_not_known"
    if not mail.proven:
        return "sender_not_proven"
    return None
