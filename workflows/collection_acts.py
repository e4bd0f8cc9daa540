"""What may be said to a collection case."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class StartCase:
    """What a ``CollectionCase`` is started with; ``runs``: how many came before."""

    case_id: UUID
    clock_id: str
    runs: int = 0


@dataclass(frozen=True)
class OpenCase:
    """The night found it past due."""

    command_id: UUID


@dataclass(frozen=True)
class CaseEvent:
    """Its borrower or somebody of ours did something that counts: look again now."""

    command_id: UUID
