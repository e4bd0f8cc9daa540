"""What a single cell says: an amount, a moment, a direction, a currency. No cell is ever evaluated."""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from imports.lines import LARGEST_AMOUNT_MINOR, Direction
from imports.misreadings import RowNotUnderstood

EMPTY_WORDS = frozenset({"", "-", "--", "—", "/", "\\", "null", "none", "nan", "n/a", "无"})


def is_empty(cell: str) -> bool:
    """Whether a cell holds nothing but a placeholder."""
    return not (text := cell.strip()) or text.casefold() in EMPTY_WORDS or not text.strip("-")


# Minus signs and dashes that stand for a hyphen.
_DASHES = str.maketrans(dict.fromkeys("−–—‐‑", "-"))


# --- amounts ----------------------------------------------------------------------------------------------------------


class Amount(NamedTuple):
    """An amount as stated: signed minor units, the part that the cell itself notes as refunded, a named currency."""

    minor: int
    refunded_minor: int
    currency: str


_NOTED_REFUND = re.compile(r"[((]?\s*(?:已|成功)?退款?\s*[::]?\s*[((]?\s*[¥￥$]?\s*([\d,]+(?:\.\d+)?)\s*元?\s*[))]*")
_NOTED_IN_FULL = re.compile(r"\(?\s*已?全额退款\s*\)?")
# Longer ones first: HK$ holds a $.
_SYMBOLS = {
    "HK$": "HKD", "US$": "USD", "A$": "AUD", "C$": "CAD", "S$": "SGD", "NT$": "TWD",
    "¥": "CNY", "￥": "CNY", "元": "CNY", "$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW",
}  # fmt: skip
_LETTERS = re.compile(r"^(?P<before>[A-Z]{3}|人民币)?\s*(?P<number>[^A-Z人]*?)\s*(?P<after>[A-Z]{3}|人民币)?$")
# A side written beside the amount: 35.00 DR or 支出35.00 is money out, 1,065.00CR money in or a balance in credit, OD a
# balance overdrawn.
_SIDE = re.compile(
    r"^(?:(?P<before>(?:CR|DR|贷|借)\.?\s+|(?:收入|支出|收|支|付)\s*:?\s*))?"
    r"(?P<number>[-+(]?[^A-Za-z借贷收支付]*\d[\d.,]*\)?)\s*(?P<after>CR|DR|OD|贷|借)?\.?$",
    re.I,
)
_OUT_SIDES = frozenset({"dr", "od", "借", "支出", "支", "付"})
_SPACED = re.compile(r"^[-+(]?\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?[-)]?$")
_PLAIN = re.compile(r"^\d+(?:\.\d{1,2})?$")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_THOUSANDS = re.compile(r"^\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?$")
_COMMA_DECIMAL = re.compile(r"^(?:\d+|\d{1,3}(?:\.\d{3})+),\d{1,2}$")


