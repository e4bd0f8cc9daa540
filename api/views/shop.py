"""Before anybody signs in."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from api.views.reason import Reason


@dataclass(frozen=True, slots=True)
class ProductCard:
    """What is lent, on which terms, and our own rules around it."""

    product_id: str
    name: str
    text: str
    currency: str
    lowest_minor: int
    highest_minor: int
    step_minor: int
    shortest_months: int
    longest_months: int
    lowest_share: Decimal
    highest_share: Decimal
    share_step: Decimal
    annual_rate: Decimal
    highest_annual_rate: Decimal
    day_count: str
    late_factor: Decimal
    prepayment_fee_rate: Decimal
    window_months: int
    stretch: Decimal
    path_longest_months: int
    grace_days: int
    history_months: int
    automatic_limit_minor: int
    fast_limit_minor: int
    delay_hours: Decimal
    reading_seconds: int
    offer_valid_days: int
    purposes: tuple[str, ...]
    policy_version: str


@dataclass(frozen=True, slots=True)
class ProjectionRow:
    """One month of a projected loan."""

    on: date
    opening_minor: int
    sales_minor: int
    payment_minor: int
    interest_minor: int
    principal_minor: int
    closing_minor: int


@dataclass(frozen=True, slots=True)
class Weather:
    """The same loan if sales are good, normal or slow; ``finish_on`` None: not within five years.

    ``total_minor`` is what the owner pays: ``coupon_minor`` of the interest is paid by their coupon.
    """

    kind: str
    finish_on: date | None
    months: int
    total_interest_minor: int
    total_minor: int
    effective_rate: Decimal | None
    rows: tuple[ProjectionRow, ...]
    coupon_minor: int = 0


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a loan would cost, by the engine that the ledger uses.

    ``least_minor`` of principal is the least progress in each ``window_months``; all is repaid by ``latest_on``.
    """

    product_id: str
    amount_minor: int
    currency: str
    months: int
    share: Decimal
    annual_rate: Decimal
    day_count: str
    monthly_revenue_minor: int
    terms_hash: str
    effective_rate: Decimal | None
    weathers: tuple[Weather, ...]
    window_months: int
    least_minor: int
    latest_on: date


@dataclass(frozen=True, slots=True)
class EligibilityAnswer:
    """Whether it is worth applying, and what is missing; no promise, nothing is kept."""

    ok: bool
    missing: tuple[Reason, ...]
