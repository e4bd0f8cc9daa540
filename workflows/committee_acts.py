"""What people say to a committee: see :mod:`workflows.acts`."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class StartCommittee:
    """What a ``Committee`` is started with."""

    sitting_id: UUID
    clock_id: str


@dataclass(frozen=True)
class HearCommittee:
    """It was called, a member voted, or the chair closes the vote: it is in the rows."""

    command_id: UUID
