"""The book at a glance."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class BucketLine:
    """Live loans in one bucket of days past due; a loan in its days of grace is current."""

    bucket: str
    loans: int
    principal_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RollLine:
    """From one month's end to the next: by bucket how many stood there, and what part stands further back now."""

    first: date
    last: date
    current: int
    current_share: Decimal | None
    to_30: int
    to_30_share: Decimal | None
    to_60: int
    to_60_share: Decimal | None
    to_90: int
    to_90_share: Decimal | None


@dataclass(frozen=True, slots=True)
class VintageLine:
    """Loans of one quarter; ``ever``: by full months on book the part of what was lent that was ever more than 30 days
    past due."""

    begun: date
    loans: int
    lent_minor: int
    currency: str
    ever: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class MoneyDay:
    """What was repaid on a day, and what was announced to be debited on it; days ahead have the second alone."""

    on: date
    paid_minor: int
    due_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The book at a glance on ``today``, as of the last close (None before the first).

    ``below_path``: loans below their least progress, in grace or late; ``warned``: owners told of slow progress within
    31 days; ``suspense``: payments that nobody has explained; ``stuck``: commands that wait for a minute or longer;
    ``overdue_tasks``: tasks past their clock; ``closing``: loans closed of loans to close, where a close runs;
    ``breaks``: loans whose balance is not what its entries say, and closes that do not tie.
    """

    today: date
    closed_to: date | None
    currency: str
    live: int
    owed_minor: int
    buckets: tuple[BucketLine, ...]
    days: tuple[MoneyDay, ...]
    rolls: tuple[RollLine, ...]
    vintages: tuple[VintageLine, ...]
    below_path: int
    warned: int
    suspense: int
    suspense_minor: int
    stuck: int
    overdue_tasks: int
    closing_loans: int | None
    closing_of: int | None
    breaks: int