def parse_amount(cell: str) -> Amount | None:
    """The amount in a cell; None when the cell is empty. Two decimals to the unit.

    Understands currency signs and codes, thousands separators (also spaces, apostrophes and the Indian way), a comma as
    decimal point, brackets or a trailing minus for negative, CR and DR beside it, 万, and a refund noted beside the
    amount (``¥20.00(已退款￥5.00)``). Raises RowNotUnderstood.
    """
    if is_empty(cell):
        return None
    text = unicodedata.normalize("NFKC", cell).strip().translate(_DASHES)
    refunded = 0
    in_full = False
    if "退" in text:
        if noted := _NOTED_REFUND.search(text):
            refunded = _minor(noted.group(1), cell)
            text = (text[: noted.start()] + text[noted.end() :]).strip()
        elif noted := _NOTED_IN_FULL.search(text):
            in_full = True
            text = (text[: noted.start()] + text[noted.end() :]).strip()
    currency = ""
    for symbol, code in _SYMBOLS.items():
        if symbol in text:
            currency = currency or code
            text = text.replace(symbol, "")
    text = text.strip()
    side = 1
    if not _PLAIN.match(text):
        if sided := _SIDE.match(text):
            word = (sided["before"] or sided["after"] or "").strip(" .:").casefold()
            side = -1 if word in _OUT_SIDES else 1
            text = sided["number"].strip()
        if _SPACED.match(text):
            text = re.sub(r"[ '’]", "", text)
        lettered = _LETTERS.match(text.upper())
        if lettered is None:
            raise RowNotUnderstood("amount_not_understood", cell=cell.strip()[:40])
        named = lettered["before"] or lettered["after"]
        currency = currency_of(named) if named else currency
        text = lettered["number"].strip()
    sign = side
    if text.startswith("(") and text.endswith(")"):
        sign, text = -side, text[1:-1].strip()
    elif text.endswith(("-", "+")):
        sign, text = (-side if text[-1] == "-" else side), text[:-1].strip()
    if text[:1] in ("-", "+"):
        sign, text = (-sign if text[0] == "-" else sign), text[1:].strip()
    minor = sign * _minor(text, cell)
    if in_full:
        refunded = abs(minor)
    if refunded > abs(minor):
        raise RowNotUnderstood("refund_exceeds_amount", cell=cell.strip()[:40])
    return Amount(minor, refunded, currency)


def _minor(number: str, cell: str) -> int:
    times = 1
    if number.endswith("万"):
        number, times = number[:-1], 10_000
    if _THOUSANDS.match(number):
        number = number.replace(",", "")
    elif _COMMA_DECIMAL.match(number):
        number = number.replace(".", "").replace(",", ".")
    if not _NUMBER.fullmatch(number):
        raise RowNotUnderstood("amount_not_understood", cell=cell.strip()[:40])
    value = Decimal(number) * 100 * times
    if value > LARGEST_AMOUNT_MINOR:
        raise RowNotUnderstood("amount_out_of_range", cell=cell.strip()[:40])
    rounded = int(value.to_integral_value())
    # A spreadsheet may write 28.16 as 28.160000000000004, a binary fraction; a real third decimal is not money.
    if abs(value - rounded) > Decimal("0.0001"):
        raise RowNotUnderstood("amount_not_understood", cell=cell.strip()[:40])
    return rounded


# --- moments ----------------------------------------------------------------------------------------------------------

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100

_CLOCK = r"(?:(上午|下午|AM|PM)\s*)?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(上午|下午|AM|PM)?"
_ZONE = r"\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?"
_YEAR_FIRST = re.compile(
    rf"^(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*日?(?:[T\s]*{_CLOCK}{_ZONE})?$", re.I
)
# Years of the Republic, as Taiwan's banks write them: 114/01/06.
_REPUBLIC = re.compile(r"^(?:民国)?(1[0-4]\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
_DIGITS = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:[T\s-]*(\d{2}):?(\d{2}):?(\d{2})?)?(?:\.0+)?$")
_PARTS = re.compile(rf"^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}|\d{{2}})(?:[T\s,]+{_CLOCK}{_ZONE})?$", re.I)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_DAY_MONTH_YEAR = r"(\d{1,2})(?:st|nd|rd|th)?[\s/-]*([a-z]{3})[a-z]*\.?[\s,/-]*(\d{4}|\d{2})"
_MONTH_DAY_YEAR = r"([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4}|\d{2})"
_MONTH_WORD = re.compile(rf"^{_WEEKDAY}(?:{_DAY_MONTH_YEAR}|{_MONTH_DAY_YEAR})(?:[T\s,]+{_CLOCK}{_ZONE})?$", re.I)
# 2025-01-06 周一, 2025年1月6日(星期一)
_WEEKDAY_BEHIND = re.compile(r"\s*[(（]?\s*(?:星期|周)[一二三四五六日天]\s*[)）]?")
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
_ONLY_CLOCK = re.compile(rf"^{_CLOCK}$", re.I)
_ONLY_DIGITS = re.compile(r"^(\d{2})(\d{2})(\d{2})$")
_SPREADSHEET_EPOCH = date(1899, 12, 30)


