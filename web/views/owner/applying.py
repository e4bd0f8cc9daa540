"""Pages from identity to the signature. Amounts are minor units; instants are aware; personal data arrives masked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from api.views import SeeingView
from web.charts import BarChart, revenue_bars
from web.views.brought import BroughtItem
from web.views.figures import MonthRevenue
from web.views.owner.permitting import Permission
from web.views.parts import Action, Form
from web.wording import Say


@dataclass(frozen=True)
class Check:
    """One of the four identity checks: ``state`` is waiting, asked, match, mismatch or spared."""

    kind: str
    state: str
    at: datetime | None = None


@dataclass(frozen=True)
class PhotoDiffers:
    """A field that a photo says otherwise than the form. ``choose``: what is sent with whose word counts, ``settled``:
    the owner said that theirs does."""

    name: str
    label: Say
    typed: str
    read: str
    choose: str
    settled: bool = False


@dataclass(frozen=True)
class Photo:
    """A photographed paper: ``state`` is received, read or refused; ``why`` says what to do about a refused one."""

    state: str
    kind: str | None = None
    why: Say | None = None
    differs: tuple[PhotoDiffers, ...] = ()

    @property
    def open(self) -> int:
        """How many differences the owner has not decided."""
        return sum(not one.settled for one in self.differs)


@dataclass(frozen=True)
class Differing:
    """A field that somebody else typed too: what stands in the draft, and by which channel."""

    label: Say
    theirs: str
    channel: str


@dataclass(frozen=True)
class DraftNote:
    """What the page says of the draft: kept until when, who typed last, and what two people typed differently.

    ``saved``: it was saved just now, and the person may leave. ``proven``: the checks that are not asked again.
    """

    version: int
    kept_until: datetime
    channel: str
    reminders: Form | None = None
    throw_away: Form | None = None
    differs: tuple[Differing, ...] = ()
    saved: bool = False
    proven: tuple[Say, ...] = ()


@dataclass(frozen=True)
class IdentityPage:
    """``checks`` empty before anything was sent; ``passed`` when all that are needed match.

    ``permission``: what has to be allowed before anything is asked.

    ``asking``: the kinds of business that a field is asked of, where not all are. ``photos`` are the newest; ``noted``
    says of a field that it was read from one, and whether to look twice. ``kept``: what is shown of numbers that were
    proven before; who leaves such a field empty means them. ``how``: the product by dates that is asked for, if one is.
    """

    form: Form
    checks: tuple[Check, ...] = ()
    passed: bool = False
    again: bool = False
    proceed: Action | None = None
    purposes: tuple[str, ...] = ()
    photographing: Form | None = None
    photos: tuple[Photo, ...] = ()
    noted: Mapping[str, Say] = field(default_factory=dict[str, Say])
    draft: DraftNote | None = None
    permission: Permission | None = None
    asking: Mapping[str, str] = field(default_factory=dict[str, str])
    seeing: SeeingView | None = None
    slot: Form | None = None
    go_on: Form | None = None
    kept: Mapping[str, str] = field(default_factory=dict[str, str])
    how: str = ""

    @property
    def reading(self) -> int:
        """How many photos are being read."""
        return sum(photo.state == "received" for photo in self.photos)


@dataclass(frozen=True)
class IdentityLook:
    """What was said of oneself, numbers masked; ``reopen`` while it may still be said anew."""

    facts: tuple[tuple[Say, Say | str], ...]
    checks: tuple[Check, ...]
    go_on: Action
    reopen: Form | None = None


@dataclass(frozen=True)
class UnreadLine:
    row: int
    reason: Say | str


@dataclass(frozen=True)
class InvoiceCounts:
    """What a list of invoices holds; ``parties`` are the buyers of sales and the suppliers of purchases."""

    sales: int
    purchases: int
    void: int
    red: int
    parties: int


@dataclass(frozen=True)
class InvoiceMonth:
    """A month of all lists, before tax."""

    month: date
    sales_minor: int
    purchases_minor: int


@dataclass(frozen=True)
class BillFile:
    """One bill or list: ``state`` is locked (came by mail, waits for its password), received, read or refused.

    ``ask_side``: the list could not tell whether its invoices were issued or received.
    """

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
    dismiss: Form | None = None
    invoices: InvoiceCounts | None = None
    ask_side: Form | None = None
    unlock: Form | None = None


@dataclass(frozen=True)
class SplitGroup:
    """Money that was read alike. ``name`` is None for all others together, of which there are ``parties``.

    ``says`` are the words that the owner may say of it instead, ``undo`` is shown where an earlier one counts.
    """

    anchor: str
    name: str | None
    parties: int
    into: bool
    reason: str
    sure: Decimal
    lines: int
    amount_minor: int
    first_on: date
    last_on: date
    says: tuple[str, ...]
    undo: bool
    form: Form | None


@dataclass(frozen=True)
class SplitUse:
    """All money of one use, by month and by group."""

    use: str
    in_minor: int
    out_minor: int
    months: tuple[tuple[date, int, int], ...]
    groups: tuple[SplitGroup, ...]


@dataclass(frozen=True)
class SplitPage:
    """What the money was. ``looked_at``: so much of the sales rests on the owner's word that a person looks at it."""

    uses: tuple[SplitUse, ...]
    unclear_percent: int
    word_percent: int
    looked_at: bool
    most_percent: int
    corrections: int
    form: Form


@dataclass(frozen=True)
class FlowsPage:
    """``needed`` months of history; ``covered`` whole months understood so far.

    ``papers``: what a person looks at; ``lacking``: titles of those without which nothing is decided. ``company``: its
    money runs through an account at a bank, not through a wallet.
    """

    form: Form
    files: tuple[BillFile, ...] = ()
    months: tuple[MonthRevenue, ...] = ()
    covered: int = 0
    needed: int = 3
    submit: Form | None = None
    invoices: tuple[InvoiceMonth, ...] = ()
    split: str = ""
    papers: tuple[BroughtItem, ...] = ()
    lacking: tuple[str, ...] = ()
    mailbox: str = ""
    company: bool = False

    @property
    def lines(self) -> int:
        return sum(file.lines for file in self.files if file.invoices is None)

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
class PapersToBringPage:
    """The papers alone; ``lacking``: titles of what is needed and not there; ``back``: where one came from."""

    papers: tuple[BroughtItem, ...]
    lacking: tuple[str, ...]
    back: str


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
    """The principal that must be repaid by a check day; of a plan by dates the instalment and the interest in it."""

    on: date
    repaid_minor: int
    amount_minor: int = 0
    interest_minor: int = 0


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
    timeline: tuple[Say, ...] = ()
    line: tuple[Say, ...] = ()
    speaker: str = ""  # who signs for a company, which borrows itself
    capacity: str = ""
    by_dates: bool = False

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
