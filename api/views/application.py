"""An application and its evidence, decision, plans, papers and story."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from api.views.reason import Params, Reason


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
    capacity: str | None = None


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One consent to be given: the very words, their hash, what and for how long; ``given_at`` if it is in force."""

    purpose: str
    title: str
    text: str
    text_hash: str
    scope: tuple[str, ...]
    source: str
    law: str
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
    holds: str = "statement"


@dataclass(frozen=True, slots=True)
class InvoiceMonthView:
    """One calendar month of invoices by day of issue, before tax; void ones left out, red ink taken off."""

    month: date
    sales: int
    purchases: int
    sales_minor: int
    purchases_minor: int


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
    """All bills and lists of invoices of an application together; ``months_covered`` is of whichever tells of more."""

    files: tuple[StatementView, ...]
    months: tuple[MonthRevenue, ...]
    months_covered: int
    months_needed: int
    lines: int
    duplicates: int
    not_understood: int
    currency: str
    enough: bool
    invoices: tuple[InvoiceMonthView, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowMonth:
    """What moved in one calendar month of one use."""

    month: date
    in_minor: int
    out_minor: int


@dataclass(frozen=True, slots=True)
class FlowGroup:
    """Money that was read alike: of one named counterparty, or of all others together (``counterparty`` None).

    ``target`` and ``key`` are what a correction names. ``reason`` says why it is taken for this use, ``confidence`` how
    sure that is (0 to 1); ``corrected`` when the owner said so. ``fixed``: a debt stays one whatever its owner says.
    """

    target: str
    key: str
    direction: str
    counterparty: str | None = field(repr=False)
    counterparties: int
    use: str
    reason: Reason
    confidence: Decimal
    lines: int
    amount_minor: int
    first_day: date
    last_day: date
    corrected: bool
    fixed: bool


@dataclass(frozen=True, slots=True)
class FlowUse:
    """All money of one use, by month, and its groups, the largest first."""

    use: str
    in_minor: int
    out_minor: int
    months: tuple[FlowMonth, ...]
    groups: tuple[FlowGroup, ...]


@dataclass(frozen=True, slots=True)
class Flows:
    """What the money of a firm was: business, private, between own accounts, unclear.

    ``unsplit_percent`` is unclear and costs confidence; ``corrected_percent`` of the revenue rests on the owner's word,
    and above ``corrected_up_to_percent`` a person looks at it.
    """

    uses: tuple[FlowUse, ...]
    unsplit_percent: int
    corrected_percent: int
    corrected_up_to_percent: int
    corrections: int
    currency: str
    open: bool


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
    """A stage or step that is waited in: what, for whom, by when (business time), if somebody has promised it;
    ``party`` if somebody outside is awaited; ``usual_days``: how long a step ahead usually takes; ``late``: the first
    time that was told has passed, ``due_at`` is another; ``lead``: who was named then."""

    what: str
    who: str
    due_at: datetime | None
    party: str | None = None
    usual_days: int | None = None
    late: bool = False
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class PayoutView:
    """Money on its way. ``cancellable`` while it has not left.

    ``waits_for`` says why it has not: hour, owner ("is it you?"), call, registration, conditions or second_person,
    until ``waits_until``; ``waits_on``: who acts (owner, manager, register, second_person). ``seconds_left`` is
    business time to ``pay_at``, of ``delay_seconds`` from the signature.
    """

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
    waits_for: str | None = None
    waits_until: datetime | None = None
    waits_on: str = ""
    seconds_left: int = 0
    delay_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened, what now, who acts, by when: the same for owner and manager."""

    application: ApplicationView
    happened: tuple[Moment, ...]
    now: Waiting
    next: tuple[Waiting, ...]
    payout: PayoutView | None
    business_now: datetime
