"""The same schedules and projections for many loans at once: numpy on whole numbers, equal to the scalar rules.

A float stands only where a quotient is guessed; the remainder, reckoned in integers, proves or corrects it. Amounts
that could overrun 63 bits are refused, never wrapped. The only module of this room that imports anything beyond the
standard library.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from numpy.typing import NDArray

from lending.apr import irr_effective
from lending.calendars import add_months
from lending.cycles import ends_on
from lending.flat_fee import FlatRun, FlatTerms, run
from lending.money import divide_half_even
from lending.products import PPM
from lending.projection import LOOK_AHEAD_MONTHS, RATE_PLACES
from lending.rates import RATE_SCALE, DayCount, rate_units
from lending.schedules import Plan, Shape, schedule
from lending.terms import Terms

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Loans in one block: its arrays stay in the processor's cache.
BLOCK = 4_096
# A quotient is guessed to within a millionth while it is below this; a guess nearer than that to a half is divided
# exactly.
QUOTIENT = 2**30
SURE = 0.499_999
# How far a guessed instalment may be from the exact one, relatively; a guess closer than that to a half is solved
# exactly.
GUESS = 1e-12
LARGEST = 2**62


class TooLarge(ValueError):
    """An amount so large that whole numbers of 63 bits do not hold its interest."""


def half_even(numerator: Ints, denominator: int) -> Ints:
    """``numerator / denominator`` to the nearest whole, ties to even; exact for quotients from 0 to 2^30."""
    guess: Floats = np.multiply(numerator, 1.0 / denominator, dtype=np.float64)
    return _rounded(guess, lambda at: (int(numerator[at]), denominator))


def _rounded(guess: Floats, exact: Callable[[int], tuple[int, int]]) -> Ints:
    """Round guesses that are right to a millionth; those too near to a half are divided exactly, as whole numbers."""
    nearest = np.rint(guess)
    distance = np.subtract(guess, nearest, out=guess)
    np.abs(distance, out=distance)
    quotient = nearest.astype(np.int64)
    if distance.max(initial=0.0) > SURE:
        for at in np.flatnonzero(distance > SURE):
            quotient[at] = divide_half_even(*exact(int(at)))
    return quotient


@dataclass(frozen=True, slots=True)
class BulkSchedules:
    """Schedules of loans with one number of instalments; a row per instalment, a column per loan."""

    due_on: NDArray[np.datetime64]
    days: Ints
    principal_minor: Ints
    interest_minor: Ints
    balance_minor: Ints


def equal_instalments(
    principal_minor: Ints, annual_rate_units: Ints, start: NDArray[np.datetime64], count: int, day_count: DayCount
) -> BulkSchedules:
    """Monthly schedules of equal instalments, one per entry: principal in minor units, rate in 1e-8, first day.

    Equal in every figure to :func:`lending.schedules.schedule`. Day counts: 30/360, ACT/365, ACT/360.
    """
    if day_count is DayCount.ACT_ACT:
        raise ValueError("actual/actual has no bulk path")
    loans = principal_minor.size
    shape = (count, loans)
    out = BulkSchedules(np.empty(shape, "datetime64[D]"), *(np.empty(shape, np.int64) for _ in range(4)))
    for first in range(0, loans, BLOCK):
        block = slice(first, min(first + BLOCK, loans))
        _block(out, block, principal_minor[block], annual_rate_units[block], start[block], count, day_count)
    return out


def _block(
    out: BulkSchedules,
    block: slice,
    principal: Ints,
    rate: Ints,
    start: NDArray[np.datetime64],
    count: int,
    day_count: DayCount,
) -> None:
    parts = _dates(out, block, start, count, day_count)
    denominator = RATE_SCALE * day_count.days_in_year
    if int(principal.max()) * int(rate.max(initial=1)) * int(parts.max()) >= QUOTIENT * denominator:
        raise TooLarge("a period's interest is more than ten million of the main unit")
    instalment = _instalments(principal, rate, parts, denominator, start, count, day_count)
    per_day = rate * (1.0 / denominator)
    balance = principal.copy()
    for number in range(count):
        part, owed = parts[number], balance

        def exact(at: int, part: Ints = part, owed: Ints = owed) -> tuple[int, int]:
            return int(owed[at]) * int(rate[at]) * int(part[at]), denominator

        guess: Floats = np.multiply(balance, per_day * part, dtype=np.float64)
        interest = _rounded(guess, exact)
        paid = instalment - interest
        np.maximum(paid, 0, out=paid)
        np.minimum(paid, balance, out=paid)
        if number == count - 1:
            paid = balance
        balance = balance - paid
        out.interest_minor[number, block] = interest
        out.principal_minor[number, block] = paid
        out.balance_minor[number, block] = balance


def _dates(out: BulkSchedules, block: slice, start: NDArray[np.datetime64], count: int, day_count: DayCount) -> Ints:
    """Due dates and days of a block; the parts of a year in days of the day count."""
    month = start.astype("datetime64[M]").astype(np.int64)
    first_day = start.astype(np.int64)
    # The day number on which each month begins, so that a date is one look-up.
    low = int(month.min())
    begins = (
        np.arange(low, int(month.max()) + count + 2).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    )
    lengths = np.diff(begins)
    month -= low
    day = first_day - begins[month]
    before, before_day = first_day, day
    parts = np.empty((count, start.size), np.int64)
    for number in range(count):
        month += 1
        offset = np.minimum(day, lengths[month] - 1)
        end = begins[month] + offset
        out.due_on[number, block] = end.view("datetime64[D]")
        days = np.subtract(end, before, out=parts[number])
        out.days[number, block] = days
        if day_count is DayCount.THIRTY_360:
            first, final = np.minimum(before_day, 29), offset
            final = np.where((final == 30) & (first == 29), 29, final)
            parts[number] = 30 + final - first
        before, before_day = end, offset
    return parts


def _instalments(
    principal: Ints,
    rate: Ints,
    parts: Ints,
    denominator: int,
    start: NDArray[np.datetime64],
    count: int,
    day_count: DayCount,
) -> Ints:
    """The equal instalments: guessed in floats, and solved exactly where the guess is too near to a half to be sure."""
    discount = np.ones(principal.size)
    worth = np.zeros(principal.size)
    per_day = rate / denominator
    for number in range(count):
        discount /= 1.0 + per_day * parts[number]
        worth += discount
    guess: Floats = principal / worth
    rounded = np.rint(guess)
    unsure = np.abs(np.abs(guess - rounded) - 0.5) <= np.maximum(guess * GUESS * 4, 1e-9)
    instalment = rounded.astype(np.int64)
    for at in np.flatnonzero(unsure):
        plan = Plan(
            int(principal[at]),
            Decimal(int(rate[at])) / RATE_SCALE,
            day_count,
            start[at].astype("datetime64[D]").item(),
            count,
            Shape.EQUAL_INSTALMENTS,
        )
        exact = schedule(plan)
        instalment[at] = exact.principal_minor[0] + exact.interest_minor[0]
    return instalment


# --- revenue share ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Paths:
    """What became of one loan on many paths of revenue; amounts in minor units.

    ``paid_off_after``: days from the start, -1 where it is not repaid within the paths.
    """

    paid_off_after: Ints
    interest_minor: Ints
    paid_minor: Ints


def project_paths(terms: Terms, monthly_net_revenue_minor: Ints, start: date) -> Paths:
    """Run the loan on many paths (a row each, a column a month), as :func:`lending.projection.project` does."""
    paths, months = monthly_net_revenue_minor.shape
    if months > LOOK_AHEAD_MONTHS:
        raise ValueError(f"at most {LOOK_AHEAD_MONTHS} months")
    rate, per_minor, share = terms.rate_units, terms.units_per_minor, terms.share_ppm
    if (
        terms.amount_minor * rate * 31 * months >= LARGEST // 2
        or int(np.abs(monthly_net_revenue_minor).max()) * PPM * months >= LARGEST
    ):
        raise TooLarge("amounts need more than 62 bits")
    principal = np.full(paths, terms.amount_minor, np.int64)
    units, interest_paid, carry, asked, paid = (np.zeros(paths, np.int64) for _ in range(5))
    finished = np.full(paths, -1, np.int64)
    for index, net in enumerate(_daily_columns(monthly_net_revenue_minor, start)):
        due = half_even(units, per_minor) - interest_paid
        interest = np.minimum(asked, due)
        interest_paid += interest
        principal -= asked - interest
        paid += asked
        finished[(principal == 0) & (finished < 0)] = index
        units += principal * rate
        owed = principal + half_even(units, per_minor) - interest_paid
        carry = net + carry
        if ends_on(terms.cycle, start + timedelta(days=index)):
            asked = np.minimum(half_even(np.maximum(carry, 0) * share, PPM), owed)
            carry = np.minimum(carry, 0)
        else:
            asked = np.zeros(paths, np.int64)
        if (finished >= 0).all():
            break
    return Paths(finished, half_even(units, per_minor), paid)


def _daily_columns(monthly: Ints, start: date) -> Iterator[Ints]:
    """Net revenue of every path day by day, each month spread over its days as the projection does."""
    for number in range(monthly.shape[1]):
        length = (add_months(start, number + 1) - add_months(start, number)).days
        revenue = monthly[:, number]
        before = np.zeros_like(revenue)
        for day in range(1, length + 1):
            until = np.floor_divide(revenue * day, length)
            yield until - before
            before = until


def shocked(monthly: Ints, factor: Decimal, months: int, first: int = 0) -> Ints:
    """The owner's own shock: revenue of ``months`` months from ``first`` times ``factor``, rounded down."""
    numerator, denominator = factor.as_integer_ratio()
    changed = monthly.copy()
    part = slice(first, first + months)
    changed[:, part] = np.floor_divide(changed[:, part] * numerator, denominator)
    return changed


