"""What happens to a receivable that secures a line."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class ReceivableCase:
    """Names the receivable, and what caused the step."""

    receivable_id: UUID
    cause: UUID


@dataclass(frozen=True)
class ReceivableStanding:
    """``state``: a value of :class:`lending.receivables.ReceivableState`. ``due_at``: when it is looked at next or
    ends, ``seconds`` real time until then; ``release``: its registration has nothing left to secure."""

    state: str
    version: int
    due_at: datetime | None = None
    seconds: float | None = None
    problem: str | None = None
    release: bool = False


@dataclass(frozen=True)
class ReceivableWord:
    """A person's word: its command's row holds what was said. ``kind``: judge, prove, pledge or note."""

    receivable_id: UUID
    cause: UUID
    kind: str
    clears: bool = False
    proofs: dict[str, str] = field(default_factory=dict[str, str])
    code_id: UUID | None = None
    fact: str = ""
    amount_minor: int = 0


class Receivables(ABC):
    """Until it can be pledged; those that ask the world outside commit what it answered."""

    @activity.defn
    @abstractmethod
    async def check_receivable(self, case: ReceivableCase) -> ReceivableStanding:
        """Ask the tax bureau and the register, look for others like it; then it goes on, to a person, or is refused."""

    @activity.defn
    @abstractmethod
    async def ask_buyer(self, case: ReceivableCase) -> ReceivableStanding:
        """Ask the buyer, and take what its people stated so far; two who state the same support it (P19)."""

    @activity.defn
    @abstractmethod
    async def hear_receivable(self, word: ReceivableWord) -> ReceivableStanding:
        """What a person said of it: that a like one is another, that papers prove it, what became of it since."""

    @activity.defn
    @abstractmethod
    async def put_off_receivable(self, case: ReceivableCase) -> ReceivableStanding:
        """The world outside does not answer: again in a while; a buyer's month that is over ends it all the same."""

    @activity.defn
    @abstractmethod
    async def end_receivable(self, case: ReceivableCase) -> ReceivableStanding:
        """Nobody answered in time: it lapses, and its owner is told."""


class Pledging(ABC):
    """What the register has for us."""

    @activity.defn
    @abstractmethod
    async def pledge_receivable(self, word: ReceivableWord) -> ReceivableStanding:
        """Search, register, search again, tell the buyer; it counts once nobody is before us."""

    @activity.defn
    @abstractmethod
    async def file_pledge(self, case: ReceivableCase) -> None:
        """Print, sign and file its contract, once, behind the owner's back."""

    @activity.defn
    @abstractmethod
    async def verify_again(self, case: ReceivableCase) -> ReceivableStanding:
        """Ask the tax bureau once more, a month later (P19): what was taken back counts no more."""

    @activity.defn
    @abstractmethod
    async def release_receivable(self, case: ReceivableCase) -> ReceivableStanding:
        """Cancel its registration: nothing is owed on it, or its owner takes it back."""
