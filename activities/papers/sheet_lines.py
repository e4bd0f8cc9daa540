"""The lines of a sheet of key facts: costs, estimates, checkpoints, what lateness costs."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from activities.papers.words import Words


@dataclass(frozen=True)
class Cost:
    """One line of the list of costs. ``amount_minor`` is None where it depends on the days (then see the estimate)."""

    name: str
    method: Words
    payee: Words
    annual_rate: Decimal | None
    amount_minor: int | None


@dataclass(frozen=True)
class ThirdPartyCost:
    """What others could charge around a loan; for this product nothing, and it says so."""

    name: str
    amount_minor: int
    bearer: Words


@dataclass(frozen=True)
class Estimate:
    """The loan in one weather (``good``, ``usual``, ``slow``): an estimate. ``factor`` is sales against the usual.

    ``finish_on`` is None if it is not repaid within the years that a projection looks ahead.
    """

    weather: str
    factor: Decimal
    finish_on: date | None
    total_interest_minor: int
    total_minor: int


@dataclass(frozen=True)
class PathPoint:
    """One checkpoint of the minimum path: how much principal is repaid at least, and how much may be left. Of a plan by
    dates a due day: the instalment, and the interest in it."""

    number: int
    on: date
    repaid_minor: int
    left_minor: int
    amount_minor: int = 0
    interest_minor: int = 0


@dataclass(frozen=True)
class LateExample:
    """What it costs to be late with ``overdue_minor`` for so many days; the ordinary interest would run anyway."""

    days: int
    overdue_minor: int
    ordinary_minor: int
    late_minor: int
