"""What uses give back: frozen values that pages and JSON dress, each saying what it is in the field's own words.

Amounts are minor units (``*_minor``) of the ``currency`` beside them or of what holds them; instants are aware and UTC;
``*_on`` is a business date. Nothing here opens more of a person than the reader may see.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a stable code, what fills its sentence, and the sentence in the reader's language."""

    code: str
    params: Params
    text: str


# --- before signing in ------------------------------------------------------------------------------------------------


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
    day_count: str
    late_factor: Decimal
    prepayment_fee_rate: Decimal
    window_months: int
    stretch: Decimal
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
    """The same loan if sales are good, normal or slow; ``finish_on`` None: not within five years."""

    kind: str
    finish_on: date | None
    months: int
    total_interest_minor: int
    total_minor: int
    effective_rate: Decimal | None
    rows: tuple[ProjectionRow, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a loan would cost, by the engine that the ledger uses."""

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


@dataclass(frozen=True, slots=True)
class EligibilityAnswer:
    """Whether it is worth applying, and what is missing; no promise, nothing is kept."""

    ok: bool
    missing: tuple[Reason, ...]


# --- an application ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """Where an application stands. ``to_do`` is the one thing that the owner can do now."""

    id: UUID
    number: int
    stage: str
    step: str | None
    public_stage: str
    actor: str
    waiting_for: str
    due_at: datetime | None
    amount_minor: int
    currency: str
    months: int
    share: Decimal
    declared_revenue_minor: int | None
    product_id: str
    purpose: str | None
    to_do: str
    note: Params
    offer_id: UUID | None
    loan_id: UUID | None
    version: int
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CheckView:
    """One identity check; ``outcome`` is missing, asked, match or mismatch."""

    kind: str
    outcome: str
    answered_at: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class IdentityView:
    """What the owner said of themselves, numbers masked, and what the checks say. None before it was said."""

    kind: str | None
    name: str | None = field(repr=False)
    id_number_masked: str | None = field(repr=False)
    firm_name: str | None = field(repr=False)
    licence_masked: str | None = field(repr=False)
    account_masked: str | None
    bank: str | None
    trade: str | None
    checks: tuple[CheckView, ...]


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One consent to be given: the very words, their hash, what and for how long; ``given_at`` if it is in force."""

    purpose: str
    title: str
    text: str
    text_hash: str
    scope: tuple[str, ...]
    valid_days: int
    needed: bool
    given_at: datetime | None
    consent_id: UUID | None


@dataclass(frozen=True, slots=True)
class StatementView:
    """An uploaded bill and what was understood of it (``summary``: see ``imports.summary.StatementSummary``)."""

    id: UUID
    name: str = field(repr=False)
    size: int
    sha256: str
    state: str
    problem: str | None
    problem_params: Params | None
    summary: Params | None
    received_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class MonthRevenue:
    """Net revenue of one calendar month over all bills; ``whole`` when the bills reach over its ends."""

    month: date
    sales_minor: int
    refunds_minor: int
    net_minor: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """All bills of an application together."""

    files: tuple[StatementView, ...]
    months: tuple[MonthRevenue, ...]
    months_covered: int
    months_needed: int
    lines: int
    duplicates: int
    not_understood: int
    currency: str
    enough: bool


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A verdict as the owner sees it: no score, but its reasons and the way to a yes."""

    id: UUID
    n: int
    outcome: str
    reasons: tuple[Reason, ...]
    path_to_yes: Reason | None
    limit_minor: int
    currency: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class OfferView:
    """One plan on the table. ``shape`` is as_asked, quicker, lighter or smaller."""

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


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper: key_facts, contract or certificate, with the hash that proves it."""

    id: UUID
    kind: str
    sha256: str
    size: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeyFactsView:
    """The sheet of the chosen offer. It can be confirmed from ``readable_from`` (wall time) on."""

    id: UUID
    offer_id: UUID
    terms_hash: str
    sheet: Params
    opened_at: datetime
    readable_from: datetime
    seconds_left: int
    confirmed_at: datetime | None
    contract: PaperView | None
    sheet_paper: PaperView | None


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the story; ``text`` in the reader's language."""

    id: UUID
    n: int
    kind: str
    params: Params
    text: str
    actor: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stage that is waited in: what, for whom, by when (business time); ``party`` if somebody outside is awaited."""

    what: str
    who: str
    due_at: datetime | None
    party: str | None = None


@dataclass(frozen=True, slots=True)
class PayoutView:
    """Money on its way. ``cancellable`` while it has not left."""

    id: UUID
    state: str
    tier: str
    amount_minor: int
    currency: str
    account_masked: str
    bank: str | None
    pay_at: datetime
    submitted_at: datetime | None
    credited_at: datetime | None
    credited_on: date | None
    rail_reference: str | None
    reason: str | None
    cancellable: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened, what now, who acts, by when: the same for owner and manager."""

    application: ApplicationView
    happened: tuple[Moment, ...]
    now: Waiting
    next: tuple[Waiting, ...]
    payout: PayoutView | None
    business_now: datetime


# --- a loan -----------------------------------------------------------------------------------------------------------


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
class PathPoint:
    """Principal owed from that day on."""

    on: date
    principal_minor: int


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
    """A loan today, as its entries tell it."""

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


# --- the person -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message that we sent or are sending."""

    id: UUID
    kind: str
    params: Params
    text: str
    state: str
    application_id: UUID | None
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConsentView:
    """A consent that was given."""

    id: UUID
    purpose: str
    title: str
    scope: tuple[str, ...]
    text_hash: str
    given_at: datetime
    expires_on: date
    withdrawn_at: datetime | None
    in_force: bool


@dataclass(frozen=True, slots=True)
class AccessView:
    """Somebody read something: who (a role, no name), what, why."""

    at: datetime
    actor: str
    what: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Privacy:
    """What a person allowed and who looked."""

    consents: tuple[ConsentView, ...]
    reads: tuple[AccessView, ...]


@dataclass(frozen=True, slots=True)
class SessionView:
    """A signed-in browser of one's own."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class ProfileView:
    """The person's settings."""

    phone_masked: str = field(repr=False)
    name: str | None = field(repr=False)
    locale: str
    large_type: bool
    sessions: tuple[SessionView, ...]


@dataclass(frozen=True, slots=True)
class CommandView:
    """What became of something that was asked."""

    id: UUID
    name: str
    state: str
    stage: str | None
    version: int | None
    problem: str | None
    refusal: Reason | None
    created_at: datetime
    finished_at: datetime | None


# --- staff ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskCard:
    """A card of the inbox."""

    id: UUID
    kind: str
    application_id: UUID
    number: int
    customer: str = field(repr=False)
    firm: str | None = field(repr=False)
    why: tuple[Reason, ...]
    due_at: datetime
    created_at: datetime
    amount_minor: int
    currency: str
    mine: bool
    escalated: bool


@dataclass(frozen=True, slots=True)
class OwnView:
    """What a person thinks before they see the score."""

    verdict: str
    amount_minor: int | None
    reason: str
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScoreView:
    """What the model and the rules say, for staff who have given their own view."""

    outcome: str
    pd: Decimal | None
    grade: str | None
    confidence: Decimal | None
    reasons: tuple[Reason, ...]
    ratios: Params
    limit_minor: int
    currency: str
    model_id: str | None
    policy_version: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with the case. ``score`` is None until the reader's own view is on record."""

    card: TaskCard
    state: str
    application: ApplicationView
    identity: IdentityView
    evidence: Evidence
    own_view: OwnView | None
    score: ScoreView | None
    outcome: Params | None


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A line of the customers' list."""

    application_id: UUID
    number: int
    customer: str = field(repr=False)
    firm: str | None = field(repr=False)
    amount_minor: int
    currency: str
    stage: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """Who a customer is, as their manager may see it."""

    name: str | None = field(repr=False)
    firm: str | None = field(repr=False)
    kind: str | None
    phone_masked: str = field(repr=False)
    exposure_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class BookLine:
    """One loan of the book, as of its last close."""

    loan_id: UUID
    application_id: UUID
    number: int
    state: str
    status: str | None
    principal_minor: int
    owed_minor: int
    paid_minor: int
    currency: str
    live_on: date | None
    matures_on: date | None
    days_past_due: int
    as_of: date | None


@dataclass(frozen=True, slots=True)
class BookSums:
    """The whole book in one currency."""

    currency: str
    live: int
    closed: int
    past_due: int
    lent_minor: int
    owed_minor: int
    repaid_minor: int


@dataclass(frozen=True, slots=True)
class Book:
    """A page of the book; ``next`` is the cursor of the following page."""

    loans: tuple[BookLine, ...]
    sums: tuple[BookSums, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """What moved through an account; the balance is debits less credits."""

    account: str
    debit_minor: int
    credit_minor: int
    balance_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The proof of the ledger: every account; all balances together are zero; balances tie to the entries."""

    currency: str
    accounts: tuple[AccountLine, ...]
    debit_minor: int
    credit_minor: int
    difference_minor: int
    entries: int
    loans: int
    postings_without_entry: int
    entries_without_postings: int
    mismatches: tuple[UUID, ...]
    proven: bool


@dataclass(frozen=True, slots=True)
class CloseLine:
    """One business day's close."""

    on: date
    jurisdiction: str
    state: str
    shards: int
    loans: int
    accrued_minor: int
    instructed_minor: int
    received_minor: int
    difference_minor: int
    currency: str
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class StuckCommand:
    """A command that waits too long, or that nobody can take."""

    id: UUID
    workflow_id: str
    name: str
    state: str
    attempts: int
    refusal: str | None
    created_at: datetime
    next_attempt_at: datetime


@dataclass(frozen=True, slots=True)
class InboundProblem:
    """An event from outside that could not be applied."""

    source: str
    event_id: str
    problem: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class InboundState:
    """Events from outside: how many wait to be applied, how many could not be."""

    waiting: int
    problems: int


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did what; ``sealed`` once it is in the chain."""

    id: int
    at: datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    detail: Params
    request_id: str | None
    sealed: bool


@dataclass(frozen=True, slots=True)
class ClockView:
    """Business time now. ``movable`` only where nobody lives by it."""

    clock_id: str
    now: datetime
    date: date
    speed: int
    movable: bool
