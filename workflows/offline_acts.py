"""What people say to tasks outside and to leaves: see :mod:`workflows.acts`."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class BookSlot:
    """Somebody chose when a person comes; when and how are in the command's row."""

    command_id: UUID


@dataclass(frozen=True)
class AgreeToRecording:
    """The customer agreed to be recorded in the live video; when and by which words stand in the task's row."""

    command_id: UUID


@dataclass(frozen=True)
class TakeRecording:
    """The live video is over: its recording is to be taken."""

    command_id: UUID


@dataclass(frozen=True)
class StartLeave:
    """What a ``Leave`` is started with."""

    leave_id: UUID
    clock_id: str


@dataclass(frozen=True)
class SayLeave:
    """Somebody of the lender will be away; the leave's row exists."""

    command_id: UUID
