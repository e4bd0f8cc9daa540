"""The end of a loan as its owner and the desk see it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class EndView:
    """What can be had at the end of a loan, what stands in its way (``missing``, by code), and by when it is said.

    ``answer_due_at``: our promise; ``promised_at``: the new one where that was missed. ``months`` and ``until_on``: of
    an extension that was offered, ``most_interest_minor``: what it costs at most, ``shown_hash``: of all that, to agree
    to. ``label``: how the end was called in the books (renewal, refinancing, extension).
    """

    loan_id: UUID
    number: int
    product_id: str
    currency: str
    matures_on: date
    principal_minor: int
    annual_rate: Decimal
    answer_due_at: datetime
    wish: str | None
    missing: tuple[str, ...]
    extensions: tuple[int, ...]
    verdict: str | None
    reason: str | None
    answered_at: datetime | None
    promised_at: datetime | None
    months: int | None
    until_on: date | None
    most_interest_minor: int | None
    shown_hash: str | None
    agreed_at: datetime | None
    label: str | None


@dataclass(frozen=True, slots=True)
class EndLine:
    """One loan's end at the desk. ``kept_class``: the class of its debt as of today, by lateness and label."""

    loan_id: UUID
    number: int
    product_id: str
    currency: str
    principal_minor: int
    matures_on: date
    opened_at: datetime
    wish: str | None
    wished_at: datetime | None
    answer_due_at: datetime
    escalated_at: datetime | None
    promised_at: datetime | None
    missing: tuple[str, ...]
    extensions: tuple[int, ...]
    verdict: str | None
    reason: str | None
    answered_at: datetime | None
    in_time: bool | None
    agreed_at: datetime | None
    label: str | None
    kept_class: str
