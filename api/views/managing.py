"""A manager's workbench: clocks, the day, the book."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from api.views.offline import OutsideMeasures


@dataclass(frozen=True, slots=True)
class ClockCard:
    """Something with a clock. ``kind``: ``review``, ``see_person``, ``call_back``, a kind of task outside,
    ``help_call``, ``warning``, ``condition_manager``, ``condition_desk`` or ``held_words``; ``id``: of the task, the
    call, the warning, the condition or the words.

    ``spent``: the part of its time that is gone (0.75: the reminder, 1: late); ``burn``: ``calm``, ``remind``, or
    ``late``. ``piece``: the workshop, machine or invoice that somebody goes out for, in words; empty for none.
    ``lead``: who was named when it was late; ``late_minutes``: by how much what was promised is past.
    """

    kind: str
    id: UUID
    application_id: UUID | None
    number: int | None
    customer: str = field(repr=False)
    why: str
    created_at: datetime
    due_at: datetime
    spent: Decimal
    burn: str
    mine: bool
    owner: str | None
    handed_from: str | None
    slot_at: datetime | None
    piece: str = field(default="", repr=False)
    lead: str | None = None
    late_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class DayItem:
    """Where somebody is to be at an hour. ``place``: as the customer said it; ``phone``: to say that one is late."""

    kind: str
    id: UUID
    application_id: UUID
    number: int
    customer: str = field(repr=False)
    at: datetime
    way: str
    place: str = field(repr=False)
    phone: str = field(repr=False)
    pack_ready: bool
    piece: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DayView:
    """One day: where to be, whom to call back, and the leaves that are known."""

    on: date
    items: tuple[DayItem, ...]
    calls: tuple[ClockCard, ...]
    away: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class BookLoan:
    """One loan in a manager's book. ``band``: its end is at most so many days away (0: it has come), None: farther;
    ``check_due_on``: when it is to be looked at next, ``check_open``: it can be put down now."""

    loan_id: UUID
    number: int
    currency: str
    owed_minor: int
    matures_on: date | None
    days_left: int | None
    band: int | None
    days_past_due: int
    past_due_minor: int
    check_due_on: date | None
    check_open: bool
    check_late: bool
    last_result: str | None
    warnings: int


@dataclass(frozen=True, slots=True)
class BookCustomer:
    """One's customer. ``source``: ``qr``, ``territory`` or ``handed_over``, ``since`` when."""

    application_id: UUID
    number: int
    customer: str = field(repr=False)
    firm: str | None = field(repr=False)
    stage: str
    source: str
    since: datetime
    loans: tuple[BookLoan, ...]


@dataclass(frozen=True, slots=True)
class ManagerBook:
    """All customers of a manager; whoever needs something first."""

    on: date
    bands: tuple[int, ...]
    customers: tuple[BookCustomer, ...]


@dataclass(frozen=True, slots=True)
class OwnManager:
    """Whose customer somebody is."""

    staff_id: UUID
    name: str
    source: str
    code: str
    since: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A customer went over to a colleague, with so many open tasks; the customer was told."""

    to: str
    tasks: int


@dataclass(frozen=True, slots=True)
class TerritoryView:
    """An area (the first digits of its code) and whose it is."""

    area: str
    staff_id: UUID
    name: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class ManagerCodeView:
    """A manager's own code: where it leads, and what came of it."""

    code: str
    url: str
    name: str
    applications: int
    loans: int


@dataclass(frozen=True, slots=True)
class Introduced:
    """Who stands behind a code, for whoever scanned it."""

    code: str
    name: str
    lender: str


@dataclass(frozen=True, slots=True)
class CatalogueTerm:
    """What one product may cost: each rate by its grade, and its ranges. Nothing else can be promised."""

    product_id: str
    name: str
    card: str
    currency: str
    lowest_minor: int
    highest_minor: int
    shortest_months: int
    longest_months: int
    lowest_share: Decimal
    highest_share: Decimal
    rates: tuple[Decimal, ...]
    prepayment_fee_rate: Decimal
    policy_version: str


@dataclass(frozen=True, slots=True)
class QuoteView:
    """What was told, from the catalogue alone; ``finish_on`` None: usual sales do not repay it in the longest time;
    ``facts_sha256``: of these facts as they were shown."""

    id: UUID
    product_id: str
    product: str
    currency: str
    amount_minor: int
    months: int
    share: Decimal
    annual_rate: Decimal
    finish_on: date | None
    total_interest_minor: int
    total_minor: int
    policy_version: str
    facts_sha256: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class QuoteAttempt:
    """A rate that somebody wanted to promise and that no product has: who, which, when."""

    id: UUID
    who: str
    product_id: str
    amount_minor: int
    currency: str
    annual_rate: Decimal
    rates: tuple[Decimal, ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class WordAttemptView:
    """Words that somebody wanted to send a customer and that did not leave; ``kind``: rate or promise; ``place``: the
    use that they were written in; ``number`` None: about no application in particular."""

    id: UUID
    who: str
    number: int | None
    place: str
    kind: str
    said: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """How soon customers were answered, in minutes; None: nobody was."""

    asked: int
    answered: int
    minutes_p50: str | None
    minutes_p90: str | None


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage took, in hours, over the ``count`` applications that went through it."""

    stage: str
    count: int
    hours_p50: str | None
    hours_p90: str | None


@dataclass(frozen=True, slots=True)
class ShapeKept:
    """Loans of one plan shape of which a part was due: how many were never late beyond their grace."""

    shape: str
    on_time: int
    loans: int


@dataclass(frozen=True, slots=True)
class WorkMeasures:
    """Of a year, of one's own customers (``whose`` ``mine``) or everybody's: answers by message and by call, questions
    resolved with the first answer, stages, minutes of people at a case, decisions without a person; and whose time the
    steps outside took (B2), apart. ``people_minor``: of people's time for each of the ``loans`` paid, by the prices of
    the policy (None: none was); ``shapes``: kept plans by their shape; ``renewals_answered`` of ``renewals_due``: loans
    that came within twenty days of their end, and heard by then whether they are renewed."""

    since: date
    whose: str
    messages: AnswerTimes
    calls: AnswerTimes
    first_contact: int
    first_contact_of: int
    decided: int
    straight_through: int
    stages: tuple[StageTime, ...]
    hands_minutes_p50: str | None
    hands_minutes_p90: str | None
    outside: OutsideMeasures
    currency: str
    people_minor: int | None
    loans: int
    shapes: tuple[ShapeKept, ...]
    renewals_answered: int
    renewals_due: int
