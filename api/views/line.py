"""Credit lines as their owner and the desk see them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from api.views.release import StepUpView


@dataclass(frozen=True, slots=True)
class DrawView:
    """One draw (借据). ``id`` is its application's; ``left_minor`` what is still owed in principal; ``command_id``
    names the tap that made it; ``credited_on`` None while its money is on its way."""

    id: UUID
    number: int
    loan_id: UUID
    command_id: UUID | None
    amount_minor: int
    left_minor: int
    currency: str
    annual_rate: Decimal
    share: Decimal
    state: str
    payout_state: str | None
    drawn_at: datetime
    credited_on: date | None


@dataclass(frozen=True, slots=True)
class LineChangeView:
    """Something that was done to a line, by which clause and why."""

    act: str
    state_before: str
    state_after: str
    limit_before_minor: int
    limit_after_minor: int
    currency: str
    clause: str
    clause_text: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LineView:
    """A line today. ``limit`` is available, drawn and reserved together, unless it was cut below what is drawn.

    ``base``: what pledged receivables count for today, None for a line without any; ``shortfall``: lent above it.
    ``state``: open, frozen, reduced, closed, or over once its last day has passed. ``clause`` and ``reason``: of the
    change that binds. ``review_due_at``: by when a person who was asked to look answers.
    """

    id: UUID
    application_id: UUID
    number: int
    product_id: str
    state: str
    currency: str
    limit_minor: int
    signed_limit_minor: int
    available_minor: int
    drawn_minor: int
    reserved_minor: int
    base_minor: int | None
    shortfall_minor: int
    lowest_draw_minor: int
    step_minor: int
    revolving: bool
    annual_rate: Decimal
    share: Decimal
    highest_share: Decimal
    share_step: Decimal
    opened_on: date
    expires_on: date
    review_on: date
    fresh: bool
    clause: str
    clause_text: str
    reason: str
    review_due_at: datetime | None
    may_ask_review: bool
    version: int
    draws: tuple[DrawView, ...]
    changes: tuple[LineChangeView, ...]


@dataclass(frozen=True, slots=True)
class DrawQuote:
    """What one draw would cost and when it would be over at usual sales, before anybody confirms it.

    ``coupon``: what a coupon pays of the interest; the total is without it. ``delay_seconds``: how long the money would
    wait by its tier; ``mode``: self or entrusted (P14).
    """

    line_id: UUID
    amount_minor: int
    currency: str
    annual_rate: Decimal
    share: Decimal
    months: int
    interest_minor: int
    coupon_minor: int
    total_minor: int
    finish_on: date | None
    slow_finish_on: date | None
    slow_interest_minor: int
    first_look_on: date
    last_on: date
    terms_hash: str
    tier: str
    delay_seconds: int
    factors: int
    second_person: bool
    mode: str
    account_masked: str
    step_up: StepUpView
    available_after_minor: int


@dataclass(frozen=True, slots=True)
class LineProposalView:
    """A change that waits for a second person. ``mine``: the reader, by person, is the one who made it."""

    id: UUID
    act: str
    limit_minor: int | None
    currency: str
    clause: str
    reason: str
    made_by: str
    made_at: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class LineCase:
    """A line at the desk: whose it is, and what may be done to it by which signed clause."""

    line: LineView
    customer: str = field(repr=False)
    firm: str | None = field(repr=False)
    clauses: tuple[str, ...]
    clause_texts: tuple[str, ...]
    allows: tuple[str, ...]
    asked_by_owner: bool
    why: tuple[str, ...]
    proposal: LineProposalView | None
    second_person: bool
