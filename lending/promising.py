"""What may not stand in words to a customer: a rate that is none of theirs, a promise of a yes, money beside the
lender's ways (journey 2, B7).

What it costs is quoted from the catalogue, with the figures of the choice beside it; a sentence has none of that. The
words by which a figure is known as a rate are data (``policies/workbench.yaml``); this reads figures as people write
them and looks at what stands around each.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from lending.figures_said import ARABIC, CHINESE, FIGURE, plain, value
from lending.interest_said import in_money

YEAR, DAYS, MONTHS, BANKERS_YEAR = Decimal(1), Decimal(365), Decimal(12), Decimal(360)
HUNDREDTH, THOUSANDTH, TEN_THOUSANDTH = Decimal("0.01"), Decimal("0.001"), Decimal("0.0001")
# How far from a figure a word may stand that says what it is, in characters.
NEAR_BEFORE, NEAR_AFTER, LEAD = 16, 10, 4
SENTENCE = re.compile(r"[。!?;\n]|\.(?= |$)")


class Kind(StrEnum):
    """What was said that nobody may."""

    RATE = "rate"
    PROMISE = "promise"
    PRIVATE = "private"
    CREDENTIAL = "credential"


@dataclass(frozen=True, slots=True)
class Said:
    """``words``: the part of the text that says it, as it was read."""

    kind: Kind
    words: str


@dataclass(frozen=True)
class WordRules:
    """Expressions, each for small letters (see :func:`lending.figures_said.plain`).

    ``rate``: names of a rate or of interest; ``other``: what else a percentage is of; ``day``, ``month``, ``year``:
    per when; ``leads``: verbs of a price ("give you 3.85"); ``units``: what a bare figure may be of that is no rate;
    ``free``: that nothing is charged; ``interest``: of what money is paid for money, ``spent``: of what it is paid for
    else; ``private``: money or talk beside the lender's own ways; ``credential``: that asks for codes and passwords;
    ``promise``: that the answer will be yes;
    ``denied``: before one of these two, that it is none; ``harmless``: what looks like one of all these and is not;
    ``decided``: a yes told as given, which only a case that has one may be told; ``elsewhere``: what others than the
    lender approve, of which a yes may be told; ``between``: what may stand between such a thing and its yes; ``lent``:
    in its clause, that it is about the loan after all; ``likewise``: behind it, that the same goes for the loan;
    ``late``: the clause by which a late rate is reckoned from the contract's; ``whole``: all that is paid back of a
    sum.
    ``highest_percent``: no rate of ours is above it, so a percentage with nothing beside it is one only up to there.
    """

    rate: tuple[str, ...]
    other: tuple[str, ...]
    day: tuple[str, ...]
    month: tuple[str, ...]
    year: tuple[str, ...]
    leads: tuple[str, ...]
    units: tuple[str, ...]
    free: tuple[str, ...]
    interest: tuple[str, ...]
    spent: tuple[str, ...]
    private: tuple[str, ...]
    credential: tuple[str, ...]
    promise: tuple[str, ...]
    denied: tuple[str, ...]
    harmless: tuple[str, ...]
    decided: tuple[str, ...]
    elsewhere: tuple[str, ...]
    between: tuple[str, ...]
    lent: tuple[str, ...]
    likewise: tuple[str, ...]
    late: tuple[str, ...]
    whole: tuple[str, ...]
    highest_percent: Decimal

    @cached_property
    def found(self) -> dict[str, re.Pattern[str]]:
        """Each list as one expression."""
        return {
            one.name: re.compile("|".join(f"(?:{text})" for text in getattr(self, one.name)))
            for one in fields(self)
            if one.name != "highest_percent"
        }


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure with its unit in a sentence. ``parts``: 1 is 100 %; ``sure``: the unit alone says that it is a rate."""

    start: int
    end: int
    parts: Decimal
    sure: bool
    period: str | None = None


def refused(
    text: str,
    rules: WordRules,
    own: Collection[Decimal],
    *,
    late: Collection[Decimal] = (),
    decided: bool = False,
) -> Said | None:
    """The first thing in ``text`` that may not leave; None: nothing. ``own``: annual rates that this customer may be
    told (0.073 is 7.3 %), those of the catalogue for them and those that they were offered or signed; ``late``: by how
    much those rise while it is late (0.5: by half); ``decided``: the case has its yes, so that it may be said."""
    for sentence in SENTENCE.split(plain(text)):
        clean = rules.found["harmless"].sub(lambda hit: "·" * len(hit[0]), sentence)
        if asked := _undenied(clean, rules, "credential"):
            return Said(Kind.CREDENTIAL, asked)
        if beside := _undenied(clean, rules, "private"):
            return Said(Kind.PRIVATE, beside)
        if promised := _undenied(clean, rules, "promise"):
            return Said(Kind.PROMISE, promised)
        if not decided and (told := _given(clean, rules)):
            return Said(Kind.PROMISE, told)
        if rate := _rate(clean, rules, frozenset(own), frozenset(late)):
            return Said(Kind.RATE, rate)
    return None


