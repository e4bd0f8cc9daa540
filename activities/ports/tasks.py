"""Steps that need a person: durable, owned, due."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import activity

from activities.ports.intake import Standing


@dataclass(frozen=True)
class TaskCase:
    """Names the task and what caused the step."""

    task_id: UUID
    cause: UUID


@dataclass(frozen=True)
class TaskPlan:
    """Business instants of the reminder (75 % of the time) and the escalation (100 %), and the real seconds to them.

    None seconds: it was done before. ``kept_until``: how long it stays open, where its kind says so.
    """

    remind_at: datetime
    escalate_at: datetime
    remind_in: float | None
    escalate_in: float | None
    kept_until: datetime | None = None


@dataclass(frozen=True)
class TaskDone:
    """A person finished the task: the outcome is in the command's row."""

    task_id: UUID
    command_id: UUID


class Tasks(ABC):
    """The row of a task and its clock."""

    @activity.defn
    @abstractmethod
    async def plan_task(self, case: TaskCase) -> TaskPlan:
        """Tell the time left to reminder and escalation, and note the wait with the clock."""

    @activity.defn
    @abstractmethod
    async def remind_task(self, case: TaskCase) -> None:
        """Remind the owner of the task, once."""

    @activity.defn
    @abstractmethod
    async def escalate_task(self, case: TaskCase) -> Standing:
        """Hand the task to the team lead, once, and tell the customer the new time."""

    @activity.defn
    @abstractmethod
    async def finish_task(self, done: TaskDone) -> Standing:
        """Commit the person's outcome; a task that is done already keeps its first outcome."""

    @activity.defn
    @abstractmethod
    async def cancel_task(self, case: TaskCase) -> None:
        """The application ended: nobody needs to act any more."""
