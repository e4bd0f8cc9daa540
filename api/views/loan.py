"""A loan as its entries tell it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from api.views.application import Timeline
from api.views.deciding import HealthView


@dataclass(frozen=True, slots=True)
class WeekLine:
    """Seven days of sales and what was taken of them."""

    first_on: date
    last_on: date
    net_revenue_minor: int
    share: Decimal
    taken_minor: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the loan will be over if sales go on as lately: early, middle and late; None: not within five years."""

    early_on: date | None
    middle_on: date | None
    late_on: date | None
    monthly_net_revenue_minor: int
    interest_to_come_minor: int


@dataclass(frozen=True, slots=True)
class IfSales:
    """A loan's end and interest to come if sales were ``percent`` of what they are lately, beside ``usual``; nothing is
    changed by asking. ``in_time``: it would be over by the day on which the last of it is due."""

    percent: int
    then: Forecast
    usual: Forecast
    matures_on: date | None
    annual_rate: Decimal
    in_time: bool


@dataclass(frozen=True, slots=True)
class PathPoint:
    """Principal owed from that day on."""

    on: date
    principal_minor: int


@dataclass(frozen=True, slots=True)
class InstalmentView:
    """What one due day of a plan by dates asks for as the loan stands; ``left_minor`` of principal after it."""

    number: int
    on: date
    amount_minor: int
    principal_minor: int
    interest_minor: int
    left_minor: int


@dataclass(frozen=True, slots=True)
class Movement:
    """One booking of a loan and why: for a repayment the day's revenue and the share that was taken."""

    entry_id: UUID
    kind: str
    on: date
    amount_minor: int
    interest_minor: int
    principal_minor: int
    over_minor: int
    balance_after_minor: int
    revenue_on: date | None
    net_revenue_minor: int | None
    share: Decimal | None
    rail_reference: str | None


@dataclass(frozen=True, slots=True)
class LoanView:
    """A loan as its entries tell it ``as_of`` the morning after its last close; ``closed_to`` None before the first.

    ``coupon_paid_minor`` of the interest was paid by a coupon: it is part of no other figure of what was paid.
    ``share`` is what is in force; ``instalments``: those to come of a plan by dates (its share is 0).
    """

    id: UUID
    application_id: UUID
    number: int
    state: str
    status: str
    product_id: str
    principal_minor: int
    currency: str
    annual_rate: Decimal
    day_count: str
    share: Decimal
    months: int
    window_months: int
    windows: int
    account_masked: str
    live_on: date | None
    matures_on: date | None
    closed_on: date | None
    closed_to: date | None
    as_of: date
    principal_owed_minor: int
    interest_owed_minor: int
    owed_today_minor: int
    paid_minor: int
    interest_paid_minor: int
    principal_paid_minor: int
    days_past_due: int
    past_due_minor: int
    projected_interest_minor: int
    week: WeekLine | None
    forecast: Forecast | None
    path: tuple[PathPoint, ...]
    movements: tuple[Movement, ...]
    health: HealthView | None = None
    coupon_paid_minor: int = 0
    repayment: str = "revenue_share"
    instalments: tuple[InstalmentView, ...] = ()


@dataclass(frozen=True, slots=True)
class LoanCard:
    """A loan in a list."""

    id: UUID
    application_id: UUID
    state: str
    principal_minor: int
    currency: str
    live_on: date | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One posting: ``amount_minor`` moved from the credited to the debited account."""

    entry_id: UUID
    kind: str
    booked_at: datetime
    effective_on: date
    debit: str
    credit: str
    amount_minor: int
    source: str


@dataclass(frozen=True, slots=True)
class CollectionLine:
    """The debit of one closed day: what was sold, what was asked for and what came in."""

    close_on: date
    net_revenue_minor: int
    asked_minor: int
    received_minor: int
    state: str
    rail_reference: str | None


@dataclass(frozen=True, slots=True)
class LoanFile:
    """A loan as the desk reads it: itself, its journal and its debits (both newest first), and its story."""

    loan: LoanView
    journal: tuple[JournalLine, ...]
    collections: tuple[CollectionLine, ...]
    timeline: Timeline
    currency: str
