"""Business time for workflows: how long, in real seconds, until a business instant."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime

from temporalio import activity


@dataclass(frozen=True)
class Until:
    """A wait of one workflow for one business instant on one clock."""

    workflow_id: str
    clock_id: str
    instant: datetime


@dataclass(frozen=True)
class Left:
    """``now`` is business time; ``seconds`` are real seconds to the instant, 0 when it has passed."""

    now: datetime
    seconds: float


@dataclass(frozen=True)
class NextClose:
    """The last day that was closed in a jurisdiction, or None before the first."""

    jurisdiction: str
    clock_id: str
    last_closed: date | None


@dataclass(frozen=True)
class CloseDue:
    """``on`` is the day to close next; ``ready`` says that it has ended; otherwise it ends at ``ends_at``."""

    on: date
    ready: bool
    ends_at: datetime
    seconds: float


class Clockwork(ABC):
    """The business clock as activities."""

    @activity.defn
    @abstractmethod
    async def how_long(self, until: Until) -> Left:
        """Tell the real time left and note that the workflow waits, so that whoever moves the clock wakes it."""

    @activity.defn
    @abstractmethod
    async def next_close(self, asked: NextClose) -> CloseDue:
        """Tell which business day is to be closed next; days on which no loan was live are closed on the way."""
