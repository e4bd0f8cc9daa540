"""A share debited by the week or month, breathing space, and the word in good time (the thirty, 5; journey E)."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending.bulk import project_paths
from lending.close import LoanStatus, carried, close_day, opened, received, to_announce
from lending.cycles import Breathing, Cycle, counted, ends_on, factor_on
from lending.minimum_path import Warned, check_on, checkpoints, principal_at_most, warning
from lending.money import divide_half_even
from lending.products import PPM
from lending.projection import daily, project, project_days
from lending.rates import DayCount
from lending.revenue_share import RevenueDay, SharePosition, withhold
from lending.terms import NotTerms, Terms, canonical, terms_from, terms_hash

START = date(2026, 11, 21)
NONE = RevenueDay(0)
AGREED = Terms(
    product_id="revenue_linked_working_capital",
    product_version="2026.1",
    amount_minor=8_000_000,
    currency="CNY",
    months=12,
    share=Decimal("0.12"),
    annual_rate=Decimal("0.073"),
    day_count=DayCount.ACT_365,
    window_months=3,
    windows=8,
    grace_days=3,
    late_factor=Decimal(1),
)
cycles = st.sampled_from([Cycle.WEEK, Cycle.MONTH])
nets = st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=80)


def asked(series: list[int], cycle: Cycle, share_ppm: int, owed: int = 10**15) -> list[int]:
    amounts, carry = [], 0
    for index, net in enumerate(series):
        on = START + timedelta(days=index)
        held = withhold(net, SharePosition(owed, carry), share_ppm, None, ends_on(cycle, on))
        carry = held.carry_minor
        owed -= held.amount_minor
        amounts.append(held.amount_minor)
    return amounts


def test_a_week_ends_on_sunday_and_a_month_on_its_last_day() -> None:
    assert [ends_on(Cycle.WEEK, date(2026, 11, day)) for day in (21, 22, 23)] == [False, True, False]
    assert [ends_on(Cycle.MONTH, date(2028, 2, day)) for day in (28, 29)] == [False, True]
    assert ends_on(Cycle.DAY, START)


def test_a_week_may_end_on_any_day_and_a_month_on_any_that_every_month_has() -> None:
    assert [on for on in range(1, 31) if ends_on(Cycle.WEEK, date(2026, 11, on), 5)] == [6, 13, 20, 27]
    assert [on for on in range(1, 29) if ends_on(Cycle.MONTH, date(2027, 2, on), 21)] == [21]


def test_a_bad_day_and_a_good_one_in_the_same_week_are_one_week() -> None:
    sunday = asked([-300_000, 500_000], Cycle.WEEK, 100_000)
    assert sunday == [0, 20_000]
    assert asked([500_000, -300_000], Cycle.WEEK, 100_000) == [0, 20_000]
    assert asked([500_000, -300_000], Cycle.DAY, 100_000) == [50_000, 0]


@given(nets, nets, cycles, st.integers(1, PPM))
def test_more_revenue_on_any_day_never_lowers_what_the_cycle_asks(
    series: list[int], more: list[int], cycle: Cycle, share_ppm: int
) -> None:
    """For the payments of one cycle: everything up to and with the first cycle's end."""
    higher = [net + abs(extra) for net, extra in zip(series, more, strict=False)]
    first = next((at for at in range(len(higher)) if ends_on(cycle, START + timedelta(days=at))), None)
    if first is not None:
        low, high = asked(series[: first + 1], cycle, share_ppm), asked(higher[: first + 1], cycle, share_ppm)
        assert low[-1] <= high[-1]


@given(nets, cycles, st.integers(1, PPM))
def test_no_revenue_no_payment_and_only_at_the_end_of_a_cycle(series: list[int], cycle: Cycle, share_ppm: int) -> None:
    assert not any(asked([-abs(net) for net in series], cycle, share_ppm))
    for index, amount in enumerate(asked(series, cycle, share_ppm)):
        assert amount == 0 or ends_on(cycle, START + timedelta(days=index))


