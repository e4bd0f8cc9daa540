"""From submitted evidence to a verdict and offers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity

from activities.ports.intake import Case, Standing


@dataclass(frozen=True)
class Submitted:
    """``enough`` is False when the history is too short: the application is back at evidence, nothing lost."""

    standing: Standing
    enough: bool
    months: int


@dataclass(frozen=True)
class Decided:
    """``outcome`` is approve, review or decline; a review names its task, or the tasks ``offline`` that come before."""

    standing: Standing
    outcome: str
    decision_id: UUID
    task_id: UUID | None = None
    offline: tuple[UUID, ...] = ()

    @property
    def people(self) -> tuple[UUID, ...]:
        """Whose answers are awaited now."""
        return self.offline or (() if self.task_id is None else (self.task_id,))


@dataclass(frozen=True)
class PersonDecided:
    """A person's verdict on a review task, as the task's row holds it."""

    application_id: UUID
    cause: UUID
    task_id: UUID


@dataclass(frozen=True)
class ReviewWanted:
    """The owner asks a person to look again."""

    application_id: UUID
    cause: UUID


class Underwriting(ABC):
    """Scoring and the rules, committed with the projection."""

    @activity.defn
    @abstractmethod
    async def accept_submission(self, case: Case) -> Submitted:
        """Check months of history; enough moves to deciding."""

    @activity.defn
    @abstractmethod
    async def ask_bureau(self, case: Case) -> None:
        """Ask the credit bureau once under the owner's consent and keep the sealed report."""

    @activity.defn
    @abstractmethod
    async def decide_application(self, case: Case) -> Decided:
        """Features, score, hard rules, verdict, offers: one transaction."""

    @activity.defn
    @abstractmethod
    async def open_review(self, wanted: ReviewWanted) -> Decided:
        """Turn a declined application into a review by a person, as the owner has a right to."""

    @activity.defn
    @abstractmethod
    async def apply_review(self, decided: PersonDecided) -> Decided:
        """Make a person's verdict the application's, with offers when it is a yes."""

    @activity.defn
    @abstractmethod
    async def go_on_to_review(self, decided: PersonDecided) -> Decided:
        """What had to be seen outside was seen: somebody decides on it now."""
