"""Plans by dates: the path is exact to the fen, the close keeps it, and no day is settled two ways."""

import json
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending.apr import Flow, irr_nominal
from lending.calendars import add_months
from lending.close import LoanClose, LoanDay, LoanStatus, Wake, carried, close_day, opened, received, to_announce
from lending.minimum_path import NOTICE
from lending.paths import Path, ahead, first_path, instalments, path_from, path_json
from lending.products import RepaymentKind
from lending.projection import project
from lending.rates import DayCount
from lending.revenue_share import RevenueDay
from lending.schedules import Plan, schedule
from lending.terms import Terms, canonical, terms_from, terms_hash
from policies.book import load

START = date(2026, 12, 1)
CALENDAR = load().calendars["CN"]
ONE_DAY = timedelta(days=1)
CAP = Decimal("0.24")
KINDS = tuple(kind for kind in RepaymentKind if kind.by_dates)
FLAT_YEAR = (1,) * 12


def dated(
    kind: RepaymentKind = RepaymentKind.EQUAL_INSTALMENTS,
    *,
    amount_minor: int = 8_000_000,
    months: int = 12,
    rate: Decimal = Decimal("0.073"),
    weights: tuple[int, ...] = (),
) -> Terms:
    return Terms(
        "equal_instalments", "2026.1", amount_minor, "CNY", months, Decimal(0), rate, DayCount.ACT_365, 1, months, 3,
        Decimal(1), path_debit=True, repayment=kind, weights=weights,
    )  # fmt: skip


class Life:
    """One loan closed day by day; each instalment is announced in time and the account holds what it holds."""

    def __init__(self, terms: Terms, start: date = START) -> None:
        self.day: LoanDay = opened(terms, start, calendar=CALENDAR)
        self.on = start
        self.announced: dict[date, int] = {}
        self.debits: dict[date, int] = {}
        self.paid = 0
        self.last: LoanClose | None = None

    def pays(self, amount: int, *, asked: int = 0) -> None:
        self.day, split = received(self.day, amount, asked_minor=asked)
        self.paid += amount - split.over_minor

    def closes(self, until: date, *, account: int | None = None, tells: bool = True) -> None:
        while self.on <= until and not (self.last and self.last.status is LoanStatus.PAID):
            self.day = self.day._replace(announced_minor=self.announced.get(self.on + ONE_DAY, 0))
            closed = close_day(self.day, RevenueDay(500_000), self.on)
            if closed.warned is not None and tells:
                assert closed.warned.due_on - self.on > NOTICE
                self.announced[closed.warned.due_on] = to_announce(self.day, closed)
            self.day, self.last = carried(self.day, closed), closed
            self.on += ONE_DAY
            if closed.withhold_minor:
                self.debits[self.on] = closed.withhold_minor
                held = closed.withhold_minor if account is None else min(account, closed.withhold_minor)
                self.pays(held, asked=closed.withhold_minor)


amounts = st.integers(500_000, 30_000_000)
months = st.integers(1, 24)
rates = st.integers(0, 2_400).map(lambda n: Decimal(n) / 10_000)
starts = st.dates(date(2026, 1, 1), date(2027, 12, 31))
kinds = st.sampled_from(KINDS)
years = st.lists(st.integers(5, 10), min_size=12, max_size=12).map(tuple)


@settings(max_examples=300, deadline=None)
@given(kinds, amounts, months, rates, starts, years)
def test_the_principal_sums_to_the_fen_and_no_instalment_is_negative(
    kind: RepaymentKind, amount: int, count: int, rate: Decimal, start: date, weights: tuple[int, ...]
) -> None:
    terms = dated(kind, amount_minor=amount, months=count, rate=rate, weights=weights)
    path = first_path(terms, start, CALENDAR)
    rows = instalments(path, terms, start)
    assert sum(row.principal_minor for row in rows) == amount
    assert all(row.principal_minor >= 0 and row.interest_minor >= 0 for row in rows)
    assert path.left_minor[-1] == 0 and len(rows) == count
    assert all(CALENDAR.is_business_day(on) for on in path.due_on) and list(path.due_on) == sorted(set(path.due_on))
    assert path_from(path_json(path)) == path
    said = terms_from(json.loads(canonical(terms)))
    assert (said, terms_hash(said)) == (terms, terms_hash(terms))


@settings(max_examples=100, deadline=None)
@given(amounts, st.integers(2, 24), rates, starts)
def test_equal_instalments_are_equal_to_the_fen_but_for_the_last(
    amount: int, count: int, rate: Decimal, start: date
) -> None:
    terms = dated(amount_minor=amount, months=count, rate=rate)
    rows = instalments(first_path(terms, start, CALENDAR), terms, start)
    assert len({row.amount_minor for row in rows[:-1]}) == 1
    assert abs(rows[-1].amount_minor - rows[0].amount_minor) <= count


