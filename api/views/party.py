"""Somebody's part in somebody else's loan: what its owner sees of it, and what the party itself sees."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from api.views.application import ConsentText


@dataclass(frozen=True, slots=True)
class PartyView:
    """What an applicant sees of somebody they invited: role and standing, never their papers.

    ``liability``: joint (连带) or general (一般), of a guarantor. ``due_at``: until when they may answer.
    """

    id: UUID
    role: str
    liability: str | None
    amount_minor: int | None
    phone_masked: str
    state: str
    required: bool
    invited_at: datetime
    due_at: datetime
    signed_at: datetime | None
    removable: bool


@dataclass(frozen=True, slots=True)
class PartiesView:
    """Everybody of one application. ``awaited``: roles without whose signature no money moves; ``roles``: those that
    somebody can be asked to take beside such a firm."""

    items: tuple[PartyView, ...]
    awaited: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartAsked:
    """What the applicant asks for, before any plan stands: nobody says yes to a loan whose size they do not know.

    ``answers_minor``: the principal that the party would answer for, all of it where no amount was typed; None for
    whoever owes nothing.
    """

    amount_minor: int
    answers_minor: int | None
    currency: str
    months: int


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What a party would answer for, before it signs: amounts in minor units, days, and rates of the chosen plan.

    ``seconds_left`` of the reading time; ``terms_hash`` is what is signed.
    """

    terms_hash: str
    amount_minor: int
    answers_minor: int
    currency: str
    months: int
    annual_rate: Decimal
    latest_on: date
    seconds_left: int
    readable_from: datetime


@dataclass(frozen=True, slots=True)
class PartOwed:
    """What of the loan is open now and what of it is overdue, as far as it concerns the party."""

    state: str
    left_minor: int
    overdue_minor: int
    days_past_due: int
    currency: str


@dataclass(frozen=True, slots=True)
class PartView:
    """One's own part: what one is asked for and by whom, what is still to do, what one answers for, what is overdue.

    Nothing of the borrower's bills, score, account or other parties. ``to_do``: consent, identify, wait, read, sign or
    nothing.
    """

    id: UUID
    role: str
    liability: str | None
    amount_minor: int | None
    state: str
    to_do: str
    by_name: str = field(repr=False)
    invited_at: datetime
    due_at: datetime
    signed_at: datetime | None
    problem: str | None
    consents: tuple[ConsentText, ...]
    asked: PartAsked
    facts: PartFacts | None
    owed: PartOwed | None
