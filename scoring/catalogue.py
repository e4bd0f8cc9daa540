"""Every feature of the score: what it means, its unit, which way it may move the risk, and the reason it stands for.

One list for training, scoring, reasons and the model's card. Names and meanings in both languages:
``scoring.feature.<name>`` in ``locales/scoring.yaml``.
"""

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """Business words that features are gathered under when a decision is explained."""

    SIZE = "size"
    TREND = "trend"
    RECENT = "recent"
    STABILITY = "stability"
    OPENING = "opening"
    REFUNDS = "refunds"
    GOODS = "goods"
    FIXED_COSTS = "fixed_costs"
    RENT_PUNCTUALITY = "rent_punctuality"
    PRIVATE_USE = "private_use"
    OTHER_DEBTS = "other_debts"
    MARGIN = "margin"
    CUSTOMERS = "customers"
    HISTORY = "history"
    CLARITY = "clarity"


class Unit(StrEnum):
    RATIO = "ratio"  # a part of something: 0.12 is shown as 12 %
    CHANGE = "change"  # natural logarithm of a ratio: -0.22 is shown as 20 % less
    SCALE = "scale"  # decimal logarithm of yuan
    DAYS = "days"
    MONTHS = "months"
    COUNT = "count"
    INDEX = "index"  # no unit: variation, concentration


@dataclass(frozen=True, slots=True)
class Feature:
    """``risk`` is +1 when more of it can only raise the chance of default, -1 when it can only lower it, 0 when free.

    ``source`` is the consent scope that the feature may be computed under; ``fresh_days`` is how old its newest line
    may be before confidence falls.
    """

    name: str
    group: Group
    unit: Unit
    risk: int
    source: str = "statements"
    fresh_days: int = 45


CATALOGUE: tuple[Feature, ...] = (
    Feature("sales_level", Group.SIZE, Unit.SCALE, -1),
    Feature("ticket_size", Group.SIZE, Unit.SCALE, 0),
    Feature("sales_trend", Group.TREND, Unit.CHANGE, -1),
    Feature("sales_slope", Group.TREND, Unit.CHANGE, -1),
    Feature("customer_count_trend", Group.TREND, Unit.CHANGE, -1),
    Feature("last_month", Group.RECENT, Unit.CHANGE, -1),
    Feature("worst_month", Group.RECENT, Unit.RATIO, -1),
    Feature("month_variation", Group.STABILITY, Unit.INDEX, 1),
    Feature("day_variation", Group.STABILITY, Unit.INDEX, 1),
    Feature("week_pattern", Group.STABILITY, Unit.RATIO, 0),
    Feature("closed_days", Group.OPENING, Unit.RATIO, 1),
    Feature("closed_days_recent", Group.OPENING, Unit.RATIO, 1),
    Feature("longest_gap", Group.OPENING, Unit.DAYS, 1),
    Feature("refund_rate", Group.REFUNDS, Unit.RATIO, 1),
    Feature("refund_rate_change", Group.REFUNDS, Unit.RATIO, 1),
    Feature("purchase_ratio", Group.GOODS, Unit.RATIO, 1),
    Feature("purchase_ratio_change", Group.GOODS, Unit.RATIO, 1),
    Feature("supplier_concentration", Group.GOODS, Unit.INDEX, 0),
    Feature("rent_ratio", Group.FIXED_COSTS, Unit.RATIO, 1),
    Feature("payroll_ratio", Group.FIXED_COSTS, Unit.RATIO, 1),
    Feature("rent_delay", Group.RENT_PUNCTUALITY, Unit.DAYS, 1),
    Feature("private_share", Group.PRIVATE_USE, Unit.RATIO, 1),
    Feature("private_share_recent", Group.PRIVATE_USE, Unit.RATIO, 1),
    Feature("loans_taken", Group.OTHER_DEBTS, Unit.RATIO, 1),
    Feature("loans_taken_recent", Group.OTHER_DEBTS, Unit.RATIO, 1),
    Feature("loan_repayments", Group.OTHER_DEBTS, Unit.RATIO, 1),
    Feature("loan_balance", Group.OTHER_DEBTS, Unit.RATIO, 1),
    Feature("lenders", Group.OTHER_DEBTS, Unit.COUNT, 1),
    Feature("margin", Group.MARGIN, Unit.RATIO, -1),
    Feature("buyer_concentration", Group.CUSTOMERS, Unit.INDEX, 1),
    Feature("regular_customers", Group.CUSTOMERS, Unit.RATIO, -1),
    Feature("months_covered", Group.HISTORY, Unit.MONTHS, -1),
    Feature("unexplained_income", Group.CLARITY, Unit.RATIO, 1),
)

NAMES = tuple(feature.name for feature in CATALOGUE)
INDEX = {feature.name: position for position, feature in enumerate(CATALOGUE)}
MONOTONE = tuple(feature.risk for feature in CATALOGUE)
VERSION = "statements-1"
