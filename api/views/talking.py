"""The thread of an application, and complaints."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One message. ``author`` is owner or lender, or system for what became of a condition of the yes; ``read_at`` is
    when the other side first opened it. ``state``: ``sent``, ``waiting`` for a second reader, or ``returned`` by one
    with ``reason``; of these two the customer reads nothing."""

    id: UUID
    author: str
    mine: bool
    text: str = field(repr=False)
    sent_at: datetime
    read_at: datetime | None
    state: str = "sent"
    reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HeldView:
    """Words that wait for a second reader. ``place``: the use that they stand in; ``topics``: what they touch;
    ``lead``: whose line it is; ``mine``: written by whoever reads this, who may not release them; ``sha256``: of what
    was written, which is what leaves."""

    id: UUID
    who: str
    mine: bool
    application_id: UUID | None
    number: int | None
    customer: str = field(repr=False)
    place: str
    topics: tuple[str, ...]
    text: str = field(repr=False)
    sha256: str
    held_at: datetime
    due_at: datetime
    lead: str | None


@dataclass(frozen=True, slots=True)
class PhraseView:
    """The plain truth on a topic, which passes without a second reader. ``{rate}`` stands for a rate of the customer's
    own."""

    topic: str
    text: str


@dataclass(frozen=True, slots=True)
class ThreadView:
    """The one thread of an application, the oldest message first. Whoever reads it has opened the other side's."""

    application_id: UUID
    number: int
    messages: tuple[ThreadLine, ...]


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """A complaint with its clock. ``outcome``: upheld, partly or not_upheld; None: not answered yet, and ``overdue``
    once ``due_at`` has passed. ``regulator_phone`` takes complaints about our answer."""

    id: UUID
    number: int
    words: str = field(repr=False)
    made_at: datetime
    due_at: datetime
    overdue: bool
    outcome: str | None
    answer: str | None = field(repr=False)
    answered_at: datetime | None
    complaint_phone: str
    regulator_phone: str


@dataclass(frozen=True, slots=True)
class ComplaintCase:
    """A complaint as the desk answers it."""

    complaint: ComplaintView
    customer: str | None = field(repr=False)
    answered_by: str | None