def _undenied(sentence: str, rules: WordRules, what: str) -> str | None:
    for hit in rules.found[what].finditer(sentence):
        before = re.split(r"[,:]", sentence[: hit.start()])[-1]
        if not re.search(rf"(?:{rules.found['denied'].pattern}) ?$", before):
            return hit[0].strip()
    return None


def _given(sentence: str, rules: WordRules) -> str | None:
    """A yes told as given that is ours to give; one of a fire department about a workshop is none."""
    for hit in rules.found["decided"].finditer(sentence):
        before = re.split(r"[,:]", sentence[: hit.start()])[-1]
        denied = re.search(rf"(?:{rules.found['denied'].pattern}) ?$", before)
        if not denied and not _of_others(before + hit[0], sentence[hit.end() :], rules):
            return hit[0].strip()
    return None


def _of_others(told: str, behind: str, rules: WordRules) -> bool:
    """Whether it is something else that was approved, by somebody else: it stands right before its yes, or right
    behind, and nothing in the clause or after it says that the loan is meant. ``told``: the clause up to its yes."""
    thing, between = rules.found["elsewhere"].pattern, rules.found["between"].pattern
    clause, *rest = re.split(r"[,:]", behind)
    as_subject = re.search(rf"(?:{thing})(?:{thing}|{between})*+$", told)
    as_object = re.match(rf"(?:{between})*+(?:{thing})(?:{between})*+$", clause)
    if as_subject:
        around = (told[: as_subject.start()], clause)
    elif as_object:
        around = (told, "")
    else:
        return False
    return not any(rules.found["lent"].search(one) for one in around) and not any(
        rules.found["likewise"].search(one) for one in (clause, *rest)
    )


def _rate(sentence: str, rules: WordRules, own: frozenset[Decimal], late: frozenset[Decimal]) -> str | None:
    if free := rules.found["free"].search(sentence):
        return free[0].strip()
    for one in _figures(sentence, rules):
        clause = one.parts in late and any(hit.end() == one.start for hit in rules.found["late"].finditer(sentence))
        if not clause and not (own & set(_annual(sentence, one, rules))):
            return _shown(sentence, one, rules)
    return None


def _shown(sentence: str, one: _Figure, rules: WordRules) -> str:
    """The figure with the word beside it that makes it a rate."""
    start = one.start
    for hit in rules.found["rate"].finditer(sentence, max(0, one.start - NEAR_BEFORE), one.start):
        start = min(start, hit.start())
    return sentence[start : one.end].strip()


def _annual(sentence: str, one: _Figure, rules: WordRules) -> Iterator[Decimal]:
    """What it comes to in a year, in each way that it can be meant."""
    match one.period or _period(sentence, one, rules):
        case "day":
            yield from (one.parts * DAYS, one.parts * BANKERS_YEAR)
        case "month":
            yield one.parts * MONTHS
        case _:
            yield one.parts


def _period(sentence: str, one: _Figure, rules: WordRules) -> str:
    """Per when: what the nearest word says; a year, where none is near."""
    gaps = {name: _distance(sentence, one, rules.found[name]) for name in ("year", "day", "month")}
    near = {name: gap for name, gap in gaps.items() if gap is not None and gap <= NEAR_BEFORE}
    return min(near, key=near.__getitem__, default="year")


def _figures(sentence: str, rules: WordRules) -> Iterator[_Figure]:
    """All that is a rate, whosever it is."""
    known: list[_Figure] = []
    for one in (*_with_unit(sentence, rules), *_bare(sentence, rules)):
        if one.parts > 0 and not any(one.start < other.end and other.start < one.end for other in known):
            known.append(one)
            if one.sure or _is_rate(sentence, one, rules):
                yield one


def _is_rate(sentence: str, one: _Figure, rules: WordRules) -> bool:
    """A percentage is what the nearest word says; with no word beside it, a rate if it can be one."""
    rate, other = (_distance(sentence, one, rules.found[name]) for name in ("rate", "other"))
    if rate is None and other is None:
        return one.parts / HUNDREDTH <= rules.highest_percent
    return other is None or (rate is not None and rate <= other)


def _distance(sentence: str, one: _Figure, words: re.Pattern[str]) -> int | None:
    """How far the nearest of ``words`` stands; a comma between counts as four characters."""
    gaps: list[int] = []
    for hit in words.finditer(sentence):
        between = sentence[hit.end() : one.start] if hit.end() <= one.start else sentence[one.end : hit.start()]
        gap = len(between) + 4 * len(re.findall(r"[,:、]", between))
        if hit.end() <= one.start or hit.start() >= one.end:
            gaps.append(gap)
    return min(gaps, default=None)


