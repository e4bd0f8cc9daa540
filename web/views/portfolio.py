"""The book at a glance."""

from dataclasses import dataclass
from decimal import Decimal

from api.views.managing import WorkMeasures
from api.views.portfolio import Portfolio
from web.charts_of_the_book import DayChart, ShareChart


@dataclass(frozen=True)
class PortfolioPage:
    """``late_share``: of what is outstanding; ``paid`` and ``due``: of the last seven days, and of the next."""

    seen: Portfolio
    work: WorkMeasures
    late_loans: int
    late_minor: int
    late_share: Decimal
    paid_minor: int
    due_minor: int
    widths: tuple[Decimal, ...]
    rolls: ShareChart | None
    vintages: ShareChart | None
    days: DayChart | None
    months_on_book: int
