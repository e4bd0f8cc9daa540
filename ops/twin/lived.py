"""What a living loan meets, and what is left of it for the tally."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from lending.apr import Flow
from lending.calendars import BusinessCalendar
from lending.close import LoanDay
from lending.contact_policy import Purpose
from lending.revenue_share import RevenueDay
from lending.terms import Terms
from ops.twin.assumptions import Assumptions, Scenario
from ops.twin.lateness import Episode, Made
from policies.collections import CollectionRules


@dataclass(frozen=True, slots=True)
class House:
    """What of the lender's rules a living loan meets."""

    collections: CollectionRules
    purposes: Mapping[str, Purpose]
    in_app: frozenset[str]
    calendar: BusinessCalendar | None
    assumed: Assumptions
    scenario: Scenario


@dataclass(slots=True)
class Lived:
    """A loan as the tally needs it. ``months``: (days past due, principal) at the end of each month on the books;
    ``asked`` and ``paid``: what each close asked for and each day brought, by day (kept for the proof of agreement)."""

    loan_id: UUID
    terms: Terms
    started_on: date
    position: LoanDay
    days_past_due: int = 0
    paid_off_on: date | None = None
    interest_earned_minor: int = 0
    paid_minor: int = 0
    waived_minor: int = 0
    given_minor: int = 0
    coupon_minor: int = 0
    flows: list[Flow] = field(default_factory=list[Flow])
    months: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    month_ends: dict[date, tuple[int, int]] = field(default_factory=dict[date, tuple[int, int]])
    episodes: list[Episode] = field(default_factory=list[Episode])
    made: list[Made] = field(default_factory=list[Made])
    debits: dict[date, tuple[int, int]] = field(default_factory=dict[date, tuple[int, int]])
    by_hand: dict[date, list[int]] = field(default_factory=dict[date, list[int]])
    told: dict[date, RevenueDay] = field(default_factory=dict[date, RevenueDay])
    announced: dict[date, int] = field(default_factory=dict[date, int])
    blocked: int = 0
    days: int = 0
