"""Schedules of our own products: published figures, properties, holidays, and the bulk path that must say the same."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending.bulk import TooLarge, band, equal_instalments, half_even, project_paths, rates_in_units, shocked
from lending.calendars import BusinessCalendar, DayRule
from lending.projection import project
from lending.rates import RATE_SCALE, DayCount, year_fraction
from lending.schedules import Plan, ScheduleError, Shape, schedule
from lending.spans import Unit, spans
from lending.terms import Terms

START = date(2026, 1, 15)


def plan(**changed) -> Plan:
    given = {"principal_minor": 100_000_00, "annual_rate": Decimal("0.06"), "day_count": DayCount.THIRTY_360}
    return Plan(**(given | {"start": START, "count": 12} | changed))


def test_a_textbook_loan() -> None:
    """100,000 at 6 % over 12 months: 8,606.64 a month, the last takes 5 fen of rounding."""
    rows = schedule(plan()).rows()
    assert {row.payment_minor for row in rows[:-1]} == {860_664}
    assert rows[-1].payment_minor == 860_669
    assert (rows[0].interest_minor, rows[0].principal_minor, rows[0].balance_minor) == (50_000, 810_664, 9_189_336)
    assert schedule(plan()).total_interest_minor == 11 * 860_664 + 860_669 - 100_000_00


def test_equal_principal_interest_first_and_bullet() -> None:
    equal = schedule(plan(shape=Shape.EQUAL_PRINCIPAL)).rows()
    assert {row.principal_minor for row in equal[:-1]} == {833_333}
    assert (equal[-1].principal_minor, equal[1].interest_minor) == (833_337, 45_833)
    first = schedule(plan(shape=Shape.INTEREST_FIRST)).rows()
    assert [row.payment_minor for row in first] == [50_000] * 11 + [10_050_000]
    bullet = schedule(plan(shape=Shape.BULLET)).rows()
    assert [row.payment_minor for row in bullet] == [0] * 11 + [10_600_000]


def test_big_and_small_months_follow_the_borrowers_weights() -> None:
    weights = (1, 1, 1, 1, 4, 4, 4, 4, 1, 1, 1, 1)
    rows = schedule(plan(shape=Shape.WEIGHTED, weights=weights)).rows()
    small, big = rows[0].payment_minor, rows[4].payment_minor
    assert abs(big - 4 * small) <= 4
    assert sum(row.principal_minor for row in rows) == 100_000_00
    assert abs(rows[-1].payment_minor - small) <= 12


def test_grace_interest_free_periods_and_flat_interest() -> None:
    graced = schedule(plan(principal_grace=3, interest_grace=2)).rows()
    assert [row.payment_minor for row in graced[:3]] == [0, 0, 150_000]
    assert graced[-1].balance_minor == 0
    free = schedule(plan(shape=Shape.INTEREST_FIRST, interest_free=2)).rows()
    assert [row.interest_minor for row in free[:3]] == [0, 0, 50_000]
    flat = schedule(plan(flat=True)).rows()
    assert {row.interest_minor for row in flat} == {50_000}
    assert {row.payment_minor for row in flat} == {883_333, 883_334}


def test_instalments_in_multiples_custom_principals_and_a_first_date_of_ones_own() -> None:
    rounded = schedule(plan(multiple_minor=10_000)).rows()
    assert {row.payment_minor for row in rounded[:-1]} == {860_000}
    custom = schedule(plan(count=3, shape=Shape.CUSTOM, principals=(2_000_000, 0, 8_000_000))).rows()
    assert [row.principal_minor for row in custom] == [2_000_000, 0, 8_000_000]
    later = schedule(plan(first_due_on=date(2026, 3, 1), day_count=DayCount.ACT_365)).rows()
    assert (later[0].days, later[1].due_on) == (45, date(2026, 4, 1))


def test_a_due_date_on_a_holiday_moves_with_ordinary_interest_only() -> None:
    holidays = BusinessCalendar(frozenset({date(2026, 2, 16)}), frozenset({date(2026, 2, 28)}), 2026)
    assert holidays.moved(date(2026, 2, 15), DayRule.FOLLOWING) == date(2026, 2, 17)
    assert holidays.moved(date(2026, 2, 15), DayRule.PRECEDING) == date(2026, 2, 13)
    assert holidays.moved(date(2026, 2, 28), DayRule.FOLLOWING) == date(2026, 2, 28)
    assert holidays.moved(date(2026, 1, 31), DayRule.MODIFIED_FOLLOWING) == date(2026, 1, 30)
    assert holidays.is_provisional(date(2027, 1, 1))
    rows = schedule(plan(calendar=holidays, day_count=DayCount.ACT_365)).rows()
    # 15 February 2026 is a Sunday, the 16th a holiday: due on the 17th, and March is counted from the 15th again.
    assert [(row.due_on, row.days) for row in rows[:2]] == [(date(2026, 2, 17), 33), (date(2026, 3, 16), 27)]
    assert rows[0].interest_minor == round(100_000_00 * Fraction(6, 100) * 33 / 365)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"principal_minor": 0}, "principal"),
        ({"annual_rate": Decimal(101)}, "annual_rate"),
        ({"count": 10_001}, "count"),
        ({"principal_grace": 12}, "principal_grace"),
        ({"interest_free": 13}, "interest_free"),
        ({"shape": Shape.WEIGHTED, "weights": (1,)}, "weights"),
        ({"shape": Shape.CUSTOM, "principals": (1,) * 12}, "principals"),
        ({"first_due_on": START}, "first_due_on"),
        ({"multiple_minor": -1}, "multiple_minor"),
    ],
)
def test_a_plan_without_a_schedule_names_the_field(changed, said: str) -> None:
    with pytest.raises(ScheduleError, match=f"^{said}"):
        plan(**changed)


any_plan = st.builds(
    plan,
    principal_minor=st.integers(1, 10**11),
    annual_rate=st.integers(0, 10**8).map(lambda e8: Decimal(e8).scaleb(-8)),
    day_count=st.sampled_from(DayCount),
    start=st.dates(date(2000, 1, 1), date(2050, 12, 31)),
    count=st.integers(1, 60),
    shape=st.sampled_from([Shape.EQUAL_INSTALMENTS, Shape.EQUAL_PRINCIPAL, Shape.INTEREST_FIRST, Shape.BULLET]),
    every=st.integers(1, 3),
    unit=st.sampled_from(Unit),
    multiple_minor=st.sampled_from([0, 100]),
)


@given(any_plan)
def test_the_principal_returns_and_interest_is_what_the_balance_earned(made: Plan) -> None:
    rows = schedule(made).rows()
    assert sum(row.principal_minor for row in rows) == made.principal_minor
    balance, earned = made.principal_minor, 0
    for row in rows:
        exact = balance * Fraction(made.annual_rate) * year_fraction(row.from_on, row.due_on, made.day_count)
        earned += round(exact)
        balance -= row.principal_minor
        assert row.principal_minor >= 0
        assert row.balance_minor == balance >= 0
        assert row.days == (row.due_on - row.from_on).days
        if made.shape is not Shape.BULLET:
            assert row.interest_minor == round(exact)
    assert sum(row.interest_minor for row in rows) == earned


@given(st.dates(date(2000, 1, 1), date(2050, 12, 31)), st.integers(1, 40), st.integers(1, 14), st.sampled_from(Unit))
def test_spans_join_without_a_gap(start: date, count: int, every: int, unit: Unit) -> None:
    made = spans(start, count, every, unit)
    assert made[0].from_on == start
    assert all(one.due_on == other.from_on for one, other in pairwise(made))
    assert all(span.days > 0 for span in made)
    if unit in (Unit.MONTHS, Unit.YEARS):
        assert {span.due_on.day for span in made} <= {start.day, 28, 29, 30}


# --- in bulk ---------------------------------------------------------------------------------------------------------
loans = st.lists(
    st.tuples(st.integers(1, 10**9), st.integers(0, 10**8), st.integers(0, 20_000)), min_size=1, max_size=30
)


@settings(deadline=None)
@given(loans, st.integers(1, 48), st.sampled_from([DayCount.THIRTY_360, DayCount.ACT_365, DayCount.ACT_360]))
def test_the_bulk_path_says_what_the_scalar_one_says(given_loans, count: int, day_count: DayCount) -> None:
    principal, rate, offset = (np.array(column, np.int64) for column in zip(*given_loans, strict=True))
    start = np.datetime64("2000-01-01") + offset
    bulk = equal_instalments(principal, rate, start, count, day_count)
    for at, (amount, units, days) in enumerate(given_loans):
        begun = date(2000, 1, 1) + timedelta(days=days)
        one = schedule(Plan(amount, Decimal(units) / RATE_SCALE, day_count, begun, count))
        assert bulk.principal_minor[:, at].tolist() == one.principal_minor
        assert bulk.interest_minor[:, at].tolist() == one.interest_minor
        assert bulk.balance_minor[:, at].tolist() == one.balance_minor
        assert bulk.due_on[:, at].tolist() == one.due_on
        assert bulk.days[:, at].tolist() == one.days


@given(st.lists(st.integers(0, 2**50), min_size=1, max_size=50), st.integers(2**21, 2**40))
def test_a_quotient_guessed_in_floats_is_exact(numerators: list[int], denominator: int) -> None:
    ties = [denominator // 2 * (2 * k + 1) for k in range(3)] if denominator % 2 == 0 else []
    numerators = [n for n in numerators + ties if n // denominator < 2**30]
    got = half_even(np.array(numerators, np.int64), denominator).tolist()
    assert got == [round(Fraction(n, denominator)) for n in numerators]


def test_amounts_beyond_the_bulk_paths_numbers_are_refused() -> None:
    with pytest.raises(TooLarge):
        equal_instalments(
            np.array([10**15]), np.array([10**8]), np.array(["2026-01-01"], "M8[D]"), 12, DayCount.ACT_365
        )
    with pytest.raises(ValueError, match="actual/actual"):
        equal_instalments(np.array([100]), np.array([1]), np.array(["2026-01-01"], "M8[D]"), 12, DayCount.ACT_ACT)
    assert rates_in_units([Decimal("0.073")]).tolist() == [7_300_000]


def terms(share: str = "0.12", amount: int = 8_000_000) -> Terms:
    return Terms(
        "p", "1", amount, "CNY", 12, Decimal(share), Decimal("0.073"), DayCount.ACT_365, 3, 8, 3, Decimal(1)
    )  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.lists(st.integers(-2_000_000, 15_000_000), min_size=6, max_size=6), min_size=1, max_size=5),
    st.integers(500_000, 9_000_000),
)
def test_many_paths_at_once_are_each_the_simulators(paths: list[list[int]], amount: int) -> None:
    agreed = terms(amount=amount)
    outcome = project_paths(agreed, np.array(paths, np.int64), START)
    for at, series in enumerate(paths):
        one = project(agreed, series, START)
        if outcome.paid_off_after[at] >= 0:
            assert one.finish_on == START + timedelta(days=int(outcome.paid_off_after[at]))
            assert one.total_interest_minor == outcome.interest_minor[at]
            assert one.total_minor == outcome.paid_minor[at]
        else:
            assert sum(row.payment_minor for row in one.rows[:6]) == outcome.paid_minor[at]
            assert one.finish_on is None or one.months > 6


def test_the_band_widens_to_the_side_of_a_shock() -> None:
    rng = np.random.default_rng(7)
    forecast = rng.normal(6_000_000, 1_200_000, (1_000, 24)).astype(np.int64)
    usual = band(terms(), forecast, START)
    shock = band(terms(), shocked(forecast, Decimal("0.7"), 3), START)
    early, middle, late = usual.days
    assert early is not None
    assert middle is not None
    assert late is not None
    assert early < middle < late
    assert shock.days[1] > middle  # type: ignore[operator]
    assert usual.interest_minor[0] < usual.interest_minor[1] < usual.interest_minor[2] < shock.interest_minor[2]
    assert usual.cash_flow_at_risk_minor > 0
    nothing = band(terms(), np.zeros((10, 24), np.int64), START)
    assert (nothing.days, nothing.not_repaid) == ((None, None, None), 1)
