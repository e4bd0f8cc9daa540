"""Threads and complaints as pages show them."""

from dataclasses import dataclass

from api.views import ComplaintCase, ComplaintView, ThreadView
from api.views.talking import HeldView, PhraseView
from web.views.parts import Form


@dataclass(frozen=True)
class ThreadPage:
    """The thread and the form of its next message; ``phrases``: what may be said at once on what others read first."""

    seen: ThreadView
    form: Form
    phrases: tuple[PhraseView, ...] = ()

    @property
    def number(self) -> str:
        """The application's number as people say it."""
        return f"A-{self.seen.number}"

    @property
    def back(self) -> str:
        """The customer's page, for their manager."""
        return f"/manager/customers/{self.seen.application_id}"


@dataclass(frozen=True)
class HeldCard:
    """Words that wait, with the form that answers them."""

    seen: HeldView
    form: Form


@dataclass(frozen=True)
class HeldPage:
    """All that wait; ``lost``: an answer to words that somebody else has answered."""

    cards: tuple[HeldCard, ...]
    lost: Form | None = None


@dataclass(frozen=True)
class ComplaintsPage:
    """One's own complaints; ``days``: how long an answer may take."""

    form: Form
    complaints: tuple[ComplaintView, ...]
    days: int
    complaint_phone: str
    regulator_phone: str


@dataclass(frozen=True)
class AnswerCard:
    """A complaint at the desk; ``answer`` None: it was answered."""

    seen: ComplaintCase
    answer: Form | None = None


@dataclass(frozen=True)
class DeskPage:
    """What is open, the most urgent first, and what was answered."""

    open: tuple[AnswerCard, ...]
    over: tuple[AnswerCard, ...]

    @property
    def overdue(self) -> int:
        """How many are late."""
        return sum(one.seen.complaint.overdue for one in self.open)
