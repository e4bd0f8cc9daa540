"""The pack after signing."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from api.views.application import PaperView


@dataclass(frozen=True, slots=True)
class PackDay:
    """A day to keep: ``mark`` money, look or last; by a look ``amount_minor`` of principal is repaid at least."""

    mark: str
    number: int
    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PackContact:
    """Whom to call or write to: service, complaint, email, regulator."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class PackView:
    """What was signed, on one page. ``credited_on`` None: the money has not arrived, the days are those planned."""

    application_id: UUID
    number: str
    signed_at: datetime
    terms_hash: str
    amount_minor: int
    currency: str
    annual_rate: Decimal
    share: Decimal
    account_masked: str
    credited_on: date | None
    pay_at: datetime
    days: tuple[PackDay, ...]
    ways: tuple[str, ...]
    contacts: tuple[PackContact, ...]
    papers: tuple[PaperView, ...]