class Moment(NamedTuple):
    """A day ``YYYY-MM-DD`` and a time ``HH:MM:SS``; either may be empty where the cell does not state it."""

    day: str
    time: str


# How a date of three numbers is to be read where its year does not stand first with four digits.
ORDERS = ("dmy", "mdy", "ymd")


def parse_moment(cell: str, *, order: str = "dmy") -> Moment | None:
    """The date, the time or both in a cell; None when it is neither.

    ``order`` (one of ``ORDERS``) reads 06/01/2025 as 6 January or as 1 June, and 25-01-06 as the sixth of January 2025.
    """
    text = unicodedata.normalize("NFKC", cell).strip().translate(_DASHES)
    if not text or len(text) > 48:
        return None
    if "周" in text or "星期" in text:
        text = _WEEKDAY_BEHIND.sub(" ", text).strip()
    if found := _YEAR_FIRST.match(text):
        year, month, day, *clock = found.groups()
        return _moment(int(year), int(month), int(day), clock)
    if found := _REPUBLIC.match(text):
        year, month, day = map(int, found.groups())
        return _moment(year + 1911, month, day, [None, None, None, None, None])
    if found := _DIGITS.match(text):
        year, month, day, hour, minute, second = found.groups()
        return _moment(int(year), int(month), int(day), [None, hour, minute, second, None])
    if found := _PARTS.match(text):
        *parts, before, hour, minute, second, after = found.groups()
        by_letter = dict(zip("dmy" if order == "ymd" and len(parts[2]) == 4 else order, parts, strict=True))
        year, month, day = (by_letter[letter] for letter in "ymd")
        return _moment(_full_year(year), int(month), int(day), [before, hour, minute, second, after])
    if found := _MONTH_WORD.match(text):
        day1, word1, year1, word2, day2, year2, *clock = found.groups()
        word = (word1 or word2).lower()
        if word not in MONTHS:
            return None
        return _moment(_full_year(year1 or year2), MONTHS.index(word) + 1, int(day1 or day2), clock)
    if found := _ONLY_CLOCK.match(text):
        time = _time(found.groups())
        return Moment("", time) if time else None
    if found := _ONLY_DIGITS.match(text):
        time = _time([None, *found.groups(), None])
        return Moment("", time) if time else None
    if _SERIAL.match(text):
        days = Decimal(text)
        seconds = round((days % 1) * 86_400)
        on = _SPREADSHEET_EPOCH + timedelta(days=int(days), seconds=0)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" if 0 < seconds < 86_400 else ""
        return Moment(on.isoformat(), clock)
    return None


def parse_clock(cell: str) -> str:
    """The time ``HH:MM:SS`` in a cell of a column of times, empty where it holds none; 91113 lost its first zero."""
    text = cell.strip()
    if text.isascii() and text.isdecimal() and len(text) in (3, 4, 5):
        text = text.zfill(6)
    moment = parse_moment(text)
    return moment.time if moment is not None else ""


