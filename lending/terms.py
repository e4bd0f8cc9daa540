"""The terms of one loan: all that the cost depends on, and the hash that page, paper, contract and ledger share."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import cast

from lending.calendars import DayRule
from lending.cycles import Cycle
from lending.products import PPM, MinimumPath, Product, RepaymentKind, SharePlan
from lending.rates import DayCount, rate_units, units_per_minor


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed. ``months`` is the normal horizon, no due date; ``share`` and ``annual_rate`` are fractions.

    ``line_months`` above 0: the terms of a credit line that can be drawn on for so long; the amount is its limit.
    ``path_debit``: what is short of the minimum path may be debited, announced five days before.
    ``principal_first_days`` above 0: of a loan past due for longer, payments settle principal before interest (P10).
    ``repayment`` by dates (``share`` is 0 then): each month's instalment, ``weights`` by calendar month for 大小月.
    ``day_rule``: what becomes of a window's last day that is no working day (P9).
    """

    product_id: str
    product_version: str
    amount_minor: int
    currency: str
    months: int
    share: Decimal
    annual_rate: Decimal
    day_count: DayCount
    window_months: int
    windows: int
    grace_days: int
    late_factor: Decimal
    prepayment_fee_rate: Decimal = Decimal(0)
    cycle: Cycle = Cycle.DAY
    line_months: int = 0
    path_debit: bool = False
    principal_first_days: int = 0
    repayment: RepaymentKind = RepaymentKind.REVENUE_SHARE
    weights: tuple[int, ...] = ()
    day_rule: DayRule = DayRule.NONE

    def principal_first(self, days_past_due: int) -> bool:
        """Whether a payment on a loan so many days past due settles principal before interest."""
        return 0 < self.principal_first_days < days_past_due

    @property
    def rate_units(self) -> int:
        return rate_units(self.annual_rate)

    @property
    def units_per_minor(self) -> int:
        return units_per_minor(self.day_count)

    @property
    def plan(self) -> SharePlan:
        return SharePlan(self.share)

    @property
    def share_ppm(self) -> int:
        """The share in millionths; 0 of a plan by dates."""
        return int(self.share * PPM)

    @property
    def by_dates(self) -> bool:
        return self.repayment.by_dates


def terms_of(
    product: Product, *, amount_minor: int, months: int, share: Decimal, weights: tuple[int, ...] = ()
) -> Terms:
    """The terms of a product for one choice of amount, months and share; refuses what the product does not allow.

    Of a plan by dates nothing is shared: ``share`` is then the most of usual sales that its owner gives for an
    instalment, and no part of the terms.
    """
    product.amounts.require(amount_minor, product.amounts.currency)
    product.months.require(months)
    product.share.require(share)
    path: MinimumPath = product.minimum_path
    return Terms(
        product_id=product.id,
        product_version=product.version,
        amount_minor=amount_minor,
        currency=product.amounts.currency,
        months=months,
        share=Decimal(0) if product.repayment.by_dates else share,
        annual_rate=product.price.annual_rate,
        day_count=product.price.day_count,
        window_months=path.window_months,
        windows=path.windows(months),
        grace_days=path.grace_days,
        late_factor=product.price.late_factor,
        prepayment_fee_rate=product.price.prepayment_fee_rate,
        line_months=product.line.months if product.line else 0,
        path_debit=path.debit,
        principal_first_days=product.principal_first_days,
        repayment=product.repayment,
        weights=weights,
        day_rule=path.day_rule,
    )


# What came later than the first signed terms, and is not written where it says nothing: their hashes must not change.
LATER = ("line_months", "path_debit", "principal_first_days", "weights")


