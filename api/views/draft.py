"""A draft as everybody sees it who may: its fields, who typed them last, and what differs after a second hand."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DraftField:
    """One field as it was typed; ``channel``: owner, manager or partner."""

    name: str
    value: str
    channel: str


@dataclass(frozen=True, slots=True)
class ProofView:
    """A check of identity that is not asked again here until then; ``method``: how it was proven."""

    check: str
    method: str
    until: datetime


@dataclass(frozen=True, slots=True)
class DraftView:
    """What was typed so far; ``step`` is the page to go on with, ``kept_until`` when it is forgotten if nobody does.

    ``asked``: the fields that their kind of business is asked for, all of them before it is known. ``proven``: what of
    the person need not be proven again, by the account and the firm that they named last.
    """

    id: UUID
    step: str
    fields: tuple[DraftField, ...]
    version: int
    channel: str
    begun_at: datetime
    changed_at: datetime
    kept_until: datetime
    reminders: bool
    proven: tuple[ProofView, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftDifference:
    """A field that somebody else changed meanwhile: theirs stands in the draft, mine was not saved."""

    name: str
    theirs: str
    channel: str
    mine: str
