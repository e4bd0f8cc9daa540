"""The committee's vote: waited for, counted, and written down as a sealed paper."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class SittingCase:
    """Names the sitting."""

    sitting_id: UUID


@dataclass(frozen=True)
class SittingPlan:
    """Until when votes are taken, in business time, and the real seconds until then; ``over``: nobody is awaited."""

    due_at: datetime
    seconds: float
    over: bool


@dataclass(frozen=True)
class Counted:
    """How many cases of the agenda were decided."""

    decided: int


class Committees(ABC):
    """What happens to a sitting after it was called."""

    @activity.defn
    @abstractmethod
    async def plan_sitting(self, case: SittingCase) -> SittingPlan:
        """Tell the time left, note the wait with the clock, and say whether everybody has spoken."""

    @activity.defn
    @abstractmethod
    async def count_votes(self, case: SittingCase) -> Counted:
        """Count under the case as it is, close the vote, and tell each decided case's task; all in one transaction."""

    @activity.defn
    @abstractmethod
    async def seal_minutes(self, case: SittingCase) -> None:
        """Draft the minutes from the votes and file them under the lender's seal, once."""
