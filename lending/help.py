"""Help: a question is known by its words, an answer names the rule it rests on, misses bring a person (P32)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_LATIN = re.compile(r"[a-z]+(?:'[a-z]+)?")
ANSWERS_AT_MOST = 2


@dataclass(frozen=True, slots=True)
class Topic:
    """What is answered: ``rule`` is the file and key of the policy that the answer rests on; ``calls``: whoever asks
    this asks for a person, and no answer is better than one."""

    id: str
    rule: str
    words: tuple[str, ...]
    calls: bool = False


@dataclass(frozen=True, slots=True)
class Help:
    """All topics of a version, and when help hands over: after so many ``misses`` within a time, called by a time."""

    version: str
    topics: tuple[Topic, ...]
    misses: int
    misses_within: timedelta
    call_within: timedelta

    def topic(self, topic_id: str) -> Topic | None:
        """The topic of an id."""
        return next((topic for topic in self.topics if topic.id == topic_id), None)


def answers(asked: str, known: Help) -> tuple[Topic, ...]:
    """The topics that a question is about, the likeliest first; none where no word is known.

    A Chinese word counts wherever it stands; a Latin one only whole, or at the start of a longer one (repay, repaying).
    """
    text = asked.lower()
    words = _LATIN.findall(text)
    scored = [(sum(_stands(word, text, words) for word in topic.words), topic) for topic in known.topics]
    best = sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])
    return tuple(topic for _, topic in best[:ANSWERS_AT_MOST])


def _stands(word: str, text: str, words: list[str]) -> int:
    if not word.isascii():
        return len(word) if word in text else 0
    if " " in word:  # whole words, or "a personal loan" would ask for a person
        return len(word) if f" {word} " in f" {' '.join(words)} " else 0
    # A Latin letter says less than a character: three to one keeps both languages comparable.
    return max(1, len(word) // 3) if any(one.startswith(word) for one in words) else 0


def asks_for_a_person(asked: str, known: Help) -> bool:
    """Whether somebody should call at once: what was asked is above all to talk to somebody."""
    return any(topic.calls for topic in answers(asked, known)[:1])


def hands_over(missed_at: list[datetime], now: datetime, known: Help) -> bool:
    """Whether a person should call: enough questions were not answered lately. ``missed_at`` includes the newest."""
    return sum(now - at <= known.misses_within for at in missed_at) >= known.misses
