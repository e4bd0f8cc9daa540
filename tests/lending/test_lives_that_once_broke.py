"""Lives of loans that the machine of random lives found, each broken once: kept so that none breaks again."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lending.allocation import Ahead, Rule, When
from lending.amortisation import InterestMethod, RateChange
from lending.changes import ChargedOff, ChargeOff, NotPossible, Pause, Replan, SpreadOverdue
from lending.charges import Charge, ChargeBasis, ChargeTime
from lending.classic import ClassicPlan, classic_rows
from lending.instalments import Part
from lending.loan_state import Event, Kind, Loan, Recalculation, Shape
from lending.payoff import payoff_of
from lending.rate_factors import InterestPeriod, MonthDays, RateBasis, YearDays
from lending.servicing import replay
from lending.spans import Unit, spans

ORDER = tuple((when, part) for when in When for part in (Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL))
MONTHLY = RateBasis(YearDays.D365, MonthDays.ACTUAL, 1, Unit.MONTHS)
START, FEBRUARY = date(2025, 1, 31), date(2025, 2, 28)


def shaped(ahead: Ahead = Ahead.NEXT, **changed: Any) -> Shape:
    given: dict[str, Any] = {"annual_rate": Decimal("0.12"), "count": 6, "method": InterestMethod.DECLINING}
    given |= {"recalculation": Recalculation(), "rules": {None: Rule(ORDER, ahead)}}
    return Shape(basis=MONTHLY, **(given | changed))


def event(kind: Kind, on: date, amount: int = 0, **more: Any) -> Event:
    return Event(kind, on, more.pop("seen_on", on), amount, **more)


def left(loan: Loan) -> int:
    return sum(i.total_outstanding for i in loan.instalments)


@pytest.mark.parametrize(
    "change",
    [RateChange(FEBRUARY, Decimal("0.05")), Pause(FEBRUARY, date(2025, 4, 1)), Replan(count=3), SpreadOverdue()],
)
def test_a_loan_that_was_called_has_no_plan_that_could_change(change: Any) -> None:
    events = [
        event(Kind.DISBURSEMENT, START, 20_200),
        event(Kind.CHANGE, FEBRUARY, change=ChargeOff(ChargedOff.ALL_DUE)),
    ]
    loan = replay(shaped(), events, FEBRUARY)
    assert left(loan) == payoff_of(loan, FEBRUARY).total_minor
    with pytest.raises(NotPossible, match="no plan is left"):
        replay(shaped(), [*events, event(Kind.CHANGE, FEBRUARY, change=change)], FEBRUARY)


def test_a_down_payment_pays_what_is_due_on_its_day_before() -> None:
    """A cent charged back falls due on the day of the second tranche; not a cent is made or lost by that."""
    shape = shaped(
        annual_rate=Decimal(0),
        recalculation=None,
        down_payment_percent=Decimal(25),
        down_payment_automatic=True,
        multiple_minor=100,
    )
    events = [
        event(Kind.DISBURSEMENT, START, 203),
        event(Kind.REPAYMENT, START, 17, key="paid"),
        event(Kind.CHARGEBACK, FEBRUARY, 1, key="back", of="paid"),
        event(Kind.DISBURSEMENT, FEBRUARY, 203),
    ]
    loan = replay(shape, events, FEBRUARY)
    downs = [i for i in loan.instalments if i.down_payment]
    assert [(i.due[Part.PRINCIPAL], i.total_outstanding) for i in downs] == [(100, 0), (100, 1)]
    off = replay(shape, [*events, event(Kind.CHANGE, FEBRUARY, change=ChargeOff(ChargedOff.ALL_DUE))], FEBRUARY)
    assert sum(i.total_paid for i in off.instalments) == 100 + 100 + 17
    assert left(off) == left(loan) == 203 + 203 + 1 - 217


def test_what_was_over_pays_from_the_day_on_which_something_fell_due() -> None:
    """Money of the 6th, over until a tranche of the 28th and its charge, lowers no balance before the 28th."""
    charge = Charge(Decimal(1_000), ChargeBasis.FLAT, ChargeTime.DUE_DATE, True, FEBRUARY, date(2025, 3, 11))
    events = [
        event(Kind.DISBURSEMENT, START, 100),
        event(Kind.REPAYMENT, date(2025, 2, 6), 50_103),
        event(Kind.DISBURSEMENT, FEBRUARY, 250_000),
        event(Kind.CHARGE, FEBRUARY, charge=charge),
    ]
    shape = shaped(Ahead.LAST)
    loan = replay(shape, events, FEBRUARY)
    quote = payoff_of(loan, FEBRUARY)
    assert (quote.principal_minor + quote.penalties_minor, quote.interest_minor) == (250_000 - 50_003, 0)
    assert left(replay(shape, [*events, event(Kind.PAYOFF, FEBRUARY, quote.total_minor)], FEBRUARY)) == 0


def test_a_tranche_that_lowers_what_is_asked_gives_back_what_was_paid_beyond_it() -> None:
    """In multiples of ten the last instalment asks for less after a second tranche than was paid into all of them."""
    shape = shaped(Ahead.REAMORTISE, annual_rate=Decimal("0.07"), recalculation=None, multiple_minor=1_000, count=26)
    events = [
        event(Kind.DISBURSEMENT, START, 30_000),
        event(Kind.MERCHANT_REFUND, START, 30_000),
        event(Kind.DISBURSEMENT, START, 20_000),
    ]
    loan = replay(shape, events, START)
    assert all(i.outstanding(part) >= 0 for i in loan.instalments for part in Part)
    assert sum(i.total_paid for i in loan.instalments) + loan.overpaid == 30_000


def test_flat_interest_rounded_up_many_times_is_never_asked_for_beyond_its_sum() -> None:
    basis = RateBasis(YearDays.D360, MonthDays.ACTUAL, 1, Unit.MONTHS, InterestPeriod.REPAYMENT_PERIOD)
    plan = ClassicPlan(Decimal("0.0001"), basis, InterestMethod.FLAT)
    rows = classic_rows(plan, spans(START, 13, 1, Unit.MONTHS), 100_000, 100_000)
    assert [row.interest for row in rows] == [1] * 11 + [0, 0]


def test_flat_instalments_rounded_up_many_times_return_the_principal_and_no_more() -> None:
    shape = shaped(method=InterestMethod.FLAT, recalculation=None)
    for count in range(2, 60):
        anew = event(Kind.CHANGE, FEBRUARY, change=Replan(count=count))
        loan = replay(shape, [event(Kind.DISBURSEMENT, START, 50), anew], FEBRUARY)
        assert sum(i.due[Part.PRINCIPAL] for i in loan.instalments) == 50


def test_flat_instalments_rounded_up_return_the_principal_and_no_more_when_interest_pauses() -> None:
    shape = shaped(method=InterestMethod.FLAT, recalculation=None)
    for count, days in ((16, 34), (17, 27), (19, 60)):
        plan = event(Kind.CHANGE, START, change=Replan(count=count))
        rest = event(Kind.CHANGE, START, change=Pause(START, START + timedelta(days=days)))
        for amount in (50, 100, 101):
            loan = replay(shape, [event(Kind.DISBURSEMENT, START, amount), plan, rest], START + timedelta(days=12))
            assert sum(i.due[Part.PRINCIPAL] for i in loan.instalments) == amount
