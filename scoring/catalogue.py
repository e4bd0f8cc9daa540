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
    BALANCE = "balance"
    CIRCULATION = "circulation"
    INVOICED_SIZE = "invoiced_size"
    INVOICED_TREND = "invoiced_trend"
    INVOICED_STEADINESS = "invoiced_steadiness"
    INVOICE_REVERSALS = "invoice_reversals"
    BUYERS = "buyers"
    SUPPLIERS = "suppliers"
    INVOICED_MARGIN = "invoiced_margin"
    INVOICED_HISTORY = "invoiced_history"
    RECEIVABLES = "receivables"
    PAYERS = "payers"
    ORDERS = "orders"
    ASKED = "asked"
    OWN_WORD = "own_word"


class Source(StrEnum):
    """Where a feature comes from: also the consent scope that it may be computed under."""

    STATEMENTS = "statements"
    INVOICES = "invoices"
    RECEIVABLES = "receivables"  # due and paid dates of sales invoices
    ORDERS = "orders"
    DECLARED = "declared"


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
    source: Source = Source.STATEMENTS
    fresh_days: int = 45


_LINES: tuple[Feature, ...] = (
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
    Feature("season", Group.STABILITY, Unit.INDEX, 0),
    Feature("days_between_sales", Group.OPENING, Unit.DAYS, 1),
    Feature("payment_rhythm", Group.STABILITY, Unit.INDEX, 1),
    Feature("flow_level", Group.SIZE, Unit.SCALE, -1),
    Feature("net_flow", Group.MARGIN, Unit.RATIO, -1),
    Feature("balance_usual", Group.BALANCE, Unit.MONTHS, -1),
    Feature("balance_low", Group.BALANCE, Unit.MONTHS, -1),
    Feature("balance_least", Group.BALANCE, Unit.MONTHS, -1),
    Feature("balance_change", Group.BALANCE, Unit.CHANGE, -1),
    Feature("balance_level", Group.BALANCE, Unit.SCALE, -1),
    Feature("days_overdrawn", Group.BALANCE, Unit.RATIO, 1),
    Feature("round_trips", Group.CIRCULATION, Unit.RATIO, 1),
    Feature("self_transfers", Group.CIRCULATION, Unit.RATIO, 1),
    Feature("round_amounts", Group.CLARITY, Unit.RATIO, 0),
    Feature("unnamed_lines", Group.CLARITY, Unit.RATIO, 0),
)
_INVOICES: tuple[Feature, ...] = tuple(
    Feature(feature, group, unit, risk, Source.INVOICES, 62)
    for feature, group, unit, risk in (
        ("invoiced_level", Group.INVOICED_SIZE, Unit.SCALE, -1),
        ("invoice_count", Group.INVOICED_SIZE, Unit.SCALE, -1),
        ("invoice_size", Group.INVOICED_SIZE, Unit.SCALE, 0),
        ("purchased_level", Group.INVOICED_SIZE, Unit.SCALE, -1),
        ("invoiced_trend", Group.INVOICED_TREND, Unit.CHANGE, -1),
        ("invoiced_slope", Group.INVOICED_TREND, Unit.CHANGE, -1),
        ("invoiced_variation", Group.INVOICED_STEADINESS, Unit.INDEX, 1),
        ("invoiced_season", Group.INVOICED_STEADINESS, Unit.INDEX, 0),
        ("invoiced_months", Group.INVOICED_STEADINESS, Unit.RATIO, -1),
        ("invoice_gap", Group.INVOICED_STEADINESS, Unit.DAYS, 1),
        ("days_between_invoices", Group.INVOICED_STEADINESS, Unit.DAYS, 1),
        ("invoice_rhythm", Group.INVOICED_STEADINESS, Unit.INDEX, 1),
        ("void_share", Group.INVOICE_REVERSALS, Unit.RATIO, 1),
        ("red_share", Group.INVOICE_REVERSALS, Unit.RATIO, 1),
        ("buyer_count", Group.BUYERS, Unit.SCALE, -1),
        ("buyer_share", Group.BUYERS, Unit.INDEX, 1),
        ("buyer_churn", Group.BUYERS, Unit.RATIO, 1),
        ("buyer_repeats", Group.BUYERS, Unit.RATIO, -1),
        ("supplier_count", Group.SUPPLIERS, Unit.SCALE, -1),
        ("supplier_share", Group.SUPPLIERS, Unit.INDEX, 1),
        ("supplier_churn", Group.SUPPLIERS, Unit.RATIO, 1),
        ("invoiced_margin", Group.INVOICED_MARGIN, Unit.RATIO, -1),
        ("purchase_share", Group.INVOICED_MARGIN, Unit.CHANGE, 0),
        ("tax_rate", Group.INVOICED_MARGIN, Unit.RATIO, 0),
        ("tax_burden", Group.INVOICED_MARGIN, Unit.RATIO, 0),
        ("invoiced_history", Group.INVOICED_HISTORY, Unit.MONTHS, -1),
        ("invoice_age", Group.INVOICED_HISTORY, Unit.DAYS, 1),
    )
)
_RECEIVABLES: tuple[Feature, ...] = tuple(
    Feature(feature, group, unit, risk, Source.RECEIVABLES, 45)
    for feature, group, unit, risk in (
        ("open_share", Group.RECEIVABLES, Unit.MONTHS, 1),
        ("open_age", Group.RECEIVABLES, Unit.DAYS, 1),
        ("overdue_share", Group.RECEIVABLES, Unit.RATIO, 1),
        ("open_concentration", Group.RECEIVABLES, Unit.INDEX, 1),
        ("dilution", Group.RECEIVABLES, Unit.RATIO, 1),
        ("late_share", Group.PAYERS, Unit.RATIO, 1),
        ("late_days", Group.PAYERS, Unit.DAYS, 1),
        ("late_share_change", Group.PAYERS, Unit.RATIO, 1),
        ("days_to_pay", Group.PAYERS, Unit.DAYS, 1),
        ("worst_payer", Group.PAYERS, Unit.RATIO, 1),
    )
)
_ORDERS: tuple[Feature, ...] = tuple(
    Feature(feature, group, unit, risk, Source.ORDERS, 45)
    for feature, group, unit, risk in (
        ("order_level", Group.ORDERS, Unit.SCALE, -1),
        ("order_trend", Group.ORDERS, Unit.CHANGE, -1),
        ("order_failures", Group.ORDERS, Unit.RATIO, 1),
        ("order_delay", Group.ORDERS, Unit.DAYS, 1),
        ("order_unpaid", Group.ORDERS, Unit.RATIO, 1),
        ("order_partners", Group.ORDERS, Unit.INDEX, 1),
    )
)
_DECLARED: tuple[Feature, ...] = tuple(
    Feature(feature, group, unit, risk, Source.DECLARED, 180)
    for feature, group, unit, risk in (
        ("asked_months", Group.ASKED, Unit.MONTHS, 1),
        ("asked_instalment", Group.ASKED, Unit.RATIO, 1),
        ("asked_to_balance", Group.ASKED, Unit.CHANGE, 1),
        ("asked_level", Group.ASKED, Unit.SCALE, 0),
        ("asked_term", Group.ASKED, Unit.MONTHS, 0),
        ("declared_debts", Group.OWN_WORD, Unit.RATIO, 1),
        ("declared_gap", Group.OWN_WORD, Unit.CHANGE, 1),
        ("declared_age", Group.OWN_WORD, Unit.MONTHS, -1),
        ("declared_staff", Group.OWN_WORD, Unit.COUNT, -1),
    )
)

CATALOGUE = (*_LINES, *_INVOICES, *_RECEIVABLES, *_ORDERS, *_DECLARED)
NAMES = tuple(feature.name for feature in CATALOGUE)
INDEX = {feature.name: position for position, feature in enumerate(CATALOGUE)}
MONOTONE = tuple(feature.risk for feature in CATALOGUE)
OF_SOURCE = {source: tuple(n for n, feature in enumerate(CATALOGUE) if feature.source is source) for source in Source}
VERSION = "evidence-1"
