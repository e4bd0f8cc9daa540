"""What money costs a year, in China: the internal rate of return on dated flows (中国人民银行公告〔2021〕第3号).

All costs count, on the principal actually occupied: every flow from its own day. A set of flows that has no rate, or
several, is refused by name; nothing is guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from lending.rate_of_return import PRECISION, Timed, rate_per_step
from lending.refusals import NoAnnualRate

DAYS = 365
# A rate of a hundred million per cent is a typing error, and more digits than anybody can read.
TOLD_UP_TO = Decimal(10) ** 6


@dataclass(frozen=True, slots=True)
class Flow:
    """Money on a day, seen by the borrower: received is positive, paid is negative; minor units."""

    on: date
    amount_minor: int


def irr_nominal(flows: Sequence[Flow]) -> Decimal:
    """The annual rate as 365 times the daily rate of return (simple, as a price by day is told); 0.073 is 7.3 %."""
    with localcontext(PRECISION):
        return daily_rate(flows) * DAYS


def irr_effective(flows: Sequence[Flow]) -> Decimal:
    """The annual rate with interest on interest: (1 + daily rate)^365 − 1."""
    with localcontext(PRECISION):
        return told((1 + daily_rate(flows)) ** DAYS - 1)


def told(rate: Decimal) -> Decimal:
    """The rate, or a refusal where it is beyond anything that could be a price."""
    if rate > TOLD_UP_TO:
        raise NoAnnualRate(why="above_any_rate")
    return rate


def daily_rate(flows: Sequence[Flow]) -> Decimal:
    """The one rate per day at which the flows are worth nothing; zero or more, else a named refusal."""
    if not flows:
        raise NoAnnualRate(why="no_flows")
    first = min(flow.on for flow in flows)
    return rate_per_step([Timed(Decimal(flow.amount_minor), (flow.on - first).days) for flow in flows])
