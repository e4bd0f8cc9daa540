"""Trust as its owner and their manager see it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LevelView:
    """What one level brings: how many days longer an offer stands, in how many hours a person has
    answered, and what the coupon pays that is given when the level is reached."""

    level: int
    offer_days: int
    review_hours: int
    coupon_minor: int | None


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


@dataclass(frozen=True, slots=True)
class CouponView:
    """Interest that we pay: ``cap_minor`` at most, on a loan of ``least_minor`` or more that is offered by
    ``valid_until``. ``state``: good, kept (for an open application), used or ended."""

    id: UUID
    kind: str
    cap_minor: int
    least_minor: int
    currency: str
    valid_until: date
    state: str
    loan_id: UUID | None
