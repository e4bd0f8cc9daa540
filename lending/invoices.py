"""When two invoices are one: how names and numbers are compared, and what an invoice is known by for ever.

The same invoice comes as a scan, from a list, from its buyer or through another lender's door, and each writes its
number and its parties in another way. It can be pledged once (journey 4, D1).
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

FINGERPRINT_BYTES = 16
# Of seller, buyer, number, amount and day: four that agree are no accident.
NEAR_FROM = 4

_NOT_NAME = re.compile(r"[\W_]+")
_NO_NUMBER = frozenset({"", "NULL", "NONE", "NAN", "无"})
_LAST_DIGITS = re.compile(r"\d+(?=\D*$)")
# What a form prints before or behind a number, and letters that a hand or a scan puts where a digit is.
_BEFORE = re.compile(
    r"^(?:发票|电子|数电票?|号码|编号|票号|第|号|NO|NR|NUM|NUMBER|INVOICE|#|[\W_])+(?=[\dOIL]*\d)", re.IGNORECASE
)
_BEHIND = re.compile(r"[号#\W_]+$")
_AS_DIGITS = re.compile(r"(?<=\d)[OIL]+|[OIL]+(?=\d)")
_DIGIT_OF = str.maketrans("OIL", "011")
# A paper's number is the last eight of the twenty that a list or the tax bureau writes.
TAIL = 8
# An older form has a code of ten or twelve digits besides its number of eight; the two together, as an e-invoice's
# twenty digits alone (数电票), are given once in the whole country.
CODES = frozenset({10, 12})
E_NUMBER = 20
BEHIND = 4  # figures of a page or a copy
_FIGURES = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
_LIKE_A_FIGURE = str.maketrans("OILSBZ", "011582")
NATIONAL = frozenset({TAIL + min(CODES), E_NUMBER})


def plain_number(cell: str) -> str:
    """An invoice's number as it is compared: letters and digits, upper case; empty for a placeholder.

    ``No.`` before it and 号 behind it say nothing, and a letter O, I or L beside a digit is a zero or a one.
    """
    text = unicodedata.normalize("NFKC", cell).strip()
    if text.casefold() == "n/a":
        return ""
    text = text.removesuffix(".0") if text.replace(".", "").isdecimal() else text
    plain = _NOT_NAME.sub("", _bare(text)).upper()
    return "" if plain in _NO_NUMBER else _AS_DIGITS.sub(lambda hit: hit[0].translate(_DIGIT_OF), plain)


def _bare(text: str) -> str:
    return _BEHIND.sub("", _BEFORE.sub("", text)) or text


def national_number(number: str) -> str | None:
    """The digits of a number that the country gives once, however it is written; None for any other.

    Twenty of an e-invoice, or an older form's code with its number, in either order. Letters beside them change
    nothing, and neither does what stands behind twenty digits (a page, a copy, a mark); letters that look like a figure
    are one. A bare number of eight digits is many invoices'.
    """
    text = "".join(_FIGURES.get(one, one) for one in number if unicodedata.category(one) != "No")
    text = unicodedata.normalize("NFKC", text).upper()
    text = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)
    runs = re.findall(r"[0-9]+", _AS_DIGITS.sub(lambda hit: hit[0].translate(_DIGIT_OF), text))
    if [len(run) for run in runs] in [[TAIL, code] for code in CODES]:
        runs.reverse()
        return "".join(runs)
    # Letters that look like figures are figures where a whole number comes of it: left out, another one would.
    joined = re.sub(r"[\s\-_.·]+", "", text).translate(_LIKE_A_FIGURE)
    if len(joined) in NATIONAL and joined.isdecimal():
        return joined
    whole = "".join(runs)
    if len(whole) in NATIONAL:
        return whole
    long = next((run for run in runs if len(run) == E_NUMBER), None)
    if long is None and E_NUMBER < len(whole) <= E_NUMBER + BEHIND:
        long = whole[:E_NUMBER]
    return long


def cut_from(one: str, other: str) -> bool:
    """Whether one of two numbers is the other's last eight digits, or those with something else before them: of one
    seller that is the same invoice. Two whole numbers are what they are."""
    if (national_number(one) is None) is (national_number(other) is None):
        return False
    ends = [re.sub(r"[^0-9]", "", plain_number(number))[-TAIL:] for number in (one, other)]
    return ends[0] == ends[1] and len(ends[0]) == TAIL


def tail_of(number: str) -> str:
    """The number as one invoice has it in every format: the last eight where it is digits alone."""
    plain = national_number(number) or plain_number(number)
    return plain[-TAIL:] if plain.isdecimal() else plain


def serial_of(number: str) -> int | None:
    """The last run of digits of a number: what stays the same where a form prints ``No.`` or zeros before it."""
    text = unicodedata.normalize("NFKC", number).upper()
    found = _LAST_DIGITS.search(_AS_DIGITS.sub(lambda hit: hit[0].translate(_DIGIT_OF), _bare(text)))
    return int(found[0][-15:]) if found else None


@lru_cache(maxsize=100_000)
def plain_party(name: str) -> str:
    """A party's name as it is compared: brackets, dots and spaces say nothing about who it is."""
    return _NOT_NAME.sub("", unicodedata.normalize("NFKC", name).casefold())


