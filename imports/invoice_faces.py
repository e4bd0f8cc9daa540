"""What stands on the face of one invoice."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

LARGEST_MINOR = 10**14


@dataclass(frozen=True, slots=True)
class Face:
    """``source``: qr, xml, ofd, pdf, picture or list. ``gross_minor`` with tax, ``net_minor`` without, 0 where it is
    not told; days are ``YYYY-MM-DD`` or empty. ``code``: what older invoices have before their number."""

    source: str
    number: str = field(repr=False)
    code: str = ""
    check_code: str = field(default="", repr=False)
    issued_on: str = ""
    due_on: str = ""
    gross_minor: int = 0
    net_minor: int = 0
    seller: str = field(default="", repr=False)
    seller_licence: str = field(default="", repr=False)
    buyer: str = field(default="", repr=False)
    buyer_licence: str = field(default="", repr=False)

    @property
    def complete(self) -> bool:
        """Whether nobody has to be asked what it says."""
        return bool(self.number and self.issued_on and self.gross_minor and self.seller and self.buyer)


def minor_in(text: str) -> int:
    """Yuan as printed in fen; 0 for what is no amount."""
    plain = re.sub(r"[\s,¥￥]", "", unicodedata.normalize("NFKC", text))
    try:
        value = Decimal(plain) * 100
    except InvalidOperation:
        return 0
    return int(value) if value.is_finite() and abs(value) < LARGEST_MINOR and value == int(value) else 0


def day_in(text: str) -> str:
    """A day as printed on an invoice (``2026年11月20日``, ``20261120``, ``2026-11-20 10:01:02``); empty for none."""
    found = re.match(r"\s*(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?!\d)", text)
    if found is None:
        return ""
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return ""
