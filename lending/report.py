"""A report on a firm, drafted from its file: every number that is in it has a place in the file where it stands (P33).

The lines are made from the file and cannot be written over. What a person adds in their own words may say numbers too,
but only such as the file has: whoever counted six machines writes that down as a note of the visit first.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from decimal import Decimal

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?\s*[%万亿]?")
TIMES = {"万": 10_000, "亿": 100_000_000}


def numbers(text: str) -> tuple[tuple[str, str], ...]:
    """Each number of a text as it is written and as it is meant: ``("8万", "80000")``, ``("7.30%", "7.3%")``."""
    plain = unicodedata.normalize("NFKC", text)
    found: list[tuple[str, str]] = []
    for match in NUMBER.finditer(plain):
        written = match.group().strip()
        unit = written[-1] if written[-1] in "%万亿" else ""
        value = Decimal(written.removesuffix(unit).strip().replace(",", "")) * TIMES.get(unit, 1)
        found.append((written, f"{value.normalize():f}" + ("%" if unit == "%" else "")))
    return tuple(found)


def unsourced(text: str, file: Iterable[str]) -> tuple[str, ...]:
    """The numbers of ``text`` that stand in none of the texts of the ``file``, as they are written, each once."""
    known: Collection[str] = {meant for one in file for _, meant in numbers(one)}
    return tuple(dict.fromkeys(written for written, meant in numbers(text) if meant not in known))
