"""Interest coupons: the lender pays the first interest of a loan, day by day, until the coupon is used up.

A coupon changes no term. It pays interest as it is earned, so what the owner pays goes to principal sooner: with one,
each figure of the sheet is at most what it is without (issue: it can never make another term worse).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CouponKind:
    """What the catalogue gives: ``cap_minor`` of interest at most, on loans of ``least_minor`` and more."""

    name: str
    cap_minor: int
    least_minor: int
    valid_days: int


@dataclass(frozen=True, slots=True)
class Coupon:
    """One that somebody holds; good for a loan that is offered on ``valid_until`` or before."""

    id: UUID
    kind: str
    cap_minor: int
    least_minor: int
    valid_until: date

    def fits(self, amount_minor: int, on: date) -> bool:
        """Whether a loan of this amount, offered on ``on``, may use it."""
        return amount_minor >= self.least_minor and on <= self.valid_until

    def pays(self, interest_minor: int) -> int:
        """What it pays of this much interest."""
        return min(self.cap_minor, interest_minor)


def best(coupons: Sequence[Coupon], *, amount_minor: int, interest_minor: int, on: date) -> Coupon | None:
    """The one that pays most of the expected interest; of equals the smaller one, then the one that ends first.

    So a large coupon is not spent where a small one does as much. None where none fits or none would pay.
    """
    fitting = [one for one in coupons if one.fits(amount_minor, on) and one.pays(interest_minor) > 0]
    return min(
        fitting,
        key=lambda one: (-one.pays(interest_minor), one.cap_minor, one.valid_until, one.id),
        default=None,
    )


def as_offered(coupon: Coupon | None) -> dict[str, Any]:
    """What an offer keeps of its coupon, beside its projection."""
    return {"coupon": {"id": str(coupon.id), "kind": coupon.kind, "cap_minor": coupon.cap_minor}} if coupon else {}


def offered_cap(kept: Mapping[str, Any]) -> int:
    """What the coupon of an offer pays at most, in minor units; 0 without one."""
    return int(kept["coupon"]["cap_minor"]) if kept.get("coupon") else 0
