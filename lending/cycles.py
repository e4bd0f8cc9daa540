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


def ends_on(cycle: Cycle, on: date) -> bool:
    """Whether the cycle that ``on`` belongs to ends with it."""
    match cycle:
        case Cycle.DAY:
            return True
        case Cycle.WEEK:
            return on.weekday() == 6
        case Cycle.MONTH:
            return (on + timedelta(days=1)).day == 1


@dataclass(frozen=True, slots=True)
class Breathing:
    """喘息期: from ``first_on`` to ``last_on``, both counted, only ``factor`` of the agreed share is asked."""

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


def share_on(share_ppm: int, breathings: Iterable[Breathing], on: date) -> int:
    """The share in millionths that is asked of the revenue of ``on``; the smallest factor counts."""
    factors = [space.factor for space in breathings if space.first_on <= on <= space.last_on]
    return round_half_even(share_ppm * min(factors)) if factors else share_ppm
