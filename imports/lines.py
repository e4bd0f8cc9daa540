"""One movement of money as a wallet or bank told it, in one form for every source."""

import hashlib
import unicodedata
from enum import IntEnum, IntFlag
from typing import NamedTuple

FINGERPRINT_BYTES = 16
COUNTERPARTY_KEY_BYTES = 8

# More than any small firm moves in one line (10 billion yuan); above it the cell is taken for something else.
LARGEST_AMOUNT_MINOR = 10**12


class Direction(IntEnum):
    """Which way the money went, seen from the account's owner."""

    OUT = -1
    NEUTRAL = 0
    IN = 1

    @property
    def word(self) -> str:
        return {-1: "out", 0: "neutral", 1: "in"}[self.value]


class Kind(IntEnum):
    """What a line is to a business. The numbers are stored: only ever add."""

    SALE = 1
    REFUND = 2
    PURCHASE = 3
    RENT = 4
    PAYROLL = 5
    TRANSFER_SELF = 6
    LOAN_IN = 7
    LOAN_REPAY = 8
    PRIVATE = 9
    OTHER = 10


class Flag(IntFlag):
    """What a reader of the stored line should know. The numbers are stored: only ever add."""

    GUESSED = 1  # no word in the line says what it is: the kind is the usual one for its direction
    NETTED = 2  # a refund noted in the line itself was taken off the amount
    VOID = 4  # closed, failed or refunded in full: no money moved in the end
    NO_REFERENCE = 8  # the source gave no number of its own; the fingerprint rests on content and order
    DATE_ONLY = 16  # the source gave a day without a time
    RECOGNISED = 64  # read from a picture: less certain than text
    OWN_NAME = 32  # the other side bears the name of the account's owner
    ASSETS = 128  # a word for securities or property: no credit may be used for them


class NormalisedLine(NamedTuple):
    """One line of a bill.

    ``row`` counts as a spreadsheet would show it, from 1. ``at`` is the source's local time, ``YYYY-MM-DD HH:MM:SS``.
    ``amount_minor`` is never negative: ``direction`` carries the sign. ``balance_minor`` is what the source stated
    after this line, or None.
    """

    row: int
    at: str
    direction: int
    amount_minor: int
    currency: str
    counterparty: str
    kind: int
    reference: str
    status: str
    balance_minor: int | None
    description: str
    flags: int
    fingerprint: bytes

    @property
    def on_date(self) -> str:
        """The business day in the source's own time zone, ``YYYY-MM-DD``."""
        return self.at[:10]

    @property
    def signed_minor(self) -> int:
        """The amount with the sign of its direction: positive in, negative out, zero where nothing moved."""
        return self.direction * self.amount_minor


# The column list that the streamed rows are meant for, in their order: what has a fixed width comes first.
COPY_COLUMNS = (
    "firm_id",
    "file_id",
    "fingerprint",
    "n",
    "at",
    "on_date",
    "direction",
    "amount_minor",
    "currency",
    "kind",
    "counterparty_key",
    "flags",
    "balance_minor",
)


def fingerprint(
    *, family: str, reference: str, at: str, stated_minor: int, direction: int, counterparty: str, occurrence: int
) -> bytes:
    """Sixteen bytes that the same movement gets in every export of the same source, whoever uploads it.

    With a reference of its own the line is known by it, its time and its amount as first stated (a later refund note
    changes the netted amount, not the line). Without one, by content and by which of its equals on the page it is.
    """
    if reference:
        content = f"{family}\x1f{reference}\x1f{at}\x1f{stated_minor}"
    else:
        content = f"{family}\x1f\x1f{at}\x1f{stated_minor}\x1f{direction}\x1f{counterparty}\x1f{occurrence}"
    return hashlib.sha256(content.encode()).digest()[:FINGERPRINT_BYTES]


def plain_name(counterparty: str) -> str:
    """A counterparty's name as it is compared: full-width folded, spaces gone, case folded; empty for a placeholder."""
    name = unicodedata.normalize("NFKC", counterparty).casefold()
    if " " in name or not name.isprintable():
        name = "".join(name.split())
    return name if name.strip("-/*") else ""


class CounterpartyKeys:
    """Keyed hashes of counterparties' names: HMAC-SHA256 with the two halves of the key hashed once.

    ``hmac.digest`` sets the key up anew for every name, which is three quarters of its price.
    """

    def __init__(self, index_key: bytes) -> None:
        key = (index_key if len(index_key) <= 64 else hashlib.sha256(index_key).digest()).ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))

    def key(self, counterparty: str) -> bytes | None:
        """Eight bytes that stand for the name in stored lines; None where the source names nobody."""
        name = plain_name(counterparty)
        return self.key_of_plain(name) if name else None

    def key_of_plain(self, name: str) -> bytes:
        """The same for a name that went through ``plain_name`` and is not empty."""
        inner = self._inner.copy()
        inner.update(name.encode())
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()[:COUNTERPARTY_KEY_BYTES]


def counterparty_key(index_key: bytes, counterparty: str) -> bytes | None:
    """The key of one name; see ``CounterpartyKeys``."""
    return CounterpartyKeys(index_key).key(counterparty)
