"""Seats of a firm: those that an owner gave, and those that a person has at others' firms."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat that the owner gave: to which number, as what, how it stands, until when; ``answer_by`` while offered."""

    id: UUID
    role: str
    phone_masked: str
    state: str
    given_at: datetime
    answer_by: datetime
    ends_at: datetime
    taken_at: datetime | None
    ended_at: datetime | None
    revocable: bool


@dataclass(frozen=True, slots=True)
class FirmSeats:
    """One of the owner's firms and who sits there, the newest first; ``roles``: the seats that it can give."""

    id: UUID
    name: str = field(repr=False)
    seats: tuple[SeatView, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldSeat:
    """A seat that one has at another's firm: may be entered until ``until``. ``by``: who gave it, masked."""

    id: UUID
    role: str
    state: str
    firm_name: str = field(repr=False)
    by: str = field(repr=False)
    until: datetime
    entered: bool
