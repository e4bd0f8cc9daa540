"""When a share of revenue is asked for: every day, week or month; and breathing space, when less or nothing is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from lending.money import round_half_even


class Cycle(StrEnum):
    """How often the share is debited; revenue adds up until the cycle ends."""

    DAY = "day"
    WEEK = "week"  # ends on Sunday
    MONTH = "month"  # ends on the last day of the month


# A month may end on any day that every month has; 0 is its last day, as it is the week's Sunday.
MONTH_DAYS = 28


def ends_on(cycle: Cycle, on: date, day: int = 0) -> bool:
    """Whether the cycle that ``on`` belongs to ends with it. ``day``: 1 (Monday) to 7 of a week, 1 to 28 of a month;
    0 is Sunday, or the month's last day."""
    match cycle:
        case Cycle.DAY:
            return True
        case Cycle.WEEK:
            return on.isoweekday() == (day or 7)
        case Cycle.MONTH:
            return on.day == day if day else (on + timedelta(days=1)).day == 1


@dataclass(frozen=True, slots=True)
class Breathing:
    """喘息期: of the revenue of ``first_on`` to ``last_on``, both counted, only ``factor`` counts for the share."""

    first_on: date
    last_on: date
    factor: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.last_on < self.first_on:
            raise ValueError("breathing space ends before it begins")
        if not 0 <= self.factor < 1:
            raise ValueError("breathing space asks for less: a factor from 0 to below 1")

    @property
    def days(self) -> int:
        """By so many days the least progress is looked at later."""
        return (self.last_on - self.first_on).days + 1


def factor_on(breathings: Iterable[Breathing], on: date) -> Decimal | None:
    """Which part of the revenue of ``on`` counts: the smallest factor of that day; None where all of it does."""
    return min((space.factor for space in breathings if space.first_on <= on <= space.last_on), default=None)


def counted(net_minor: int, factor: Decimal | None) -> int:
    """What counts of a net revenue in minor units. It follows the day that was sold on, not the day that was told:
    a day of breathing space that comes late, or is corrected, still counts for no more."""
    return net_minor if factor is None else round_half_even(net_minor * factor)


def counted_of(told: tuple[int, int, int], breathings: Iterable[Breathing], on: date) -> tuple[int, int, int]:
    """(sales, refunds, chargebacks) of ``on`` so far as they count; only the sales are lessened, so that the net does
    what :func:`counted` says."""
    factor = factor_on(breathings, on)
    if factor is None:
        return told
    sales, refunds, chargebacks = told
    net = sales - refunds - chargebacks
    return sales - (net - counted(net, factor)), refunds, chargebacks
