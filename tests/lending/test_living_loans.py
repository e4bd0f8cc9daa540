"""What happens to an instalment loan after its money is paid out, against figures that others published.

Figures: the end-to-end scenarios of a large open-source lending core, restated here (their numbers stand at each).
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lending.allocation import Ahead, Rule, When
from lending.amortisation import InterestMethod, RateChange
from lending.changes import ChargedOff, ChargeOff, NotPossible, Pause, Replan, SpreadOverdue
from lending.charges import Charge, ChargeBasis, ChargeTime
from lending.classic import ClassicPlan
from lending.floating import Clause, next_reset, rate_on, repricings
from lending.instalment_products import Price
from lending.instalments import Part
from lending.loan_state import Event, Kind, LateRule, Loan, Recalculation, Shape
from lending.payoff import payoff_of
from lending.rate_factors import MonthDays, RateBasis, YearDays
from lending.reach import Effect, of_contract
from lending.refusals import OutsidePolicy
from lending.servicing import replay
from lending.spans import Unit

ORDER = tuple((when, part) for when in When for part in (Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL))
MONTHLY = RateBasis(YearDays.D360, MonthDays.D30, 1, Unit.MONTHS)


def interest_bearing(**changed: Any) -> Shape:
    given: dict[str, Any] = {
        "annual_rate": Decimal("0.07"),
        "basis": MONTHLY,
        "count": 6,
        "method": InterestMethod.DECLINING,
        "rules": {None: Rule(ORDER, Ahead.NEXT)},
        "recalculation": Recalculation(),
    }
    return Shape(**(given | changed))


def without_interest(**changed: Any) -> Shape:
    given: dict[str, Any] = {
        "annual_rate": Decimal(0),
        "count": 3,
        "basis": RateBasis(YearDays.ACTUAL, MonthDays.ACTUAL, 15, Unit.DAYS),
        "down_payment_percent": Decimal(25),
        "down_payment_automatic": True,
        "multiple_minor": 100,
        "recalculation": None,
        "method": InterestMethod.FLAT,
    }
    return interest_bearing(**(given | changed))


def on(month: int, day: int = 1) -> date:
    return date(2024, month, day)


def lend(amount: int = 10_000) -> Event:
    return Event(Kind.DISBURSEMENT, on(1), on(1), amount)


def pay(day: date, amount: int = 1_701, **more: Any) -> Event:
    return Event(Kind.REPAYMENT, day, day, amount, **more)


def agree(day: date, change: Any) -> Event:
    return Event(Kind.CHANGE, day, day, change=change)


def fee(day: date, amount: int, due_on: date, key: str = "") -> Event:
    charge = Charge(Decimal(amount), ChargeBasis.FLAT, ChargeTime.DUE_DATE, False, day, due_on)
    return Event(Kind.CHARGE, day, day, charge=charge, key=key)


def due(loan: Loan) -> list[tuple[int, int]]:
    return [(i.due[Part.PRINCIPAL], i.due[Part.INTEREST]) for i in loan.instalments]


def left(loan: Loan) -> int:
    return sum(i.total_outstanding for i in loan.instalments)


# --- another rate, a pause --------------------------------------------------------------------------------------------
def test_another_rate_from_a_due_date_c3217() -> None:
    loan = replay(
        interest_bearing(),
        [lend(), pay(on(2)), pay(on(3)), agree(on(2), RateChange(on(2), Decimal("0.04")))],
        on(4),
    )
    assert due(loan) == [(1643, 58), (1660, 28), (1666, 22), (1671, 17), (1677, 11), (1683, 6)]
    assert [i.total_paid for i in loan.instalments] == [1701, 1688, 13, 0, 0, 0]
    assert [i.total_outstanding for i in loan.instalments[2:]] == [1675, 1688, 1688, 1689]


def test_another_rate_in_the_middle_of_a_month_c3916() -> None:
    loan = replay(
        interest_bearing(),
        [lend(), pay(on(2)), pay(on(3)), agree(on(2, 15), RateChange(on(2, 15), Decimal("0.04")))],
        on(4),
    )
    assert due(loan) == [(1643, 58), (1652, 38), (1668, 22), (1673, 17), (1679, 11), (1685, 6)]
    assert left(loan) == 6750


@pytest.mark.parametrize(
    ("pause", "interest", "last"),
    [
        (Pause(on(2, 4), on(2, 10)), [58, 39, 39, 29, 20, 10], 1690),  # C3475
        (Pause(on(2, 9), on(3, 10)), [58, 13, 28, 29, 19, 10], 1652),  # C3476
    ],
)
def test_a_pause_stops_interest_and_leaves_the_instalments(pause: Pause, interest: list[int], last: int) -> None:
    loan = replay(interest_bearing(), [lend(), pay(on(2)), agree(pause.from_on, pause)], on(2))
    assert [i.due[Part.INTEREST] for i in loan.instalments] == interest
    assert [i.total_due for i in loan.instalments] == [1701] * 5 + [last]


def test_a_rate_of_zero_can_become_one_and_back() -> None:
    free = interest_bearing(annual_rate=Decimal(0))
    loan = replay(free, [lend(), pay(on(2), 1667), agree(on(2), RateChange(on(2), Decimal("0.07")))], on(2))
    assert loan.instalments[0].due[Part.INTEREST] == 0
    assert loan.instalments[1].due[Part.INTEREST] == 49
    assert sum(i.due[Part.PRINCIPAL] for i in loan.instalments) == 10_000


# --- another plan -----------------------------------------------------------------------------------------------------
def test_what_is_past_due_is_aged_anew_c3050() -> None:
    loan = replay(without_interest(), [lend(100_000), agree(on(2, 20), Replan(on(3), 6, 1, Unit.MONTHS))], on(2, 20))
    assert [(i.span.days, i.due_on, i.total_due, i.met_on) for i in loan.instalments] == [
        (0, on(1), 25_000, on(1)),
        (15, on(1, 16), 0, on(2, 20)),
        (15, on(1, 31), 0, on(2, 20)),
        (15, on(2, 15), 0, on(2, 20)),
        (15, on(3), 12_500, None),
        (31, on(4), 12_500, None),
        (30, on(5), 12_500, None),
        (31, on(6), 12_500, None),
        (30, on(7), 12_500, None),
        (31, on(8), 12_500, None),
    ]


def test_thirty_days_twice_c3051() -> None:
    loan = replay(without_interest(), [lend(100_000), agree(on(2, 20), Replan(on(3, 10), 2, 30, Unit.DAYS))], on(2, 20))
    assert [(i.span.days, i.due_on, i.total_due) for i in loan.instalments[4:]] == [
        (24, on(3, 10), 37_500),
        (30, on(4, 9), 37_500),
    ]


def test_what_is_past_due_is_spread_over_the_rest_c3069() -> None:
    loan = replay(without_interest(), [lend(50_000), agree(on(1, 25), SpreadOverdue())], on(1, 25))
    assert [i.total_due for i in loan.instalments] == [12_500, 0, 18_700, 18_800]
    assert loan.instalments[1].met_on == on(1, 25)


def test_a_new_plan_bears_interest_by_the_day_and_none_on_interest() -> None:
    """A month late on the second instalment, then twelve more months: level instalments, all interest asked once."""
    loan = replay(interest_bearing(), [lend(1_000_000), pay(on(2), 170_086)], on(4, 1))
    before = payoff_of(loan, on(4, 1))
    anew = replay(
        interest_bearing(),
        [lend(1_000_000), pay(on(2), 170_086), agree(on(4, 1), Replan(on(5), 12))],
        on(4, 1),
    )
    rows = [i for i in anew.instalments if not i.closed]
    assert len(rows) == 12
    assert sum(i.due[Part.PRINCIPAL] for i in rows) == before.principal_minor
    assert max(i.total_due for i in rows) - min(i.total_due for i in rows) <= 12
    assert payoff_of(anew, on(4, 1)).total_minor == before.total_minor
    later = replay(
        interest_bearing(),
        [lend(1_000_000), pay(on(2), 170_086), agree(on(4, 1), Replan(on(5), 12))],
        on(5, 1),
    )
    month = payoff_of(later, on(5, 1)).interest_minor - before.interest_minor
    assert month == round(before.principal_minor * 7 / 1200)


def test_lower_instalments_after_a_prepayment_and_the_same_due_dates() -> None:
    events = [lend(1_000_000), pay(on(2), 170_086), pay(on(2), 300_000)]
    loan = replay(interest_bearing(), [*events, agree(on(2), Replan())], on(2))
    rows = [i for i in loan.instalments if not i.closed]
    assert [i.due_on for i in rows] == [on(3), on(4), on(5), on(6), on(7)]
    assert max(i.total_due for i in rows) - min(i.total_due for i in rows) <= 5
    assert rows[0].total_due < 170_086
    assert sum(i.due[Part.PRINCIPAL] for i in rows) == 1_000_000 - sum(i.paid[Part.PRINCIPAL] for i in loan.instalments)


def test_a_shorter_term_after_a_prepayment_and_the_same_instalments() -> None:
    shape = interest_bearing(rules={None: Rule(ORDER, Ahead.LAST)})
    loan = replay(shape, [lend(1_000_000), pay(on(2), 170_086), pay(on(2), 400_000)], on(2))
    open_rows = [i for i in loan.instalments if i.total_outstanding]
    assert [i.due_on for i in open_rows] == [on(3), on(4), on(5)]
    assert [i.total_due for i in open_rows[:2]] == [170_086, 170_086]


def test_more_months_and_other_due_dates() -> None:
    longer = replay(interest_bearing(), [lend(), pay(on(2)), agree(on(2), Replan(count=8))], on(2))
    assert [i.due_on for i in longer.instalments][-3:] == [date(2024, 8, 1), date(2024, 9, 1), date(2024, 10, 1)]
    moved = replay(interest_bearing(), [lend(), pay(on(2)), agree(on(2), Replan(first_due_on=on(3, 20)))], on(2))
    assert [i.due_on.day for i in moved.instalments] == [1, 20, 20, 20, 20, 20]


def test_a_classic_schedule_is_planned_anew_too() -> None:
    plan = ClassicPlan(Decimal("0.12"), MONTHLY, InterestMethod.DECLINING)
    shape = interest_bearing(annual_rate=Decimal("0.12"), classic=plan, recalculation=None)
    loan = replay(shape, [lend(60_000), agree(on(3, 10), Replan(count=6))], on(3, 10))
    rows = [i for i in loan.instalments if not i.closed]
    assert sum(i.due[Part.PRINCIPAL] for i in rows) == 60_000
    assert len(rows) == 6
    for change in (RateChange(on(2), Decimal("0.1")), Pause(on(2), on(3)), ChargeOff(ChargedOff.WITHOUT_INTEREST)):
        with pytest.raises(NotPossible, match="classic"):
            replay(shape, [lend(60_000), agree(on(2), change)], on(2))


@pytest.mark.parametrize(
    ("day", "change", "why"),
    [
        (on(8), Replan(), "no due date is left"),
        (on(3), Replan(first_due_on=on(3)), "after the day"),
        (on(8), SpreadOverdue(), "no due date is left"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_a_reason(day: date, change: Any, why: str) -> None:
    with pytest.raises(NotPossible, match=why):
        replay(interest_bearing(), [lend(), agree(day, change)], day)


def test_nothing_open_nothing_to_plan() -> None:
    paid_off = [lend(), Event(Kind.PAYOFF, on(2), on(2))]
    with pytest.raises(NotPossible, match="no principal is open"):
        replay(interest_bearing(), [*paid_off, agree(on(2), Replan())], on(2))
    with pytest.raises(NotPossible, match="nothing is past due"):
        replay(without_interest(), [lend(), agree(on(1, 2), SpreadOverdue())], on(1, 2))
    with pytest.raises(NotPossible, match="no instalment is left"):
        replay(without_interest(), [lend(), agree(on(3), SpreadOverdue())], on(3))
    for wrong in ({"count": 0}, {"every": 1}, {"every": 0, "unit": Unit.DAYS}):
        with pytest.raises(ValueError, match=r"at least one|a number and a unit"):
            Replan(**wrong)
    with pytest.raises(ValueError, match="ends after"):
        Pause(on(2), on(2))


# --- money that turns back --------------------------------------------------------------------------------------------
def test_a_payment_charged_back_falls_due_with_the_running_instalment_c3430() -> None:
    events = [lend(), pay(on(2)), pay(on(3), key="second")]
    loan = replay(
        interest_bearing(), [*events, Event(Kind.CHARGEBACK, on(3, 15), on(3, 15), 1701, of="second")], on(3, 15)
    )
    assert sum(principal for principal, _ in due(loan)) == 11_701
    assert sum(interest for _, interest in due(loan)) == 211
    assert loan.instalments[2].total_due == 3_402
    assert left(loan) == 8_510


def test_after_maturity_it_stands_alone_c3432() -> None:
    events = [lend(), *(pay(on(m), key=str(m)) for m in range(2, 7)), pay(on(7), 1_700, key="7")]
    back = [
        Event(Kind.CHARGEBACK, on(7, 15), on(7, 15), 1_701, of="6"),
        Event(Kind.CHARGEBACK, on(7, 15), on(7, 15), 1_700, of="7"),
    ]
    loan = replay(interest_bearing(), [*events, *back], on(7, 15))
    last = loan.instalments[-1]
    assert (last.number, last.span.days, last.due_on, last.total_due) == (7, 14, on(7, 15), 3_401)
    assert left(loan) == 3_401


def test_what_was_over_turns_back_first_c3080() -> None:
    events = [lend(50_000), Event(Kind.PAYOUT_REFUND, on(1, 10), on(1, 10), 50_000, key="refund")]
    loan = replay(without_interest(), events, on(1, 10))
    assert loan.overpaid == 12_500
    less = replay(without_interest(), [*events, Event(Kind.CHARGEBACK, on(1, 10), on(1, 10), 2_500, of="refund")])
    assert (less.overpaid, left(less)) == (10_000, 0)
    with pytest.raises(NotPossible, match="more is charged back"):
        replay(without_interest(), [*events, Event(Kind.CHARGEBACK, on(1, 10), on(1, 10), 50_001, of="refund")])


def test_parts_come_back_in_the_agreed_order() -> None:
    shape = interest_bearing(credited=(Part.INTEREST, Part.FEE, Part.PRINCIPAL))
    events = [lend(), fee(on(1), 200, on(2)), pay(on(2), 1_901, key="first")]
    loan = replay(shape, [*events, Event(Kind.CHARGEBACK, on(2, 10), on(2, 10), 300, of="first")], on(2, 10))
    second = loan.instalments[1]
    assert (second.due[Part.FEE], second.due[Part.INTEREST]) == (200, 49 + 58)
    assert sum(principal for principal, _ in due(loan)) == 10_000 + 300 - 58 - 200
    with pytest.raises(NotPossible, match="there is no payment"):
        replay(shape, [*events, Event(Kind.CHARGEBACK, on(2, 10), on(2, 10), 300, of="other")], on(2, 10))


def test_a_charge_is_let_off() -> None:
    events = [lend(), fee(on(1), 200, on(2), key="fee"), pay(on(2), 100)]
    loan = replay(interest_bearing(), [*events, Event(Kind.CHARGE_WAIVER, on(2, 5), on(2, 5), of="fee")], on(2, 5))
    first = loan.instalments[0]
    assert (first.due[Part.FEE], first.paid[Part.FEE], first.waived[Part.FEE]) == (200, 100, 100)
    with pytest.raises(NotPossible, match="nothing is open"):
        replay(interest_bearing(), [*events, Event(Kind.CHARGE_WAIVER, on(2, 5), on(2, 5), of="else")], on(2, 5))


def test_a_fee_by_instalment_is_let_off_everywhere() -> None:
    charge = Charge(Decimal(50), ChargeBasis.FLAT, ChargeTime.INSTALMENT, False, on(1))
    put = Event(Kind.CHARGE, on(1), on(1), charge=charge, key="service")
    loan = replay(
        interest_bearing(),
        [lend(), put, pay(on(2), 1_751), Event(Kind.CHARGE_WAIVER, on(2, 5), on(2, 5), of="service")],
        on(2, 5),
    )
    assert [i.waived[Part.FEE] for i in loan.instalments] == [0, 50, 50, 50, 50, 50]
    assert loan.by_instalment == []


# --- paying off, lateness, off the books ------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", [interest_bearing(), interest_bearing(recalculation=None), without_interest()])
def test_the_quote_of_a_day_pays_the_loan_off_on_that_day(shape: Shape) -> None:
    for day in (on(1), on(1, 17), on(2), on(2, 20), on(4, 1), on(9, 9)):
        events = [lend(100_000), fee(on(1), 333, on(3, 1)), pay(on(1, 20), 2_000)]
        events = [event for event in events if event.counts_from <= day or event.kind is Kind.CHARGE]
        quote = payoff_of(replay(shape, events, day), day)
        assert quote.fees_minor == (333 if day >= on(3, 1) else 0)
        loan = replay(shape, [*events, Event(Kind.PAYOFF, day, day, quote.total_minor)], day)
        assert (left(loan), loan.overpaid) == (0, 0)
        if quote.total_minor > 1:
            with pytest.raises(NotPossible, match="pays the loan off"):
                replay(shape, [*events, Event(Kind.PAYOFF, day, day, quote.total_minor - 1)], day)


def test_prepaying_saves_the_interest_that_is_not_earned() -> None:
    quote = payoff_of(replay(interest_bearing(), [lend(1_000_000)], on(1, 16)), on(1, 16))
    # 15 of the month's 31 days; a month is 30 days of 360 whatever its length.
    assert quote.interest_minor == round(1_000_000 * 7 / 1200 * 15 / 31)


def test_late_interest_is_on_overdue_principal_after_grace_from_the_first_day() -> None:
    shape = interest_bearing(late=LateRule(Decimal("1.5"), 3))
    within = replay(shape, [lend(1_000_000)], on(2, 4))
    assert within.instalments[0].due[Part.PENALTY] == 0
    after = replay(shape, [lend(1_000_000)], on(2, 5))
    overdue = after.instalments[0].due[Part.PRINCIPAL]
    assert after.instalments[0].due[Part.PENALTY] == round(overdue * 0.07 * 0.5 * 4 / 360)
    cured = replay(shape, [lend(1_000_000), pay(on(2, 3), 170_086)], on(2, 29))
    assert cured.instalments[0].total_outstanding == 0
    flat = replay(interest_bearing(recalculation=None, late=LateRule(Decimal("1.5"))), [lend(1_000_000)], on(2, 11))
    assert flat.instalments[0].due[Part.PENALTY] == round(overdue * 0.07 * 1.5 * 10 / 360)


def test_late_interest_falls_with_what_is_paid() -> None:
    shape = interest_bearing(late=LateRule(Decimal("1.5")))
    half = replay(shape, [lend(1_000_000), pay(on(2, 11), 85_000)], on(2, 21))
    none = replay(shape, [lend(1_000_000)], on(2, 21))
    assert 0 < half.instalments[0].due[Part.PENALTY] < none.instalments[0].due[Part.PENALTY]


def test_charged_off_as_agreed_without_interest_or_all_due() -> None:
    events = [lend(100_000), pay(on(2), 17_010)]
    as_agreed = replay(interest_bearing(), [*events, agree(on(4, 15), ChargeOff())], on(4, 15))
    assert as_agreed.charged_off_on == on(4, 15)
    free = replay(interest_bearing(), [*events, agree(on(4, 15), ChargeOff(ChargedOff.WITHOUT_INTEREST))], on(9, 1))
    still = replay(interest_bearing(), events, on(9, 1))
    assert payoff_of(free, on(9, 1)).interest_minor < payoff_of(still, on(9, 1)).interest_minor
    assert payoff_of(free, on(9, 1)).interest_minor == payoff_of(free, on(4, 15)).interest_minor
    quote = payoff_of(replay(interest_bearing(), events, on(4, 15)), on(4, 15))
    all_due = replay(interest_bearing(), [*events, agree(on(4, 15), ChargeOff(ChargedOff.ALL_DUE))], on(9, 1))
    assert left(all_due) == quote.total_minor
    assert [i.total_outstanding for i in all_due.instalments if i.due_on == on(4, 15)] == [quote.total_minor]
    recovered = replay(
        interest_bearing(),
        [*events, agree(on(4, 15), ChargeOff(ChargedOff.ALL_DUE)), pay(on(5), quote.total_minor + 7)],
        on(9, 1),
    )
    assert (left(recovered), recovered.overpaid) == (0, 7)
    with pytest.raises(NotPossible, match="was charged off on 2024-04-15"):
        replay(interest_bearing(), [*events, agree(on(4, 15), ChargeOff()), agree(on(4, 16), ChargeOff())])


def test_long_overdue_money_pays_principal_first_where_the_contract_says_so() -> None:
    principal_first = tuple((when, part) for when in When for part in (Part.PRINCIPAL, Part.INTEREST, Part.FEE))
    shape = interest_bearing(when_long_overdue=(90, Rule(principal_first, Ahead.NEXT, by_instalment=False)))
    soon = replay(shape, [lend(1_000_000), pay(on(5), 1_000)], on(5))
    assert soon.instalments[0].paid[Part.INTEREST] == 1_000
    late = replay(shape, [lend(1_000_000), pay(on(5, 2), 1_000)], on(5, 2))
    assert (late.instalments[0].paid[Part.PRINCIPAL], late.instalments[0].paid[Part.INTEREST]) == (1_000, 0)


def test_a_floating_rate_follows_the_index_on_its_repricing_days() -> None:
    lpr = {
        date(2024, 7, 22): Decimal("0.0335"),
        date(2024, 10, 21): Decimal("0.0310"),
        date(2025, 5, 20): Decimal("0.03"),
    }
    price = Price(index="LPR1Y", points=150, reprices_every_months=3)
    start = date(2024, 9, 1)
    assert rate_on(price, lpr, start) == Decimal("0.0485")
    assert repricings(price, lpr, start, date(2025, 9, 1)) == [
        RateChange(date(2024, 12, 1), Decimal("0.0460")),
        RateChange(date(2025, 6, 1), Decimal("0.0450")),
    ]
    fixed = Price(fixed_rate=Decimal("0.06"))
    assert (rate_on(fixed, {}, start), repricings(fixed, {}, start, date(2030, 1, 1))) == (Decimal("0.06"), [])
    assert repricings(Price(index="LPR1Y"), lpr, start, date(2030, 1, 1)) == []
    with pytest.raises(OutsidePolicy):
        rate_on(price, lpr, date(2024, 1, 1))


def test_a_repricing_changes_instalments_from_its_day_on() -> None:
    change = RateChange(on(4), Decimal("0.10"))
    events = [lend(1_000_000), *(pay(on(month), 170_086) for month in (2, 3, 4)), agree(on(4), change)]
    loan = replay(interest_bearing(), events, on(4))
    open_rows = loan.instalments[3:]
    balance = 1_000_000 - sum(i.due[Part.PRINCIPAL] for i in loan.instalments[:3])
    assert open_rows[0].due[Part.INTEREST] == round(balance * 10 / 1200)
    assert max(i.total_due for i in open_rows) - min(i.total_due for i in open_rows) <= 3
    assert open_rows[0].total_due > 170_086


@pytest.mark.parametrize(
    ("terms", "reset", "rate"),
    [
        ({"index": "LPR1Y", "points": 150, "reprices_every_months": 3}, date(2027, 1, 31), "0.0440"),
        ({"index": "LPR1Y", "points": 150, "reprices_every_months": 12}, date(2027, 1, 31), "0.0440"),
        ({"index": "LPR5Y", "points": 150, "reprices_every_months": 3}, None, None),
        ({"index": "LPR1Y", "points": 150, "reprices_every_months": None}, None, None),
        ({"index": None, "points": 0, "reprices_every_months": None}, None, None),
        ({"annual_rate": "0.073"}, None, None),
    ],
)
def test_p4_a_signed_contract_changes_by_its_own_clause_alone(
    terms: dict[str, object], reset: date | None, rate: str | None
) -> None:
    found = of_contract(
        terms, began=date(2026, 1, 31), effective_on=date(2026, 12, 21), values={"LPR1Y": Decimal("0.029")}
    )
    assert (found.on, found.rate_after) == (reset, Decimal(rate) if rate else None)
    assert (found.effect is Effect.RESETS) == (reset is not None)


def test_p4_a_reset_is_never_the_day_of_the_publication_itself_again() -> None:
    clause = Clause("LPR1Y", 150, 12)
    assert next_reset(clause, date(2025, 12, 21), date(2026, 12, 21)) == date(2027, 12, 21)
