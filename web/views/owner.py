"""What an owner's pages show. Amounts are minor units; instants are aware; a person's data arrives already masked."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from web.charts import BandChart, BarChart, LineChart, loan_path, revenue_bars, weathers
from web.views.figures import MonthRevenue, Path, Weather
from web.views.parts import Action, Form
from web.wording import Say


@dataclass(frozen=True)
class Range:
    """What a slider may be set to; money in whole yuan, shares in percent, terms in months."""

    low: int | Decimal
    high: int | Decimal
    step: int | Decimal


@dataclass(frozen=True)
class Quote:
    """What a loan would cost in three weathers, from the engine that the ledger uses."""

    amount_minor: int
    months: int
    share: Decimal
    revenue_minor: int
    annual_rate: Decimal
    start: date
    weathers: tuple[Weather, ...]

    @property
    def normal(self) -> Weather:
        return next(weather for weather in self.weathers if weather.kind == "normal")

    @property
    def monthly_minor(self) -> int:
        """About what goes to repayment in a usual month."""
        return int(self.revenue_minor * self.share)

    @property
    def longer(self) -> bool:
        """Whether usual sales need longer than planned."""
        return self.normal.months > self.months

    def chart(self) -> LineChart:
        """The three lines."""
        return weathers(self.weathers, self.start)


@dataclass(frozen=True)
class Ranges:
    amount: Range
    months: Range
    share: Range
    revenue: Range


@dataclass(frozen=True)
class HomePage:
    """The simulator. ``quote`` is None when what was asked for is outside the product; the form says why."""

    form: Form
    ranges: Ranges
    quote: Quote | None
    product: "ProductCard"


@dataclass(frozen=True)
class ProductCard:
    """The product in its own numbers, before anybody signs in."""

    product_id: str
    name: str
    amount_low_minor: int
    amount_high_minor: int
    months_low: int
    months_high: int
    annual_rate: Decimal
    late_factor: Decimal
    grace_days: int
    share_low: Decimal
    share_high: Decimal
    history_months: int
    window_months: int
    stretch: Decimal
    fast_limit_minor: int
    delay_hours: Decimal


ELIGIBILITY = ("months", "takings", "overdue")


@dataclass(frozen=True)
class ProductPage:
    """``answers`` by question of :data:`ELIGIBILITY`, "yes" or "no"; ``verdict`` None until all three are given."""

    card: ProductCard
    form: Form
    verdict: str | None = None
    blockers: tuple[Say | str, ...] = ()


@dataclass(frozen=True)
class SignInPage:
    """First the phone, then the code. ``codes_url`` is where a simulated world shows the messages it "sent"."""

    stage: str
    form: Form
    phone_masked: str = ""
    code_minutes: int = 10
    resend: Form | None = None
    codes_url: str | None = None


@dataclass(frozen=True)
class Check:
    """One of the four identity checks: ``state`` is waiting, asked, match, mismatch or spared."""

    kind: str
    state: str
    at: datetime | None = None


@dataclass(frozen=True)
class IdentityPage:
    """``checks`` empty before anything was sent; ``passed`` when all that are needed match."""

    form: Form
    checks: tuple[Check, ...] = ()
    passed: bool = False
    again: bool = False
    proceed: Action | None = None
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConsentItem:
    """One thing that is asked for: in our words (``web.consent.<purpose>…``) and in the words that are agreed to."""

    purpose: str
    text: str
    text_hash: str
    days: int
    needed: bool = True
    given: bool = False


@dataclass(frozen=True)
class ConsentsPage:
    form: Form
    items: tuple[ConsentItem, ...]


@dataclass(frozen=True)
class UnreadLine:
    row: int
    reason: Say | str


@dataclass(frozen=True)
class BillFile:
    """One uploaded bill: ``state`` is received, read or refused (then ``problem``)."""

    name: str
    state: str
    source: str = ""
    size: int = 0
    lines: int = 0
    first_on: date | None = None
    last_on: date | None = None
    duplicates: int = 0
    unread: tuple[UnreadLine, ...] = ()
    unread_count: int = 0
    notices: tuple[Say, ...] = ()
    problem: Say | str | None = None


@dataclass(frozen=True)
class FlowsPage:
    """``needed`` months of history; ``covered`` whole months understood so far."""

    form: Form
    files: tuple[BillFile, ...] = ()
    months: tuple[MonthRevenue, ...] = ()
    covered: int = 0
    needed: int = 3
    submit: Form | None = None

    @property
    def lines(self) -> int:
        return sum(file.lines for file in self.files)

    @property
    def duplicates(self) -> int:
        return sum(file.duplicates for file in self.files)

    @property
    def unread_count(self) -> int:
        return sum(file.unread_count for file in self.files)

    @property
    def enough(self) -> bool:
        return self.covered >= self.needed

    def chart(self) -> BarChart:
        return revenue_bars(self.months)


@dataclass(frozen=True)
class Reason:
    """Why, in the owner's words; ``effect`` is for, against or plain."""

    text: Say | str
    effect: str = "plain"


