"""Somebody of the lender is away: their open tasks go to a deputy."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class LeaveCase:
    """Names the leave."""

    leave_id: UUID


@dataclass(frozen=True)
class LeavePlan:
    """When it begins, in business time, and the real seconds until then."""

    begins_at: datetime
    seconds: float


@dataclass(frozen=True)
class HandedOver:
    """How many open tasks went to somebody else."""

    tasks: int


class Leaves(ABC):
    """What happens on the day somebody goes."""

    @activity.defn
    @abstractmethod
    async def plan_leave(self, case: LeaveCase) -> LeavePlan:
        """Tell the time left, and note the wait with the clock."""

    @activity.defn
    @abstractmethod
    async def hand_over(self, case: LeaveCase) -> HandedOver:
        """Give every open task of theirs to the deputy, once, and tell each customer."""
