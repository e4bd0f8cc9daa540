"""The file of what help answers, as the rules take it."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from lending.help import Help, Topic
from policies.files import PolicyError, PolicyFile, Section

Word = Annotated[str, Field(min_length=1, max_length=30)]


class WordsSection(Section):
    zh: Annotated[tuple[Word, ...], Field(min_length=1)]
    en: Annotated[tuple[Word, ...], Field(min_length=1)]


class TopicSection(Section):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    rule: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]
    words: WordsSection
    calls: bool = False


class HelpFile(PolicyFile):
    """Topics, and when help hands over to a person."""

    topics: Annotated[tuple[TopicSection, ...], Field(min_length=1)]
    misses: Annotated[int, Field(ge=1)]
    misses_within: Annotated[timedelta, Field(gt=timedelta(0))]
    call_within: Annotated[timedelta, Field(gt=timedelta(0))]


def help_of(file: HelpFile) -> Help:
    """As :func:`lending.help.answers` takes it. Raises :class:`PolicyError` for a topic that stands there twice."""
    ids = [topic.id for topic in file.topics]
    if twice := next((one for one in ids if ids.count(one) > 1), None):
        raise PolicyError("help.yaml", f"topics.{twice}", "stands here twice")
    topics = tuple(
        Topic(topic.id, topic.rule, (*topic.words.zh, *topic.words.en), calls=topic.calls) for topic in file.topics
    )
    return Help(file.version, topics, file.misses, file.misses_within, file.call_within)
