"""A firm's lines as the numbers of ``scoring.catalogue``: one firm in under a millisecond, or ten thousand in bulk.

Both ways first gather the same sums (``Gathered``) and then apply the same formulas to them, so a feature is defined
once. All windows count back from the newest line on or before the as-of date: a bill that was exported last week must
not look like a shop that closed. Months here are blocks of 28 days, which hold every weekday four times.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scoring.catalogue import INDEX, NAMES
from scoring.lines import (
    LOAN_IN,
    LOAN_REPAY,
    OTHER,
    PAYROLL,
    PRIVATE,
    PURCHASE,
    REFUND,
    RENT,
    SALE,
    Floats,
    Ints,
    Lines,
    day_number,
)

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 28
BLOCKS = 13
DAYS = BLOCK * BLOCKS
MONTH_DAYS = 30.4375
PART = 1_000  # firms taken at once in bulk
RENTS = 6  # how many of the last rents tell punctuality

# What a line counts as: by kind and direction.
SALES, REFUNDS, PURCHASES, RENTS_PAID, WAGES, BORROWED, REPAID, SPENT, UNEXPLAINED, ELSE = range(10)
_CATEGORIES = 10
_CATEGORY = np.full((16, 3), ELSE, np.int64)
for _kind, _direction, _category in (
    (SALE, 1, SALES),
    (REFUND, -1, REFUNDS),
    (PURCHASE, -1, PURCHASES),
    (RENT, -1, RENTS_PAID),
    (PAYROLL, -1, WAGES),
    (LOAN_IN, 1, BORROWED),
    (LOAN_REPAY, -1, REPAID),
    (PRIVATE, -1, SPENT),
    (PRIVATE, 1, UNEXPLAINED),
    (OTHER, 1, UNEXPLAINED),
):
    _CATEGORY[_kind, _direction + 1] = _category


@dataclass(frozen=True, slots=True)
class Gathered:
    """Sums over each firm's lines of the last 364 days; the first axis is the firm. Amounts in minor units.

    ``blocks`` is (firm, block, category), block 0 the newest; ``counts`` the number of lines likewise for sales only;
    ``daily`` is (firm, day) net sales, day 0 the newest; ``history`` days from the first line to the last.
    """

    blocks: Floats
    counts: Floats
    daily: Floats
    sold: Floats
    history: Floats
    buyers: Floats
    buyer_squares: Floats
    returning: Floats
    supplier_squares: Floats
    lenders: Floats
    rent_delay: Floats


def features_of(lines: Lines, as_of: date) -> Floats:
    """The features of one firm in the order of ``catalogue.NAMES``; NaN where there is nothing to compute one from."""
    known = lines.where(lines.day <= day_number(as_of))
    if not len(known):
        return np.full(len(NAMES), np.nan)
    end = np.array([known.day.max()])
    first = np.array([known.day.min()])
    return _formulas(_gather(known, end, first, 1))[0]


def features_of_many(lines: Lines, as_of: NDArray[np.datetime64]) -> "pd.DataFrame":
    """The features of many firms, a row each, as of each firm's own date (``as_of[firm]``).

    Firms are taken a thousand at a time, so that memory does not grow with their number.
    """
    firms = len(as_of)
    limit = as_of.astype("datetime64[D]").astype(np.int32)
    if not (lines.firm[1:] >= lines.firm[:-1]).all():
        lines = lines.where(np.argsort(lines.firm, kind="stable"))
    bounds = np.searchsorted(lines.firm, np.arange(0, firms + PART, PART))
    parts = [
        _some(lines.where(slice(bounds[n], bounds[n + 1])), begin, limit[begin : begin + PART])
        for n, begin in enumerate(range(0, firms, PART))
    ]
    import pandas as pd  # only training and evaluation read many firms; a worker starts without it

    return pd.DataFrame(np.concatenate(parts) if parts else np.zeros((0, len(NAMES))), columns=list(NAMES))


def _some(lines: Lines, begin: int, limit: Ints) -> Floats:
    firms = len(limit)
    firm = lines.firm - np.int32(begin)
    known = replace(lines, firm=firm)
    late = lines.day > limit[firm]
    if late.any():
        known = known.where(~late)
    start = np.searchsorted(known.firm, np.arange(firms + 1))
    empty = start[1:] == start[:-1]
    end, first = np.zeros(firms, np.int64), np.zeros(firms, np.int64)
    if not empty.all():
        end[~empty] = np.maximum.reduceat(known.day, start[:-1][~empty])
        first[~empty] = np.minimum.reduceat(known.day, start[:-1][~empty])
    matrix = _formulas(_gather(known, end, first, firms))
    matrix[empty] = np.nan
    return matrix


# --- sums -------------------------------------------------------------------------------------------------------------


def _gather(lines: Lines, end: Ints, first: Ints, firms: int) -> Gathered:
    age = end[lines.firm] - lines.day
    recent = age < DAYS
    if not recent.all():
        lines, age = lines.where(recent), age[recent]
    firm, amount = lines.firm, lines.amount_minor.astype(np.float64)
    category = _CATEGORY[np.clip(lines.kind, 0, 15), np.clip(lines.direction, -1, 1) + 1]
    place = (firm * BLOCKS + age // BLOCK) * _CATEGORIES + category
    blocks = _sums(place, amount, firms * BLOCKS * _CATEGORIES).reshape(firms, BLOCKS, _CATEGORIES)
    sale = category == SALES
    sale_firm, sale_age, sale_amount = firm[sale], age[sale], amount[sale]
    counts = np.bincount(sale_firm * BLOCKS + sale_age // BLOCK, minlength=firms * BLOCKS).reshape(firms, BLOCKS)
    sold = _sums(sale_firm * DAYS + sale_age, sale_amount, firms * DAYS).reshape(firms, DAYS)
    back = category == REFUNDS
    daily = sold - _sums(firm[back] * DAYS + age[back], amount[back], firms * DAYS).reshape(firms, DAYS)
    buyers, buyer_squares, returning = _parties(sale_firm, lines.counterparty[sale], sale_amount, firms)
    bought = category == PURCHASES
    _, supplier_squares, _ = _parties(firm[bought], lines.counterparty[bought], amount[bought], firms)
    lent = (category == BORROWED) | (category == REPAID)
    lenders, _, _ = _parties(firm[lent], lines.counterparty[lent], amount[lent], firms)
    rented = category == RENTS_PAID
    return Gathered(
        blocks=blocks,
        counts=counts.astype(np.float64),
        daily=daily,
        sold=sold,
        history=(end - first + 1).astype(np.float64),
        buyers=buyers,
        buyer_squares=buyer_squares,
        returning=returning,
        supplier_squares=supplier_squares,
        lenders=lenders,
        rent_delay=_rent_delay(firm[rented], lines.day[rented], firms),
    )


def _sums(place: Ints, amount: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(place, amount, size), np.float64)


def _parties(firm: Ints, party: NDArray[np.uint64], amount: Floats, firms: int) -> tuple[Floats, Floats, Floats]:
    """Per firm: how many different named parties, the sum of squared shares of the named amount (HHI; NaN without
    names), and the part of the named lines that come from a party seen before."""
    named = party != 0
    if not named.all():
        firm, party, amount = firm[named], party[named], amount[named]
    if not len(firm):
        nothing = np.full(firms, np.nan)
        return np.zeros(firms), nothing, nothing
    # One key for the pair; the multiplier spreads firms over the 64 bits that the party's hash already fills.
    key = party ^ (firm.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    _, start, pair, times = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    owner = firm[start]
    totals = np.bincount(pair, amount)
    whole = np.bincount(owner, totals, firms)
    different = np.bincount(owner, minlength=firms).astype(np.float64)
    lines = np.bincount(owner, times, firms)
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.bincount(owner, totals * totals, firms) / (whole * whole)
        returning = (lines - different) / lines
    return different, squares, returning


def _rent_delay(firm: Ints, day: Ints, firms: int) -> Floats:
    """Mean days by which the last rents were paid later in the month than the earliest of them; NaN below three."""
    delay = np.full(firms, np.nan)
    if not len(firm):
        return delay
    order = np.lexsort((day, firm))
    firm, day = firm[order], day[order]
    month = day.astype("datetime64[D]").astype("datetime64[M]")
    of_month = (day - month.astype("datetime64[D]").astype(np.int64)).astype(np.float64)
    last = np.searchsorted(firm, np.arange(firms), side="right")
    begin = np.searchsorted(firm, np.arange(firms), side="left")
    rank = last[firm] - 1 - np.arange(len(firm))
    kept = rank < RENTS
    table = np.full((firms, RENTS), np.nan)
    table[firm[kept], rank[kept]] = of_month[kept]
    enough = last - begin >= 3
    rows = table[enough]
    if len(rows):
        delay[enough] = np.nanmean(rows, axis=1) - np.nanmin(rows, axis=1)
    return delay


# --- formulas ---------------------------------------------------------------------------------------------------------


def _formulas(gathered: Gathered) -> Floats:
    """Every feature from the sums; rows are firms. Division by nothing gives NaN, which the model knows as missing."""
    firms = len(gathered.history)
    out = np.full((firms, len(NAMES)), np.nan)

    def put(name: str, values: Floats) -> None:
        out[:, INDEX[name]] = values

    with np.errstate(divide="ignore", invalid="ignore"):
        blocks = gathered.blocks
        net = blocks[:, :, SALES] - blocks[:, :, REFUNDS]
        days = np.minimum(gathered.history, DAYS)
        whole = gathered.history[:, None] >= BLOCK * np.arange(1, BLOCKS + 1)[None, :]  # blocks that history fills
        whole[:, 0] = True  # a firm of three weeks still has a newest month
        seen = np.where(whole, net, np.nan)
        total = {category: blocks[:, :, category].sum(axis=1) for category in range(_CATEGORIES)}
        sales = total[SALES]
        turnover = _positive(sales - total[REFUNDS])
        quarter = blocks[:, :3, :].sum(axis=1)
        turnover_quarter = _positive(quarter[:, SALES] - quarter[:, REFUNDS])
        before = blocks[:, 3:6, :].sum(axis=1)
        month = turnover / days * MONTH_DAYS

        put("sales_level", np.log10(_positive(month / 100)))
        put("ticket_size", np.log10(_positive(sales / gathered.counts.sum(axis=1) / 100)))
        two_quarters = gathered.history >= 6 * BLOCK
        put("sales_trend", np.where(two_quarters, _change(net[:, :3].sum(axis=1), net[:, 3:6].sum(axis=1)), np.nan))
        put("sales_slope", _slope(seen))
        counted = gathered.counts
        put(
            "customer_count_trend",
            np.where(two_quarters, _change(counted[:, :3].sum(axis=1), counted[:, 3:6].sum(axis=1)), np.nan),
        )
        earlier = seen[:, 1:]
        usual = _mean(earlier)
        put("last_month", _change(net[:, 0], usual))
        put("worst_month", np.clip(_least(seen) / _middle(seen), -1.0, 1.0))
        put("month_variation", _leftover_variation(seen))
        age = np.arange(DAYS)[None, :]
        alive = age < days[:, None]
        open_day = gathered.sold > 0
        put("day_variation", _day_variation(gathered.daily, open_day))
        put("week_pattern", _week_pattern(gathered.daily, alive))
        put("closed_days", 1 - (open_day & alive).sum(axis=1) / days)
        fresh = alive & (age < 2 * BLOCK)
        put("closed_days_recent", 1 - (open_day & fresh).sum(axis=1) / fresh.sum(axis=1))
        put("longest_gap", _longest_gap(open_day, days))
        refund_rate = total[REFUNDS] / _positive(sales)
        put("refund_rate", refund_rate)
        put("refund_rate_change", quarter[:, REFUNDS] / _positive(quarter[:, SALES]) - refund_rate)
        put("purchase_ratio", total[PURCHASES] / turnover)
        before_turnover = _positive(before[:, SALES] - before[:, REFUNDS])
        put(
            "purchase_ratio_change",
            np.where(
                two_quarters, quarter[:, PURCHASES] / turnover_quarter - before[:, PURCHASES] / before_turnover, np.nan
            ),
        )
        put("supplier_concentration", gathered.supplier_squares)
        put("rent_ratio", total[RENTS_PAID] / turnover)
        put("payroll_ratio", total[WAGES] / turnover)
        put("rent_delay", gathered.rent_delay)
        put("private_share", total[SPENT] / turnover)
        put("private_share_recent", quarter[:, SPENT] / turnover_quarter)
        put("loans_taken", total[BORROWED] / month)
        put("loans_taken_recent", quarter[:, BORROWED] / month)
        put("loan_repayments", quarter[:, REPAID] / turnover_quarter)
        put("loan_balance", np.maximum(total[BORROWED] - total[REPAID], 0) / month)
        put("lenders", gathered.lenders)
        costs = total[PURCHASES] + total[RENTS_PAID] + total[WAGES]
        put("margin", np.clip(1 - costs / turnover, -1.0, 1.0))
        put("buyer_concentration", gathered.buyer_squares)
        put("regular_customers", gathered.returning)
        put("months_covered", np.minimum(gathered.history / MONTH_DAYS, 12.0))
        put("unexplained_income", total[UNEXPLAINED] / _positive(sales + total[UNEXPLAINED]))
    return out


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, np.nan)


def _change(now: Floats, then: Floats) -> Floats:
    """Logarithm of a ratio, held within a factor of twenty; a month without sales is that floor, not minus infinity."""
    then = _positive(then)
    return np.log(np.clip(now / then, 0.05, 20.0))


def _mean(values: Floats) -> Floats:
    count = np.isfinite(values).sum(axis=1)
    return np.where(count > 0, np.nansum(values, axis=1) / np.maximum(count, 1), np.nan)


def _least(values: Floats) -> Floats:
    return np.min(np.where(np.isfinite(values), values, np.inf), axis=1)


def _middle(values: Floats) -> Floats:
    """The median of the finite values; NaN when it is not positive."""
    ordered = np.sort(values, axis=1)  # NaN goes last
    count = np.isfinite(values).sum(axis=1)
    rows = np.arange(len(values))
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    high = np.minimum(high, np.maximum(count - 1, 0))
    return _positive((ordered[rows, low] + ordered[rows, high]) / 2)


def _fit(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Least-squares line through log values, oldest first: slope per block, residual variation, number of blocks."""
    there = np.isfinite(values) & (values > 0)
    time = -np.arange(values.shape[1], dtype=np.float64)[None, :]
    log = np.where(there, np.log(np.where(there, values, 1.0)), 0.0)
    count = there.sum(axis=1)
    weight = there.astype(np.float64)
    mean_time = (time * weight).sum(axis=1) / count
    mean_log = log.sum(axis=1) / count
    moved = (time - mean_time[:, None]) * weight
    spread = (moved * moved).sum(axis=1)
    slope = (moved * (log - mean_log[:, None])).sum(axis=1) / spread
    rest = (log - mean_log[:, None] - slope[:, None] * moved) * weight
    return slope, np.sqrt((rest * rest).sum(axis=1) / np.maximum(count - 2, 1)), count