@given(nets, st.integers(0, 10**7), st.sampled_from(Cycle), st.integers(1, PPM))
def test_never_above_what_is_owed_in_any_cycle(series: list[int], owed: int, cycle: Cycle, share_ppm: int) -> None:
    assert sum(asked(series, cycle, share_ppm, owed)) <= owed


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-2_000_000, 20_000_000), min_size=1, max_size=12), cycles)
def test_close_simulator_and_bulk_agree_in_any_cycle(months: list[int], cycle: Cycle) -> None:
    agreed = replace(AGREED, cycle=cycle)
    position, due, interest = opened(agreed, START), 0, 0
    paid_on = None
    for on, net in daily(months, START):
        if due:
            position, parts = received(position, due, asked_minor=due)
            interest += parts.interest_minor
            if position.owed_minor == 0:
                paid_on = on
                break
        closed = close_day(position, RevenueDay(max(net, 0), max(-net, 0)), on)
        due, position = closed.withhold_minor, carried(position, closed)
    shown = project(agreed, months, START)
    assert shown.finish_on == paid_on
    if paid_on is not None:
        assert shown.total_interest_minor == interest
    series = np.array([(months * 60)[:60]], np.int64)
    outcome = project_paths(agreed, series, START)
    assert outcome.interest_minor[0] == shown.total_interest_minor
    assert outcome.paid_off_after[0] == (-1 if paid_on is None else (paid_on - START).days)


# --- breathing space --------------------------------------------------------------------------------------------------
def test_breathing_space_costs_what_its_days_of_interest_cost_and_is_known_before() -> None:
    days = list(daily(6_000_000, START))
    space = Breathing(date(2027, 1, 1), date(2027, 1, 31))
    plain, rested = project_days(AGREED, days, START), project_days(AGREED, days, START, [space])
    assert plain.finish_on is not None and rested.finish_on is not None
    assert timedelta(days=28) <= rested.finish_on - plain.finish_on <= timedelta(days=34)
    cost = rested.total_interest_minor - plain.total_interest_minor
    assert 0 < cost < 8_000_000 * 32 * 2 // 10_000
    january = next(row for row in rested.rows if row.starts_on == date(2026, 12, 21))
    assert january.payment_minor < plain.rows[1].payment_minor


def test_half_the_share_is_half_the_debit() -> None:
    space = Breathing(START, START + timedelta(days=6), Decimal("0.5"))
    assert counted(120_001, factor_on([space], START)) == 60_000
    assert counted(120_001, factor_on([space], START + timedelta(days=7))) == 120_001
    assert counted(120_000, factor_on([space, Breathing(START, START)], START)) == 0
    assert counted(-120_000, factor_on([space], START)) == -60_000
    assert space.days == 7


@pytest.mark.parametrize("factor", ["1", "-0.1", "1.5"])
def test_breathing_space_never_asks_for_more(factor: str) -> None:
    with pytest.raises(ValueError, match="asks for less"):
        Breathing(START, START, Decimal(factor))
    with pytest.raises(ValueError, match="before it begins"):
        Breathing(START, START - timedelta(days=1))


@settings(max_examples=20, deadline=None)
@given(st.integers(500_000, 20_000_000), st.integers(0, 200), st.integers(0, 90), st.sampled_from(["0", "0.5", "0.9"]))
def test_breathing_space_never_ends_a_loan_sooner(revenue: int, after: int, length: int, factor: str) -> None:
    first = START + timedelta(days=after)
    space = Breathing(first, first + timedelta(days=length), Decimal(factor))
    days = list(daily(revenue, START))
    plain, rested = project_days(AGREED, days, START), project_days(AGREED, days, START, [space])
    assert rested.total_interest_minor >= plain.total_interest_minor
    if rested.finish_on is not None:
        assert plain.finish_on is not None and plain.finish_on <= rested.finish_on


def test_the_window_waits_as_long_as_the_breathing_space_lasted() -> None:
    position = opened(AGREED, START)
    end = check_on(START, 3, 1)
    assert close_day(position, RevenueDay(0), end).status is LoanStatus.GRACE
    rested = position._replace(path_shift_days=31)
    assert close_day(rested, RevenueDay(0), end).status is LoanStatus.AS_AGREED
    assert close_day(rested, RevenueDay(0), end + timedelta(days=30)).status is LoanStatus.AS_AGREED
    assert close_day(rested, RevenueDay(0), end + timedelta(days=31)).status is LoanStatus.GRACE


