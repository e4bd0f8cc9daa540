"""A loan that is past due, day by day."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class CollectionLook:
    """Names the case."""

    case_id: UUID


@dataclass(frozen=True)
class CaseStanding:
    """``ended``: how it ended, None while it goes on; then ``next_at`` is when it is looked at again."""

    ended: str | None = None
    next_at: datetime | None = None
    seconds: float | None = None


class Collecting(ABC):
    """What happens while a loan is past due."""

    @activity.defn
    @abstractmethod
    async def look_at_case(self, look: CollectionLook) -> CaseStanding:
        """Assign the segment, settle a promise, take the step whose day has come, or end what is paid."""
