"""What staff see: tasks, cases, the book and its proof."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from api.views.application import ApplicationView, Evidence, IdentityView
from api.views.deciding import HealthView, WayView
from api.views.diligence import DutyView
from api.views.offline import OutsideDone
from api.views.reason import Params, Reason
from api.views.trust import TrustView


@dataclass(frozen=True, slots=True)
class TaskCard:
    """A card of the inbox. ``pieces``: what the case rests on, each in words; ``lead``: who was named when late."""

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
    pieces: tuple[str, ...] = field(default=(), repr=False)
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """What stood in an own view before it was corrected, since ``given_at``, why and when it was corrected; or with
    ``after_look`` a remark that was made after the score was seen, and changed nothing. ``turned``: a yes became a no
    by it, or the other way."""

    verdict: str
    amount_minor: int | None
    reason: str
    why: str
    at: datetime
    after_look: bool
    given_at: datetime | None
    turned: bool


@dataclass(frozen=True, slots=True)
class OwnView:
    """What a person thinks before they see the score, and what was corrected in it or remarked on it since."""

    verdict: str
    amount_minor: int | None
    reason: str
    given_at: datetime | None = None
    corrected: tuple[Corrected, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreView:
    """What the model and the rules say, for staff who have given their own view. ``route``: who was to decide."""

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
    model_role: str | None = None
    health: HealthView | None = None
    route: str | None = None
    route_why: Reason | None = None
    features_version: str | None = None
    decided_at: datetime | None = None
    ways_to_yes: tuple[WayView, ...] = ()
    left_out: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Counterparty:
    """One of the largest payers (``side`` customer) or suppliers; ``total_minor`` is all of that side's amount."""

    side: str
    rank: int
    lines: int
    amount_minor: int
    total_minor: int
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One row that a finding rests on; ``direction`` is 1 in or issued, -1 out or received."""

    on: date
    amount_minor: int
    direction: int


@dataclass(frozen=True, slots=True)
class FindingView:
    """Something that does not look like business: how strongly (0 to 1), in words, with its first rows."""

    rule: str
    score: Decimal
    text: str
    rows: tuple[FindingRow, ...]
    currency: str


@dataclass(frozen=True, slots=True)
class BureauView:
    """What the credit bureau said."""

    reference: str
    received_at: datetime
    outstanding_minor: int
    monthly_instalments_minor: int
    current_overdue_minor: int
    overdue_months_24: int
    enquiries_90d: int
    dishonest: bool
    currency: str


@dataclass(frozen=True, slots=True)
class RegisterFact:
    """One thing that a register said: an amount, a number, a day, a word, or yes and no; one of them."""

    name: str
    amount_minor: int | None = None
    number: int | None = None
    day: date | None = None
    word: str | None = None
    yes: bool | None = None
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class RegisterView:
    """What a register was asked under which consent, when it answered and what; one without ``received_at`` is silent.

    ``source``: bureau (the owner's report), company_report, courts, registry.
    """

    source: str
    reference: str | None
    consent_at: datetime | None
    received_at: datetime | None
    facts: tuple[RegisterFact, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with the case. ``score`` and ``bureau`` are None, ``registers`` empty, until an own view is on record.

    ``leaning``: what the score would decide alone; to decide otherwise takes one of the ``causes``. ``outside``: what
    somebody went to see before; ``duties``: what the lender's people owe to the case before a yes, gaps and all.
    """

    card: TaskCard
    state: str
    application: ApplicationView
    identity: IdentityView
    evidence: Evidence
    counterparties: tuple[Counterparty, ...]
    findings: tuple[FindingView, ...]
    own_view: OwnView | None
    score: ScoreView | None
    bureau: BureauView | None
    outcome: Params | None
    registers: tuple[RegisterView, ...] = ()
    leaning: str | None = None
    causes: tuple[str, ...] = ()
    outside: tuple[OutsideDone, ...] = ()
    duties: DutyView | None = None
    opened: bool = False


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
    trust: TrustView


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
    """A page of the book as of its last finished close; ``next`` is the cursor of the following page."""

    loans: tuple[BookLine, ...]
    sums: tuple[BookSums, ...]
    next: str | None
    closed_to: date | None = None


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
    of_loans: int = 0


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
    """Business time now. ``movable`` only where nobody lives by it; ``until``: where it is being led to, day by day."""

    clock_id: str
    now: datetime
    date: date
    speed: int
    movable: bool
    until: datetime | None = None