@settings(max_examples=100, deadline=None)
@given(kinds, amounts, st.integers(2, 24), st.integers(1, 2_400), starts, years)
def test_the_annual_rate_of_every_plan_is_the_agreed_one_and_within_the_cap(
    kind: RepaymentKind, amount: int, count: int, rate: int, start: date, weights: tuple[int, ...]
) -> None:
    terms = dated(kind, amount_minor=amount, months=count, rate=Decimal(rate) / 10_000, weights=weights)
    shown = project(terms, 0, start, calendar=CALENDAR)
    assert [flow.amount_minor < 0 for flow in shown.flows] == [False] + [True] * count
    effective = shown.effective_rate
    assert effective is not None
    # Interest that is paid each month returns a little more than its simple rate, and no more than by the day.
    assert effective <= (1 + terms.annual_rate / 365) ** 365 - 1 + Decimal("0.002")
    assert irr_nominal(shown.flows) <= max(CAP, terms.annual_rate) + Decimal("0.0005")


@pytest.mark.parametrize("count", [3, 12, 24])
def test_the_figures_are_those_of_the_published_formula(count: int) -> None:
    """等额本息 as the calculator and its vectors have it; the interest of a month may differ by a fen, since the close
    rounds one sum and the formula each month."""
    terms = dated(months=count)
    path = first_path(terms, START, None)
    rows = instalments(path, terms, START)
    published = schedule(Plan(8_000_000, terms.annual_rate, terms.day_count, START, count)).rows()
    assert [row.due_on for row in rows] == [row.due_on for row in published]
    assert rows[0].amount_minor == published[0].payment_minor
    for mine, theirs in zip(rows, published, strict=True):
        assert abs(mine.interest_minor - theirs.interest_minor) <= 1
        assert abs(mine.left_minor - theirs.balance_minor) <= count


@settings(max_examples=60, deadline=None)
@given(kinds, amounts, st.integers(1, 12), rates, starts, years)
def test_the_close_debits_each_instalment_on_its_day_as_it_was_signed(
    kind: RepaymentKind, amount: int, count: int, rate: Decimal, start: date, weights: tuple[int, ...]
) -> None:
    terms = dated(kind, amount_minor=amount, months=count, rate=rate, weights=weights)
    life = Life(terms, start)
    path = first_path(terms, start, CALENDAR)
    life.closes(path.due_on[-1])
    signed = {row.due_on: row.amount_minor for row in instalments(path, terms, start) if row.amount_minor}
    assert life.debits == signed, "what was shown before signing is what is debited, to the fen"
    assert life.last is not None and life.last.status is LoanStatus.PAID
    assert life.paid == sum(signed.values())


@settings(max_examples=60, deadline=None)
@given(kinds, st.lists(st.tuples(st.integers(0, 120), st.integers(1, 900_000)), max_size=6), st.data())
def test_a_life_lived_day_by_day_is_the_life_lived_in_one_go(
    kind: RepaymentKind, paid: list[tuple[int, int]], data: st.DataObject
) -> None:
    terms = dated(kind, amount_minor=2_000_000, months=4, weights=FLAT_YEAR)
    account = data.draw(st.one_of(st.none(), st.integers(0, 700_000)))
    daily, stops = Life(terms), Life(terms)
    days = sorted({START + timedelta(days=n) for n, _ in paid} | {START + timedelta(days=150)})
    for life, step in ((daily, 1), (stops, 0)):
        for day in days:
            for _ in range((day - life.on).days if step else 0):
                life.closes(life.on, account=account)
            life.closes(day - ONE_DAY, account=account)
            for n, amount in paid:
                if START + timedelta(days=n) == day:
                    life.pays(amount)
    assert (daily.day, daily.paid, daily.debits) == (stops.day, stops.paid, stops.debits)
    assert daily.day.principal_minor >= 0
    assert (
        daily.paid
        <= 2_000_000
        + sum(row.interest_minor for row in instalments(first_path(terms, START, CALENDAR), terms, START))
        + 20_000
    ), "late or early, nobody pays more than the agreed interest by the day"


