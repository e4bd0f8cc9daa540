"""What a single cell of an invoice list says: a day, money, a state, a side, a number."""

# ruff: noqa: E501  (word lists: a Chinese character counts as two columns)

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import IntEnum

from imports.cells import EARLIEST_YEAR, LATEST_YEAR, is_empty, parse_amount, parse_moment
from imports.lines import LARGEST_AMOUNT_MINOR
from imports.misreadings import RowNotUnderstood
from lending.invoices import plain_number


class Status(IntEnum):
    """What an invoice is worth. The numbers are stored: only ever add."""

    VALID = 0
    VOID = 1  # never took effect
    RED = 2  # reverses an earlier one; its amounts are negative


class Side(IntEnum):
    """Whether the firm issued the invoice or received it."""

    PURCHASE = -1
    SALE = 1

    @property
    def word(self) -> str:
        return "sale" if self is Side.SALE else "purchase"


# --- days -------------------------------------------------------------------------------------------------------------

_SHORT_YEAR = re.compile(r"^(\d{1,2}[-/. ](?:[A-Za-z]{3,9}|\d{1,2})[-/. ])(\d{2})(?=$|[\sT])")
_TWO_NUMBERS = re.compile(r"^\s*(\d{1,2})[-/. ](\d{1,2})[-/. ](?:\d{4}|\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Days:
    """How a list writes its days. ``guessed``: nothing in it tells day/month from month/day."""

    day_first: bool = True
    guessed: bool = False

    @classmethod
    def of(cls, cells: Iterable[str]) -> "Days":
        """From all the days of a list: a number above twelve gives the order away."""
        pairs = [(int(found[1]), int(found[2])) for cell in cells if (found := _TWO_NUMBERS.match(cell))]
        if not pairs or any(first > 12 for first, _ in pairs):
            return cls()
        return cls(day_first=False) if any(second > 12 for _, second in pairs) else cls(guessed=True)

    def day(self, cell: str) -> str | None:
        """The day in a cell, ``YYYY-MM-DD``; None when it holds none. Raises RowNotUnderstood for a mad year."""
        text = unicodedata.normalize("NFKC", cell).strip()
        if short := _SHORT_YEAR.match(text):
            text = f"{short[1]}20{short[2]}{text[short.end() :]}"
        moment = parse_moment(text, order="dmy" if self.day_first else "mdy")
        if moment is None or not moment.day:
            return None
        if not EARLIEST_YEAR <= int(moment.day[:4]) <= LATEST_YEAR:
            return None
        return moment.day


# --- money ------------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d+)?(?:[eE][-+]?\d{1,2})?")
_CENT = Decimal(1)


def money(cell: str) -> int | None:
    """An amount in minor units, signed; None when the cell is empty. Half-even where there are more than two decimals.

    A net amount is worked out of a price with tax and may have more. Raises RowNotUnderstood.
    """
    text = cell.strip()
    if _NUMBER.fullmatch(text):
        value = (Decimal(text) * 100).quantize(_CENT, ROUND_HALF_EVEN)
        if abs(value) > LARGEST_AMOUNT_MINOR:
            raise RowNotUnderstood("amount_out_of_range", cell=text[:40])
        return int(value)
    if is_empty(text):
        return None
    amount = parse_amount(text)
    return None if amount is None else amount.minor


def product(quantity: str, price: str) -> int | None:
    """Quantity times unit price in minor units. Raises RowNotUnderstood."""
    if is_empty(quantity) or is_empty(price):
        return None
    try:
        value = Decimal(quantity.strip().replace(",", "")) * Decimal(price.strip().lstrip("¥￥").replace(",", "")) * 100
    except ArithmeticError:
        raise RowNotUnderstood("amount_not_understood", cell=f"{quantity.strip()} × {price.strip()}"[:40]) from None
    if not value.is_finite():
        raise RowNotUnderstood("amount_not_understood", cell=f"{quantity.strip()} × {price.strip()}"[:40])
    if abs(value) > LARGEST_AMOUNT_MINOR:
        raise RowNotUnderstood("amount_out_of_range", cell=f"{quantity.strip()} × {price.strip()}"[:40])
    return int(value.quantize(_CENT, ROUND_HALF_EVEN))


# --- words ------------------------------------------------------------------------------------------------------------


class State(IntEnum):
    """What a status cell says."""

    VALID = 0
    VOID = 1
    RED = 2  # a red-ink invoice or credit note itself, or, on a positive amount, one that was reversed
    REVERSED = 3  # reversed in full by a red-ink invoice
    REVERSED_IN_PART = 4
    NOT_ISSUED = 5  # a draft


_STATES: tuple[tuple[re.Pattern[str], State], ...] = (
    (re.compile(r"部分红冲|红冲.{0,3}部分|partially\s*(credited|reversed)"), State.REVERSED_IN_PART),
    (
        re.compile(r"全额红冲|红冲.{0,3}全额|已红冲|被红冲|fully\s*(credited|reversed)|^(credited|reversed)$"),
        State.REVERSED,
    ),
    (re.compile(r"作废|注销|失控|void|cancel|delet|invalid|annul|失效"), State.VOID),
    (re.compile(r"草稿|待开|未开具|draft|pro.?forma"), State.NOT_ISSUED),
    (re.compile(r"红字|红冲|红票|负数|credit|\bred\b|revers|negative"), State.RED),
    (
        re.compile(
            r"正常|有效|已开|开具|正数|蓝字|未付|已付|未收|已收|结清|未结|部分|逾期|已认证|已勾选|未勾选|抵扣|入账|审核|"
            r"valid|normal|issued|open|paid|due|clos|sent|post|approv|settl|partial|active|blue|^ok$|^(0|1)$"
        ),
        State.VALID,
    ),
)


def read_status(cell: str) -> State | None:
    """What a status cell says; an empty one says valid. None for words that nobody taught us."""
    text = unicodedata.normalize("NFKC", cell).strip().casefold()
    if is_empty(text):
        return State.VALID
    return next((state for words, state in _STATES if words.search(text)), None)


_SALE = re.compile(
    r"销项|销售|开具|开出|开票|应收|^销|sale|sell|output|outgoing|issued|receivable|customer|^ar$|^s$|^out$"
)
_PURCHASE = re.compile(
    r"进项|采购|取得|收票|进货|应付|^购|^进|purchas|buy|input|incoming|received|payable|supplier|vendor|^ap$|^p$|^in$"
)


def read_side(text: str) -> Side | None:
    """The side that a word, a title or a file's name speaks of; None when it speaks of none or of both."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    sale, purchase = bool(_SALE.search(folded)), bool(_PURCHASE.search(folded))
    if sale == purchase:
        return None
    return Side.SALE if sale else Side.PURCHASE


_YES = frozenset({"是", "y", "yes", "true", "1", "红字", "红票", "负数", "credit", "red"})
_NO = frozenset({"否", "n", "no", "false", "0", "蓝字", "正数", "blue"})


def read_yes(cell: str) -> bool | None:
    """Yes or no; None for anything else."""
    text = unicodedata.normalize("NFKC", cell).strip().casefold()
    return True if text in _YES else False if text in _NO else None


# --- numbers and names --------------------------------------------------------------------------------------------------

# 统一社会信用代码 (GB 32100: no I, O, S, V, Z), or the older tax number of 15 digits and letters.
_TAX_NUMBER = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}|\d{6}[0-9A-Z]{9}")


def is_tax_number(cell: str) -> bool:
    """Whether a cell holds a firm's tax number."""
    return _TAX_NUMBER.fullmatch(cell.strip().upper()) is not None


_BLUE = (
    re.compile(r"(?:对应|原|被红冲|蓝字)[^0-9]{0,24}代码[::\s]*(\d{10,12})[^0-9]{0,12}号码[::\s]*(\d{8})"),
    re.compile(r"(?:对应|原|被红冲|蓝字)[^0-9]{0,24}号码?[::\s]*(\d{8,20})"),
    re.compile(r"(?:credit(?:s|\s*note)?\s*(?:for|of|to)|revers\w*|cancels)\s*(?:invoice)?\s*(?:no\.?|#|number)?\s*([A-Z0-9][A-Z0-9-]{2,29})", re.I),
)  # fmt: skip


def blue_number(remark: str) -> str:
    """The number of the invoice that a red-ink one's remark names; empty when it names none."""
    text = unicodedata.normalize("NFKC", remark)
    for pattern in _BLUE:
        if found := pattern.search(text):
            return plain_number(found[found.lastindex or 1])
    return ""
