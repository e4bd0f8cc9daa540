"""The catalogue of coupons, as the rules take it."""

from typing import Annotated

from pydantic import Field

from lending.coupons import CouponKind
from lending.money import Money
from policies.files import PolicyError, PolicyFile, Section
from policies.shapes import Amount


class CouponSection(Section):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    cap: Amount
    least_amount: Amount
    valid_days: Annotated[int, Field(ge=1, le=730)]


class CouponsFile(PolicyFile):
    coupons: tuple[CouponSection, ...]


def coupon_kinds(file: CouponsFile) -> dict[str, CouponKind]:
    """The kinds by name. Raises :class:`PolicyError` for a name that stands twice or a coupon that pays nothing."""
    kinds = [
        CouponKind(one.name, Money.parse(one.cap).minor, Money.parse(one.least_amount).minor, one.valid_days)
        for one in file.coupons
    ]
    for kind in kinds:
        if kind.cap_minor <= 0:
            raise PolicyError("coupons.yaml", f"coupons.{kind.name}", "a coupon pays something")
    if len({kind.name for kind in kinds}) != len(kinds):
        raise PolicyError("coupons.yaml", "coupons", "a name stands twice")
    return {kind.name: kind for kind in kinds}
