"""What a relationship manager's pages show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from api.views import (
    ConditionView,
    HelpCallView,
    LineView,
    OutsideDone,
    OwnManager,
    ProofChoice,
    SeeingCard,
    SeeingCase,
)
from api.views.staff import Corrected
from web.charts import BarChart, revenue_bars
from web.views.brought import BroughtItem
from web.views.diligence import OwedPage
from web.views.figures import MonthRevenue
from web.views.health import Health
from web.views.owner import BillFile, Check, Reason, Story
from web.views.owner.applying import DraftNote
from web.views.parts import Form
from web.views.talking import ThreadPage
from web.views.trust import Trust
from web.views.workbench import ClockItem
from web.wording import Say


@dataclass(frozen=True)
class StaffSignInPage:
    """Password and one-time password on one page, for all staff."""

    form: Form
    simulated: bool = False


@dataclass(frozen=True)
class TaskCard:
    """One card of the inbox. ``urgency`` is late, soon or calm; ``evidence`` says what is needed."""

    task_id: str
    kind: str
    customer: str
    number: str
    amount_minor: int
    why: tuple[Say | str, ...]
    due_at: datetime
    urgency: str
    evidence: tuple[Say, ...] = ()
    escalated: bool = False
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True)
class CallPage:
    """One such call; ``form`` until somebody has called."""

    seen: HelpCallView
    outcomes: tuple[str, ...]
    form: Form | None


@dataclass(frozen=True)
class Ratio:
    """A figure the decision rested on, with what the policy asks."""

    name: Say
    value: Say | str
    limit: Say | None
    kept: bool


@dataclass(frozen=True)
class Way:
    """What would turn a no into a yes, verified: the changes in words, and what would then be lent."""

    changes: tuple[str, ...]
    amount_minor: int
    months: int
    outcome: str


@dataclass(frozen=True)
class ScoreSeen:
    """What model and rules say, shown only after the manager's own view is on record."""

    outcome: str
    grade: str | None
    pd: Decimal | None
    confidence: Decimal | None
    policy_limit_minor: int
    reasons: tuple[Reason, ...]
    model: str
    policy: str
    simulated: bool = False
    health: Health | None = None
    stood_in: bool = False
    route: str | None = None
    route_why: str = ""
    features: str = ""
    decided_at: datetime | None = None
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class OwnView:
    verdict: str
    reason: str
    amount_minor: int | None = None
    corrected: tuple[Corrected, ...] = ()


@dataclass(frozen=True)
class Fact:
    """A line about the customer."""

    name: Say
    value: Say | str


@dataclass(frozen=True)
class Party:
    """One of the largest payers or suppliers: how many payments, how much, what part of its side (0 to 1)."""

    rank: int
    lines: int
    amount_minor: int
    share: Decimal


@dataclass(frozen=True)
class RegisterSeen:
    """What a register said, each line a name and its figure; ``received_at`` None where it stays silent."""

    source: str
    reference: str = ""
    consent_at: datetime | None = None
    received_at: datetime | None = None
    lines: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What does not look like business: words, how strongly (0 to 1), and rows of (day, minor units, 1 or -1)."""

    text: Say | str
    score: Decimal
    rows: tuple[tuple[date, int, int], ...] = ()


@dataclass(frozen=True)
class TaskPage:
    """A review case. ``score``, ``registers`` and ``decide`` wait for ``own_view``; ``outcome`` once it is over.

    ``files`` holds every upload, refused ones too; refunds are those given over all bills.
    """

    card: TaskCard
    asked_minor: int
    months: int
    share: Decimal
    purpose: Say | None
    why: tuple[Say | str, ...]
    checks: tuple[Check, ...]
    revenue: tuple[MonthRevenue, ...]
    lines: int
    facts: tuple[Fact, ...]
    ratios: tuple[Ratio, ...]
    customer_href: str
    view_form: Form | None
    files: tuple[BillFile, ...] = ()
    sales_minor: int = 0
    refunds_minor: int = 0
    customers: tuple[Party, ...] = ()
    suppliers: tuple[Party, ...] = ()
    findings: tuple[Finding, ...] = ()
    registers: tuple[RegisterSeen, ...] = ()
    exposure: tuple[Ratio, ...] = ()
    own_view: OwnView | None = None
    open_form: Form | None = None
    correct_form: Form | None = None
    score: ScoreSeen | None = None
    decide: Form | None = None
    outcome: Say | None = None
    leaning: str | None = None
    causes: tuple[str, ...] = ()
    papers: tuple[BroughtItem, ...] = ()
    here: str = ""
    outside: Form | None = None
    up: Form | None = None
    kinds: tuple[str, ...] = ()
    went: tuple[OutsideDone, ...] = ()
    owed: OwedPage | None = None
    report: str = ""

    @property
    def refund_share(self) -> Decimal:
        """Refunds as a part of sales, 0 to 1."""
        return Decimal(self.refunds_minor) / self.sales_minor if self.sales_minor else Decimal(0)

    @property
    def covered_from(self) -> date:
        return self.revenue[0].month

    @property
    def covered_to(self) -> date:
        return self.revenue[-1].month

    def chart(self, height: int = 204) -> BarChart:
        return revenue_bars(self.revenue, height)


@dataclass(frozen=True)
class CustomerPage:
    """What the customer sees, with the thread; beside it what only staff sees: debt, open tasks, whose they are."""

    customer: str
    story: Story
    firm: str = ""
    phone_masked: str = ""
    exposure_minor: int = 0
    trust: Trust | None = None
    thread: ThreadPage | None = None
    scan_href: str = ""
    line: LineView | None = None
    line_href: str = ""
    belongs: OwnManager | None = None
    hand_over: str = ""
    quote: str = ""
    report: str = ""
    paper_check: str = ""
    clocks: tuple[ClockItem, ...] = ()
    conditions: tuple[ConditionView, ...] = ()
    proofs: tuple[ProofChoice, ...] = ()
    ends: Mapping[str, Form] = field(default_factory=dict[str, Form])


@dataclass(frozen=True)
class CustomerRow:
    customer: str
    number: str
    amount_minor: int
    stage: Say | str
    changed_at: datetime
    href: str


@dataclass(frozen=True)
class CustomersPage:
    """The newest applications; ``assist``: where to fill in for somebody who has none yet."""

    rows: tuple[CustomerRow, ...]
    assist: str = ""


@dataclass(frozen=True)
class AssistPage:
    """A customer's unfinished application, typed by a manager. ``phone`` empty: whose, is still to be said."""

    form: Form
    phone: str = ""
    purposes: tuple[str, ...] = ()
    draft: DraftNote | None = None
    asking: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class SeeingsPage:
    """Whom to see instead of a camera, the soonest first."""

    cards: tuple[SeeingCard, ...]


@dataclass(frozen=True)
class SeeingPage:
    """One of them: what to compare, and what was seen."""

    case: SeeingCase
    form: Form | None
