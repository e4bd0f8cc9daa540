"""What the plan of a living loan is reckoned from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from db.tables import Loan, LoanBalance, PlanChange
from lending import plans as rules
from lending.calendars import BusinessCalendar
from lending.plans import Plan, plan_on
from lending.products import ShareRange
from lending.terms import Terms


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an owner asks for: ``first_on``, ``days`` and ``factor`` of a breathing space, ``cycle`` and ``cycle_day``
    of a rhythm; of a plan by dates ``weights`` of the months and ``cycle_day`` as its due day; ``hour`` of letters. A
    window that is put off, and a month of interest alone, need no more words."""

    kind: str
    first_on: date | None = None
    days: int = 0
    factor: Decimal = Decimal(0)
    cycle: str = ""
    cycle_day: int = 0
    share: Decimal = Decimal(0)
    weights: str = ""
    hour: int = 0


@dataclass(frozen=True, slots=True)
class Living:
    """A live loan with what its plan is reckoned from; ``number``: its application's."""

    row: Loan
    balance: LoanBalance
    terms: Terms
    facts: rules.Loan
    monthly_minor: int
    changes: Sequence[PlanChange]
    number: int
    shares: ShareRange
    calendar: BusinessCalendar

    @property
    def plan(self) -> Plan:
        """What is in force."""
        return plan_on(self.facts.changes, date.max, signed=self.terms.cycle)