def _slope(seen: Floats) -> Floats:
    slope, _, count = _fit(seen)
    return np.where(count >= 4, np.clip(slope, -1.0, 1.0), np.nan)


def _leftover_variation(seen: Floats) -> Floats:
    _, rest, count = _fit(seen)
    return np.where(count >= 4, np.minimum(rest, 3.0), np.nan)


def _day_variation(daily: Floats, open_day: NDArray[np.bool_]) -> Floats:
    """Standard deviation over mean of the net sales of open days; NaN below fourteen of them."""
    count = open_day.sum(axis=1)
    values = np.where(open_day, daily, 0.0)
    mean = values.sum(axis=1) / np.maximum(count, 1)
    moved = np.where(open_day, daily - mean[:, None], 0.0)
    return np.where(
        count >= 14, np.minimum(np.sqrt((moved * moved).sum(axis=1) / count) / _positive(mean), 5.0), np.nan
    )


def _week_pattern(daily: Floats, alive: NDArray[np.bool_]) -> Floats:
    """The part of day-to-day variation that the weekday explains; NaN below eight weeks."""
    firms = len(daily)
    there = alive.reshape(firms, -1, 7).astype(np.float64)
    week = np.where(alive, daily, 0.0).reshape(firms, -1, 7)
    count = there.sum(axis=1)
    mean_of_day = week.sum(axis=1) / np.maximum(count, 1)
    days = there.sum(axis=(1, 2))
    mean = week.sum(axis=(1, 2)) / days
    between = (count * (mean_of_day - mean[:, None]) ** 2).sum(axis=1)
    moved = (week - mean[:, None, None]) * there
    around = (moved * moved).sum(axis=(1, 2))
    return np.where(days >= 56, between / _positive(around), np.nan)


def _longest_gap(open_day: NDArray[np.bool_], days: Floats) -> Floats:
    """The longest run of days without a sale inside the history."""
    firms, width = open_day.shape
    position = np.arange(width)
    # For every day the age of the nearest newer open day; days beyond the history are as good as open.
    marked = open_day | (position[None, :] >= days[:, None])
    newest = np.maximum.accumulate(np.where(marked, position[None, :], -1), axis=1)
    gap = np.where(marked, 0, position[None, :] - newest)
    return gap.max(axis=1).astype(np.float64) if firms else np.zeros(0)
