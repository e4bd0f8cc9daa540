"""What an instalment loan is made of: its terms, its events, and the state that a re-play leads to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from lending.allocation import Rule, Used
from lending.amortisation import Amortisation, InterestMethod, RateChange
from lending.changes import Change, Pause
from lending.charges import Charge
from lending.classic import ClassicPlan
from lending.instalments import Instalment, Part
from lending.rate_factors import RateBasis
from lending.schedules import Plan


class Kind(StrEnum):
    """What may happen to a loan after it is agreed."""

    DISBURSEMENT = "disbursement"
    CHARGE = "charge"
    DOWN_PAYMENT = "down_payment"
    REPAYMENT = "repayment"
    GOODWILL = "goodwill"
    MERCHANT_REFUND = "merchant_refund"
    PAYOUT_REFUND = "payout_refund"
    INTEREST_WAIVER = "interest_waiver"
    INTEREST_REFUND = "interest_refund"
    PAYOFF = "payoff"
    CHARGEBACK = "chargeback"
    CHARGE_WAIVER = "charge_waiver"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``on``: the day from which it counts; ``seen_on``: the business day on which it was booked.

    ``key`` names an event that another one speaks ``of``: the payment that is charged back, the charge that is waived.
    """

    kind: Kind
    on: date
    seen_on: date
    amount: int = 0
    charge: Charge | None = None
    refund_interest: bool = True
    key: str = ""
    of: str = ""
    change: Change | None = None

    @property
    def lends_at_a_rate(self) -> bool:
        return isinstance(self.change, RateChange) and self.change.annual_rate > 0

    @property
    def counts_from(self) -> date:
        """A charge counts from the day it is put on the loan, or from an earlier due date."""
        if self.charge is not None and self.charge.due_on is not None and self.charge.due_on < self.charge.on:
            return self.charge.due_on
        return self.charge.on if self.charge is not None else self.on


@dataclass(frozen=True, slots=True)
class Recalculation:
    """How interest follows payments. ``daily``: to the day of a payment, else to the end of its period.

    ``payoff_to_period_end``: who pays all off owes the interest of the whole period.
    """

    daily: bool = True
    payoff_to_period_end: bool = False
    none_on_past_due: bool = False

    def to_period_end(self, payoff: bool) -> bool:
        return self.payoff_to_period_end and (payoff or not self.daily)


@dataclass(frozen=True, slots=True)
class LateRule:
    """罚息 (P10): overdue principal bears ``factor`` times the rate, from its due date once grace is over."""

    factor: Decimal
    grace_days: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """All that the schedule of an instalment loan depends on, besides its events.

    ``credited``: in which order a charge-back gives the parts of the payment back. ``when_long_overdue``: after more
    than so many days past due payments follow another rule (P10: principal first after 90 days, where agreed).
    ``agreed``: the plan of one of our own contracts; it begins on the day and with the amount that was paid out.
    """

    annual_rate: Decimal
    basis: RateBasis
    count: int
    method: InterestMethod
    rules: Mapping[Kind | None, Rule]
    partial_period: bool = False
    multiple_minor: int | None = None
    fixed_length: int | None = None
    starts_on: date | None = None
    down_payment_percent: Decimal | None = None
    down_payment_automatic: bool = False
    recalculation: Recalculation | None = None
    refunds_interest: frozenset[Kind] = frozenset()
    full_term_tranches: bool = False
    charges: tuple[Charge, ...] = ()
    planned: tuple[tuple[date, int], ...] = ()
    classic: ClassicPlan | None = None
    agreed: Plan | None = None
    credited: tuple[Part, ...] = (Part.PRINCIPAL,)
    late: LateRule | None = None
    when_long_overdue: tuple[int, Rule] | None = None

    @property
    def by_plan(self) -> bool:
        """Whether instalments are what a plan says, whenever they are paid, until another plan is agreed."""
        return self.classic is not None or self.agreed is not None

    def rule_for(self, kind: Kind, days_past_due: int = 0) -> Rule:
        if self.when_long_overdue is not None and days_past_due > self.when_long_overdue[0]:
            return self.when_long_overdue[1]
        return self.rules.get(kind) or self.rules[None]


@dataclass(slots=True)
class Lent:
    """One disbursement as shown in the schedule; ``fee`` was due with it."""

    on: date
    amount: int
    fee: int = 0


@dataclass(slots=True)
class Placed:
    """Where a charge stands, and what it asks for there; ``key`` of its event."""

    key: str
    charge: Charge
    instalment: Instalment
    amount: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What one event moved, in minor units by part: paid, let off, asked for again, written off; and what was over.

    ``earned``: all interest, fees and penalties earned until a charge-off, in its own event.
    """

    event: Event
    paid: Mapping[Part, int]
    waived: Mapping[Part, int]
    over: int
    back: Mapping[Part, int]
    lent: int = 0
    fee: int = 0
    written_off: Mapping[Part, int] | None = None
    earned: Mapping[Part, int] | None = None


@dataclass(slots=True)
class Loan:
    """The state after a re-play.

    ``used`` and ``charged_back``: by key of a payment, what it paid and how much of that was taken back.
    ``turned_back``: by key of a charge-back, what is asked for again. ``closed_interest``: interest of replaced plans.
    ``all_due``: a charge-off has called everything, and no plan is left.
    """

    shape: Shape
    amortisation: Amortisation
    instalments: list[Instalment]
    lent: list[Lent] = field(default_factory=list)
    overpaid: int = 0
    payoff: bool = False
    interest_refunded: int = 0
    overpayments: list[tuple[Event, int]] = field(default_factory=list)
    by_instalment: list[tuple[str, Charge]] = field(default_factory=list)
    after_maturity: list[tuple[Event, dict[Part, int]]] = field(default_factory=list)
    priced: dict[tuple[int, int], int] = field(default_factory=dict)
    used: dict[str, Used] = field(default_factory=dict)
    charged_back: dict[str, int] = field(default_factory=dict)
    turned_back: dict[str, dict[Part, int]] = field(default_factory=dict)
    pauses: list[Pause] = field(default_factory=list)
    bears_interest: bool = True
    placed: list[Placed] = field(default_factory=list)
    closed_interest: int = 0
    charged_off_on: date | None = None
    all_due: bool = False
    moved: list[Moved] = field(default_factory=list)

    def total(self, column: Literal["due", "paid", "waived"]) -> dict[Part, int]:
        """The sum of one column of all instalments, by part."""
        total = dict.fromkeys(Part, 0)
        for instalment in self.instalments:
            for part, amount in getattr(instalment, column).items():
                total[part] += amount
        return total

    def days_past_due(self, on: date) -> int:
        """Since the oldest due date of which something is open; 0 if nothing is past due."""
        open_since = [i.due_on for i in self.instalments if i.due_on < on and i.total_outstanding > 0]
        return (on - min(open_since)).days if open_since else 0

    @property
    def follows_payments(self) -> bool:
        """Whether interest follows what is paid; flat interest is on what was lent, whatever is repaid."""
        declining = self.shape.method is InterestMethod.DECLINING and not self.shape.by_plan
        return self.bears_interest and declining and self.shape.recalculation is not None


def renumber(loan: Loan) -> None:
    """In order of due dates; a down payment stands after an instalment of its day, in the classic schedule before."""
    classic = loan.shape.classic is not None
    loan.instalments.sort(key=lambda i: (i.due_on, i.additional, i.down_payment is not classic))
    for number, instalment in enumerate(loan.instalments, start=1):
        instalment.number = number
