"""The words of reasons: the codes of each feature, of which figures they are true, and how a figure is shown."""

import math
from dataclasses import dataclass

import numpy as np

from scoring.catalogue import CATALOGUE, INDEX

ANY = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Wording:
    """The codes of a feature, and how its figure is shown.

    ``when_raised`` and ``when_lowered``: the figures (least, most) of which the words can truly be said. Trees find
    risk where the figure alone says nothing: "refunds are 0 % of sales, on the high side" explains nothing to anybody.
    """

    raised: str
    lowered: str
    shown: str
    when_raised: tuple[float, float] = ANY
    when_lowered: tuple[float, float] = ANY

    def fits(self, value: float, direction: int) -> bool:
        """Whether the words are true of the figure; of a figure that is missing none are."""
        least, most = self.when_raised if direction > 0 else self.when_lowered
        return bool(np.isfinite(value)) and least <= value <= most


# Changes are logarithms: three percent is the least that an owner would call a change.
DOWN, UP = (-math.inf, -0.03), (0.03, math.inf)


def _own(
    feature: str, shown: str, when_raised: tuple[float, float] = ANY, when_lowered: tuple[float, float] = ANY
) -> "Wording":
    """Codes by the feature's own name."""
    return Wording(f"worse_{feature}", f"better_{feature}", shown, when_raised, when_lowered)


