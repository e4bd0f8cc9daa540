"""What a firm's invoices say: how much it sells and buys, to whom, how steadily, and how much of it is taken back.

Void invoices count for nothing but their own share; a red-ink invoice takes off what it reverses. Windows count back
from the newest invoice of either side; only ``invoice_age`` asks how long ago that was.
"""

import numpy as np

from scoring.invoices import BOUGHT, RED, SOLD, VOID, Invoices
from scoring.lines import Bools, Floats, Ints
from scoring.series import (
    BLOCK,
    BLOCKS,
    DAYS,
    MONTH_DAYS,
    change,
    concentration,
    filled_blocks,
    leftover_variation,
    longest_gap,
    newest,
    pairs,
    positive,
    rhythm,
    season,
    slope,
    sums,
)

HALF = DAYS // 2
LONG = 2 * DAYS  # a list of two years tells which buyers stayed


def features_of_invoices(invoices: Invoices, limit: Ints, firms: int) -> dict[str, Floats]:
    """The features of the source ``invoices`` by name. The invoices are known on the as-of day ``limit[firm]``; firms
    without any get NaN throughout."""
    end = newest(invoices.firm, invoices.issued, firms)
    first = -newest(invoices.firm, -invoices.issued, firms)
    there = end >= first
    age = end[invoices.firm] - invoices.issued
    history = np.where(there, end - first + 1, 1).astype(np.float64)
    kept = invoices.where(age < LONG)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _sales(kept, age[age < LONG], history, firms)
        found["invoiced_history"] = np.minimum(history / MONTH_DAYS, 24.0)
        sales = (invoices.side == SOLD) & (invoices.status != VOID)
        last_sale = newest(invoices.firm[sales], invoices.issued[sales], firms)
        found["invoice_age"] = np.minimum(limit - last_sale, DAYS).astype(np.float64)
    for values in found.values():
        values[~there] = np.nan
    return found


def _sales(invoices: Invoices, age: Ints, history: Floats, firms: int) -> dict[str, Floats]:
    firm, net = invoices.firm.astype(np.int64), invoices.net_minor.astype(np.float64)
    year, counts = age < DAYS, invoices.status != VOID
    sale, bought = invoices.side == SOLD, invoices.side == BOUGHT
    months = np.maximum(np.minimum(history, DAYS) / MONTH_DAYS, 1.0)

    def total(chosen: Bools, amount: Floats = net) -> Floats:
        return sums(firm[chosen], amount[chosen], firms)

    def number(chosen: Bools) -> Floats:
        return np.bincount(firm[chosen], minlength=firms).astype(np.float64)

    sold = sale & counts & year
    positive_sale = sold & (net > 0)
    sales, purchases = total(sold), total(bought & counts & year)
    gross, issued = total(positive_sale), number(positive_sale)
    blocks = sums(firm[sold] * BLOCKS + age[sold] // BLOCK, net[sold], firms * BLOCKS).reshape(firms, BLOCKS)
    seen = np.where(filled_blocks(history), blocks, np.nan)
    active = np.bincount(firm[positive_sale] * DAYS + age[positive_sale], minlength=firms * DAYS)
    active = active.reshape(firms, DAYS) > 0
    between, variation = rhythm(active)
    tax = invoices.tax_minor.astype(np.float64)
    taxed = total(sold, tax)
    whole_year = history >= DAYS * 0.9
    halves = np.where(whole_year, change(blocks[:, :6].sum(axis=1), blocks[:, 6:12].sum(axis=1)), np.nan)
    return {
        "invoiced_level": np.log10(np.maximum(sales / months / 100, 1.0)),
        "invoice_count": np.log10(np.maximum(issued / months, 0.05)),
        "invoice_size": np.log10(positive(gross / issued / 100)),
        "purchased_level": np.log10(np.maximum(purchases / months / 100, 1.0)),
        "invoiced_trend": halves,
        "invoiced_slope": slope(seen),
        "invoiced_variation": leftover_variation(seen),
        "invoiced_season": season(seen),
        "invoiced_months": (seen > 0).sum(axis=1) / np.isfinite(seen).sum(axis=1),
        "invoice_gap": longest_gap(active, np.minimum(history, DAYS)),
        "days_between_invoices": between,
        "invoice_rhythm": variation,
        "void_share": number(sale & year & ~counts) / positive(number(sale & year)),
        "red_share": np.minimum(-total(sold & ((net < 0) | (invoices.status == RED))) / positive(gross), 1.0),
        "invoiced_margin": np.clip(1 - purchases / positive(sales), -1.0, 1.0),
        "purchase_share": change(np.maximum(purchases, 1.0), sales),
        "tax_rate": np.clip(taxed / positive(sales), 0.0, 0.2),
        "tax_burden": np.clip((taxed - total(bought & counts & year, tax)) / positive(sales), -0.2, 0.2),
        **_parties("buyer", invoices, sale & counts, age, history, firms),
        **_parties("supplier", invoices, bought & counts, age, history, firms),
    }


def _parties(who: str, invoices: Invoices, chosen: Bools, age: Ints, history: Floats, firms: int) -> dict[str, Floats]:
    """How many parties, how much hangs on few of them, and what part of the trade left since the half-year before."""
    chosen = chosen & (invoices.counterparty != 0)
    net, old = invoices.net_minor[chosen].astype(np.float64), age[chosen]
    pair, owner, _ = pairs(invoices.firm[chosen], invoices.counterparty[chosen])
    size = len(owner)

    def of(window: Bools) -> Floats:
        return np.maximum(sums(pair[window], net[window], size), 0.0)

    year = of(old < DAYS)
    now, before, ever = of(old < HALF), of((old >= HALF) & (old < DAYS)), of(old >= HALF)
    lost = sums(owner, np.where(now > 0, 0.0, before), firms) / positive(sums(owner, before, firms))
    stayed = sums(owner, np.where(ever > 0, now, 0.0), firms) / positive(sums(owner, now, firms))
    enough = history >= DAYS * 0.75
    found = {
        f"{who}_count": np.log10(np.maximum(sums(owner, year > 0, firms), 0.5)),
        f"{who}_share": concentration(owner, year, firms),
        f"{who}_churn": np.where(enough, lost, np.nan),
    }
    return found | ({"buyer_repeats": np.where(enough, stayed, np.nan)} if who == "buyer" else {})
