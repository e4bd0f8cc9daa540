"""An application's own steps: begin, identity, consent, evidence, withdrawal, lapse."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class Standing:
    """Where an application stands after a committed step.

    ``seconds`` is the real time until ``due_at`` (the wait was noted with the clock), None when nothing is waited for.
    ``again``: what was to be done is not due yet, since our own time stood meanwhile.
    """

    stage: str
    version: int
    due_at: datetime | None = None
    seconds: float | None = None
    again: bool = False


@dataclass(frozen=True)
class Case:
    """Names the application and the command that caused the step (its effects are derived from it)."""

    application_id: UUID
    cause: UUID


@dataclass(frozen=True)
class CheckOrder:
    """One identity check to ask of its provider."""

    application_id: UUID
    cause: UUID
    kind: str


@dataclass(frozen=True)
class CheckAnswer:
    """``outcome`` is match or mismatch."""

    kind: str
    outcome: str


@dataclass(frozen=True)
class CheckPlan:
    """The kinds of checks that are still to be asked; those that serve from an earlier day are left out."""

    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Identified:
    """The answers of all checks, to be concluded in one step."""

    application_id: UUID
    cause: UUID
    answers: tuple[CheckAnswer, ...]


@dataclass(frozen=True)
class Ending:
    """How an application ends without money: ``stage`` is withdrawn or lapsed."""

    application_id: UUID
    cause: UUID
    stage: str
    reason: str


@dataclass(frozen=True)
class Delay:
    """An outside party does not answer: tell the owner until when we will have asked again."""

    application_id: UUID
    cause: UUID
    party: str


@dataclass(frozen=True)
class TakenBack:
    """A submission that cannot be decided on: the application waits for the owner again, ``problem`` says why."""

    application_id: UUID
    cause: UUID
    problem: str


class Intake(ABC):
    """The steps of applying that need no judgement."""

    @activity.defn
    @abstractmethod
    async def begin_application(self, case: Case) -> Standing:
        """Put the application on record as begun; it waits for the owner's identity."""

    @activity.defn
    @abstractmethod
    async def plan_identity(self, case: Case) -> CheckPlan:
        """Tell which checks this kind of firm still needs."""

    @activity.defn
    @abstractmethod
    async def ask_identity_check(self, order: CheckOrder) -> CheckAnswer:
        """Ask a provider for one check; a valid earlier answer is used again."""

    @activity.defn
    @abstractmethod
    async def conclude_identity(self, identified: Identified) -> Standing:
        """Commit the answers. A mismatch leaves the application at identity, with the failed checks named."""

    @activity.defn
    @abstractmethod
    async def reopen_identity(self, case: Case) -> Standing:
        """Back to who the owner is, before anything is signed. Nothing that was given is lost."""

    @activity.defn
    @abstractmethod
    async def conclude_consent(self, case: Case) -> Standing:
        """Move on to evidence once every consent that the product needs is given and in force; else wait for more."""

    @activity.defn
    @abstractmethod
    async def end_application(self, ending: Ending) -> Standing:
        """Withdrawn by the owner, or lapsed because nobody acted."""

    @activity.defn
    @abstractmethod
    async def tell_delay(self, delay: Delay) -> Standing:
        """Write on the timeline who is awaited and until when, so that no page is blank."""

    @activity.defn
    @abstractmethod
    async def take_back(self, taken: TakenBack) -> Standing:
        """From deciding back to evidence: a consent was withdrawn meanwhile, or the terms are outside the product."""
