"""A draft: what was typed and not sent yet. It may be left at any field and gone on with in another channel.

Each field carries the version in which it last changed. Whoever saves says which version they saw: what only they
changed is kept, what somebody else changed meanwhile is shown beside theirs, and nothing is overwritten unseen.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lending.application_steps import KEPT, Channel

LONGEST = 200  # characters of a field; what is longer is no answer to any of them
# Thirty days are promised (X3), and a typed identity number is not kept longer than that for nothing.
KEPT_FOR = timedelta(days=30)
# At most one reminder a day, and not many: whoever needs more than three does not want it.
REMIND_AFTER = timedelta(days=1)
REMINDERS = (timedelta(days=1), timedelta(days=3), timedelta(days=10))


@dataclass(frozen=True, slots=True)
class Kept:
    """A field as it was typed, the version in which it last changed, and through which channel."""

    value: str
    version: int
    channel: Channel


@dataclass(frozen=True, slots=True)
class Draft:
    """All fields. ``version`` 0: nothing was saved yet."""

    fields: Mapping[str, Kept]
    version: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two people changed: what stands there, by whom, and what the second typed."""

    name: str
    theirs: str
    channel: Channel
    mine: str


class Differs(Exception):
    """Somebody else changed the same fields meanwhile; nothing was saved."""

    def __init__(self, differences: tuple[Difference, ...]) -> None:
        super().__init__(", ".join(one.name for one in differences))
        self.differences = differences


class NoSuchField(ValueError):
    """A name that no page asks for, or a text that is no answer; ``name`` says which."""

    def __init__(self, name: str, code: str) -> None:
        super().__init__(f"{name}: {code}")
        self.name = name
        self.code = code


def save(draft: Draft, typed: Mapping[str, str], *, seen: int, channel: Channel) -> Draft:
    """The draft with what was typed into it by somebody who last saw version ``seen``.

    Raises :class:`Differs` where another one changed the same field to something else since, and then changes nothing;
    :class:`NoSuchField` for what no page asks for. The same text again is no change.
    """
    meant = {name: _clean(name, value) for name, value in typed.items()}
    changed = {name: value for name, value in meant.items() if value != _value(draft, name)}
    between = tuple(
        Difference(name, draft.fields[name].value, draft.fields[name].channel, value)
        for name, value in changed.items()
        if name in draft.fields and draft.fields[name].version > seen
    )
    if between:
        raise Differs(between)
    if not changed:
        return draft
    version = draft.version + 1
    put = {name: Kept(value, version, channel) for name, value in changed.items()}
    return replace(draft, fields={**draft.fields, **put}, version=version)


def remind_at(changed_at: datetime, reminded: int) -> datetime | None:
    """When the next reminder is due, counted from the last change; None when there were enough."""
    return changed_at + REMINDERS[reminded] if reminded < len(REMINDERS) else None


def reminds(now: datetime, *, changed_at: datetime, reminded: int, reminded_at: datetime | None, wanted: bool) -> bool:
    """Whether a reminder leaves now: wanted, due, and never two within 24 hours."""
    due = remind_at(changed_at, reminded)
    if not wanted or due is None or now < due:
        return False
    return reminded_at is None or now - reminded_at >= REMIND_AFTER


def _value(draft: Draft, name: str) -> str:
    return draft.fields[name].value if name in draft.fields else ""


def _clean(name: str, value: str) -> str:
    if name not in KEPT:
        raise NoSuchField(name, "unknown_field")
    text = unicodedata.normalize("NFC", value).strip()
    if len(text) > LONGEST:
        raise NoSuchField(name, "too_long")
    if any(unicodedata.category(one) == "Cc" for one in text):
        raise NoSuchField(name, "not_text")
    return text
