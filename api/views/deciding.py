"""The decision as its owner sees it: reasons, ways to a yes, health, price, and the plans on the table."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from api.views.reason import Reason
from api.views.shop import Simulation


@dataclass(frozen=True, slots=True)
class WayView:
    """One way to a yes, proven by deciding again: ``changes`` with their words, what comes out, for which price.

    ``how`` says of each change what it takes and what was assumed of it. ``outcome`` is approve or review.
    """

    changes: tuple[Reason, ...]
    how: tuple[str, ...]
    outcome: str
    amount_minor: int
    months: int
    annual_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class HealthDriver:
    """One area of the business: points above or below the usual firm's, of how many in a hundred similar firms it is
    at least as good as (None where that says nothing), why in words, and what would help where it is weak.
    ``change`` is in points since the assessment before; None where there was none."""

    area: str
    name: str
    points: int
    better_than: int | None
    reason: str | None
    advice: str | None
    change: int | None


@dataclass(frozen=True, slots=True)
class HealthView:
    """How healthy the business looks, 0 to 100; the usual firm is 50, and the drivers' points add up to the rest.
    Advice, never part of a decision. ``similar`` is the trade that it was compared with, or all."""

    index: int
    similar: str
    drivers: tuple[HealthDriver, ...]
    assessed_at: datetime
    index_before: int | None = None
    before_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PriceView:
    """Annual rates as fractions: this loan's, and the best that the product has; ``because``: what raised it most."""

    annual_rate: Decimal
    best_rate: Decimal
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A verdict as the owner sees it: no score, but its reasons and the ways to a yes, the least effort first;
    ``path_to_yes`` is the first of them in one sentence. ``ways_to_lower_price``: what makes the same loan cheaper.
    ``limit_before_minor``: what the verdict before this one allowed, where there was one.
    ``left_out``: what was there and not read, as its owner does not allow it. ``price``: what the loan costs a year and
    why it is not less, where it is lent."""

    id: UUID
    n: int
    outcome: str
    reasons: tuple[Reason, ...]
    path_to_yes: Reason | None
    limit_minor: int
    currency: str
    decided_by: str
    decided_at: datetime
    ways_to_yes: tuple[WayView, ...] = ()
    ways_to_lower_price: tuple[WayView, ...] = ()
    health: HealthView | None = None
    limit_before_minor: int | None = None
    left_out: tuple[Reason, ...] = ()
    price: PriceView | None = None


@dataclass(frozen=True, slots=True)
class SubsidyView:
    """The one scheme that pays part of the interest of a plan: about ``pays_minor`` at usual sales, so that it costs
    ``after_minor`` in all instead of ``before_minor``. It is claimed for loans that are offered by ``last_on``."""

    scheme: str
    text: str
    pays_minor: int
    before_minor: int
    after_minor: int
    last_on: date


@dataclass(frozen=True, slots=True)
class OfferView:
    """One plan on the table. ``shape`` is as_asked, as_approved (a person approved another amount than was asked for),
    quicker, lighter or smaller. ``coupon_minor``: what a coupon pays of the interest at most;
    ``pays_off_minor``: what ends the loan that it renews, as of today; ``net_minor``: the rest, which is paid out.
    ``money_after_seconds``: how long the money waits after the signature, by rule; ``second_person``: and for somebody
    of the lender who lets it go."""

    id: UUID
    n: int
    shape: str
    amount_minor: int
    currency: str
    months: int
    share: Decimal
    annual_rate: Decimal
    day_count: str
    window_months: int
    windows: int
    terms_hash: str
    expires_at: datetime
    chosen_at: datetime | None
    simulation: Simulation
    coupon_minor: int = 0
    pays_off_minor: int = 0
    net_minor: int = 0
    subsidy: SubsidyView | None = None
    money_after_seconds: int = 0
    second_person: bool = False
    repayment: str = "revenue_share"