PERCENT = re.compile(
    rf"百分之 ?(?P<zh>{FIGURE})|(?P<en>{FIGURE})(?P<half>半)? ?(?:%|percentage points?|per ?cent|pct\b|个?百分点)"
)
PERMILLE = re.compile(rf"千分之 ?(?P<zh>{FIGURE})|(?P<en>{FIGURE}) ?‰")
OF_TEN_THOUSAND = re.compile(
    rf"万分之 ?(?P<zh>{FIGURE})|万(?P<en>{CHINESE}|{ARABIC})(?!\d|[万千百元块]|\.\d)|(?P<bp>{FIGURE}) ?‱"
)
BASIS_POINTS = re.compile(rf"(?P<en>{FIGURE}|\d{{1,4}}) ?(?:bps?\b|basis points?|个?基点)")
THOUSANDTHS = re.compile(rf"(?P<en>{FIGURE})(?P<half>半)? ?厘(?!米|升)")
TENTHS = re.compile(
    rf"(?:利息?|息) ?(?:是|按|算|为|:)? ?(?P<zh>{FIGURE}) ?分(?!钟|期|批|次|开|析|行|之)|(?P<en>{FIGURE}) ?分(?:的)?利"
)
POINTS = re.compile(rf"(?P<en>{FIGURE})(?P<half>半)? ?(?:个半?点|points?\b)")
# 4点3, 四点三五: a figure of one's own, if it is no hour of the day.
SPOKEN = re.compile(
    r"(?P<en>(?<![\d点])\d{1,2}点\d{1,2}(?![\d分刻]))"
    r"|(?P<zh>[零一二两三四五六七八九十]+点[零〇一二三四五六七八九]{1,3}(?![十分刻]))"
)
HOUR = re.compile(
    r"(?:今天|明天|后天|昨天|周[一二三四五六日天末]|号|日|上午|中午|下午|晚上|早上|傍晚|凌晨"
    r"|营业|时间|约在|定在|改到|是?在) ?$"
)
# 三个八, 3个8: whole and tenth, as rates are spoken.
WHOLE_AND_TENTH = re.compile(
    r"(?P<whole>\d{1,2}|[一二两三四五六七八九十]+) ?个 ?(?P<tenth>[零一二三四五六七八九\d半])"
    r"(?![\d十百千万个月小天年号人家多第点]|半)"
)
# 两成: a tenth of something, of which the nearest word tells what.
PARTS_OF_TEN = re.compile(
    r"(?P<en>\d(?:\.\d)?|[一二两三四五六七八九]{1,2})(?P<half>半)? ?成(?!本|交|立|员|品|都|功|果|为|熟|绩)"
)
OFF = re.compile(r"(?P<en>\d(?:\.\d)?|[一二三四五六七八九]{1,2}) ?折")


def _with_unit(sentence: str, rules: WordRules) -> Iterator[_Figure]:
    rate = rules.found["rate"]
    for hit in PERCENT.finditer(sentence):
        half = Decimal("0.005") if hit["half"] else 0
        yield _figure(hit, HUNDREDTH, sure=False, more=Decimal(half))
    for hit in PERMILLE.finditer(sentence):
        yield _figure(hit, THOUSANDTH, sure=False)
    for hit in OF_TEN_THOUSAND.finditer(sentence):
        # "万三" says a rate only beside its name; "万分之三" by itself.
        if hit["zh"] or _near(sentence, hit, rate) or _near(sentence, hit, rules.found["day"], before=4):
            yield _figure(hit, TEN_THOUSANDTH, sure=True, period=None if hit["zh"] or hit["bp"] else "day")
    for hit in BASIS_POINTS.finditer(sentence):
        yield _Figure(hit.start(), hit.end(), value(hit["en"]) * TEN_THOUSANDTH, sure=True)
    for hit in THOUSANDTHS.finditer(sentence):
        yearly = re.search(r"年", sentence[max(0, hit.start() - NEAR_BEFORE) : hit.start()])
        yield _figure(hit, HUNDREDTH if yearly else THOUSANDTH, sure=True, period="year" if yearly else "month")
    for hit in TENTHS.finditer(sentence):
        yearly = re.search(r"年", sentence[max(0, hit.start() - NEAR_BEFORE) : hit.start() + 2])
        yield _figure(hit, Decimal("0.1") if yearly else HUNDREDTH, sure=True, period="year" if yearly else "month")
    for one in in_money(sentence, rules.found):
        yield _Figure(one.start, one.end, one.parts, sure=True, period=one.period)
    for hit in OFF.finditer(sentence):
        if _near(sentence, hit, rate):
            yield _figure(hit, Decimal("0.1"), sure=True)
    for hit in WHOLE_AND_TENTH.finditer(sentence):
        if _near(sentence, hit, rate) or _leads(sentence, hit, rules):
            tenth = 5 if hit["tenth"] == "半" else value(hit["tenth"])
            yield _Figure(hit.start(), hit.end(), (value(hit["whole"]) + tenth / Decimal(10)) * HUNDREDTH, sure=True)
    for hit in PARTS_OF_TEN.finditer(sentence):
        if _near(sentence, hit, rate):
            yield _figure(hit, Decimal("0.1"), sure=False)
    for hit in POINTS.finditer(sentence):
        if _near(sentence, hit, rate) or _leads(sentence, hit, rules):
            yield _figure(hit, HUNDREDTH, sure=True)
    for hit in SPOKEN.finditer(sentence):
        if not _hour(sentence, hit, rules):
            yield _figure(hit, HUNDREDTH, sure=True)


