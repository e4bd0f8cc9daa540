"""From contributions of features to reasons in business words.

TreeSHAP splits a firm's log-odds into what each feature added or took away. Features of one group are added up, so a
reason is about refunds or rent, never about a column; each group has one wording for raising the risk and one for
lowering it (``scoring.reason.<code>``), with the firm's own figure in it.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from scoring.catalogue import CATALOGUE, INDEX, Group
from scoring.lines import Floats

MOST_REASONS = 4
ANY = (-math.inf, math.inf)
LEAST_WEIGHT = 0.10  # log-odds: what moves the odds by less than a tenth is no reason


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the chance of default is higher (``direction`` 1) or lower (-1) than the usual firm's.

    ``weight`` is in log-odds, positive when it raised the risk. ``params`` fill the text: figures as they are shown.
    """

    code: str
    direction: int
    weight: Decimal
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """The codes of a group, and which feature's figure the text names, and how it is shown.

    ``when_raised`` and ``when_lowered``: the figures (least, most) of which the words can truly be said. Trees find
    risk where the figure alone says nothing: "refunds are 0 % of sales, on the high side" explains nothing to anybody.
    """

    raised: str
    lowered: str
    feature: str
    shown: str
    when_raised: tuple[float, float] = ANY
    when_lowered: tuple[float, float] = ANY

    def fits(self, value: float, direction: int) -> bool:
        """Whether the words are true of the figure; of a figure that is missing none are."""
        least, most = self.when_raised if direction > 0 else self.when_lowered
        return bool(np.isfinite(value)) and least <= value <= most


# Changes are logarithms: three percent is the least that an owner would call a change.
DOWN, UP = (-math.inf, -0.03), (0.03, math.inf)

WORDINGS: dict[Group, Wording] = {
    Group.SIZE: Wording("small_sales", "large_sales", "sales_level", "money"),
    Group.TREND: Wording("sales_falling", "sales_growing", "sales_trend", "change", DOWN, UP),
    Group.RECENT: Wording("weak_last_month", "strong_last_month", "last_month", "change", DOWN, UP),
    Group.STABILITY: Wording(
        "unsteady_sales", "steady_sales", "month_variation", "percent", (0.10, math.inf), (0, 0.60)
    ),
    Group.OPENING: Wording("many_closed_days", "open_most_days", "closed_days", "percent", (0.05, 1), (0, 0.25)),
    Group.REFUNDS: Wording("many_refunds", "few_refunds", "refund_rate", "percent", (0.01, math.inf), (0, 0.05)),
    Group.GOODS: Wording(
        "high_purchases", "moderate_purchases", "purchase_ratio", "percent", (0.30, math.inf), (0, 0.90)
    ),
    Group.FIXED_COSTS: Wording(
        "high_fixed_costs", "low_fixed_costs", "rent_ratio", "percent", (0.05, math.inf), (0, 0.25)
    ),
    Group.RENT_PUNCTUALITY: Wording(
        "rent_paid_late", "rent_paid_on_time", "rent_delay", "days", (1, math.inf), (-math.inf, 5)
    ),
    Group.PRIVATE_USE: Wording(
        "high_private_spending", "low_private_spending", "private_share", "percent", (0.03, math.inf), (0, 0.15)
    ),
    Group.OTHER_DEBTS: Wording("other_loans", "few_other_loans", "loans_taken", "months", (0.1, math.inf), (0, 3)),
    Group.MARGIN: Wording("thin_margin", "good_margin", "margin", "percent", (-math.inf, 0.40), (0.05, math.inf)),
    Group.CUSTOMERS: Wording(
        "narrow_customer_base", "loyal_customers", "regular_customers", "percent", (0, 0.70), (0.20, 1)
    ),
    Group.HISTORY: Wording("short_history", "long_history", "months_covered", "count", (0, 11.5), (6, math.inf)),
    Group.CLARITY: Wording("unclear_income", "clear_income", "unexplained_income", "percent", (0.02, 1), (0, 0.30)),
    Group.BALANCE: Wording("low_balance", "good_balance", "balance_usual", "months", (-math.inf, 1.0), (0.2, math.inf)),
    Group.CIRCULATION: Wording("money_turns_round", "money_stays", "round_trips", "percent", (0.02, 1), (0, 0.10)),
    Group.INVOICED_SIZE: Wording("small_invoicing", "large_invoicing", "invoiced_level", "money"),
    Group.INVOICED_TREND: Wording("invoicing_falling", "invoicing_growing", "invoiced_trend", "change", DOWN, UP),
    Group.INVOICED_STEADINESS: Wording(
        "months_without_invoices", "invoices_every_month", "invoiced_months", "percent", (0, 0.95), (0.70, 1)
    ),
    Group.INVOICE_REVERSALS: Wording("many_voids", "few_voids", "void_share", "percent", (0.02, 1), (0, 0.10)),
    Group.BUYERS: Wording("few_buyers", "many_buyers", "buyer_share", "percent", (0.10, 1), (0, 0.40)),
    Group.SUPPLIERS: Wording("few_suppliers", "many_suppliers", "supplier_share", "percent", (0.10, 1), (0, 0.40)),
    Group.INVOICED_MARGIN: Wording(
        "purchases_eat_sales", "purchases_below_sales", "invoiced_margin", "percent", (-1, 0.40), (0.05, 1)
    ),
    Group.INVOICED_HISTORY: Wording(
        "few_months_invoiced", "long_invoiced", "invoiced_history", "count", (0, 17.5), (6, math.inf)
    ),
    Group.RECEIVABLES: Wording("much_overdue", "little_overdue", "overdue_share", "percent", (0.05, 1), (0, 0.30)),
    Group.PAYERS: Wording("buyers_pay_late", "buyers_pay_on_time", "late_share", "percent", (0.10, 1), (0, 0.40)),
    Group.ORDERS: Wording("orders_fail", "orders_kept", "order_failures", "percent", (0.02, 1), (0, 0.10)),
    Group.ASKED: Wording("asks_much", "asks_little", "asked_months", "months", (0.5, math.inf), (0, 3)),
    Group.OWN_WORD: Wording("young_firm", "settled_firm", "declared_age", "count", (0, 36), (24, math.inf)),
}
GROUPS = tuple(Group)
_GROUP_OF = np.array([GROUPS.index(feature.group) for feature in CATALOGUE])
REASON_CODES = frozenset(code for wording in WORDINGS.values() for code in (wording.raised, wording.lowered))

