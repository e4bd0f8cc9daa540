"""The classes of the book as the desk reads them. Internal: no view of an owner has any of it (P29)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ClassStep:
    """Once a loan's class, reason or income changed; ``figures``: what it rested on."""

    on: date
    klass: str
    because: str
    was: str
    accrues: bool
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """What was proposed of a loan: a class, or a write-off. ``mine``: the reader proposed it."""

    id: UUID
    kind: str
    klass: str | None
    amount_minor: int
    words: str
    evidence: str
    made_by: str
    made_at: datetime
    verdict: str | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    mine: bool


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One loan: ``status`` is its contract's, ``klass`` ours; neither follows from the other (P29).

    ``suspended_minor``: interest that is owed and no income. ``written_off_on``: it left the balance and is owed still;
    ``recovered_minor``: what came since.
    """

    loan_id: UUID
    number: int
    product_id: str
    currency: str
    status: str
    days_past_due: int
    principal_minor: int
    interest_minor: int
    klass: str
    because: str
    stage: int
    since: date | None
    as_of: date | None
    accrues: bool
    suspended_minor: int
    written_off_on: date | None
    recovered_minor: int
    open: ProposalLine | None
    proposals: tuple[ProposalLine, ...]
    history: tuple[ClassStep, ...]


@dataclass(frozen=True, slots=True)
class ProvisionView:
    """What the newest night set aside for a class."""

    currency: str
    klass: str
    stage: int
    loans: int
    principal_minor: int
    rate: Decimal
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ClassBook:
    """Every loan that is not normal or was written off, the worst first, and the night's provision.

    ``allowance_minor``: what the ledger holds for it; ``written_off_from``: the class from which a loan may be.
    """

    as_of: date | None
    loans: tuple[ClassLine, ...]
    provision: tuple[ProvisionView, ...]
    allowance_minor: int
    currency: str
    written_off_from: str
