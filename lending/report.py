"""A report on a firm, drafted from its file: every number that is in it has a place in the file where it stands (P33).

The lines are made from the file and cannot be written over. What a person adds in their own words may say numbers too,
but only such as the file has: whoever counted six machines writes that down as a note of the visit first.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from decimal import Decimal

from lending.figures_said import grand

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?\s*[%万亿]?")
# In characters: a sum or a count with its power (三十万, 叁拾万元, 十二), digit by digit (二〇二六), 百分之三, 八成.
# One digit alone is a word as often as a number (一致, 两个人); two beside each other are a guess (四五家).
_DIGIT = "零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖兩"
_POWER = "十百千万亿拾佰仟萬億"
CHINESE = re.compile(
    rf"百分之(?P<hundredths>[{_DIGIT}{_POWER}]+(?:点[{_DIGIT}]+)?)"
    rf"|(?P<tenths>[{_DIGIT}])成(?![立交本为功熟员])"
    rf"|(?<![第\d])(?P<sum>[{_DIGIT}十百]+点[{_DIGIT}]+[万亿千百萬億]|(?:[{_DIGIT}][{_POWER}]|[十拾](?=[{_DIGIT}万亿]))[{_DIGIT}{_POWER}]*(?:点[{_DIGIT}]+[万亿萬億]?)?)(?!分之|[月日号点])"
    rf"|(?P<digits>[{_DIGIT}]*[零〇][{_DIGIT}]*[{_DIGIT}]|[{_DIGIT}]{{3,}})"
)
TIMES = {"万": 10_000, "亿": 100_000_000}


def numbers(text: str) -> tuple[tuple[str, str], ...]:
    """Each number of a text as it is written and as it is meant: ``("8万", "80000")``, ``("7.30%", "7.3%")``."""
    plain = unicodedata.normalize("NFKC", text)
    found: list[tuple[int, str, str]] = []
    for match in NUMBER.finditer(plain):
        written = match.group().strip()
        unit = written[-1] if written[-1] in "%万亿" else ""
        value = Decimal(written.removesuffix(unit).strip().replace(",", "")) * TIMES.get(unit, 1)
        found.append((match.start(), written, _meant(value) + ("%" if unit == "%" else "")))
    for match in CHINESE.finditer(plain):
        of_hundred = match["hundredths"] or match["tenths"]
        said = of_hundred or match["sum"] or match["digits"]
        value = grand(said) * (10 if match["tenths"] else 1)
        found.append((match.start(), match.group(), _meant(value) + ("%" if of_hundred else "")))
    return tuple((written, meant) for _, written, meant in sorted(found))


def _meant(value: Decimal) -> str:
    return f"{value.normalize():f}"


def unsourced(text: str, file: Iterable[str]) -> tuple[str, ...]:
    """The numbers of ``text`` that stand in none of the texts of the ``file``, as they are written, each once."""
    known: Collection[str] = {meant for one in file for _, meant in numbers(one)}
    return tuple(dict.fromkeys(written for written, meant in numbers(text) if meant not in known))
