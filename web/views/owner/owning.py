"""Pages of somebody who has applied: progress, loans, papers, messages, privacy, settings. Amounts: minor units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from api.views import HoldView, LineView, OfflineStep
from api.views.loan import IfSales, InstalmentView
from web.charts import BandChart, loan_path
from web.views.figures import Path
from web.views.health import Health
from web.views.owner.permitting import Permission
from web.views.owner.shopping import Range
from web.views.parts import Action, Form
from web.views.trust import Trust
from web.wording import Say

PAYOUT_STEPS = ("instructed", "sent", "accepted", "credited")


@dataclass(frozen=True)
class PayoutTracker:
    """Money on its way. ``reached`` is the last step of :data:`PAYOUT_STEPS` that is proven, or "" while it waits;
    ``state`` adds scheduled, unknown, returned and cancelled. ``at`` holds the instants of the steps reached.
    ``left`` tells the time to its hour; ``why`` is what a cancelled payout was cancelled for."""

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
    waits_for: str | None = None
    waits_until: datetime | None = None
    left: Say | None = None
    seconds_passed: int = 0
    seconds_whole: int = 0
    why: str | None = None


@dataclass(frozen=True)
class HoldPage:
    """Is it you? ``coded``: the code for the answer was sent. ``left``: to the payout's own hour, which runs on."""

    seen: HoldView
    prove: Form
    send_code: Form
    yes: Form
    no: Form
    coded: bool
    phone_masked: str
    codes_url: str | None = None
    code_minutes: int = 10
    left: Say | None = None


@dataclass(frozen=True)
class Happened:
    """A line of the story: what, when, by whom (owner, us, bank, manager …)."""

    text: Say | str
    at: datetime
    actor: str
    mark: str = "done"


@dataclass(frozen=True)
class Ahead:
    """What comes next, who acts and by when; ``usual``: days that it takes where nobody has promised a day yet;
    ``late_minutes``: by how much that is past."""

    text: Say
    actor: str
    by: datetime | None = None
    usual: int | None = None
    late_minutes: int | None = None


@dataclass(frozen=True)
class Now:
    """Where it stands. ``mood`` is act (the owner has something to do), wait, good or stopped; ``late_minutes``: by how
    much ``due_at`` is past."""

    mood: str
    title: Say | str
    detail: Say | str | None = None
    actor: str = "us"
    due_at: datetime | None = None
    action: Action | None = None
    late_minutes: int | None = None


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
    """The home after signing in; ``story`` None for somebody who has not applied yet.

    ``draft_until``: what they typed is kept until then; ``lacking``: papers to bring while somebody looks at the case.
    ``line``: what can be drawn, said first (``line_first``) where nothing is under way; ``visits``: who comes, when.
    """

    story: Story | None
    start: Action | None = None
    withdraw: Form | None = None
    others: tuple[Action, ...] = ()
    pack: str = ""
    thread: str = ""
    unread: int = 0
    parties: str = ""
    collateral: str = ""
    part: str = ""
    draft_until: datetime | None = None
    lacking: tuple[str, ...] = ()
    line: LineView | None = None
    line_first: bool = False
    visits: tuple[OfflineStep, ...] = ()


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
    receipt: Form | None = None


@dataclass(frozen=True)
class Week:
    """This week's takings and what was taken of them."""

    first_on: date
    last_on: date
    net_minor: int
    share: Decimal
    withheld_minor: int


@dataclass(frozen=True)
class IfSalesPart:
    """``seen`` None: what was typed is no percentage; ``form.errors`` says so."""

    form: Form
    range: Range
    seen: IfSales | None

    @property
    def more_minor(self) -> int:
        """Interest to come beyond that of usual sales."""
        return self.seen.then.interest_to_come_minor - self.seen.usual.interest_to_come_minor if self.seen else 0


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
    closed_to: date | None
    path: Path | None
    week: Week | None
    entries: tuple[LoanEntry, ...]
    more: Action | None = None
    closed_on: date | None = None
    interest_total_minor: int = 0
    waits_for_money: bool = False
    health: Health | None = None
    papers: tuple[Form, ...] = ()
    renew: str = ""
    survey: bool = False
    pack: str = ""
    instalments: tuple[InstalmentView, ...] = ()
    by_dates: bool = False
    brings_sales: bool = False
    if_sales: IfSalesPart | None = None

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
    """``level``: how far one is trusted, which leads to the page that tells it; 0: nothing to tell.

    ``line``: what one can draw on; ``may_ask``: somebody who has borrowed may ask for one.
    """

    loans: tuple[LoanCard, ...]
    level: int = 0
    line: LineView | None = None
    may_ask: bool = False


@dataclass(frozen=True)
class Message:
    text: Say | str
    at: datetime
    state: str
    channel: str
    unread: bool = False
    purpose: str = "told"
    because: str | None = None
    not_before: datetime | None = None


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
class Copy:
    """A copy of one's data: ``state`` is asked, ready, refused or expired."""

    state: str
    asked_at: datetime
    expires_at: datetime | None = None
    size: int = 0
    href: str = ""


@dataclass(frozen=True)
class Kept:
    """What stays after an erasure."""

    text: str
    law: str
    until: date


@dataclass(frozen=True)
class ErasePage:
    """``form`` is None where something stands in the way, which is said."""

    form: Form | None
    in_the_way: str
    kept: tuple[Kept, ...]
    errors: Mapping[str, Say | str] = field(default_factory=dict[str, Say | str])


@dataclass(frozen=True)
class ConfirmPage:
    """``kind`` is export or erasure."""

    kind: str
    form: Form
    minutes: int
    codes_url: str | None = None


@dataclass(frozen=True)
class PrivacyPage:
    """``older``: where the looks go on; ``asked``: what may be allowed and is not."""

    consents: tuple[GivenConsent, ...]
    readings: tuple[Reading, ...]
    older: str = ""
    asked: tuple[Permission, ...] = ()
    copies: tuple[Copy, ...] = ()
    export: Form | None = None
    offers: Form | None = None
    offers_wanted: bool = True


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
    trust: Trust | None = None
