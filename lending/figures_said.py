"""Figures as people write them: 4.35, 4,35, 4点35, 四点三五, 五, 三个半, five, four point three, two and a half.

Reading only. Whether a figure is a rate stands in :mod:`lending.promising`.
"""

import re
import unicodedata
from decimal import Decimal

_DIGITS = "零〇一二两三四五六七八九"
_DIGIT = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_BANKERS = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬億兩", "一二三四五六七八九十百千万亿两")
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_PARTS = {"half": Decimal("0.5"), "quarter": Decimal("0.25")}
_EN_WORD = "|".join(sorted([*_ONES, *_TENS], key=len, reverse=True))

# One figure. A longer run of digits, a date, an hour (4:35) or a part of a number is none.
ARABIC = r"(?<![\d.,/\-a-z])(?<!\d:)\d{1,3}(?:[.,点]\d{1,4})?(?![\d:/]|[.,点\-]\d)"
CHINESE = rf"[{_DIGITS}十百]+(?:点[{_DIGITS}]+)?"
ENGLISH = (
    rf"\b(?:{_EN_WORD})(?:[ \-](?:{_EN_WORD}))?(?: point(?: (?:{_EN_WORD}))+)?(?: and (?:a|one) (?:half|quarter))?\b"
)
FIGURE = rf"(?:{ARABIC}|{CHINESE}|{ENGLISH})"


def plain(text: str) -> str:
    """As it is read, not as it is drawn: wide and bankers' forms as usual ones, small letters, nothing invisible, no
    gaps within a figure."""
    shown = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    shown = re.sub(r"\s+", " ", shown.lower().translate(_BANKERS)).strip()
    shown = re.sub(r"(?<=\d) ?[·•] ?(?=\d)", ".", shown)
    shown = re.sub(r"(?<=\d) (?=[.点]\d)|(?<=\d[.点]) (?=\d)|(?<=[\d一二三四五六七八九十百]) (?=[%‰‱])", "", shown)
    return re.sub(rf"(?<=[{_DIGITS}十百点]) (?=[{_DIGITS}十百点])", "", shown)


def value(figure: str) -> Decimal:
    """The value of what :data:`FIGURE` matched."""
    if figure[0].isdecimal():
        return Decimal(figure.replace(",", ".").replace("点", "."))
    return _chinese(figure) if figure[0] in _DIGITS + "十百" else _english(figure)


def _chinese(figure: str) -> Decimal:
    whole, _, part = figure.partition("点")
    decimals = "".join(str(_DIGIT[one]) for one in part)
    return Decimal(f"{_whole(whole)}.{decimals or 0}")


def _whole(said: str) -> int:
    if not set(said) & set("十百"):
        return int("".join(str(_DIGIT[one]) for one in said))
    total, held = 0, None
    for one in said:
        if one in _DIGIT:
            held = _DIGIT[one]
        else:
            total += (1 if held is None else held) * (10 if one == "十" else 100)
            held = None
    return total + (held or 0)


def _english(figure: str) -> Decimal:
    head, _, part = figure.partition(" and ")
    whole, _, decimals = head.partition(" point ")
    words = re.split(r"[ \-]", whole)
    found = sum((Decimal(_TENS[one]) if one in _TENS else Decimal(_ONES.index(one)) for one in words), Decimal(0))
    if decimals:
        digits = "".join(str(_TENS.get(one) or _ONES.index(one)) for one in decimals.split())
        found += Decimal(f"0.{digits}")
    return found + next((size for word, size in _PARTS.items() if part.endswith(word)), Decimal(0))


_POWERS = {"十": 10, "百": 100, "千": 1_000}
_GRAND = re.compile(rf"[{_DIGITS}十百千万亿]+(?:点[{_DIGITS}]+)?|\d[\d,]*(?:[.点]\d+)?")


def is_figure(said: str) -> bool:
    """Whether this is a whole number that :func:`grand` reads."""
    return _GRAND.fullmatch(said) is not None and any(one.isdecimal() or one in _DIGIT or one in "十百" for one in said)


def grand(said: str) -> Decimal:
    """A number up to 亿, with bankers' forms as usual ones: 三十万, 叁拾万, 一百二十三万四千, 300,000, 二〇二六."""
    said = said.translate(_BANKERS)
    if said[0].isdecimal():
        return Decimal(said.replace(",", "").replace("点", "."))
    whole, point, part = said.partition("点")
    power = {"亿": 100_000_000, "万": 10_000, "千": 1_000, "百": 100}.get(said[-1], 1) if point else 1
    decimals = "".join(str(_DIGIT[one]) for one in part if one in _DIGIT)
    return (_grand(whole) + Decimal(f"0.{decimals or 0}")) * power


def _grand(said: str) -> Decimal:
    if set(said) <= set(_DIGITS):
        return Decimal("".join(str(_DIGIT[one]) for one in said))
    for unit, power in (("亿", 100_000_000), ("万", 10_000)):
        high, found, low = said.rpartition(unit)
        if found:
            # 一万五 is fifteen thousand: a digit alone counts the next unit below.
            rest = Decimal(_DIGIT[low] * power // 10) if low in _DIGIT else _grand(low) if low else Decimal(0)
            return (_grand(high) if high else Decimal(1)) * power + rest
    total, held = Decimal(0), Decimal(0)
    last = 1
    for one in said:
        if one in _DIGIT:
            held = Decimal(_DIGIT[one])
        else:
            last = _POWERS[one]
            total += (held or 1) * last
            held = Decimal(0)
    loose = said[-1] in _DIGIT and last > 10 and len(said) > 2 and said[-2] in _POWERS
    return total + (held * last / 10 if loose else held)
