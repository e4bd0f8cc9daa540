"""What help answers and who waits for a call."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class HelpAnswer:
    """One answer; ``rule`` and ``version`` name the rule that it rests on."""

    id: str
    question: str
    answer: str
    rule: str
    version: str


@dataclass(frozen=True, slots=True)
class HelpCallView:
    """A call that somebody waits for, until when it is promised; ``outcome`` once somebody called."""

    id: UUID
    asked: str = field(repr=False)
    asked_at: datetime
    due_at: datetime
    customer: str | None = field(default=None, repr=False)
    phone_masked: str | None = None
    outcome: str | None = None
    words: str | None = field(default=None, repr=False)
    closed_at: datetime | None = None