def test_a_missed_instalment_is_late_from_its_day_tried_again_in_grace_and_then_joins_the_next() -> None:
    terms = dated()
    life = Life(terms)
    due, then = first_path(terms, START, CALENDAR).due_on[:2]
    life.closes(due, account=0)
    first = life.debits[due]
    assert life.last is not None
    assert (life.last.status, life.last.past_due_minor, life.last.wake) == (LoanStatus.GRACE, first, Wake.SHORTFALL)
    assert life.last.past_due_since == due
    life.closes(due + timedelta(days=10), account=0)
    nights = {due + timedelta(days=n): 8_000_000 * 73 * n // 365_000 for n in (1, 2, 3)}
    assert {on: life.debits[on] for on in life.debits if on > due} == {
        on: pytest.approx(first + more, abs=1) for on, more in nights.items()
    }
    assert (life.last.status, life.last.days_past_due) == (LoanStatus.PAST_DUE, 10)
    assert life.last.past_due_minor == first, "only what fell due is past due, not the interest of later nights"
    life.closes(then)
    assert life.debits[then] == life.announced[then] > 2 * first
    assert (life.last.status, life.last.past_due_minor, life.last.wake) == (LoanStatus.AS_AGREED, 0, Wake.CURED)


def test_interest_alone_can_be_past_due() -> None:
    terms = dated(RepaymentKind.INTEREST_FIRST, amount_minor=10_000_000, months=3)
    life = Life(terms)
    due = first_path(terms, START, CALENDAR).due_on[0]
    life.closes(due + timedelta(days=4), account=0)
    assert life.last is not None
    asked = instalments(first_path(terms, START, CALENDAR), terms, START)[0]
    assert (asked.principal_minor, life.last.past_due_minor) == (0, asked.interest_minor)
    assert life.last.status is LoanStatus.PAST_DUE
    life.pays(asked.interest_minor)
    life.closes(life.on)
    assert (life.last.status, life.last.wake) == (LoanStatus.AS_AGREED, Wake.CURED)


def test_an_instalment_that_was_not_announced_is_not_debited_and_its_debit_is_not_tried_again() -> None:
    life = Life(dated())
    due = first_path(dated(), START, CALENDAR).due_on[0]
    life.closes(due + timedelta(days=5), tells=False)
    assert life.debits == {}
    assert life.last is not None and life.last.status is LoanStatus.PAST_DUE


def test_what_was_paid_before_its_day_is_not_debited_again() -> None:
    terms = dated()
    path = first_path(terms, START, CALENDAR)
    life = Life(terms)
    life.closes(path.due_on[0] - timedelta(days=2))
    life.pays(instalments(path, terms, START)[0].amount_minor)
    life.closes(path.due_on[0])
    assert life.debits[path.due_on[0]] < 2_000 * 2, "the interest of two nights, and no more"
    assert life.last is not None and life.last.status is LoanStatus.AS_AGREED


def test_a_prepayment_covers_the_principal_of_the_next_due_days_and_they_ask_for_interest_alone() -> None:
    terms = dated()
    path = first_path(terms, START, CALENDAR)
    life = Life(terms)
    life.closes(START + timedelta(days=9))
    life.pays(2_000_000)
    coming = ahead(
        path,
        life.on,
        principal_minor=life.day.principal_minor,
        units=life.day.accrued_units,
        interest_paid_minor=life.day.interest_paid_minor,
        rate_units=terms.rate_units,
        units_per_minor=terms.units_per_minor,
    )
    assert [row.principal_minor for row in coming[:2]] == [0, 0] and coming[3].principal_minor > 0
    life.closes(path.due_on[-1])
    assert life.debits == {row.due_on: row.amount_minor for row in coming}, "the forecast is what is debited"
    assert life.last is not None and life.last.status is LoanStatus.PAID


def test_sales_never_ask_for_anything_of_a_plan_by_dates() -> None:
    life = Life(dated())
    life.closes(START + timedelta(days=20))
    assert life.debits == {} and life.day.carry_minor == 0


def test_a_due_day_on_a_holiday_moves_with_ordinary_interest_only_and_the_31st_is_the_months_end() -> None:
    """P9: 2027-05-01 and the days after it are Labour Day."""
    terms = dated(months=6)
    start = date(2026, 10, 31)
    path = first_path(terms, start, CALENDAR)
    unmoved = [add_months(start, number) for number in range(1, 7)]
    assert date(2027, 2, 28) in unmoved and date(2026, 11, 30) in unmoved
    for on, wanted in zip(path.due_on, unmoved, strict=True):
        assert on >= wanted and all(
            not CALENDAR.is_business_day(wanted + timedelta(days=n)) for n in range((on - wanted).days)
        )
    rows = instalments(path, terms, start)
    assert len({row.amount_minor for row in rows[:-1]}) == 1
    assert all(later.due_on > earlier.due_on for earlier, later in pairwise(rows))


def test_the_flow_of_the_sheet_is_the_flow_of_the_path() -> None:
    terms = dated()
    path: Path = first_path(terms, START, CALENDAR)
    shown = project(terms, 5_000_000, START, calendar=CALENDAR)
    assert shown.flows == (
        Flow(START, 8_000_000),
        *(Flow(row.due_on, -row.amount_minor) for row in instalments(path, terms, START)),
    )
    assert shown.finish_on == path.due_on[-1]


def test_a_debit_that_bounced_on_the_last_due_day_is_tried_again_until_grace_is_over() -> None:
    life = Life(dated(months=2))
    end = life.day.path.due_on[-1] if life.day.path else START
    life.closes(end - timedelta(days=2))
    life.closes(end + timedelta(days=6), account=0)
    tried = [on for on in life.debits if on >= end]
    assert tried == [end + timedelta(days=n) for n in range(4)]
    assert life.last is not None and life.last.status is LoanStatus.PAST_DUE


def test_nothing_is_tried_again_of_an_instalment_that_its_owner_paid_by_hand() -> None:
    life = Life(dated(months=3))
    first = life.day.path.due_on[0] if life.day.path else START
    life.closes(first - timedelta(days=1), account=0)
    life.pays(life.debits[first])
    life.closes(first + timedelta(days=3), account=0)
    assert [on for on in life.debits if on >= first] == [first]
    assert life.day.past_due_since is None
