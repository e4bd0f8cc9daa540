"""A credit line: what it stands at, its draws, what is done to it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class LineCase:
    """Names the line, and what caused the step."""

    line_id: UUID
    cause: UUID


@dataclass(frozen=True)
class LineStanding:
    """``state``: a line's, or ``over`` once its last day has passed. ``wakes_at``: the instant of the next thing that
    comes by itself, ``seconds`` real time until then; ``review``: that thing is the yearly look."""

    state: str
    version: int
    wakes_at: datetime | None
    seconds: float
    review: bool = False


@dataclass(frozen=True)
class DrawWanted:
    """What the owner draws. ``share`` None: the line's own; ``entrusted``: the seller whom they named is paid (P14);
    ``signs``: what speaks against it being them (P15), as codes."""

    line_id: UUID
    cause: UUID
    amount_minor: int
    share: str | None = None
    entrusted: bool = False
    signs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """``state``: paying, or stale where bills and registers must be asked again first; then there are no ids."""

    state: str
    version: int
    draw_id: UUID | None = None
    payout_id: UUID | None = None


@dataclass(frozen=True)
class LineActWanted:
    """What somebody of the lender does to a line: it is in the command's row."""

    line_id: UUID
    cause: UUID


@dataclass(frozen=True)
class LineDone:
    """Where the line stands after it; ``task_id``: the person's task that this answered."""

    state: str
    version: int
    task_id: UUID | None = None


@dataclass(frozen=True)
class TaskToEnd:
    """A task whose answer is committed."""

    task_id: UUID
    cause: UUID


class Lines(ABC):
    """A line itself."""

    @activity.defn
    @abstractmethod
    async def look_at_line(self, case: LineCase) -> LineStanding:
        """Where it stands, and when to look again."""

    @activity.defn
    @abstractmethod
    async def file_line_contract(self, case: LineCase) -> None:
        """The contract as signed, with both signatures, into S3: nobody waits for it."""

    @activity.defn
    @abstractmethod
    async def act_on_line(self, wanted: LineActWanted) -> LineDone:
        """Freeze, reduce, close, give back: by a signed clause, with a reason, told to the owner (P16)."""

    @activity.defn
    @abstractmethod
    async def open_line_review(self, case: LineCase) -> LineDone:
        """The owner wants a person to look: a task with its clock; one at a time."""

    @activity.defn
    @abstractmethod
    async def start_line_task(self, task: TaskToEnd) -> None:
        """Start the person's task."""

    @activity.defn
    @abstractmethod
    async def end_line_task(self, task: TaskToEnd) -> None:
        """Tell the person's task that it is answered."""


class Draws(ABC):
    """What is drawn on it."""

    @activity.defn
    @abstractmethod
    async def draw(self, wanted: DrawWanted) -> Drawn:
        """Reserve the amount and make the draw's own loan and payout, in one transaction under the line's lock."""

    @activity.defn
    @abstractmethod
    async def ask_again(self, wanted: DrawWanted) -> None:
        """Ask the registers anew under the consent in force."""

    @activity.defn
    @abstractmethod
    async def judge_again(self, wanted: DrawWanted) -> LineDone:
        """Judge bills and registers as they are now: on the line goes, or a person looks first."""

    @activity.defn
    @abstractmethod
    async def start_draw(self, drawn: Drawn) -> None:
        """Start the draw's payout; one that runs already is the same."""
