"""Figures as people write them: 4.35, 4,35, 4点35, 四点三五, 五, 三个半, five, four point three, two and a half.

Reading only. Whether a figure is a rate stands in :mod:`lending.promising`.
"""

import re
import unicodedata
from decimal import Decimal

_DIGITS = "零〇一二两三四五六七八九"
_DIGIT = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_BANKERS = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰", "一二三四五六七八九十百")
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
