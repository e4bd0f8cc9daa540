"""What the world outside has to say before a visit and after it: where an address lies, a room for a live video."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity

from activities.ports.intake import Standing
from activities.ports.tasks import TaskCase


@dataclass(frozen=True)
class RecordingWanted:
    """Names the task, and the command by which somebody wants its recording."""

    task_id: UUID
    command_id: UUID


class Visiting(ABC):
    """Calls outside, each with an id derived from the task and its hour."""

    @activity.defn
    @abstractmethod
    async def prepare_visit(self, case: TaskCase) -> None:
        """On site: find where the address lies. By video: open the room, and say there that recording was agreed to."""

    @activity.defn
    @abstractmethod
    async def take_recording(self, wanted: RecordingWanted) -> Standing:
        """Keep the hash, the times and the consent of the recording as something brought home, once.

        Raises :class:`RecordingNotAgreed` and :class:`RecordingNotReady`.
        """