def _full_year(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _time(clock: "list[str | None] | tuple[str | None, ...]") -> str:
    before, hour_text, minute, second, after = clock
    if hour_text is None:
        return ""
    hour = int(hour_text)
    half = (before or after or "").upper()
    if half in ("PM", "下午") and hour < 12:
        hour += 12
    if half in ("AM", "上午") and hour == 12:
        hour = 0
    if hour == 24 and int(minute or 0) == 0:
        return "23:59:59"
    if hour > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        return ""
    return f"{hour:02}:{int(minute or 0):02}:{int(second or 0):02}"


def _moment(year: int, month: int, day: int, clock: "list[str | None]") -> Moment | None:
    try:
        on = date(year, month, day)
    except ValueError:
        return None
    if clock[1] is None:
        return Moment(on.isoformat(), "")
    time = _time(clock)
    return Moment(on.isoformat(), time) if time else None


# --- directions and currencies ----------------------------------------------------------------------------------------

DIRECTION_WORDS: dict[str, Direction] = {
    **dict.fromkeys(
        ("h", "haben",
         "收入", "收", "已收入", "贷", "贷方", "转入", "存入", "入账", "流入", "进账", "来账", "c", "cr", "crdt",
         "credit", "in", "income", "deposit", "received", "+"),
        Direction.IN,
    ),
    **dict.fromkeys(
        ("s", "soll",
         "支出", "支", "付", "已支出", "借", "借方", "转出", "支取", "出账", "流出", "往账", "d", "dr", "dbit", "debit",
         "out", "expense", "withdrawal", "paid", "-"),
        Direction.OUT,
    ),
    **dict.fromkeys(("不计收支", "中性交易", "其他", "中性", "neutral", "/", "不计", "收支不计"), Direction.NEUTRAL),
}  # fmt: skip


_INTO = re.compile(r"收入|存入|转入|汇入|入账|进账|来账|贷方|\bcredit\b|\bincoming\b|\bdeposit\b|money in")
_OUT_OF = re.compile(r"支出|支取|转出|汇出|出账|往账|借方|\bdebit\b|\boutgoing\b|\bwithdrawal\b|money out")


def parse_direction(cell: str) -> Direction | None:
    """The direction that a cell of a direction column names; None when it names none. An empty cell is neutral."""
    text = unicodedata.normalize("NFKC", cell).strip().casefold()
    if not text:
        return Direction.NEUTRAL
    if (known := DIRECTION_WORDS.get(text)) is not None:
        return known
    # 借 Dr, 贷(C), 收入+: a word with its translation or sign beside it.
    chinese = "".join(re.findall(r"[\u4e00-\u9fff]+", text))
    if (known := DIRECTION_WORDS.get(chinese)) is not None:
        return known
    into, out = bool(_INTO.search(text)), bool(_OUT_OF.search(text))
    return None if into == out else Direction.IN if into else Direction.OUT


_CURRENCIES = {
    **dict.fromkeys(("cny", "rmb", "人民币", "人民币元", "元", "156", "cny人民币", "cnh", "¥", "人民幣"), "CNY"),
    **dict.fromkeys(("usd", "美元", "美金", "840", "$", "us$"), "USD"),
    **dict.fromkeys(("eur", "欧元", "978", "€", "euro"), "EUR"),
    **dict.fromkeys(("hkd", "港币", "港元", "344", "hk$", "港幣"), "HKD"),
    **dict.fromkeys(("jpy", "日元", "日圆", "392", "円"), "JPY"),
    **dict.fromkeys(("gbp", "英镑", "826", "£"), "GBP"),
    **dict.fromkeys(("aud", "澳元", "澳大利亚元", "036"), "AUD"),
    **dict.fromkeys(("cad", "加元", "加拿大元", "124"), "CAD"),
    **dict.fromkeys(("sgd", "新加坡元", "702"), "SGD"),
    **dict.fromkeys(("twd", "新台币", "901"), "TWD"),
    **dict.fromkeys(("chf", "瑞士法郎", "756"), "CHF"),
    **dict.fromkeys(("mop", "澳门元", "446"), "MOP"),
}
# No coins: an amount in them is whole, and its minor unit is the unit itself (ISO 4217).
WITHOUT_COINS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "XOF", "XAF", "XPF", "UGX", "PYG"})


def currency_of(cell: str) -> str:
    """The ISO code that a cell names; empty when the cell is empty. Raises RowNotUnderstood for an unknown name."""
    if is_empty(cell):
        return ""
    text = unicodedata.normalize("NFKC", cell).strip().casefold()
    if text in _CURRENCIES:
        return _CURRENCIES[text]
    if len(text) == 3 and text.isascii() and text.isalpha():
        return text.upper()
    # 人民币(CNY), CNY-人民币, 美元/USD
    for part in re.findall(r"[a-z]+|[\u4e00-\u9fff]+", text):
        if part in _CURRENCIES:
            return _CURRENCIES[part]
    raise RowNotUnderstood("currency_not_understood", cell=cell.strip()[:40])
