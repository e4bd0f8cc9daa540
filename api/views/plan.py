"""The plan of a living loan as its owner sees it, and what a change of it would cost."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from api.views.loan import InstalmentView


@dataclass(frozen=True, slots=True)
class PlanChoices:
    """What may be changed now. ``breathing_from`` and ``_to``: the days on which one may begin (None: none can now);
    ``factors``: which part of the sales may count; ``rhythm_from``: from when the rhythm may be changed again (None: at
    once); ``puts_off``: whether the running window may wait for the next; ``lowest_share``: how low the share may go
    after a part prepayment (None: not now). Of a plan by dates: ``weights`` and ``due_day``, whether they may be
    changed; ``rest_on``: the due day that may ask for interest alone. ``reminder_from`` and ``_to``: the hours in which
    letters may leave; ``shorter_term`` and ``lower_instalments``: whether a part prepayment leaves the choice (H6)."""

    breathing_from: date | None
    breathing_to: date | None
    longest_days: int
    days_left: int
    factors: tuple[Decimal, ...]
    rhythms: tuple[str, ...]
    rhythm_from: date | None
    puts_off: bool
    lowest_share: Decimal | None = None
    weights: bool = False
    due_day: bool = False
    rest_on: date | None = None
    reminder_from: int = 0
    reminder_to: int = 23
    shorter_term: bool = False
    lower_instalments: bool = False


@dataclass(frozen=True, slots=True)
class PlanChangeView:
    """One change as it was agreed; ``shown_sha256``: of what stood on the page then."""

    id: UUID
    kind: str
    effective_on: date
    first_on: date | None
    last_on: date | None
    factor: Decimal | None
    cycle: str | None
    cycle_day: int | None
    window: int | None
    share: Decimal | None
    agreed_at: datetime
    shown_sha256: str
    weights: tuple[int, ...] = ()
    hour: int | None = None


@dataclass(frozen=True, slots=True)
class PlanView:
    """How the loan is repaid now. ``short_minor``: principal above what ``next_look_on`` allows, if nothing more is
    repaid until then; ``debit_on``: when what is still short is debited, as was announced, with ``debit_at_most``."""

    loan_id: UUID
    number: int
    product_id: str
    currency: str
    share: Decimal
    annual_rate: Decimal
    cycle: str
    cycle_day: int
    open_on: date
    next_look_on: date | None
    least_minor: int
    short_minor: int
    debit_on: date | None
    debit_at_most_minor: int
    choices: PlanChoices
    changes: tuple[PlanChangeView, ...]
    repayment: str = "revenue_share"
    weights: tuple[int, ...] = ()
    due_day: int = 0
    reminder_hour: int | None = None
    instalments: tuple[InstalmentView, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """How the loan goes on if sales stay as they were lately; None where they say too little. Of a plan by dates each
    instalment to come, if every one is kept."""

    finish_on: date | None
    interest_to_come_minor: int | None
    annual_rate: Decimal
    next_look_on: date | None
    instalments: tuple[InstalmentView, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepayment:
    """What ``amount`` paid today would do, either way (H6): ``shorter`` with the same share, ``lower`` with
    ``lower_share`` of each day's sales, about as long as ``now``; None where the share cannot be lower.

    Of a plan by dates ``ahead`` is what it does if nothing is chosen: it counts towards the next due days. ``shorter``
    has fewer instalments, none of them higher, and ``lower`` the same due days with less on each; both are ``ahead``
    where there is no choice. ``repayment``: of which kind the plan is."""

    loan_id: UUID
    amount_minor: int
    currency: str
    share: Decimal
    now: Course
    shorter: Course
    lower_share: Decimal | None
    lower: Course | None
    ahead: Course | None = None
    repayment: str = "revenue_share"


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """The key facts of a change before it is agreed: how the loan goes on without and with it, as of ``open_on``.

    ``extra_interest_minor``: what the change costs if sales stay as they were lately, or at the most where they say too
    little. ``sha256`` is of everything here; it is what the owner agrees to.
    """

    loan_id: UUID
    kind: str
    effective_on: date
    said: dict[str, str]
    first_on: date | None
    last_on: date | None
    share: Decimal | None
    before: Course
    after: Course
    extra_interest_minor: int
    currency: str
    sha256: str