@dataclass(frozen=True)
class Plan:
    """One offer on the table. ``least_minor`` of principal is the least progress in each ``window_months``."""

    offer_id: str
    shape: str
    amount_minor: int
    months: int
    share: Decimal
    annual_rate: Decimal
    normal: Weather
    good: Weather
    slow: Weather
    window_months: int
    least_minor: int
    chosen: bool = False


@dataclass(frozen=True)
class DecisionPage:
    """``outcome`` is waiting, approve, decline or review."""

    outcome: str
    number: str
    due_at: datetime | None = None
    who: Say | None = None
    limit_minor: int = 0
    reasons: tuple[Reason, ...] = ()
    path_to_yes: Say | str | None = None
    path: Action | None = None
    review: Form | None = None
    review_asked: bool = False
    plans: tuple[Plan, ...] = ()
    choose: Form | None = None
    adjust: Form | None = None
    ranges: Ranges | None = None
    expires_at: datetime | None = None
    revenue_minor: int = 0
    simulated_model: bool = False


@dataclass(frozen=True)
class CostLine:
    """One line of the list of costs; ``annual_rate`` or ``amount_minor``, whichever the line has."""

    name: Say
    method: Say
    payee: Say | None
    annual_rate: Decimal | None
    amount_minor: int | None


@dataclass(frozen=True)
class Estimate:
    """The loan in one weather: an estimate."""

    weather: Say
    finish_on: date | None
    interest_minor: int
    total_minor: int


@dataclass(frozen=True)
class LeastPoint:
    """The principal that must be repaid by a check day."""

    on: date
    repaid_minor: int


@dataclass(frozen=True)
class LateExample:
    days: int
    ordinary_minor: int
    late_minor: int


