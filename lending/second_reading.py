"""Words on what people are harmed by, which a second person reads before a customer does (journey 2, B7).

Expressions for what is forbidden lose against whoever writes around them. So it is asked the other way: does a text
touch a yes, a price, money on its way, a promise, an acquaintance, new money for old, or somebody else's price? Then it
leaves only if it says what the catalogue says in the catalogue's words (a ready phrase), or when another has read it.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from lending.figures_said import plain

HAN = "\u3400-\u9fff"
HUNDREDTH = Decimal("0.01")
# A figure of one's own in a ready phrase: an annual rate that this customer may be told.
RATE = "{rate}"
# What may stand before a ready phrase and behind it: it is a sentence or a clause of its own.
BEFORE, AFTER = r"(?:^|(?<=[,。!?;\n])|(?<=\. )) *", r" *(?=$|[,。!?;\n]|\.(?: |$))"


@dataclass(frozen=True, slots=True)
class ReadyPhrase:
    """The plain truth on a topic, in each language; ``{rate}`` stands for one of the customer's own annual rates."""

    topic: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class ReadingRules:
    """``within``: how long a second reader has; ``good_for``: how long words that were released may be sent in a form;
    ``topics``: expressions for small letters by topic; ``alike``: one sign for another that is read the same;
    ``phrases``: what may be said without a second reader; ``lets``: of the use that words stand in, the topics that are
    what it decides."""

    within: timedelta
    good_for: timedelta
    topics: Mapping[str, tuple[str, ...]]
    alike: Mapping[str, str]
    phrases: tuple[ReadyPhrase, ...]
    lets: Mapping[str, frozenset[str]]

    @cached_property
    def found(self) -> dict[str, re.Pattern[str]]:
        """Each topic as one expression."""
        return {name: re.compile("|".join(f"(?:{one})" for one in words)) for name, words in self.topics.items()}

    @cached_property
    def ready(self) -> tuple[re.Pattern[str], ...]:
        """Each ready phrase as an expression over :func:`as_read`."""
        return tuple(_expression(text, self.alike) for one in self.phrases for text in one.words.values())


def as_read(text: str, alike: Mapping[str, str]) -> str:
    """As it is read: usual signs for look-alikes, no gaps and no ornaments between two characters of Chinese."""
    lines = (plain(line) for line in text.splitlines())
    shown = "\n".join(line for line in lines if line).translate(str.maketrans(dict(alike)))
    return re.sub(rf"(?<=[{HAN}])[^\w\n,。!?;:%]+(?=[{HAN}])", "", shown)


def touched(text: str, rules: ReadingRules, own: Collection[Decimal], place: str) -> tuple[str, ...]:
    """The topics that somebody else has to read first; none: it may leave. ``own``: annual rates that this customer may
    be told (0.073); ``place``: the use that the words stand in."""
    shown = as_read(text, rules.alike)
    for phrase in rules.ready:
        shown = phrase.sub(lambda hit: "" if _theirs(hit, own) else hit[0], shown)
    forms = _forms(shown)
    lets = rules.lets.get(place, frozenset())
    return tuple(
        name
        for name, words in rules.found.items()
        if name not in lets and any(words.search(form) is not None for form in forms)
    )


def _forms(shown: str) -> tuple[str, ...]:
    """Ways in which one text can be read: as it stands, without any gap, with letters that were pulled apart put
    together, and with English words told from the Chinese around them."""
    tight = re.sub(r"[\W_]+", "", shown)
    joined = re.sub(r"(?<![a-z])[a-z](?:[\W_]{1,3}[a-z](?![a-z]))+", lambda hit: re.sub(r"[\W_]+", "", hit[0]), shown)
    apart = re.sub(rf"(?<=[{HAN}])(?=[a-z\d])|(?<=[a-z\d])(?=[{HAN}])", " ", joined)
    return shown, tight, joined, apart


def _theirs(hit: re.Match[str], own: Collection[Decimal]) -> bool:
    said = hit.groupdict().get("rate")
    return said is None or Decimal(said) * HUNDREDTH in own


def _expression(text: str, alike: Mapping[str, str]) -> re.Pattern[str]:
    shown = as_read(text.replace(RATE, "00%"), alike)
    words = re.escape(shown.rstrip("。.")).replace("00%", r"(?P<rate>\d{1,2}(?:\.\d{1,4})?) ?%")
    return re.compile(BEFORE + words + AFTER)
