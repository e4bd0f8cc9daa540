"""Being seen by a manager instead of a camera: what its owner and the manager see."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SeeingView:
    """``method``: video or branch; ``state``: choose (a slot), waiting, match, mismatch or not_seen."""

    method: str
    state: str
    slots: tuple[datetime, ...]
    slot_at: datetime | None
    free: bool = True


@dataclass(frozen=True, slots=True)
class SeeingCard:
    """Somebody to see, without a name: when, how, and until when it must be said what was seen."""

    task_id: UUID
    number: int
    method: str
    slot_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SeeingCase:
    """What a manager needs to see somebody: name and number to compare with the card, when, how, and whom to call."""

    task_id: UUID
    number: int
    method: str
    slot_at: datetime
    due_at: datetime
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    phone: str = field(repr=False)
