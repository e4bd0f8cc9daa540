"""The one rate at which payments are worth what was received: solved in Decimal, or refused by name.

Three ways to place money in time: on whole steps (days, months), on whole unit periods with an odd fraction that
bears simple interest (Reg Z Appendix J), and at any fraction of a year (EU Annex I). A search is kept in brackets and
ends after a fixed number of steps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from itertools import pairwise

from lending.refusals import NoAnnualRate, SeveralAnnualRates

# Precision of the solver: results are good to far more digits than anyone shows.
PRECISION = Context(prec=34, rounding=ROUND_HALF_EVEN)
# 10,000 % a step: no lender's cost lies beyond, so a search stops there instead of never.
HIGHEST = Decimal(100)
CLOSE_ENOUGH = Decimal("1e-20")
ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Timed:
    """Money after whole ``steps`` and an ``odd`` part of one; the borrower receives (positive) or pays (negative)."""

    amount: Decimal
    steps: int
    odd: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class AtYears:
    """Money after a number of years, whole or not; the borrower receives (positive) or pays (negative)."""

    amount: Decimal
    years: Decimal


def rate_per_step(flows: Sequence[Timed]) -> Decimal:
    """The rate per step; zero or more. :class:`NoAnnualRate`, :class:`SeveralAnnualRates`."""
    ordered = sorted(flows, key=lambda flow: (flow.steps + flow.odd, flow.steps))
    summed: list[Timed] = []
    for flow in ordered:
        if summed and (summed[-1].steps, summed[-1].odd) == (flow.steps, flow.odd):
            summed[-1] = Timed(summed[-1].amount + flow.amount, flow.steps, flow.odd)
        else:
            summed.append(flow)
    amounts = [flow.amount for flow in summed]
    if _is_free(amounts):
        return ZERO
    kept = [flow for flow in summed if flow.amount]
    with localcontext(PRECISION):
        return _solve(lambda rate: _worth_in_steps(kept, rate), Decimal("0.0005"))


def rate_per_year(flows: Sequence[AtYears]) -> Decimal:
    """The effective annual rate; zero or more. :class:`NoAnnualRate`, :class:`SeveralAnnualRates`."""
    with localcontext(PRECISION):
        if (steps := _common_steps(flows)) is not None:
            in_year, timed = steps
            return (1 + rate_per_step(timed)) ** in_year - 1
        ordered = sorted(flows, key=lambda flow: flow.years)
        if _is_free([flow.amount for flow in ordered]):
            return ZERO
        return _solve(lambda rate: _worth_in_years(ordered, rate), Decimal("0.05"))


def _common_steps(flows: Sequence[AtYears]) -> tuple[int, list[Timed]] | None:
    """The flows on whole twelfths, weeks or days of a year, if they all lie there (to ten millionths of a step)."""
    for in_year in (1, 12, 52, 365, 366):
        steps = [(flow.years * in_year).to_integral_value() for flow in flows]
        if all(abs(flow.years * in_year - at) < Decimal("1e-7") for flow, at in zip(flows, steps, strict=True)):
            return in_year, [Timed(flow.amount, int(at)) for flow, at in zip(flows, steps, strict=True)]
    return None


def _is_free(amounts: Sequence[Decimal]) -> bool:
    """Refuse amounts (in order of time) that have no rate or several; whether they cost nothing at all."""
    amounts = [amount for amount in amounts if amount]
    if not any(amount > 0 for amount in amounts):
        raise NoAnnualRate(why="nothing_received")
    if not any(amount < 0 for amount in amounts):
        raise NoAnnualRate(why="nothing_repaid")
    if amounts[0] < 0:
        raise NoAnnualRate(why="repaid_before_received")
    if not _has_one_rate(amounts):
        raise SeveralAnnualRates
    total = sum(amounts)
    if total > 0:
        raise NoAnnualRate(why="repaid_less_than_received")
    return total == 0


def _has_one_rate(amounts: Sequence[Decimal]) -> bool:
    """Enough for one rate: the flows, or their running sums, change sign once (Descartes, Norstrom 1972)."""
    running: list[Decimal] = []
    total = ZERO
    for amount in amounts:
        total += amount
        running.append(total)
    return _sign_changes(amounts) == 1 or _sign_changes(running) <= 1


def _sign_changes(values: Sequence[Decimal]) -> int:
    return sum(a != b for a, b in pairwise([value > 0 for value in values if value]))


def _worth_in_steps(flows: Sequence[Timed], rate: Decimal) -> tuple[Decimal, Decimal]:
    """Present value at ``rate`` and its slope in the rate, by Horner's rule over the gaps between steps."""
    discount = 1 / (1 + rate)
    powers: dict[int, Decimal] = {}
    # Of each power of the discount: the amounts, their derivative in the odd parts, and in the discount.
    value = odd_slope = slope = ZERO
    later = flows[-1].steps
    for flow in reversed(flows):
        gap = later - flow.steps
        if gap:
            power = powers.get(gap)
            if power is None:
                power = powers[gap] = discount**gap
            slope = slope * power + value * gap * power / discount
            value *= power
            odd_slope *= power
        if flow.odd:
            simple = 1 / (1 + flow.odd * rate)
            value += flow.amount * simple
            odd_slope -= flow.amount * flow.odd * simple * simple
        else:
            value += flow.amount
        later = flow.steps
    if later:
        power = discount**later
        slope = slope * power + value * later * power / discount
        value *= power
        odd_slope *= power
    return value, odd_slope - slope * discount * discount


def _worth_in_years(flows: Sequence[AtYears], rate: Decimal) -> tuple[Decimal, Decimal]:
    growth = (1 + rate).ln()
    value = slope = ZERO
    for flow in flows:
        part = flow.amount * (-flow.years * growth).exp()
        value += part
        slope -= part * flow.years
    return value, slope / (1 + rate)


def _solve(worth: Callable[[Decimal], tuple[Decimal, Decimal]], first: Decimal) -> Decimal:
    """The root between a rate at which the borrower loses and one at which the borrower gains: Newton in brackets."""
    low, high = ZERO, first
    while worth(high)[0] < 0:
        low, high = high, high * 4
        if high > HIGHEST:
            raise NoAnnualRate(why="above_any_rate")
    rate = (low + high) / 2
    for _ in range(200):
        value, slope = worth(rate)
        if value < 0:
            low = rate
        else:
            high = rate
        step = rate - value / slope if slope else low
        rate, before = (step if low < step < high else (low + high) / 2), rate
        if abs(rate - before) <= CLOSE_ENOUGH:
            return rate
    return rate
