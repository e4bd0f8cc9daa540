"""Figures that charts draw and tables repeat. Amounts are minor units."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Weather:
    """One way that business may go: ``kind`` is good, normal or slow; ``finish_on`` None: not within five years.

    ``balances_minor`` is the principal owed at the start and after each month.
    """

    kind: str
    finish_on: date | None
    months: int
    interest_minor: int
    total_minor: int
    balances_minor: tuple[int, ...]
    coupon_minor: int = 0


@dataclass(frozen=True)
class MonthRevenue:
    """Net revenue of one month (``month`` is its first day); ``whole`` when the bills cover all of it."""

    month: date
    revenue_minor: int
    whole: bool = True


@dataclass(frozen=True)
class Path:
    """A loan's principal at even steps from its start until today, and the days on which it may be paid back."""

    start: date
    today: date
    actual_minor: tuple[int, ...]
    early_on: date
    middle_on: date
    late_on: date
