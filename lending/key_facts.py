"""The key facts of a loan that is repaid on dates (P7): plan, every fee with payee and bearer, and the whole cost.

What is shown before signing, what the contract says and what the ledger posts come from here: :func:`key_facts` for the
sheet, :func:`shape_of` and :func:`opening_events` for the loan while it lives. A fee that is not on the sheet has no
event, so it cannot be posted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lending.allocation import Ahead, Rule, When
from lending.amortisation import InterestMethod, to_minor
from lending.apr import Flow, irr_effective, irr_nominal
from lending.calendars import BusinessCalendar, add_months
from lending.charges import Charge, ChargeBasis, ChargeTime
from lending.instalment_products import Bearer, FeeBasis, FeeTerm, FeeTime
from lending.instalment_terms import InstalmentTerms, terms_hash
from lending.instalments import Part
from lending.loan_state import Event, Kind, LateRule, Shape
from lending.rate_factors import MonthDays, RateBasis, YearDays
from lending.rates import DayCount
from lending.schedules import Schedule, schedule
from lending.spans import Unit

# Fees with this payee go through our books; what a valuer or an insurer asks for is paid to them, and shown.
LENDER = "lender"
# 民法典 561: costs, interest, principal; what is past due first, and money in advance pays the next instalment.
ORDER = tuple((when, part) for when in When for part in (Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL))
PAYMENTS = Rule(ORDER, Ahead.NEXT)


@dataclass(frozen=True, slots=True)
class FeeDue:
    """One fee on the day on which it is asked for; zero is listed too, and so is what the lender bears."""

    code: str
    on: date
    amount_minor: int
    payee: str
    borne_by: Bearer

    @property
    def is_posted(self) -> bool:
        return self.borne_by is Bearer.BORROWER and self.payee == LENDER and self.amount_minor > 0


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """The sheet; amounts in minor units, rates as fractions, in normal performance from ``start``.

    The annual rates hold every fee that the borrower bears, whoever receives it.
    """

    terms: InstalmentTerms
    terms_hash: str
    start: date
    schedule: Schedule
    fees: tuple[FeeDue, ...]
    annual_rate_nominal: Decimal
    annual_rate_effective: Decimal

    @property
    def interest_minor(self) -> int:
        return self.schedule.total_interest_minor

    @property
    def fees_minor(self) -> int:
        """What the borrower bears, whoever receives it."""
        return sum(fee.amount_minor for fee in self.fees if fee.borne_by is Bearer.BORROWER)

    @property
    def total_minor(self) -> int:
        return self.terms.amount_minor + self.interest_minor + self.fees_minor


def key_facts(terms: InstalmentTerms, start: date, calendar: BusinessCalendar | None = None) -> KeyFacts:
    """The sheet of these terms if the money is credited on ``start`` and everything is paid when due."""
    made = schedule(terms.plan(start, calendar))
    fees = tuple(due for fee in terms.fees for due in _dues(fee, terms, start, made.due_on))
    flows = [Flow(start, terms.amount_minor)]
    parts = zip(made.due_on, made.principal_minor, made.interest_minor, strict=True)
    flows += [Flow(on, -principal - interest) for on, principal, interest in parts]
    flows += [Flow(fee.on, -fee.amount_minor) for fee in fees if fee.borne_by is Bearer.BORROWER]
    return KeyFacts(terms, terms_hash(terms), start, made, fees, irr_nominal(flows), irr_effective(flows))


def _dues(fee: FeeTerm, terms: InstalmentTerms, start: date, due_on: Sequence[date]) -> list[FeeDue]:
    """Every day on which one fee is asked for."""
    match fee.time:
        case FeeTime.AT_PAYOUT:
            days = [start]
        case FeeTime.WITH_INSTALMENT:
            days = list(due_on)
        case FeeTime.YEARLY:
            days = [add_months(start, month) for month in range(0, terms.months, 12)]
    match fee.basis:
        case FeeBasis.FLAT:
            amount = int(fee.value)
        case FeeBasis.OF_AMOUNT:
            amount = to_minor(terms.amount_minor * fee.value)
        case FeeBasis.OF_COVER:
            amount = to_minor(terms.cover_minor * fee.value)
    return [FeeDue(fee.code, day, amount, fee.payee, fee.borne_by) for day in days]


def shape_of(terms: InstalmentTerms, start: date, calendar: BusinessCalendar | None = None) -> Shape:
    """How the loan lives: by the signed plan, lateness as agreed, fees at payout and with each instalment as listed."""
    plan = terms.plan(start, calendar)
    charges = tuple(
        Charge(Decimal(due.amount_minor), ChargeBasis.FLAT, _TIMES[fee.time], False, start)
        for fee in terms.fees
        if fee.time in _TIMES
        for due in _dues(fee, terms, start, [start])
        if due.is_posted
    )
    year = YearDays.D365 if terms.day_count is DayCount.ACT_365 else YearDays.D360
    return Shape(
        annual_rate=terms.annual_rate,
        basis=RateBasis(year, MonthDays.ACTUAL, plan.every, Unit.MONTHS),
        count=plan.count,
        method=InterestMethod.DECLINING,
        rules={None: PAYMENTS},
        charges=charges,
        agreed=plan,
        late=LateRule(terms.late_factor, terms.grace_days),
    )


_TIMES = {FeeTime.AT_PAYOUT: ChargeTime.DISBURSEMENT, FeeTime.WITH_INSTALMENT: ChargeTime.INSTALMENT}


def opening_events(terms: InstalmentTerms, start: date) -> list[Event]:
    """The money on its day, and each yearly fee of the sheet on its own."""
    events = [Event(Kind.DISBURSEMENT, start, start, terms.amount_minor, key="payout")]
    for fee in terms.fees:
        for due in _dues(fee, terms, start, ()) if fee.time is FeeTime.YEARLY else ():
            if due.is_posted:
                value = Decimal(due.amount_minor)
                charge = Charge(value, ChargeBasis.FLAT, ChargeTime.DUE_DATE, False, start, due.on)
                events.append(Event(Kind.CHARGE, start, start, charge=charge, key=f"{fee.code}/{due.on.isoformat()}"))
    return events
