"""The terms of a loan that is repaid on dates: all that its cost depends on, what is signed, and its hash."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, cast

from lending.calendars import BusinessCalendar, DayRule
from lending.instalment_products import Bearer, FeeBasis, FeeTerm, FeeTime, InstalmentProduct
from lending.rates import DayCount
from lending.schedules import Plan, Shape
from lending.terms import NotTerms, plain


@dataclass(frozen=True, slots=True)
class InstalmentTerms:
    """What is agreed; ``annual_rate`` is a fraction, ``index`` None where it is fixed, ``weights`` for 大小月.

    ``cover_minor`` is what is insured or guaranteed, for fees that are reckoned on it.
    """

    product_id: str
    product_version: str
    amount_minor: int
    currency: str
    months: int
    shape: Shape
    annual_rate: Decimal
    index: str | None
    points: int
    reprices_every_months: int | None
    day_count: DayCount
    day_rule: DayRule
    late_factor: Decimal
    misuse_factor: Decimal
    grace_days: int
    prepayment_fee_rate: Decimal
    fees: tuple[FeeTerm, ...]
    weights: tuple[int, ...] = ()
    cover_minor: int = 0

    def plan(self, start: date, calendar: BusinessCalendar | None) -> Plan:
        """The plan from the day on which the money is credited."""
        bullet = self.shape is Shape.BULLET
        return Plan(
            self.amount_minor,
            self.annual_rate,
            self.day_count,
            start,
            1 if bullet else self.months,
            self.shape,
            every=self.months if bullet else 1,
            weights=self.weights,
            calendar=calendar,
            day_rule=self.day_rule,
        )


def instalment_terms(
    product: InstalmentProduct,
    *,
    amount_minor: int,
    months: int,
    shape: Shape,
    start: date,
    indices: dict[str, Decimal],
    weights: tuple[int, ...] = (),
    cover_minor: int = 0,
) -> InstalmentTerms:
    """The terms of a product for one choice; refuses what the product does not allow."""
    plan = product.plan(
        amount_minor=amount_minor, months=months, shape=shape, start=start, indices=indices, weights=weights
    )
    return InstalmentTerms(
        product_id=product.id,
        product_version=product.version,
        amount_minor=amount_minor,
        currency=product.amounts.currency,
        months=months,
        shape=shape,
        annual_rate=plan.annual_rate,
        index=product.price.index,
        points=product.price.points,
        reprices_every_months=product.price.reprices_every_months,
        day_count=product.price.day_count,
        day_rule=product.day_rule,
        late_factor=product.lateness.late_factor,
        misuse_factor=product.lateness.misuse_factor,
        grace_days=product.lateness.grace_days,
        prepayment_fee_rate=product.prepayment_fee_rate,
        fees=product.fees,
        weights=weights,
        cover_minor=cover_minor,
    )


def canonical(terms: InstalmentTerms) -> str:
    """The terms as JSON that is the same for equal terms: sorted keys, no spaces, decimals as plain texts."""
    values = {name: _told(getattr(terms, name)) for name in InstalmentTerms.__dataclass_fields__}
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _told(value: object) -> object:
    match value:
        case Decimal():
            return plain(value)
        case FeeTerm():
            return {name: _told(getattr(value, name)) for name in FeeTerm.__dataclass_fields__}
        case tuple():
            return [_told(each) for each in cast(tuple[object, ...], value)]
        case _:
            return value


def terms_hash(terms: InstalmentTerms) -> str:
    """SHA-256 of the canonical JSON, in hex: what is signed."""
    return sha256(canonical(terms).encode()).hexdigest()


def terms_from(values: Mapping[str, Any]) -> InstalmentTerms:
    """The terms whose :func:`canonical` JSON was read into ``values``; the inverse of it, or :class:`NotTerms`."""
    known = set(InstalmentTerms.__dataclass_fields__)
    if wrong := sorted(values.keys() ^ known):
        raise NotTerms(f"keys unknown or missing: {', '.join(wrong)}")
    read: dict[str, Any] = dict(values)
    try:
        for name in ("annual_rate", "late_factor", "misuse_factor", "prepayment_fee_rate"):
            read[name] = Decimal(values[name])
        read |= {"shape": Shape(values["shape"]), "day_count": DayCount(values["day_count"])}
        read |= {"day_rule": DayRule(values["day_rule"]), "weights": tuple(values["weights"])}
        read["fees"] = tuple(_fee(fee) for fee in values["fees"])
        return InstalmentTerms(**read)
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise NotTerms(f"no terms: {error}") from error


def _fee(values: Mapping[str, Any]) -> FeeTerm:
    return FeeTerm(
        values["code"],
        FeeBasis(values["basis"]),
        Decimal(values["value"]),
        FeeTime(values["time"]),
        values["payee"],
        Bearer(values["borne_by"]),
    )
