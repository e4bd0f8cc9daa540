"""Claims of subsidies, as the desk reads them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SubsidyClaimView:
    """One scheme's claim for a month (``period``: 2027-03): how many loans, how much in all, paid when and by what."""

    id: UUID
    scheme: str
    scheme_name: str
    period: str
    currency: str
    loans: int
    total_minor: int
    state: str
    made_at: datetime
    paid_on: date | None
    reference: str | None
