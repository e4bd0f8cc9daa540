"""A loan past due as its borrower sees it, and as the people see it who call them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One contact: why, how, by whom, and whether somebody answered. Every one is here (journey 7, G5)."""

    at: datetime
    kind: str
    purpose: str
    channel: str
    agent: str
    talked: bool


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """A promise to pay: ``state`` open, kept, broken. Until the day after it nobody presses."""

    amount_minor: int
    promised_on: date
    made_at: datetime
    made_by: str
    state: str


@dataclass(frozen=True, slots=True)
class DisputeLine:
    """What the borrower says is wrong, by when it is answered, and the answer."""

    id: UUID
    reason: str
    words: str
    made_at: datetime
    due_at: datetime
    verdict: str | None
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class LateView:
    """A late loan. ``past_due_minor``: now, with what came since the last close; ``latest_promise_on``: up to when a
    promise may be made; ``frozen``: a dispute is open, so nothing is demanded, charged or reported for it."""

    loan_id: UUID
    number: int
    currency: str
    since: date
    days_past_due: int
    past_due_minor: int
    ended: str | None
    frozen: bool
    latest_promise_on: date
    promises: tuple[PromiseLine, ...]
    disputes: tuple[DisputeLine, ...]
    contacts: tuple[ContactLine, ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of a treatment. ``done_at`` None: it waits for a person until ``due_at``; ``because``, ``not_before``:
    why the rules of contact would refuse it at this moment, and until when."""

    name: str
    does: str
    purpose: str
    offers_relief: bool
    taken_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    done_by: str | None
    outcome: str | None
    because: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A loan past due at the desk: its segment and why, what was done and what waits."""

    case_id: UUID
    loan_id: UUID
    number: int
    product_id: str
    currency: str
    days_past_due: int
    past_due_minor: int
    segment: str | None
    stage: str | None
    reason: str | None
    figures: tuple[tuple[str, str], ...]
    treatment: str | None
    next_at: datetime | None
    promise: PromiseLine | None
    dispute: DisputeLine | None
    steps: tuple[StepLine, ...]


@dataclass(frozen=True, slots=True)
class CallLine:
    """That one call may be made now, whom to call, and what to say first: who calls, for whom, and that it is kept."""

    contact_id: UUID
    phone: str
    purpose: str
    offers_relief: bool
