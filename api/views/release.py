"""Money that waits: its tier, its hour, its owner's word, and a second person of the lender."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from api.views.reason import Reason


@dataclass(frozen=True, slots=True)
class StepUpView:
    """Whether this very act was proven anew. ``last``: what came of the last try; ``until``: wall time."""

    needed: bool
    proven: bool
    methods: tuple[str, ...]
    last: str | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class HoldView:
    """Is it you? ``state``: asked, blocked (somebody calls by ``call_by``), released or stopped.

    ``pay_at``: the hour of a signed payout, which runs on meanwhile; ``seconds_left`` is business time to it.
    """

    id: UUID
    application_id: UUID
    state: str
    signs: tuple[Reason, ...]
    amount_minor: int
    currency: str
    account_masked: str
    opened_at: datetime
    due_at: datetime
    call_by: datetime | None
    step_up: StepUpView
    pay_at: datetime | None = None
    seconds_left: int = 0


@dataclass(frozen=True, slots=True)
class PayeeView:
    """A seller whom the owner named. ``covers_minor``: what the invoices owe that name; ``state`` says if they do."""

    id: UUID
    name: str = field(repr=False)
    account_masked: str
    bank: str | None
    file_id: UUID
    state: str
    covers_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """How the money of an application leaves, before it is signed and after. ``mode``: self or entrusted (P14).

    ``day_minor`` is the sum of the business day that the tier is chosen on; ``delay_seconds`` business time from the
    signature. ``waits_for`` is hour, owner, call, registration, conditions or second_person while a signed payout
    waits, until ``until``; ``seconds_left`` is business time to ``pay_at``.
    """

    application_id: UUID
    tier: str
    amount_minor: int
    day_minor: int
    currency: str
    account_masked: str
    mode: str
    payee: PayeeView | None
    delay_seconds: int
    factors: int
    second_person: bool
    step_up: StepUpView
    state: str
    waits_for: str | None
    pay_at: datetime | None
    seconds_left: int
    until: datetime | None
    cancellable: bool


@dataclass(frozen=True, slots=True)
class GateView:
    """One thing that stands between money and its way out. ``kind``: approval, contract, condition, registration,
    search, hold or people; ``state``: met, open, or later (no person waits for it); ``title`` and ``text`` in the
    reader's words; ``about``: the piece that it is of, where it is of one."""

    kind: str
    state: str
    title: str
    text: str
    about: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReleaseCase:
    """A payout at the release desk. ``approval_hash`` covers amount, payee and terms as they were approved.

    ``state``: waiting, held_back, released, lapsed, or void once any of the three is not what was approved. ``mine``:
    the reader, by person, is the one who approved it. ``gates``: what it hangs on; ``refused``: the code of what the
    next step would be refused with for the reader, None where it would be taken; ``who_can``: people who may take it.
    """

    payout_id: UUID
    application_id: UUID
    number: int
    customer: str = field(repr=False)
    firm: str | None = field(repr=False)
    amount_minor: int
    currency: str
    account_masked: str
    bank: str | None
    tier: str
    terms_hash: str
    approval_hash: str
    state: str
    approved_by: str | None
    approved_at: datetime | None
    mine: bool
    answered_by: str | None
    answered_at: datetime | None
    reason: str | None
    pay_at: datetime
    due_at: datetime
    held: bool
    gates: tuple[GateView, ...] = ()
    refused: str | None = None
    who_can: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallBackCase:
    """Somebody must call this customer about money that is held, by ``due_at``."""

    task_id: UUID
    application_id: UUID
    number: int
    customer: str = field(repr=False)
    phone: str = field(repr=False)
    signs: tuple[Reason, ...]
    owner_said: str | None
    amount_minor: int
    currency: str
    account_masked: str
    opened_at: datetime
    due_at: datetime
    escalated: bool