def fingerprint(
    *, seller: str, buyer: str, number: str, gross_minor: int, issued: str, occurrence: int = 0, key: bytes = b""
) -> bytes:
    """Sixteen bytes that one invoice gets from every list and scan of it, whoever holds it: buyer, seller or financier.

    Names, number, amount with tax (minor units, signed) and day (``YYYY-MM-DD``) are compared as ``plain_party`` and
    ``plain_number`` have them. The number alone is not unique, not even within one firm, so that it never stands alone;
    without one ``occurrence`` tells equals apart. ``key`` keeps a stored fingerprint from being guessed.
    """
    content = "\x1f".join(
        ("invoice", plain_party(seller), plain_party(buyer), plain_number(number), str(gross_minor), issued,
         str(occurrence))
    )  # fmt: skip
    return hmac.digest(key, content.encode(), "sha256")[:FINGERPRINT_BYTES]


@dataclass(frozen=True, slots=True)
class Marks:
    """What an invoice is told from others by. Parties and number are keyed hashes, so that what is stored tells no
    name; ``serial``: see :func:`serial_of`."""

    seller: bytes
    buyer: bytes
    number: bytes
    serial: int | None
    amount_minor: int
    issued_on: date


class Likeness(StrEnum):
    """How much alike two invoices are."""

    SAME = "same"
    NEAR = "near"
    OTHER = "other"


def likeness(one: Marks, other: Marks) -> Likeness:
    """The same where all five agree; near where four do: a digit misread, a renamed buyer, a corrected day.

    A number that ends in the other's last eight digits is that number in another format where all else agrees. Short
    ones that differ in leading zeros or letters alone agree, yet not enough to refuse without a look.
    """
    same_number = one.number == other.number
    alike_number = same_number or (one.serial is not None and one.serial == other.serial)
    alike_number = alike_number or _tail(one.serial, other.serial)
    rest = (
        one.seller == other.seller,
        one.buyer == other.buyer,
        one.amount_minor == other.amount_minor,
        one.issued_on == other.issued_on,
    )
    if (same_number or _tail(one.serial, other.serial)) and all(rest):
        return Likeness.SAME
    return Likeness.NEAR if alike_number + sum(rest) >= NEAR_FROM else Likeness.OTHER


def _tail(one: int | None, other: int | None) -> bool:
    """Whether the last eight digits are the same, and are eight: shorter ones are a firm's own count."""
    if one is None or other is None:
        return False
    return one % 10**TAIL == other % 10**TAIL >= 10 ** (TAIL - 1)
