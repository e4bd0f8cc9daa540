"""Seats of a firm: who was let in, where one was let in, and what one sees there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.views import FirmSeats, HeldSeat
from web.views.brought import BroughtFile, BroughtItem
from web.views.parts import Form


@dataclass(frozen=True)
class SeatsPage:
    """The owner's firms with the form that offers a seat at one of them, and the seats at others' firms; ``revoke``,
    ``enter`` and ``give_up``: by the seat's id."""

    firms: tuple[FirmSeats, ...] = ()
    offer: Form | None = None
    revoke: Mapping[str, Form] = field(default_factory=dict[str, Form])
    held: tuple[HeldSeat, ...] = ()
    enter: Mapping[str, Form] = field(default_factory=dict[str, Form])
    give_up: Mapping[str, Form] = field(default_factory=dict[str, Form])

    @property
    def roles(self) -> frozenset[str]:
        """The seats that one of the firms at least can give."""
        return frozenset(role for firm in self.firms for role in firm.roles)


@dataclass(frozen=True)
class FirmStory:
    """One application of the firm, as a seat sees it; ``lacking``: titles of what is still to bring."""

    number: str
    amount_minor: int
    stage: str
    href: str
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class FirmPage:
    """What there is to read and to bring."""

    seat: HeldSeat
    stories: tuple[FirmStory, ...] = ()


@dataclass(frozen=True)
class FirmPapersPage:
    """One application's list; ``form`` takes bills where the seat may bring any."""

    number: str
    items: tuple[BroughtItem, ...]
    bills: tuple[BroughtFile, ...] = ()
    form: Form | None = None
    back: str = "/firm"