# --- a word in good time ----------------------------------------------------------------------------------------------
def test_the_owner_is_told_at_half_at_three_quarters_and_before_a_debit_in_every_window_and_never_else() -> None:
    last = checkpoints(AGREED, START)[-1].on
    days = [START + timedelta(days=index) for index in range((last - START).days + 60)]
    told = [(on, kind) for on in days if (kind := warning(AGREED, START, AGREED.amount_minor, on))]
    assert len(told) == 3 * AGREED.windows
    assert [kind for _, kind in told[:3]] == [Warned.HALF, Warned.THREE_QUARTERS, Warned.DEBIT]
    window = (check_on(START, 3, 1) - START).days
    assert [(on - START).days for on, _ in told[:3]] == [window // 2, window * 3 // 4, window - 6]
    assert not any(warning(AGREED, START, 0, on) for on in days)


def test_whoever_is_on_the_path_hears_nothing() -> None:
    half = START + timedelta(days=(check_on(START, 3, 1) - START).days // 2)
    due = AGREED.amount_minor - principal_at_most(AGREED.amount_minor, AGREED.windows, 1)
    assert warning(AGREED, START, AGREED.amount_minor - due // 2, half) is None
    assert warning(AGREED, START, AGREED.amount_minor - due // 2 + 1, half) is Warned.HALF
    assert warning(AGREED, START, AGREED.amount_minor, half, shift_days=10) is None
    assert warning(AGREED, START, AGREED.amount_minor, half + timedelta(days=5), shift_days=10) is Warned.HALF


def days_without_sales(announce: bool) -> list[tuple[date, int]]:
    """(Close, debit) of a first window in which nothing is sold; debits bring everything."""
    position, asked, announced = opened(AGREED, START), [], (date.min, 0)
    on = START
    while on <= check_on(START, 3, 1):
        due, most = announced
        closed = close_day(position._replace(announced_minor=most if on + timedelta(days=1) == due else 0), NONE, on)
        if closed.warned is not None and closed.warned.kind is Warned.DEBIT and announce:
            announced = (closed.warned.due_on, to_announce(position, closed))
        if closed.withhold_minor:
            asked.append((on, closed.withhold_minor))
        position = carried(position, closed)
        if closed.withhold_minor:
            position, _ = received(position, closed.withhold_minor, asked_minor=closed.withhold_minor)
        on += timedelta(days=1)
    assert closed.status is (LoanStatus.AS_AGREED if announce else LoanStatus.GRACE)
    return asked


def test_e5_the_path_is_debited_once_on_the_windows_last_day_and_exactly_as_announced() -> None:
    end = check_on(START, 3, 1)
    interest = divide_half_even(AGREED.amount_minor * AGREED.rate_units * (end - START).days, AGREED.units_per_minor)
    first = AGREED.amount_minor - principal_at_most(AGREED.amount_minor, AGREED.windows, 1)
    assert days_without_sales(announce=True) == [(end - timedelta(days=1), first + interest)]


def test_e5_without_a_notice_nothing_is_debited_for_the_path() -> None:
    assert days_without_sales(announce=False) == []


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9_000_000), st.integers(0, 2_000_000), st.integers(0, 8_000_000))
def test_a_debit_for_the_path_is_never_above_what_was_announced_nor_what_is_owed(
    principal: int, announced: int, in_flight: int
) -> None:
    before = check_on(START, 3, 1) - timedelta(days=1)
    position = opened(AGREED, START)._replace(
        principal_minor=min(principal, AGREED.amount_minor), announced_minor=announced, in_flight_minor=in_flight
    )
    closed = close_day(position, NONE, before)
    assert 0 <= closed.withhold_minor <= max(0, min(announced, closed.owed_minor - in_flight))


# --- what is signed ---------------------------------------------------------------------------------------------------
def test_what_was_signed_before_there_were_cycles_keeps_its_hash() -> None:
    assert "cycle" not in json.loads(canonical(AGREED))
    assert terms_from(json.loads(canonical(AGREED))) == AGREED
    weekly = replace(AGREED, cycle=Cycle.WEEK)
    assert terms_from(json.loads(canonical(weekly))) == weekly
    assert terms_hash(weekly) != terms_hash(AGREED)
    with pytest.raises(NotTerms, match="one of day, week, month"):
        terms_from(json.loads(canonical(AGREED)) | {"cycle": "year"})
