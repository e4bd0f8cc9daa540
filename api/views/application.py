"""An application and its evidence, decision, plans, papers and story."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from api.views.reason import Params, Reason
from api.views.shop import Simulation


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
    price: "PriceView | None" = None


@dataclass(frozen=True, slots=True)
class PriceView:
    """Annual rates as fractions: this loan's, and the best that the product has; ``because``: what raised it most."""

    annual_rate: Decimal
    best_rate: Decimal
    because: tuple[Reason, ...]


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
    """Money on its way. ``cancellable`` while it has not left.

    ``waits_for`` says why it has not: hour, owner ("is it you?"), call or second_person, until ``waits_until``.
    ``seconds_left`` is business time to ``pay_at``, of ``delay_seconds`` from the signature.
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
