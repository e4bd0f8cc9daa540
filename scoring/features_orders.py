"""What partners order from a firm, and what its owner says and asks for, against what the other sources show."""

import numpy as np

from scoring.evidence import Declared, Orders
from scoring.lines import Bools, Floats, Ints
from scoring.series import DAYS, MONTH_DAYS, change, concentration, newest, pairs, positive, sums

QUARTER = DAYS // 4
DELIVERED_BY = 45  # an order older than this that was neither delivered nor ended is a failure too
PAID_BY = 60


def features_of_orders(orders: Orders, limit: Ints, firms: int) -> dict[str, Floats]:
    """The features of the source ``orders`` by name: orders of the 364 days to ``limit[firm]``, as they stood then."""
    mine = orders.where(limit[orders.firm] - orders.placed < DAYS)
    firm, amount = mine.firm.astype(np.int64), mine.amount_minor.astype(np.float64)
    age = limit[mine.firm] - mine.placed
    history = limit + newest(firm, -mine.placed, firms) + 1
    delivered, ended = mine.delivered >= 0, mine.ended >= 0
    due = ended | delivered | (age > DELIVERED_BY)
    failed = due & (ended | ~delivered)
    owed = delivered & ~ended & (limit[mine.firm] - mine.delivered > PAID_BY)

    def total(chosen: Bools) -> Floats:
        return sums(firm[chosen], amount[chosen], firms)

    with np.errstate(divide="ignore", invalid="ignore"):
        pair, owner, _ = pairs(firm, mine.partner)
        whole = total(amount >= 0)
        waited = sums(firm[delivered], (mine.delivered - mine.placed)[delivered], firms)
        halves = change(total(age < 2 * QUARTER), total(age >= 2 * QUARTER))
        return {
            "order_level": np.log10(positive(whole / np.maximum(history / MONTH_DAYS, 1.0) / 100)),
            "order_trend": np.where(history >= DAYS * 0.9, halves, np.nan),
            "order_failures": total(failed) / positive(total(due)),
            "order_delay": waited / positive(np.bincount(firm[delivered], minlength=firms)),
            "order_unpaid": total(owed & (mine.paid < 0)) / positive(total(delivered & ~ended)),
            "order_partners": concentration(owner, sums(pair, amount, len(owner)), firms),
        }


def features_of_declared(declared: Declared, limit: Ints, seen: dict[str, Floats], firms: int) -> dict[str, Floats]:
    """The features of the source ``declared`` by name. ``seen`` are features of the other sources: what an owner says
    of sales, and asks for, is held against the monthly sales that lines show, or else invoices."""
    latest = np.full(firms, -1)
    order = np.argsort(declared.told, kind="stable")
    latest[declared.firm[order]] = order
    there = latest >= 0

    def said(name: str) -> Floats:
        out = np.full(firms, np.nan)
        values = getattr(declared, name)[latest[there]].astype(np.float64)
        out[there] = np.where(values >= 0, values, np.nan)
        return out

    with np.errstate(divide="ignore", invalid="ignore"):
        shown = np.full(firms, np.nan)
        for name in ("sales_level", "flow_level", "invoiced_level"):
            shown = np.where(np.isfinite(shown), shown, seen[name])
        month = 10**shown * 100
        asked, term, debts = said("asked_minor"), said("months_asked"), said("monthly_debts_minor")
        left = 10 ** seen["balance_level"] * 100
        return {
            "asked_months": np.minimum(asked / month, 100.0),
            "asked_instalment": np.minimum(asked / np.maximum(term, 1.0) / month, 10.0),
            "asked_to_balance": np.log(np.clip(asked / positive(left), 0.01, 100.0)),
            "asked_level": np.log10(positive(asked / 100)),
            "asked_term": term,
            "declared_debts": np.minimum(debts / month, 10.0),
            "declared_gap": np.abs(change(said("monthly_sales_minor"), month)),
            "declared_age": np.minimum((limit - said("opened")) / MONTH_DAYS, 240.0),
            "declared_staff": np.minimum(said("staff"), 200.0),
        }
