"""Interest said in money: 一万块一天五毛, 每万元每天 5 元, ¥5 a day per ¥10,000, 借十万一个月利息八百.

A sum, what it costs, and per when: together they are a rate, whatever their order. The words are data
(``policies/workbench.yaml``); this reads the sums.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from lending.figures_said import grand, is_figure

# How much of a sentence may lie between the sum and what it costs, in characters.
FARTHEST = 18
# Beside no word of interest only a round sum is one that somebody says a price of, and only as much a year as a price
# can be: "一天卖一万，房租五百" is none.
ROUND = frozenset(Decimal(one) for one in (1, 100, 1_000, 10_000))
DEAREST_YEAR = Decimal(4)
A_YEAR = {"day": 365, "month": 12, "year": 1}

_CN = "零〇一二两三四五六七八九十百千万亿点"
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:[.点]\d+)?|[{_CN}]*[{_CN}](?!天|日|晚|个?月|年))"
# An amount with its unit, or with a sign before it; 万元 is a sum of its own, as in 万元日息5元.
AMOUNT = re.compile(
    rf"(?P<sign>[¥$]|rmb ?|cny ?)?(?P<each>每|per |every |each |for |on )?(?P<number>{_NUMBER})? ?"
    r"(?P<big>[万千百]|k\b|thousand\b)? ?"
    r"(?:(?P<unit>元钱?|块钱?|圆|毛钱?|角|分钱|分(?!钟|之|期|批|次|开|析|行|利)|厘钱|yuan\b|rmb\b|cny\b|jiao\b|fen\b|cents?\b)"
    r"(?P<tail>[零一二两三四五六七八九\d](?![\d元块万千百个天年月号日点%]))?)?"
)
UNITS = {"毛": "0.1", "角": "0.1", "分": "0.01", "厘": "0.001", "j": "0.1", "f": "0.01", "c": "0.01"}
BIG = {"万": 10_000, "千": 1_000, "百": 100, "k": 1_000, "thousand": 1_000}


@dataclass(frozen=True, slots=True)
class InMoney:
    """``parts``: what it costs of the sum per ``period`` (day, month, year), 1 is all of it."""

    start: int
    end: int
    parts: Decimal
    period: str


@dataclass(frozen=True, slots=True)
class _Sum:
    start: int
    end: int
    yuan: Decimal


def in_money(sentence: str, words: Mapping[str, re.Pattern[str]]) -> Iterator[InMoney]:
    """Each sum with its price. ``words``: expressions of ``interest``, of ``day``, ``month`` and ``year``, and of what
    else money is paid for (``spent``)."""
    sums = list(_sums(sentence))
    for n, one in enumerate(sums):
        for other in sums[n + 1 : n + 3]:
            if other.start - one.end > FARTHEST or one.yuan == other.yuan:
                continue
            base, price = (one, other) if one.yuan > other.yuan else (other, one)
            start, end = one.start, other.end
            around = sentence[max(0, start - 16) : end + 10]
            if one.yuan < other.yuan < 2 * one.yuan and words["whole"].search(sentence[one.end : end + 10]):
                # 借十万一共还十万三千六: what is paid back above the sum is its price, for whatever time.
                parts = (other.yuan - one.yuan) / one.yuan
                yield InMoney(start, end, parts, _period(sentence, start, end, words) or "year")
                continue
            period = _period(sentence, start, end, words)
            interest = words["interest"].search(around) is not None
            if period is None or (words["spent"].search(around) and not interest):
                continue
            parts = price.yuan / base.yuan
            if interest or (base.yuan in ROUND and parts * A_YEAR[period] <= DEAREST_YEAR):
                yield InMoney(start, end, parts, period)


def _period(sentence: str, start: int, end: int, words: Mapping[str, re.Pattern[str]]) -> str | None:
    """Per when: said between the two or beside them, the nearest to the end."""
    from_, to = max(0, start - 6), end + 10
    found = [
        (hit.end(), name) for name in A_YEAR for hit in words[name].finditer(sentence, from_, min(to, len(sentence)))
    ]
    inside = [one for one in found if start <= one[0] <= end]
    return max(inside or found)[1] if found else None


def _sums(sentence: str) -> Iterator[_Sum]:
    for hit in AMOUNT.finditer(sentence):
        number, big, unit = hit["number"], hit["big"], hit["unit"] or ""
        if number in BIG:  # 每万元: one of them
            number, big = None, number
        if not (number or big) or not (unit or hit["sign"] or hit["each"] or big in ("k", "万") or _is_big(number)):
            continue
        if number and not is_figure(number):
            continue
        value = grand(number) if number else Decimal(1)
        value *= BIG.get(big or "", 1)
        value *= Decimal(UNITS.get(unit[:1], "1"))
        if hit["tail"] and unit:
            value += grand(hit["tail"]) * Decimal(UNITS.get(unit[:1], "1")) / 10
        if value > 0:
            yield _Sum(hit.start(), hit.end(), value)


def _is_big(number: str | None) -> bool:
    """十万, 10,000: a sum without its unit."""
    return number is not None and ("万" in number or "," in number)
