"""The terms of one loan: all that the cost depends on, and the hash that page, paper, contract and ledger share."""

import json
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from lending.products import MinimumPath, Product, SharePlan
from lending.rates import DayCount, rate_units, units_per_minor


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed. ``months`` is the normal horizon, no due date; ``share`` and ``annual_rate`` are fractions."""

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
    prepayment_fee_rate: Decimal = Decimal(0)

    @property
    def rate_units(self) -> int:
        return rate_units(self.annual_rate)

    @property
    def units_per_minor(self) -> int:
        return units_per_minor(self.day_count)

    @property
    def plan(self) -> SharePlan:
        return SharePlan(self.share)


def terms_of(product: Product, *, amount_minor: int, months: int, share: Decimal) -> Terms:
    """The terms of a product for one choice of amount, months and share; refuses what the product does not allow."""
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
        share=share,
        annual_rate=product.price.annual_rate,
        day_count=product.price.day_count,
        window_months=path.window_months,
        windows=path.windows(months),
        grace_days=path.grace_days,
        prepayment_fee_rate=product.price.prepayment_fee_rate,
    )


def canonical(terms: Terms) -> str:
    """The terms as JSON that is the same for equal terms: sorted keys, no spaces, decimals as plain texts."""
    values: dict[str, str | int] = {}
    for name in Terms.__dataclass_fields__:
        value = getattr(terms, name)
        values[name] = plain(value) if isinstance(value, Decimal) else value
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def terms_from(text: str) -> Terms:
    """The terms that :func:`canonical` wrote; ``ValueError`` or ``KeyError`` if the text is not such."""
    values = json.loads(text)
    return Terms(
        product_id=values["product_id"],
        product_version=values["product_version"],
        amount_minor=values["amount_minor"],
        currency=values["currency"],
        months=values["months"],
        share=Decimal(values["share"]),
        annual_rate=Decimal(values["annual_rate"]),
        day_count=DayCount(values["day_count"]),
        window_months=values["window_months"],
        windows=values["windows"],
        grace_days=values["grace_days"],
        prepayment_fee_rate=Decimal(values["prepayment_fee_rate"]),
    )


def plain(value: Decimal) -> str:
    """A decimal without exponent or trailing zeros: 0.120 and 0.12 are the same share."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def terms_hash(terms: Terms) -> str:
    """SHA-256 of the canonical JSON, in hex: what the owner signs and every channel compares (S2-49)."""
    return sha256(canonical(terms).encode()).hexdigest()