def _hour(sentence: str, hit: re.Match[str], rules: WordRules) -> bool:
    """Whether ``4点30`` is half past four: minutes have two digits, and a price has its word beside it."""
    if HOUR.search(sentence[: hit.start()]):
        return True
    if rules.found["units"].match(sentence, hit.end()):
        return True
    minutes = len(hit[0].partition("点")[2]) == 2 and hit["en"] is not None
    return minutes and not (_near(sentence, hit, rules.found["rate"]) or _leads(sentence, hit, rules))


NAMED_AFTER = re.compile(r" ?(?:的|is the|as the)? ?$")
LINKED = re.compile(
    r"(?:是|为|到|至|按|约|:|=|只要|只有|才|低至|大概|is|of|at|to|be|about|only|just|around) ?(?:您|你)?$"
)
IDS = re.compile(r"(?:\bid|\bno|\bv|编号|版本|单号|尾号|第|附件|型号)[.: ]*$")
DATED = re.compile(r"\d{1,4} ?[年月日号天]")
ENDS = re.compile(
    r" ?(?:$|[,、)\"']|吧|的|左右|上下|以[下内上]|起|行|可以|怎|好|呢|不|多|给"
    r"|a year|per|p\.a|apr|for you|if|then|and|or|would|only|all in)"
)


def _bare(sentence: str, rules: WordRules) -> Iterator[_Figure]:
    """Figures without a unit that a name of a rate stands before or behind."""
    rate, leads = rules.found["rate"], rules.found["leads"]
    for hit in re.finditer(f"(?P<en>{FIGURE})", sentence):
        if IDS.search(sentence[: hit.start()]) or rules.found["units"].match(sentence[hit.end() :].lstrip()):
            continue
        part = value(hit[0]) != value(hit[0]).to_integral_value()
        before = sentence[max(0, hit.start() - NEAR_BEFORE) : hit.start()]
        after = sentence[hit.end() : hit.end() + NEAR_AFTER]
        named = [one for one in rate.finditer(before) if not re.search(r"[\d,、]", DATED.sub("", before[one.end() :]))]
        adjoins = bool(named) and (not before[named[-1].end() :].strip() or LINKED.search(before) is not None)
        follows = (one := rate.search(after)) is not None and not after[: one.start()].strip(" 的")
        led = part and leads.search(before) is not None and not before[_last(leads, before) :].strip(" 您你们")
        if value(hit[0]) > rules.highest_percent:
            continue
        if (named and (part or adjoins) and (adjoins or ENDS.match(after))) or (follows and part) or led:
            yield _figure(hit, HUNDREDTH, sure=True)


def _last(words: re.Pattern[str], text: str) -> int:
    return max(one.end() for one in words.finditer(text))


def _near(sentence: str, hit: re.Match[str], words: re.Pattern[str], before: int = NEAR_BEFORE) -> bool:
    around = sentence[max(0, hit.start() - before) : hit.start()], sentence[hit.end() : hit.end() + NEAR_AFTER]
    return any(words.search(one) for one in around) or words.search(hit[0]) is not None


def _leads(sentence: str, hit: re.Match[str], rules: WordRules) -> bool:
    return rules.found["leads"].search(sentence[max(0, hit.start() - LEAD) : hit.start()]) is not None


def _figure(
    hit: re.Match[str], unit: Decimal, *, sure: bool, period: str | None = None, more: Decimal = Decimal(0)
) -> _Figure:
    groups = hit.groupdict()
    said = next(groups[name] for name in ("zh", "en", "bp") if groups.get(name))
    if "half" in groups and groups["half"] and not more:
        more = unit / 2
    return _Figure(hit.start(), hit.end(), value(said) * unit + more, sure, period)
