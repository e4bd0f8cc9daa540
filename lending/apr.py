"""What money costs a year: the internal rate of return on dated flows (中国人民银行公告〔2021〕第3号).

Rates are solved in Decimal on the principal actually occupied: every flow counts from its own day. A set of flows
that has no rate, or several, is refused by name; nothing is guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from itertools import pairwise

from lending.refusals import NoAnnualRate, SeveralAnnualRates

# Precision of the solver: results are good to far more digits than anyone shows.
PRECISION = Context(prec=34, rounding=ROUND_HALF_EVEN)
# 10,000 % a day: no lender's cost lies beyond, so a search stops there instead of never.
HIGHEST_DAILY = Decimal(100)
DAYS = 365


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
        return (1 + daily_rate(flows)) ** DAYS - 1


def daily_rate(flows: Sequence[Flow]) -> Decimal:
    """The one rate per day at which the flows are worth nothing; zero or more, else a named refusal."""
    amounts = _by_day(flows)
    if not any(amount > 0 for _, amount in amounts):
        raise NoAnnualRate(why="nothing_received")
    if not any(amount < 0 for _, amount in amounts):
        raise NoAnnualRate(why="nothing_repaid")
    if amounts[0][1] < 0:
        raise NoAnnualRate(why="repaid_before_received")
    if not _has_one_rate(amounts):
        raise SeveralAnnualRates
    total = sum(amount for _, amount in amounts)
    if total > 0:
        raise NoAnnualRate(why="repaid_less_than_received")
    if total == 0:
        return Decimal(0)
    with localcontext(PRECISION):
        return _solve(amounts)


def _by_day(flows: Sequence[Flow]) -> list[tuple[int, int]]:
    """Days since the first flow, and the sum of each day; days that sum to nothing fall away."""
    if not flows:
        raise NoAnnualRate(why="no_flows")
    first = min(flow.on for flow in flows)
    sums: dict[int, int] = {}
    for flow in flows:
        index = (flow.on - first).days
        sums[index] = sums.get(index, 0) + flow.amount_minor
    return [(index, sums[index]) for index in sorted(sums) if sums[index]] or [(0, 0)]


def _has_one_rate(amounts: list[tuple[int, int]]) -> bool:
    """Enough for one rate: the flows, or their running sums, change sign once (Descartes, Norstrom 1972)."""
    running: list[int] = []
    total = 0
    for _, amount in amounts:
        total += amount
        running.append(total)
    return _sign_changes([amount for _, amount in amounts]) == 1 or _sign_changes(running) <= 1


def _sign_changes(values: list[int]) -> int:
    signs = [value > 0 for value in values if value]
    return sum(a != b for a, b in pairwise(signs))


def _worth(amounts: list[tuple[int, int]], rate: Decimal) -> tuple[Decimal, Decimal]:
    """Present value at ``rate`` and its slope in the rate, by Horner's rule over the gaps between days."""
    discount = 1 / (1 + rate)
    powers: dict[int, Decimal] = {}
    value = slope = Decimal(0)  # slope: d value / d discount
    later = amounts[-1][0]
    for index, amount in reversed(amounts):
        gap = later - index
        if gap:
            power = powers.get(gap)
            if power is None:
                power = powers[gap] = discount**gap
            slope = slope * power + value * gap * power / discount
            value *= power
        value += amount
        later = index
    return value, -slope * discount * discount


def _solve(amounts: list[tuple[int, int]]) -> Decimal:
    """The root between a rate at which the borrower loses and one at which the borrower gains: Newton in brackets."""
    low, high = Decimal(0), Decimal("0.0005")
    while _worth(amounts, high)[0] < 0:
        low, high = high, high * 4
        if high > HIGHEST_DAILY:
            raise NoAnnualRate(why="above_any_rate")
    rate = (low + high) / 2
    for _ in range(200):
        value, slope = _worth(amounts, rate)
        if value < 0:
            low = rate
        else:
            high = rate
        step = rate - value / slope if slope else low
        rate, before = (step if low < step < high else (low + high) / 2), rate
        if abs(rate - before) <= Decimal("1e-20"):
            return rate
    return rate