def canonical(terms: Terms) -> str:
    """The terms as JSON that is the same for equal terms: sorted keys, no spaces, decimals as plain texts."""
    values: dict[str, str | int | list[int]] = {}
    for name in Terms.__dataclass_fields__:
        value = getattr(terms, name)
        if value in _UNSAID or (name in LATER and not value):
            continue
        values[name] = plain(value) if isinstance(value, Decimal) else value
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# What older terms do not say: they are debited every day, by a share of sales.
_SIGNED_WITHOUT: dict[str, object] = {
    "cycle": Cycle.DAY.value,
    "line_months": 0,
    "path_debit": False,
    "principal_first_days": 0,
    "repayment": RepaymentKind.REVENUE_SHARE.value,
    "weights": [],
    "day_rule": DayRule.NONE.value,
}
# What is not written where it is so, for the same reason.
_UNSAID = (Cycle.DAY, RepaymentKind.REVENUE_SHARE, DayRule.NONE)


class NotTerms(ValueError):
    """Stored values that are no terms of a loan: a key is unknown or missing, or a value is of another kind."""


def terms_from(values: Mapping[str, object]) -> Terms:
    """The terms whose :func:`canonical` JSON was read into ``values``; the inverse of it, or :class:`NotTerms`."""
    fields = Terms.__dataclass_fields__
    if unknown := sorted(values.keys() - fields.keys()):
        raise NotTerms(f"unknown keys {', '.join(unknown)}; known: {', '.join(fields)}")
    values = _SIGNED_WITHOUT | dict(values)
    if missing := sorted(fields.keys() - values.keys()):
        raise NotTerms(f"missing keys {', '.join(missing)}")

    def whole(name: str) -> int:
        value = values[name]
        if type(value) is not int:
            raise NotTerms(f"{name}: a whole number, not {value!r}")
        return value

    def text(name: str) -> str:
        value = values[name]
        if not isinstance(value, str):
            raise NotTerms(f"{name}: a text, not {value!r}")
        return value

    def yes(name: str) -> bool:
        value = values[name]
        if not isinstance(value, bool):
            raise NotTerms(f"{name}: true or false, not {value!r}")
        return value

    def number(name: str) -> Decimal:
        try:
            return Decimal(text(name))
        except InvalidOperation:
            raise NotTerms(f"{name}: a number as text, not {values[name]!r}") from None

    if text("day_count") not in set(DayCount):
        raise NotTerms(f"day_count: one of {', '.join(DayCount)}, not {values['day_count']!r}")
    if text("cycle") not in set(Cycle):
        raise NotTerms(f"cycle: one of {', '.join(Cycle)}, not {values['cycle']!r}")
    if text("repayment") not in set(RepaymentKind):
        raise NotTerms(f"repayment: one of {', '.join(RepaymentKind)}, not {values['repayment']!r}")
    if text("day_rule") not in (DayRule.NONE, DayRule.FOLLOWING):
        raise NotTerms(f"day_rule: none or following, not {values['day_rule']!r}")
    weights = values["weights"]
    if not isinstance(weights, list | tuple) or not all(type(one) is int for one in cast("list[object]", weights)):
        raise NotTerms(f"weights: whole numbers, not {weights!r}")
    return Terms(
        product_id=text("product_id"),
        product_version=text("product_version"),
        amount_minor=whole("amount_minor"),
        currency=text("currency"),
        months=whole("months"),
        share=number("share"),
        annual_rate=number("annual_rate"),
        day_count=DayCount(text("day_count")),
        window_months=whole("window_months"),
        windows=whole("windows"),
        grace_days=whole("grace_days"),
        late_factor=number("late_factor"),
        prepayment_fee_rate=number("prepayment_fee_rate"),
        cycle=Cycle(text("cycle")),
        line_months=whole("line_months"),
        path_debit=yes("path_debit"),
        principal_first_days=whole("principal_first_days"),
        repayment=RepaymentKind(text("repayment")),
        weights=tuple(cast("list[int]", weights)),
        day_rule=DayRule(text("day_rule")),
    )


def plain(value: Decimal) -> str:
    """A decimal without exponent or trailing zeros: 0.120 and 0.12 are the same share."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def terms_hash(terms: Terms) -> str:
    """SHA-256 of the canonical JSON, in hex: what the owner signs and every channel compares (S2-49)."""
    return sha256(canonical(terms).encode()).hexdigest()