GROUP_OF_CODE = {code: group for group, wording in WORDINGS.items() for code in (wording.raised, wording.lowered)}


def grouped(contributions: Floats) -> Floats:
    """Contributions by group; the last axis is the feature, then the group. Sums are kept."""
    out = np.zeros((*contributions.shape[:-1], len(GROUPS)))
    for position in range(len(GROUPS)):
        out[..., position] = contributions[..., position == _GROUP_OF].sum(axis=-1)
    return out


def reasons(contributions: Floats, features: Floats, scale: float = 1.0) -> tuple[Reason, ...]:
    """At most four reasons of one firm, the heaviest first.

    Only what the firm's own figure bears out is said. Where the risk is above the usual firm's, what raised it comes
    before what lowered it; there is always at least one. ``contributions`` are log-odds of the trees; ``scale`` is the
    calibration's slope, so that weights add up in the calibrated log-odds.
    """
    weights = np.bincount(_GROUP_OF, contributions, len(GROUPS)) * scale
    order = [int(position) for position in np.argsort(-np.abs(weights), kind="stable")]
    true = [position for position in order if _is_true(GROUPS[position], float(weights[position]), features)] or order
    heavy = [position for position in true if abs(weights[position]) >= LEAST_WEIGHT] or true[:1]
    if weights.sum() > 0:
        heavy.sort(key=lambda position: weights[position] < 0)  # stable: the heaviest stay first on either side
    chosen = heavy[:MOST_REASONS]
    return tuple(_reason(GROUPS[position], float(weights[position]), features) for position in chosen)


def _is_true(group: Group, weight: float, features: Floats) -> bool:
    return WORDINGS[group].fits(float(features[INDEX[WORDINGS[group].feature]]), 1 if weight > 0 else -1)


def _reason(group: Group, weight: float, features: Floats) -> Reason:
    wording = WORDINGS[group]
    direction = 1 if weight > 0 else -1
    code = wording.raised if direction > 0 else wording.lowered
    value = float(features[INDEX[wording.feature]])
    params = (("figure", shown(value, wording.shown)),) if np.isfinite(value) else (("figure", "–"),)
    return Reason(code, direction, Decimal(f"{weight:.4f}"), params)


def shown(value: float, how: str) -> str:
    """A figure as reasons show it: ``percent``, ``change``, ``money``, ``months``, ``days`` or ``count``."""
    if how == "percent":
        return f"{value * 100:.0f}%"
    if how == "change":
        return f"{(np.exp(value) - 1) * 100:+.0f}%"
    if how == "money":
        return f"¥{10**value:,.0f}"
    if how == "months":
        return f"{value:.1f}"
    return f"{value:.0f}"