# By feature. What has no direction of its own (the size of a ticket, a season) has no words: the next figure is told.
WORDINGS: dict[str, Wording] = {
    "sales_level": Wording("small_sales", "large_sales", "money"),
    "sales_trend": Wording("sales_falling", "sales_growing", "change", DOWN, UP),
    "sales_slope": _own("sales_slope", "change", DOWN, UP),
    "customer_count_trend": _own("customer_count_trend", "change", DOWN, UP),
    "last_month": Wording("weak_last_month", "strong_last_month", "change", DOWN, UP),
    "worst_month": _own("worst_month", "percent", (-math.inf, 0.70), (0.50, math.inf)),
    "month_variation": Wording("unsteady_sales", "steady_sales", "percent", (0.1, math.inf), (0, 0.6)),
    "day_variation": _own("day_variation", "percent", (0.30, math.inf), (0, 0.80)),
    "closed_days": Wording("many_closed_days", "open_most_days", "percent", (0.05, 1), (0, 0.25)),
    "closed_days_recent": _own("closed_days_recent", "percent", (0.05, 1), (0, 0.25)),
    "longest_gap": _own("longest_gap", "days", (4, math.inf), (0, 10)),
    "refund_rate": Wording("many_refunds", "few_refunds", "percent", (0.01, math.inf), (0, 0.05)),
    "refund_rate_change": _own("refund_rate_change", "points", (0.01, math.inf), (-math.inf, 0)),
    "purchase_ratio": Wording("high_purchases", "moderate_purchases", "percent", (0.3, math.inf), (0, 0.9)),
    "purchase_ratio_change": _own("purchase_ratio_change", "points", (0.01, math.inf), (-math.inf, 0)),
    "rent_ratio": Wording("high_fixed_costs", "low_fixed_costs", "percent", (0.05, math.inf), (0, 0.25)),
    "payroll_ratio": _own("payroll_ratio", "percent", (0.05, math.inf), (0, 0.30)),
    "rent_delay": Wording("rent_paid_late", "rent_paid_on_time", "days", (1, math.inf), (-math.inf, 5)),
    "private_share": Wording("high_private_spending", "low_private_spending", "percent", (0.03, math.inf), (0, 0.15)),
    "private_share_recent": _own("private_share_recent", "percent", (0.03, math.inf), (0, 0.15)),
    "loans_taken": Wording("other_loans", "few_other_loans", "months", (0.1, math.inf), (0, 3)),
    "loans_taken_recent": _own("loans_taken_recent", "months", (0.1, math.inf), (0, 1)),
    "loan_repayments": _own("loan_repayments", "percent", (0.02, math.inf), (0, 0.15)),
    "loan_balance": _own("loan_balance", "months", (0.1, math.inf), (-math.inf, 1)),
    "lenders": _own("lenders", "count", (0.5, math.inf), (0, 2.5)),
    "margin": Wording("thin_margin", "good_margin", "percent", (-math.inf, 0.4), (0.05, math.inf)),
    "buyer_concentration": _own("buyer_concentration", "percent", (0.10, 1), (0, 0.40)),
    "regular_customers": Wording("narrow_customer_base", "loyal_customers", "percent", (0, 0.7), (0.2, 1)),
    "months_covered": Wording("short_history", "long_history", "count", (0, 11.5), (6, math.inf)),
    "unexplained_income": Wording("unclear_income", "clear_income", "percent", (0.02, 1), (0, 0.3)),
    "days_between_sales": _own("days_between_sales", "days", (2, math.inf), (0, 4)),
    "payment_rhythm": _own("payment_rhythm", "percent", (0.50, math.inf), (0, 1)),
    "flow_level": _own("flow_level", "money"),
    "net_flow": _own("net_flow", "percent", (-math.inf, 0.10), (-0.05, math.inf)),
    "balance_usual": Wording("low_balance", "good_balance", "months", (-math.inf, 0.5), (0.5, math.inf)),
    "balance_low": _own("balance_low", "months", (-math.inf, 0.30), (0.10, math.inf)),
    "balance_least": _own("balance_least", "months", (-math.inf, 0.20), (0.05, math.inf)),
    "balance_change": _own("balance_change", "change", DOWN, UP),
    "balance_level": _own("balance_level", "money"),
    "days_overdrawn": _own("days_overdrawn", "percent", (0.006, 1), (0, 0.05)),
    "round_trips": Wording("money_turns_round", "money_stays", "percent", (0.02, 1), (0, 0.1)),
    "self_transfers": _own("self_transfers", "percent", (0.02, math.inf), (0, 0.20)),
    "invoiced_level": Wording("small_invoicing", "large_invoicing", "money"),
    "invoice_count": _own("invoice_count", "number"),
    "purchased_level": _own("purchased_level", "money"),
    "invoiced_trend": Wording("invoicing_falling", "invoicing_growing", "change", DOWN, UP),
    "invoiced_slope": _own("invoiced_slope", "change", DOWN, UP),
    "invoiced_variation": _own("invoiced_variation", "percent", (0.20, math.inf), (0, 1)),
    "invoiced_months": Wording("months_without_invoices", "invoices_every_month", "percent", (0, 0.95), (0.7, 1)),
    "invoice_gap": _own("invoice_gap", "days", (20, math.inf), (0, 60)),
    "days_between_invoices": _own("days_between_invoices", "days", (3, math.inf), (0, 15)),
    "invoice_rhythm": _own("invoice_rhythm", "percent", (0.50, math.inf), (0, 1.50)),
    "void_share": Wording("many_voids", "few_voids", "percent", (0.02, 1), (0, 0.1)),
    "red_share": _own("red_share", "percent", (0.01, math.inf), (0, 0.05)),
    "buyer_count": _own("buyer_count", "number"),
    "buyer_share": Wording("few_buyers", "many_buyers", "percent", (0.1, 1), (0, 0.4)),
    "buyer_churn": _own("buyer_churn", "percent", (0.10, 1), (0, 0.60)),
    "buyer_repeats": _own("buyer_repeats", "percent", (0, 0.80), (0.30, 1)),
    "supplier_count": _own("supplier_count", "number"),
    "supplier_share": Wording("few_suppliers", "many_suppliers", "percent", (0.1, 1), (0, 0.4)),
    "supplier_churn": _own("supplier_churn", "percent", (0.10, 1), (0, 0.60)),
    "invoiced_margin": Wording("purchases_eat_sales", "purchases_below_sales", "percent", (-1, 0.4), (0.05, 1)),
    "invoiced_history": Wording("few_months_invoiced", "long_invoiced", "count", (0, 17.5), (6, math.inf)),
    "invoice_age": _own("invoice_age", "days", (10, math.inf), (0, 45)),
    "open_share": _own("open_share", "months", (0.5, math.inf), (0, 3)),
    "open_age": _own("open_age", "days", (20, math.inf), (0, 60)),
    "overdue_share": Wording("much_overdue", "little_overdue", "percent", (0.05, 1), (0, 0.3)),
    "open_concentration": _own("open_concentration", "percent", (0.10, 1), (0, 0.50)),
    "dilution": _own("dilution", "percent", (0.01, math.inf), (0, 0.05)),
    "late_share": Wording("buyers_pay_late", "buyers_pay_on_time", "percent", (0.1, 1), (0, 0.4)),
    "late_days": _own("late_days", "days", (1, math.inf), (-math.inf, 10)),
    "late_share_change": _own("late_share_change", "points", (0.01, 1), (-1, 0)),
    "days_to_pay": _own("days_to_pay", "days", (15, math.inf), (0, 60)),
    "worst_payer": _own("worst_payer", "percent", (0.10, 1), (0, 0.40)),
    "order_level": _own("order_level", "money"),
    "order_trend": _own("order_trend", "change", DOWN, UP),
    "order_failures": Wording("orders_fail", "orders_kept", "percent", (0.02, 1), (0, 0.1)),
    "order_delay": _own("order_delay", "days", (3, math.inf), (0, 30)),
    "order_unpaid": _own("order_unpaid", "percent", (0.02, 1), (0, 0.20)),
    "order_partners": _own("order_partners", "percent", (0.10, 1), (0, 0.50)),
    "asked_months": Wording("asks_much", "asks_little", "months", (0.5, math.inf), (0, 3)),
    "asked_instalment": _own("asked_instalment", "percent", (0.05, math.inf), (0, 0.30)),
    "asked_to_balance": _own("asked_to_balance", "times", (0, math.inf), (-math.inf, 1.6)),
    "declared_debts": _own("declared_debts", "percent", (0.02, math.inf), (0, 0.20)),
    "declared_gap": _own("declared_gap", "change", UP, (-math.inf, 0.10)),
    "declared_age": Wording("young_firm", "settled_firm", "count", (0, 36), (24, math.inf)),
    "declared_staff": _own("declared_staff", "count", (0, 5), (1, math.inf)),
}

REASON_CODES = frozenset(code for wording in WORDINGS.values() for code in (wording.raised, wording.lowered))

GROUP_OF_CODE = {
    code: CATALOGUE[INDEX[name]].group
    for name, wording in WORDINGS.items()
    for code in (wording.raised, wording.lowered)
}


def shown(value: float, how: str) -> str:
    """A figure as reasons show it: ``percent``, ``points``, ``change``, ``times``, ``money``, ``number``,
    ``months``, ``days`` or ``count``."""
    if how == "percent":
        return f"{value * 100:.0f}%"
    if how == "points":
        return f"{value * 100:.0f}"
    if how == "times":
        return f"{np.exp(value):.1f}"
    if how == "number":
        return f"{10**value:,.0f}"
    if how == "change":
        return f"{(np.exp(value) - 1) * 100:+.0f}%"
    if how == "money":
        return f"¥{10**value:,.0f}"
    if how == "months":
        return f"{value:.1f}"
    return f"{value:.0f}"
