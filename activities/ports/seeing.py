"""A person is seen by a manager instead of a camera: what came of it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class SeeingDone:
    """The task ended: ``done``, ``cancelled`` or ``unanswered``."""

    task_id: UUID
    end: str


@dataclass(frozen=True)
class Seen:
    """``match``, ``mismatch`` or ``not_seen``."""

    outcome: str


class Seeings(ABC):
    """What a manager saw, as a proof of the same level as a face before a camera."""

    @activity.defn
    @abstractmethod
    async def conclude_seeing(self, done: SeeingDone) -> Seen:
        """Keep the proof where card and face match; tell the person either way."""
