"""A firm's statement lines as sums, and what they say of its sales, costs, debts and customers.

All windows count back from the newest line on or before the as-of date: a bill that was exported last week must not
look like a shop that closed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.features_flows import flows
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
)
from scoring.series import (
    BLOCK,
    BLOCKS,
    DAYS,
    MONTH_DAYS,
    change,
    concentration,
    filled_blocks,
    least,
    leftover_variation,
    longest_gap,
    mean,
    middle,
    pairs,
    positive,
    rhythm,
    season,
    slope,
    sums,
)

RENTS = 6  # how many of the last rents tell punctuality

# What a line counts as: by kind and direction.
SALES, REFUNDS, PURCHASES, RENTS_PAID, WAGES, BORROWED, REPAID, SPENT, UNEXPLAINED, ELSE = range(10)
CATEGORIES = 10
CATEGORY = np.full((16, 3), ELSE, np.int64)
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
    CATEGORY[_kind, _direction + 1] = _category


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
    buyer_squares: Floats
    returning: Floats
    supplier_squares: Floats
    lenders: Floats
    rent_delay: Floats
    back_and_forth: Floats


def features_of_lines(lines: Lines, firms: int) -> dict[str, Floats]:
    """The features of the source ``statements`` by name. ``lines`` are known on the as-of date; firms without any get
    NaN throughout."""
    end, first = np.zeros(firms, np.int64), np.zeros(firms, np.int64)
    start = np.searchsorted(lines.firm, np.arange(firms + 1))
    there = start[1:] > start[:-1]
    if there.any():
        end[there] = np.maximum.reduceat(lines.day, start[:-1][there])
        first[there] = np.minimum.reduceat(lines.day, start[:-1][there])
    age = end[lines.firm] - lines.day
    recent = age < DAYS
    if not recent.all():
        lines, age = lines.where(recent), age[recent]
    history = (end - first + 1).astype(np.float64)
    category = CATEGORY[np.clip(lines.kind, 0, 15), np.clip(lines.direction, -1, 1) + 1]
    gathered = _gather(lines, age, category, history, firms)
    found = _formulas(gathered) | flows(lines, age, history, gathered.back_and_forth, firms)
    if not there.all():
        for values in found.values():
            values[~there] = np.nan
    return found


# --- sums -------------------------------------------------------------------------------------------------------------


def _gather(lines: Lines, age: Ints, category: Ints, history: Floats, firms: int) -> Gathered:
    firm, amount = lines.firm, lines.amount_minor.astype(np.float64)
    place = (firm * BLOCKS + age // BLOCK) * CATEGORIES + category
    blocks = sums(place, amount, firms * BLOCKS * CATEGORIES).reshape(firms, BLOCKS, CATEGORIES)
    sale = category == SALES
    sale_firm, sale_age = firm[sale], age[sale]
    counts = np.bincount(sale_firm * BLOCKS + sale_age // BLOCK, minlength=firms * BLOCKS).reshape(firms, BLOCKS)
    sold = sums(sale_firm * DAYS + sale_age, amount[sale], firms * DAYS).reshape(firms, DAYS)
    back = category == REFUNDS
    daily = sold - sums(firm[back] * DAYS + age[back], amount[back], firms * DAYS).reshape(firms, DAYS)
    rented = category == RENTS_PAID
    return Gathered(
        blocks=blocks,
        counts=counts.astype(np.float64),
        daily=daily,
        sold=sold,
        history=history,
        rent_delay=_rent_delay(firm[rented], lines.day[rented], firms),
        **_parties(lines, category, amount, firms),
    )


def _parties(lines: Lines, category: Ints, amount: Floats, firms: int) -> dict[str, Floats]:
    """What the named other sides tell: shares of sales and purchases (HHI), the part of sales from buyers seen before,
    the number of lenders, and the money that came from a party and went back to the same one (no refund, no loan)."""
    named = lines.counterparty != 0
    firm, party = lines.firm, lines.counterparty
    if not named.all():
        firm, party, category, amount = firm[named], party[named], category[named], amount[named]
    pair, owner, _ = pairs(firm, party)
    size = len(owner)

    def of(wanted: int) -> Floats:
        chosen = category == wanted
        return sums(pair[chosen], amount[chosen], size)

    sale = category == SALES
    lines_sold = np.bincount(pair[sale], minlength=size)
    times = sums(owner, lines_sold, firms)
    different = sums(owner, lines_sold > 0, firms)
    lent = np.bincount(pair[(category == BORROWED) | (category == REPAID)], minlength=size) > 0
    sold, bought = of(SALES), of(PURCHASES)
    given = bought + of(SPENT)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "buyer_squares": concentration(owner, sold, firms),
            "returning": (times - different) / times,
            "supplier_squares": concentration(owner, bought, firms),
            "lenders": sums(owner, lent, firms),
            "back_and_forth": sums(owner, np.minimum(sold, given), firms) / positive(sums(owner, sold, firms)),
        }


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


def _formulas(gathered: Gathered) -> dict[str, Floats]:
    """Every feature from the sums; rows are firms. Division by nothing gives NaN, which the model knows as missing."""
    out: dict[str, Floats] = {}
    put = out.__setitem__
    with np.errstate(divide="ignore", invalid="ignore"):
        blocks = gathered.blocks
        net = blocks[:, :, SALES] - blocks[:, :, REFUNDS]
        days = np.minimum(gathered.history, DAYS)
        seen = np.where(filled_blocks(gathered.history), net, np.nan)
        total = {category: blocks[:, :, category].sum(axis=1) for category in range(CATEGORIES)}
        sales = total[SALES]
        turnover = positive(sales - total[REFUNDS])
        quarter = blocks[:, :3, :].sum(axis=1)
        turnover_quarter = positive(quarter[:, SALES] - quarter[:, REFUNDS])
        before = blocks[:, 3:6, :].sum(axis=1)
        month = turnover / days * MONTH_DAYS

        put("sales_level", np.log10(positive(month / 100)))
        put("ticket_size", np.log10(positive(sales / gathered.counts.sum(axis=1) / 100)))
        two_quarters = gathered.history >= 6 * BLOCK
        put("sales_trend", np.where(two_quarters, change(net[:, :3].sum(axis=1), net[:, 3:6].sum(axis=1)), np.nan))
        put("sales_slope", slope(seen))
        counted = gathered.counts
        put(
            "customer_count_trend",
            np.where(two_quarters, change(counted[:, :3].sum(axis=1), counted[:, 3:6].sum(axis=1)), np.nan),
        )
        earlier = seen[:, 1:]
        usual = mean(earlier)
        put("last_month", change(net[:, 0], usual))
        put("worst_month", np.clip(least(seen) / middle(seen), -1.0, 1.0))
        put("month_variation", leftover_variation(seen))
        age = np.arange(DAYS)[None, :]
        alive = age < days[:, None]
        open_day = gathered.sold > 0
        put("day_variation", _day_variation(gathered.daily, open_day))
        put("week_pattern", _week_pattern(gathered.daily, alive))
        put("closed_days", 1 - (open_day & alive).sum(axis=1) / days)
        fresh = alive & (age < 2 * BLOCK)
        put("closed_days_recent", 1 - (open_day & fresh).sum(axis=1) / fresh.sum(axis=1))
        put("longest_gap", longest_gap(open_day, days))
        refund_rate = total[REFUNDS] / positive(sales)
        put("refund_rate", refund_rate)
        put("refund_rate_change", quarter[:, REFUNDS] / positive(quarter[:, SALES]) - refund_rate)
        put("purchase_ratio", total[PURCHASES] / turnover)
        before_turnover = positive(before[:, SALES] - before[:, REFUNDS])
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
        put("unexplained_income", total[UNEXPLAINED] / positive(sales + total[UNEXPLAINED]))
        put("season", season(seen))
        between, rhythm_of = rhythm(open_day)
        put("days_between_sales", between)
        put("payment_rhythm", rhythm_of)
    return out


def _day_variation(daily: Floats, open_day: NDArray[np.bool_]) -> Floats:
    """Standard deviation over mean of the net sales of open days; NaN below fourteen of them."""
    count = open_day.sum(axis=1)
    values = np.where(open_day, daily, 0.0)
    mean = values.sum(axis=1) / np.maximum(count, 1)
    moved = np.where(open_day, daily - mean[:, None], 0.0)
    return np.where(count >= 14, np.minimum(np.sqrt((moved * moved).sum(axis=1) / count) / positive(mean), 5.0), np.nan)


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
    return np.where(days >= 56, between / positive(around), np.nan)
