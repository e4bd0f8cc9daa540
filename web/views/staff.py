"""What the desk's pages show: the book, its proof, the closes, what is stuck, the clock."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from web.views.owner import Story
from web.views.parts import Form
from web.wording import Say


@dataclass(frozen=True)
class BookRow:
    number: str
    state: str
    principal_minor: int
    owed_minor: int
    paid_minor: int
    live_on: date | None
    days_past_due: int
    href: str


@dataclass(frozen=True)
class BalanceRow:
    """One account of the trial balance; ``account`` is a key under ``lending.account``."""

    account: str
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True)
class Proof:
    """Whether the ledger proves itself: sums, projections against the fold, cash against the rail."""

    name: str
    holds: bool
    detail: Say


@dataclass(frozen=True)
class BookPage:
    """The book; ``closed_to``: the last finished close, which its figures are as of (None before the first)."""

    closed_to: date | None
    live: int
    past_due: int
    lent_minor: int
    owed_minor: int
    paid_minor: int
    rows: tuple[BookRow, ...]
    balances: tuple[BalanceRow, ...]
    proofs: tuple[Proof, ...]
    more: str | None = None


@dataclass(frozen=True)
class JournalRow:
    """One posting by its value date; accounts are keys under ``lending.account``, kinds under ``lending.entry``."""

    on: date
    kind: str
    debit: str
    credit: str
    amount_minor: int
    source: str


@dataclass(frozen=True)
class DebitRow:
    """What a closed day sold, what was asked for of it and what came in; ``state`` as the rail's receipt has it."""

    on: date
    net_minor: int
    asked_minor: int
    received_minor: int
    state: str


@dataclass(frozen=True)
class LoanFilePage:
    """A loan's file; tables newest first, with ``more`` of them behind a link."""

    number: str
    state: str
    status: str
    closed_to: date | None
    principal_minor: int
    owed_minor: int
    interest_owed_minor: int
    principal_owed_minor: int
    paid_minor: int
    interest_paid_minor: int
    principal_paid_minor: int
    days_past_due: int
    past_due_minor: int
    annual_rate: Decimal
    share: Decimal
    window_months: int
    windows: int
    account_masked: str
    live_on: date | None
    matures_on: date | None
    closed_on: date | None
    early_on: date | None
    late_on: date | None
    journal: tuple[JournalRow, ...]
    more_journal: bool
    debits: tuple[DebitRow, ...]
    more_debits: bool
    story: Story
    customer_href: str = ""


@dataclass(frozen=True)
class CloseRow:
    """``loans`` of ``of_loans`` are closed for the day."""

    on: date
    state: str
    loans: int
    of_loans: int
    accrued_minor: int
    instructed_minor: int
    received_minor: int
    difference_minor: int | None
    shards: int


@dataclass(frozen=True)
class ClosesPage:
    rows: tuple[CloseRow, ...]


@dataclass(frozen=True)
class StuckRow:
    """A command or workflow that should have moved on: since when, how often tried, what it last said."""

    kind: str
    name: str
    object_id: str
    since: datetime
    attempts: int
    last: str
    next_at: datetime | None = None
    href: str | None = None


@dataclass(frozen=True)
class StuckPage:
    rows: tuple[StuckRow, ...]
    checked_at: datetime


@dataclass(frozen=True)
class Jump:
    label: Say
    until: date
    form: Form


@dataclass(frozen=True)
class ClockPage:
    """The embedded world's clock. ``running`` says that a jump is under way, with how far the closes have come."""

    business_at: datetime
    speed: int
    jumps: tuple[Jump, ...]
    speeds: tuple[int, ...]
    form: Form
    speed_form: Form
    closed_to: date | None = None
    running_to: date | None = None
