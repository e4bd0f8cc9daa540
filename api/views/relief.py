"""Relief as its owner sees it, and as the desk does."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from api.views.plan import Course


@dataclass(frozen=True, slots=True)
class ReliefWay:
    """One way beside doing nothing. ``extra_interest_minor``: what it costs more; ``record``: what the credit record
    will show of it; ``sha256``: of everything here and of doing nothing, which is what is agreed."""

    way: str
    effective_on: date
    last_on: date | None
    course: Course
    extra_interest_minor: int
    record: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ReliefLine:
    """One asking. ``due_at``: by when a person answers; ``helps_instead`` of what was declined."""

    id: UUID
    why: str
    state: str
    asked_at: datetime
    due_at: datetime | None
    helps_instead: str | None
    way: str | None
    effective_on: date | None
    agreed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReliefView:
    """``ways`` once they are offered; ``nothing``: how it goes on without. ``past_due_minor``: what is late now."""

    loan_id: UUID
    number: int
    currency: str
    past_due_minor: int
    open: ReliefLine | None
    before: tuple[ReliefLine, ...]
    nothing: Course
    ways: tuple[ReliefWay, ...]
    times_left: int


@dataclass(frozen=True, slots=True)
class ReliefTask:
    """One asking at the desk. ``consent_needed``: somebody else's burden would grow."""

    id: UUID
    loan_id: UUID
    number: int
    why: str
    currency: str
    owed_minor: int
    asked_at: datetime
    due_at: datetime | None
    monthly_minor: int
    consent_needed: bool
