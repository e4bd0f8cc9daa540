"""Tasks outside: a slot, the pack that is built before it, and who has the task."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import activity

from activities.ports.tasks import TaskCase


@dataclass(frozen=True)
class SlotWanted:
    """Somebody chose a slot; when and how are in the command's row."""

    task_id: UUID
    command_id: UUID


@dataclass(frozen=True)
class Booked:
    """Business instants of the visit and of its pack, and where the application stands."""

    slot_at: datetime
    pack_at: datetime
    stage: str
    version: int


class Offline(ABC):
    """What happens to a task outside between its opening and its end."""

    @activity.defn
    @abstractmethod
    async def book_slot(self, wanted: SlotWanted) -> Booked:
        """Commit the slot; both sides read the same time."""

    @activity.defn
    @abstractmethod
    async def build_pack(self, case: TaskCase) -> None:
        """Put together what is known, what is to be verified and what to ask, once for each slot."""
