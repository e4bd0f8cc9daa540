"""Trust as its owner and their manager see it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LevelView:
    """What one level brings: how many days longer an offer stands, and in how many hours a person has answered."""

    level: int
    offer_days: int
    review_hours: int


@dataclass(frozen=True, slots=True)
class TrustMoment:
    """A level from a day on, and why."""

    on: date
    level: int
    why: str


@dataclass(frozen=True, slots=True)
class TrustView:
    """Where somebody stands. A loan that lived ``repaid_after_days`` raises the level too when it is repaid.

    ``rises_on``: the latest day of the next rise if all goes as agreed; None while no loan is open or one is late, and
    on the highest level.
    """

    level: int
    since: date | None
    counts_from: date | None
    rises_on: date | None
    late: bool
    clean_months: int
    repaid_after_days: int
    levels: tuple[LevelView, ...]
    history: tuple[TrustMoment, ...]
