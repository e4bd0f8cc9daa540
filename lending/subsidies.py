"""Interest subsidies (贴息) as a catalogue: who may have one, what it pays, never two for the same interest (P6).

A subsidy changes no term: the owner pays what was agreed, and what the scheme pays of it comes back to them. So an
offer shows its cost before and after, and nothing else moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal


@dataclass(frozen=True, slots=True)
class Scheme:
    """One scheme. ``points``: so much of the yearly rate it pays, as a fraction, for the first ``months`` of a loan and
    ``cap_minor`` in all. ``kinds``, ``trades`` and ``regions`` (GB/T 2260 prefixes): empty means all."""

    name: str
    points: Decimal
    cap_minor: int
    months: int
    most_minor: int
    first_on: date
    last_on: date
    kinds: frozenset[str] = frozenset()
    trades: frozenset[str] = frozenset()
    regions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.points <= 0 or self.cap_minor <= 0 or self.months < 1 or self.most_minor <= 0:
            raise ValueError("points, cap, months and amount are above zero")
        if self.last_on < self.first_on:
            raise ValueError("it ends after it begins")


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks. ``trade`` and ``region`` None: not known, so nothing that depends on them is promised."""

    kind: str
    trade: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class Subsidy:
    """What one scheme pays of a loan's interest, in minor units, at the sales that the offer assumes."""

    scheme: Scheme
    pays_minor: int


def may_have(scheme: Scheme, applicant: Applicant, *, amount_minor: int, on: date) -> bool:
    """Whether a loan that is offered on ``on`` falls under the scheme; one that has ended or not begun never does."""
    return (
        scheme.first_on <= on <= scheme.last_on
        and amount_minor <= scheme.most_minor
        and (not scheme.kinds or applicant.kind in scheme.kinds)
        and (not scheme.trades or applicant.trade in scheme.trades)
        and (not scheme.regions or (applicant.region or "").startswith(scheme.regions))
    )


def pays(scheme: Scheme, annual_rate: Decimal, interest_by_month_minor: Sequence[int]) -> int:
    """What it pays of the interest that the owner pays month by month: its points' part, rounded down, up to the cap.

    Never more than the interest itself, and nothing of what a coupon paid: that is no interest of the owner's.
    """
    if annual_rate <= 0:
        return 0
    part = min(Decimal(1), scheme.points / annual_rate)
    interest = sum(interest_by_month_minor[: scheme.months])
    return min(scheme.cap_minor, int((interest * part).to_integral_value(rounding=ROUND_FLOOR)))


def best(
    schemes: Sequence[Scheme],
    applicant: Applicant,
    *,
    amount_minor: int,
    annual_rate: Decimal,
    interest_by_month_minor: Sequence[int],
    on: date,
) -> Subsidy | None:
    """The one scheme that pays most, never two for the same interest; None where none pays anything."""
    found = [
        Subsidy(one, pays(one, annual_rate, interest_by_month_minor))
        for one in schemes
        if may_have(one, applicant, amount_minor=amount_minor, on=on)
    ]
    return max(
        (one for one in found if one.pays_minor > 0), key=lambda one: (one.pays_minor, one.scheme.name), default=None
    )


@dataclass(frozen=True, slots=True)
class Granted:
    """What a signed sheet promises of a scheme: fixed with the loan, whatever becomes of the catalogue."""

    scheme: str
    points: Decimal
    cap_minor: int
    months: int


def claimable(granted: Granted, annual_rate: Decimal, paid_minor: int, claimed_minor: int) -> int:
    """What may be claimed of the body now, in minor units: its part of all the interest that the owner has paid within
    the scheme's months (``paid_minor``), less what was claimed before.

    By the running total and not by the period, so that the claims of a loan's life add up to :func:`pays`, to the fen.
    """
    if annual_rate <= 0:
        return 0
    part = min(Decimal(1), granted.points / annual_rate)
    due = min(granted.cap_minor, int((paid_minor * part).to_integral_value(rounding=ROUND_FLOOR)))
    return max(0, due - claimed_minor)
