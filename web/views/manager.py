"""What a relationship manager's pages show."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from web.charts import BarChart, revenue_bars
from web.views.figures import MonthRevenue
from web.views.owner import Check, Reason, Story
from web.views.parts import Form
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


@dataclass(frozen=True)
class InboxPage:
    open: tuple[TaskCard, ...]


@dataclass(frozen=True)
class Ratio:
    """A figure the decision rested on, with what the policy asks."""

    name: Say
    value: Say | str
    limit: Say | None
    kept: bool


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


@dataclass(frozen=True)
class OwnView:
    verdict: str
    reason: str
    amount_minor: int | None = None


@dataclass(frozen=True)
class Fact:
    """A line about the customer."""

    name: Say
    value: Say | str


@dataclass(frozen=True)
class TaskPage:
    """A review case. ``score`` is None until ``own_view`` exists; ``decide`` too. ``outcome`` when it is finished."""

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
    own_view: OwnView | None = None
    score: ScoreSeen | None = None
    decide: Form | None = None
    outcome: Say | None = None

    @property
    def covered_from(self) -> date:
        return self.revenue[0].month

    @property
    def covered_to(self) -> date:
        return self.revenue[-1].month

    def chart(self) -> BarChart:
        return revenue_bars(self.revenue)


@dataclass(frozen=True)
class CustomerPage:
    """What the customer sees, and what they owe us in all."""

    customer: str
    story: Story
    firm: str = ""
    phone_masked: str = ""
    exposure_minor: int = 0


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
    rows: tuple[CustomerRow, ...]