@dataclass(frozen=True, slots=True)
class Band:
    """P10, P50 and P90 over all paths. Days to the end (None where that share of paths has none), cost in minor units.

    ``cash_flow_at_risk_minor``: by how much the worst twentieth of paths falls short of the middle one, in revenue
    left after repayments.
    """

    days: tuple[int | None, int | None, int | None]
    interest_minor: tuple[int, int, int]
    not_repaid: Decimal
    cash_flow_at_risk_minor: int


def band(terms: Terms, monthly_net_revenue_minor: Ints, start: date) -> Band:
    """The band of finish date and cost on forecast paths of monthly net revenue."""
    outcome = project_paths(terms, monthly_net_revenue_minor, start)
    never = np.iinfo(np.int64).max
    days = np.sort(np.where(outcome.paid_off_after < 0, never, outcome.paid_off_after))
    interest = np.sort(outcome.interest_minor)
    left = np.sort(monthly_net_revenue_minor.sum(axis=1) - outcome.paid_minor)
    paths = days.size

    def at(values: Ints, percent: int) -> int:
        return int(values[min(paths - 1, paths * percent // 100)])

    def day(percent: int) -> int | None:
        value = at(days, percent)
        return None if value == never else value

    open_paths = int((outcome.paid_off_after < 0).sum())
    return Band(
        days=(day(10), day(50), day(90)),
        interest_minor=(at(interest, 10), at(interest, 50), at(interest, 90)),
        not_repaid=(Decimal(open_paths) / paths).quantize(Decimal("0.0001")),
        cash_flow_at_risk_minor=max(0, at(left, 50) - at(left, 5)),
    )


@dataclass(frozen=True, slots=True)
class FlatBand:
    """P10, P50 and P90 over all paths of a flat fee: days to the end, what is paid of the fee, the realised rate.

    The rate moves with sales (lending-practice P8); each is solved exactly on the path that stands at its rank, where
    paths less than a millionth apart stand in any order. None: that share of the paths has no end. ``capped``: the
    part of the paths on which some of the fee is given back.
    """

    days: tuple[int | None, int | None, int | None]
    fee_minor: tuple[int, int, int]
    effective_rate: tuple[Decimal | None, Decimal | None, Decimal | None]
    capped: Decimal


def flat_band(terms: FlatTerms, monthly_net_revenue_minor: Ints, start: date) -> FlatBand:
    """The band of a flat-fee loan; floats only put the paths in order, the figures come from the exact run."""
    paths, months = monthly_net_revenue_minor.shape
    if int(np.abs(monthly_net_revenue_minor).max()) * PPM >= LARGEST or terms.total_minor >= LARGEST // PPM:
        raise TooLarge("amounts need more than 62 bits")
    growth = float((1 + terms.cap) ** (Decimal(1) / 365))
    owed = np.full(paths, terms.total_minor, np.int64)
    carry, asked = np.zeros(paths, np.int64), np.zeros(paths, np.int64)
    allowed = np.full(paths, terms.advance_minor, np.float64)
    paid, paid_at = np.zeros((months, paths)), np.zeros((months, paths))
    ended = np.full(paths, -1, np.int64)
    rebate = np.zeros(paths)
    lengths = [(add_months(start, n + 1) - add_months(start, n)).days for n in range(months)]
    month_of = [month for month, length in enumerate(lengths) for _ in range(length)]
    for index, net in enumerate(_daily_columns(monthly_net_revenue_minor, start)):
        if index:
            allowed *= growth
        last = (ended < 0) & (asked > 0) & ((asked >= owed) | (allowed <= asked))
        payment = np.where(last, np.minimum(owed, np.maximum(np.floor(allowed), 0)), asked)
        payment[ended >= 0] = 0
        rebate[last] = owed[last] - payment[last]
        paid[month_of[index]] += payment
        paid_at[month_of[index]] += payment * index
        allowed -= payment
        owed -= payment.astype(np.int64)
        ended[last] = index
        carry = net + carry
        asked = np.minimum(half_even(np.maximum(carry, 0) * terms.share_ppm, PPM), np.maximum(owed, 0))
        carry = np.minimum(carry, 0)
        if (ended >= 0).all():
            break
    rates = _rates(terms.advance_minor, paid, paid_at)
    rates[ended < 0] = np.inf  # without an end the money is lost before it is dear: last in rank
    by_rate, by_days = np.argsort(rates, kind="stable"), np.argsort(np.where(ended < 0, np.iinfo(np.int64).max, ended))
    ranks = [min(paths - 1, paths * percent // 100) for percent in (10, 50, 90)]

    def run_of(path: int) -> FlatRun:
        columns = _daily_columns(monthly_net_revenue_minor[path : path + 1], start)
        return run(terms, start, [(start + timedelta(days=day), int(net[0])) for day, net in enumerate(columns)])

    def rate_of(path: int) -> Decimal | None:
        done = run_of(path)
        if done.closing is None:
            return None
        return irr_effective(done.flows(terms, start)).quantize(RATE_PLACES, rounding=ROUND_HALF_EVEN)

    def fee_of(path: int) -> int:
        closing = run_of(path).closing if rebate[path] else None
        return terms.fee_minor - (closing.rebate_minor if closing else 0)

    by_fee = np.argsort(-rebate, kind="stable")
    days = [int(ended[by_days[rank]]) for rank in ranks]
    low, middle, high = (None if day < 0 else day for day in days)
    cheap, usual, dear = (rate_of(int(by_rate[rank])) for rank in ranks)
    least, most_likely, most = (fee_of(int(by_fee[rank])) for rank in ranks)
    return FlatBand(
        days=(low, middle, high),
        fee_minor=(least, most_likely, most),
        effective_rate=(cheap, usual, dear),
        capped=(Decimal(int((rebate > 0).sum())) / paths).quantize(Decimal("0.0001")),
    )


def _rates(advance_minor: int, paid: Floats, paid_at: Floats) -> Floats:
    """About the annual rate of each path, from what was paid in each month and when in it on average: for ranking."""
    when = np.divide(paid_at, paid, out=np.zeros_like(paid_at), where=paid > 0) / 365
    force = np.full(paid.shape[1], 0.1)
    for _ in range(30):
        worth = paid * np.exp(-force * when)
        slope = -(worth * when).sum(axis=0)
        step = np.divide(worth.sum(axis=0) - advance_minor, slope, out=np.zeros_like(force), where=slope < 0)
        force = np.clip(force - step, -0.99, 20.0)
    return force


def rates_in_units(rates: Sequence[Decimal]) -> Ints:
    """Annual rates as fractions in 1e-8."""
    return np.array([rate_units(rate) for rate in rates], np.int64)