@dataclass(frozen=True)
class Sheet:
    """The key facts (综合融资成本 / 贷款明白纸) as they are stored: page, paper and ledger share them."""

    number: str
    on: date
    lender: str
    borrower: str
    id_masked: str
    firm: str
    account_masked: str
    product: Say
    purpose: Say
    amount_minor: int
    months: int
    share: Decimal
    annual_rate: Decimal
    annual_total_rate: Decimal
    late_factor: Decimal
    costs: tuple[CostLine, ...]
    third_party: tuple[CostLine, ...]
    estimates: tuple[Estimate, ...]
    path: tuple[LeastPoint, ...]
    late_on_minor: int
    late_examples: tuple[LateExample, ...]
    repayment: tuple[Say, ...]
    late: tuple[Say, ...]
    freedom: tuple[Say, ...]
    payment: tuple[Say, ...]
    complaint: tuple[Say, ...]
    nothing_else: Say
    terms_hash: str

    @property
    def usual(self) -> Estimate:
        """The estimate for usual sales, the middle one."""
        return self.estimates[len(self.estimates) // 2]

    @property
    def latest_on(self) -> date:
        """The last check day: all is repaid by then."""
        return self.path[-1].on


@dataclass(frozen=True)
class KeyFactsPage:
    """``seconds_left`` of the legal reading time when the page was made; the server holds the measure."""

    sheet: Sheet
    form: Form
    seconds_left: int
    reading_seconds: int
    papers: tuple[Action, ...] = ()


@dataclass(frozen=True)
class SignPage:
    """The act of signing: what, in words, and the code that is bound to it."""

    sheet: Sheet
    form: Form
    phone_masked: str
    resend: Form | None = None
    codes_url: str | None = None
    code_minutes: int = 10


PAYOUT_STEPS = ("instructed", "sent", "accepted", "credited")


@dataclass(frozen=True)
class PayoutTracker:
    """Money on its way. ``reached`` is the last step of :data:`PAYOUT_STEPS` that is proven, or "" while it waits;
    ``state`` adds scheduled, unknown, returned and cancelled. ``at`` holds the instants of the steps reached."""

    state: str
    reached: str
    amount_minor: int
    account_masked: str
    at: tuple[datetime, ...] = ()
    rail_reference: str | None = None
    pay_at: datetime | None = None
    ask_until: datetime | None = None
    credited_on: date | None = None
    cancel: Form | None = None


@dataclass(frozen=True)
class Happened:
    """A line of the story: what, when, by whom (owner, us, bank, manager …)."""

    text: Say | str
    at: datetime
    actor: str
    mark: str = "done"


@dataclass(frozen=True)
class Ahead:
    """What comes next, who acts and by when."""

    text: Say
    actor: str
    by: datetime | None = None


@dataclass(frozen=True)
class Now:
    """Where it stands. ``mood`` is act (the owner has something to do), wait, good or stopped."""

    mood: str
    title: Say | str
    detail: Say | str | None = None
    actor: str = "us"
    due_at: datetime | None = None
    action: Action | None = None


@dataclass(frozen=True)
class Story:
    """The timeline that owner and manager both see."""

    number: str
    amount_minor: int
    now: Now
    happened: tuple[Happened, ...]
    ahead: tuple[Ahead, ...] = ()
    payout: PayoutTracker | None = None


@dataclass(frozen=True)
class ProgressPage:
    """The home after signing in; ``story`` None for somebody who has not applied yet."""

    story: Story | None
    start: Action | None = None
    withdraw: Form | None = None
    others: tuple[Action, ...] = ()


@dataclass(frozen=True)
class LoanEntry:
    """One posting as the owner reads it; ``amount_minor`` positive is money to the owner, negative from them."""

    on: date
    text: Say
    amount_minor: int
    basis: Say | None = None
    reference: str | None = None
    interest_minor: int = 0
    principal_minor: int = 0


@dataclass(frozen=True)
class Week:
    """This week's takings and what was taken of them."""

    first_on: date
    last_on: date
    net_minor: int
    share: Decimal
    withheld_minor: int


@dataclass(frozen=True)
class LoanPage:
    """``state`` is live or closed; ``status`` as_agreed, grace, past_due or paid."""

    loan_id: str
    number: str
    state: str
    status: str
    principal_minor: int
    paid_minor: int
    principal_paid_minor: int
    owed_minor: int
    interest_today_minor: int
    past_due_minor: int
    annual_rate: Decimal
    share: Decimal
    matures_on: date
    as_of: date
    path: Path | None
    week: Week | None
    entries: tuple[LoanEntry, ...]
    more: Action | None = None
    closed_on: date | None = None
    interest_total_minor: int = 0
    waits_for_money: bool = False

    @property
    def paid_share(self) -> Decimal:
        """Of the principal, 0 to 1."""
        return Decimal(self.principal_paid_minor) / Decimal(self.principal_minor)

    def chart(self) -> BandChart | None:
        return loan_path(self.path) if self.path else None


@dataclass(frozen=True)
class LoanCard:
    loan_id: str
    number: str
    state: str
    principal_minor: int
    owed_minor: int
    href: str
    finish_early_on: date | None = None
    finish_late_on: date | None = None
    closed_on: date | None = None


@dataclass(frozen=True)
class LoansPage:
    loans: tuple[LoanCard, ...]


@dataclass(frozen=True)
class Paper:
    kind: str
    number: str
    at: datetime
    sha256: str
    size: int
    href: str


@dataclass(frozen=True)
class PapersPage:
    papers: tuple[Paper, ...]


@dataclass(frozen=True)
class Message:
    text: Say | str
    at: datetime
    state: str
    channel: str
    unread: bool = False


@dataclass(frozen=True)
class MessagesPage:
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class GivenConsent:
    purpose: str
    given_at: datetime
    expires_on: date
    withdrawn_at: datetime | None = None
    in_force: bool = True
    withdraw: Form | None = None


@dataclass(frozen=True)
class Reading:
    """Who read what, when and why."""

    at: datetime
    actor: Say | str
    what: Say | str
    purpose: Say | str


@dataclass(frozen=True)
class PrivacyPage:
    consents: tuple[GivenConsent, ...]
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Seat:
    """A signed-in browser."""

    signed_in_at: datetime
    seen_at: datetime
    this_one: bool
    end: Form | None = None


@dataclass(frozen=True)
class ProfilePage:
    phone_masked: str
    name: str
    firm: str
    account_masked: str
    language: Form
    type_size: Form
    sign_out: Form
    sessions: tuple[Seat, ...] = ()
    large_type: bool = False


@dataclass(frozen=True)
class ProblemPage:
    """Something did not work: an HTTP status, what to do about it, and the number to quote."""

    status: int
    code: str
    title: str = ""
    message: Say | str | None = None
    reference: str = ""
    wait_seconds: int | None = None
    back: Action | None = None
    details: tuple[Say | str, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class HelpPage:
    """Questions with their answers (``web.help.<name>``); ``open`` is the one for where the reader came from."""

    questions: tuple[str, ...]
    open: str = ""
