"""The file of words that a second person reads first, as the rules take it."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from lending.second_reading import ReadingRules, ReadyPhrase
from policies.files import PolicyError, PolicyFile, Section
from policies.workbench import Expressions, Span

Sign = Annotated[str, Field(min_length=1, max_length=1)]
Words = Annotated[str, Field(min_length=4, max_length=120)]
# Words that wait longer than this are none that anybody waits for.
LONGEST_WAIT = timedelta(days=2)


class PhraseSection(Section):
    topic: str
    zh: Words
    en: Words


class SecondReadingFile(PolicyFile):
    """Topics, ready phrases, and how long a second reader has."""

    within: Span
    good_for: Span
    alike: dict[Sign, Sign]
    lets: dict[str, tuple[str, ...]]
    topics: dict[str, Expressions]
    phrases: Annotated[tuple[PhraseSection, ...], Field(min_length=1)]


def reading_rules(file: SecondReadingFile) -> ReadingRules:
    """As the rules take it. Raises :class:`PolicyError` for a topic that nobody may say anything about, or an unknown
    one, and for a clock on which nobody waits."""
    if file.within > LONGEST_WAIT:
        raise PolicyError("second_reading.yaml", "within", "a second reader has at most two days")
    if missing := set(file.topics) - {one.topic for one in file.phrases}:
        raise PolicyError("second_reading.yaml", "phrases", f"no ready phrase on {min(missing)}")
    named = {one.topic for one in file.phrases} | {one for some in file.lets.values() for one in some}
    if unknown := named - set(file.topics):
        raise PolicyError("second_reading.yaml", "topics", f"unknown topic {min(unknown)}")
    return ReadingRules(
        within=file.within,
        good_for=file.good_for,
        topics=dict(file.topics),
        alike=dict(file.alike),
        phrases=tuple(ReadyPhrase(one.topic, {"zh_CN": one.zh, "en": one.en}) for one in file.phrases),
        lets={place: frozenset(topics) for place, topics in file.lets.items()},
    )
