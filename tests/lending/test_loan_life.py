"""Months of random loan life: whatever happens, in whatever order, no cent is lost and none is made."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lending.accounts import Account
from lending.allocation import Ahead, Rule, When
from lending.amortisation import InterestMethod, RateChange
from lending.changes import Change, ChargedOff, ChargeOff, NotPossible, Pause, Replan, SpreadOverdue
from lending.charges import Charge, ChargeBasis, ChargeTime
from lending.classic import ClassicPlan
from lending.instalments import Part
from lending.journal import RECEIVABLE, book
from lending.ledger import Entry, trial_balance
from lending.loan_state import Event, Kind, LateRule, Loan, Recalculation, Shape
from lending.payoff import owed, payoff_of
from lending.rate_factors import MonthDays, RateBasis, YearDays
from lending.rates import DayCount
from lending.schedules import Plan
from lending.schedules import Shape as SchedulePlan
from lending.servicing import replay
from lending.spans import Unit

LOAN = UUID(int=3)
START = date(2025, 1, 31)
ORDER = tuple((when, part) for when in When for part in (Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL))
MONTHLY = RateBasis(YearDays.D365, MonthDays.ACTUAL, 1, Unit.MONTHS)
RATE = Decimal("0.12")


def shaped(rule: Rule, **more: object) -> Shape:
    given = {"recalculation": Recalculation(), "method": InterestMethod.DECLINING, "annual_rate": RATE} | more
    return Shape(basis=MONTHLY, count=6, rules={None: rule}, **given)  # type: ignore[arg-type]


SHAPES = (
    shaped(Rule(ORDER, Ahead.NEXT)),
    shaped(Rule(ORDER, Ahead.LAST), late=LateRule(Decimal("1.5"), 3)),
    shaped(Rule(ORDER, Ahead.REAMORTISE, by_instalment=False)),
    shaped(Rule(ORDER, Ahead.NEXT_THEN_LAST), recalculation=None, late=LateRule(Decimal("1.3"))),
    shaped(
        Rule(ORDER, Ahead.NEXT),
        annual_rate=Decimal(0),
        recalculation=None,
        down_payment_percent=Decimal(25),
        down_payment_automatic=True,
        multiple_minor=100,
    ),
    shaped(Rule(ORDER, Ahead.NEXT), method=InterestMethod.FLAT, recalculation=None),
    shaped(Rule(ORDER, Ahead.NEXT), recalculation=None, classic=ClassicPlan(RATE, MONTHLY, InterestMethod.DECLINING)),
    shaped(
        Rule(ORDER, Ahead.NEXT),
        recalculation=None,
        late=LateRule(Decimal("1.5"), 3),
        agreed=Plan(100, RATE, DayCount.ACT_365, START, 6, SchedulePlan.EQUAL_INSTALMENTS),
    ),
    shaped(
        Rule(ORDER, Ahead.LAST),
        recalculation=None,
        agreed=Plan(100, RATE, DayCount.THIRTY_360, START, 6, SchedulePlan.INTEREST_FIRST),
    ),
    shaped(Rule(ORDER, Ahead.NEXT), credited=(Part.INTEREST, Part.FEE, Part.PENALTY, Part.PRINCIPAL)),
)
PAYMENTS = (Kind.REPAYMENT, Kind.GOODWILL, Kind.MERCHANT_REFUND)


class LoanLife(RuleBasedStateMachine):
    """Plays one loan. Each step is kept only if the loan can take it; a refusal must leave everything as it was."""

    @initialize(shape=st.sampled_from(SHAPES), amount=st.integers(100, 50_000_000))
    def lend(self, shape: Shape, amount: int) -> None:
        self.shape, self.today, self.number = shape, START, 0
        self.events = [Event(Kind.DISBURSEMENT, START, START, amount, key="lent")]
        self.posted: list[Entry] = []
        self.loan = replay(shape, self.events, self.today)

    def _take(self, events: list[Event]) -> bool:
        try:
            loan = replay(self.shape, events, self.today)
        except NotPossible:
            return False
        self.events, self.loan = events, loan
        return True

    def _add(self, kind: Kind, on: date, **more: object) -> None:
        self.number += 1
        self._take([*self.events, Event(kind, on, self.today, key=f"e{self.number}", **more)])  # type: ignore[arg-type]

    @rule(days=st.integers(1, 45))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)
        assert self._take(self.events)

    @rule(kind=st.sampled_from(PAYMENTS), amount=st.integers(1, 10_000_000), back=st.integers(0, 40))
    def money_arrives(self, kind: Kind, amount: int, back: int) -> None:
        self._add(kind, max(START, self.today - timedelta(days=back)), amount=amount)

    @rule()
    def the_instalment_is_paid(self) -> None:
        due = next((i for i in self.loan.instalments if i.total_outstanding), None)
        if due is not None:
            self._add(Kind.REPAYMENT, self.today, amount=due.total_outstanding)

    @rule(amount=st.integers(1, 20_000), ahead=st.integers(-30, 60), penalty=st.booleans())
    def a_charge_is_put(self, amount: int, ahead: int, penalty: bool) -> None:
        due_on = max(START, self.today + timedelta(days=ahead))
        charge = Charge(Decimal(amount), ChargeBasis.FLAT, ChargeTime.DUE_DATE, penalty, self.today, due_on)
        self._add(Kind.CHARGE, self.today, charge=charge)

    @rule(per_cent=st.integers(1, 5))
    def a_fee_by_instalment_is_put(self, per_cent: int) -> None:
        charge = Charge(Decimal(per_cent), ChargeBasis.AMOUNT, ChargeTime.INSTALMENT, False, self.today)
        self._add(Kind.CHARGE, self.today, charge=charge)

    @rule(data=st.data())
    def a_charge_is_let_off(self, data: st.DataObject) -> None:
        charges = [event.key for event in self.events if event.charge is not None]
        if charges:
            self._add(Kind.CHARGE_WAIVER, self.today, of=data.draw(st.sampled_from(charges)))

    @rule(data=st.data())
    def a_payment_is_charged_back(self, data: st.DataObject) -> None:
        payments = [event for event in self.events if event.kind in PAYMENTS]
        if payments:
            payment = data.draw(st.sampled_from(payments))
            amount = data.draw(st.integers(1, payment.amount))
            self._add(Kind.CHARGEBACK, self.today, amount=amount, of=payment.key)

    @rule(amount=st.integers(100, 5_000_000))
    def another_tranche_is_lent(self, amount: int) -> None:
        if self.shape.classic is None:
            self._add(Kind.DISBURSEMENT, self.today, amount=amount)

    @rule(rate=st.sampled_from(["0", "0.05", "0.24"]))
    def the_rate_changes(self, rate: str) -> None:
        self._change(RateChange(self.today, Decimal(rate)))

    @rule(days=st.integers(1, 60))
    def interest_pauses(self, days: int) -> None:
        self._change(Pause(self.today, self.today + timedelta(days=days)))

    @rule(count=st.none() | st.integers(1, 24), ahead=st.none() | st.integers(1, 40))
    def another_plan_is_agreed(self, count: int | None, ahead: int | None) -> None:
        first = None if ahead is None else self.today + timedelta(days=ahead)
        self._change(Replan(first, count))

    @rule()
    def what_is_past_due_is_spread(self) -> None:
        self._change(SpreadOverdue())

    @rule(off=st.sampled_from(ChargedOff))
    def it_is_charged_off(self, off: ChargedOff) -> None:
        self._change(ChargeOff(off))

    def _change(self, change: Change) -> None:
        self._add(Kind.CHANGE, self.today, change=change)

    @precondition(lambda self: len(self.events) > 1)
    @rule(data=st.data())
    def an_event_is_undone_and_redone(self, data: st.DataObject) -> None:
        """Undo, then redo, is as if nothing had been."""
        place = data.draw(st.integers(1, len(self.events) - 1))
        before, rows = self.events, told(self.loan)
        if self._take([*before[:place], *before[place + 1 :]]):
            assert self._take(before)
        assert told(self.loan) == rows

    @precondition(lambda self: len(self.events) > 1)
    @rule(data=st.data())
    def an_event_is_undone_for_good(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(1, len(self.events) - 1))
        self._take([*self.events[:place], *self.events[place + 1 :]])

    # --- what always holds --------------------------------------------------------------------------------------------
    @invariant()
    def nothing_is_below_zero(self) -> None:
        if hasattr(self, "loan"):
            for instalment in self.loan.instalments:
                for part in Part:
                    assert instalment.due[part] >= 0, (instalment.number, part)
                    assert instalment.outstanding(part) >= 0, (instalment.number, part)
                    assert instalment.paid[part] >= 0
            assert self.loan.overpaid >= 0

    @invariant()
    def principal_comes_back_to_the_cent(self) -> None:
        if hasattr(self, "loan"):
            asked = sum(i.due[Part.PRINCIPAL] for i in self.loan.instalments)
            again = sum(parts[Part.PRINCIPAL] for parts in self.loan.turned_back.values())
            assert asked == sum(lent.amount for lent in self.loan.lent) + again

    @invariant()
    def every_cent_that_came_is_somewhere(self) -> None:
        if hasattr(self, "loan"):
            paid = sum(i.total_paid for i in self.loan.instalments)
            came = sum(e.amount for e in self.events if e.kind in PAYMENTS)
            if self.shape.down_payment_automatic:
                came += sum(down_payment(self.shape, each.amount) for each in self.loan.lent)
            went = sum(self.loan.charged_back.values())
            again = sum(sum(parts.values()) for parts in self.loan.turned_back.values())
            assert paid + self.loan.overpaid == came - (went - again)

    @invariant()
    def the_quote_pays_it_off(self) -> None:
        if hasattr(self, "loan"):
            quote = payoff_of(self.loan, self.today)
            assert min(quote.principal_minor, quote.interest_minor, quote.fees_minor, quote.penalties_minor) >= 0
            if quote.total_minor:
                last = Event(Kind.PAYOFF, self.today, self.today, quote.total_minor)
                done = replay(self.shape, [*self.events, last], self.today)
                assert sum(i.total_outstanding for i in done.instalments) == 0
                assert done.overpaid == self.loan.overpaid

    @invariant()
    def the_books_tell_the_same_loan(self) -> None:
        if not hasattr(self, "loan"):
            return
        now = datetime.combine(self.today, time(12), tzinfo=UTC)
        self.posted += book(LOAN, self.loan, self.today, self.posted, booked_at=now, source="test")
        assert book(LOAN, self.loan, self.today, self.posted, booked_at=now, source="test") == []
        balance = trial_balance(self.posted)
        assert sum(balance.values()) == 0
        open_of = owed(self.loan, self.today)
        for part, account in RECEIVABLE.items():
            stands = 0 if self.loan.charged_off_on else open_of[part]
            assert balance.get(account, 0) == stands, part
        assert -balance.get(Account.HELD_FOR_BORROWER, 0) == self.loan.overpaid
        for account in (Account.INCOME_INTEREST, Account.INCOME_FEES, Account.INCOME_PENALTIES):
            assert balance.get(account, 0) <= 0
        lent = sum(each.amount for each in self.loan.lent)
        assert -balance[Account.PAYOUTS_IN_FLIGHT] == lent

    @invariant()
    def only_days_order_events(self) -> None:
        if hasattr(self, "loan"):
            other = sorted(self.events, key=lambda e: (-e.counts_from.toordinal(), -e.seen_on.toordinal()))
            assert told(replay(self.shape, other, self.today)) == told(self.loan)


def down_payment(shape: Shape, lent: int) -> int:
    """What is collected at once of a tranche; as any money it may pay what is due on that day before."""
    per_cent, multiple = Fraction(shape.down_payment_percent or 0), shape.multiple_minor or 1
    return round(Fraction(round(lent * per_cent / 100), multiple)) * multiple


def told(loan: Loan) -> list[object]:
    rows: list[object] = [(i.due_on, i.due, i.paid, i.waived, i.met_on) for i in loan.instalments]
    return [*rows, loan.overpaid]


# A life that fails is shown as it was found: making it smaller takes minutes.
AS_FOUND = settings(
    stateful_step_count=15,
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
LoanLife.TestCase.settings = AS_FOUND
test_whatever_happens_no_cent_is_lost = LoanLife.TestCase


@pytest.mark.long
def test_many_lives() -> None:
    run_state_machine_as_test(LoanLife, settings=settings(AS_FOUND, max_examples=400, stateful_step_count=30))
