"""Journey 6 in arithmetic: no way of relief asks for more than it showed, and none leaves anything past due."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending.calendars import BusinessCalendar
from lending.changes_kept import as_json, change_of
from lending.close import LoanDay, carried, close_day, opened, received
from lending.dated_plans import Dated
from lending.minimum_path import window_ends
from lending.offers import terms_of
from lending.paths import ahead, first_path
from lending.plans import Change, Loan, plan_from, plan_json, plan_on
from lending.relief import Late, is_over, of_dates, of_share, relieved, times_left
from lending.revenue_share import NO_REVENUE, RevenueDay
from policies.book import load

BOOK = load(date(2026, 12, 1))
RULES = BOOK.relief
CN: BusinessCalendar = BOOK.calendars["CN"]
START = date(2026, 12, 1)
A_DAY = timedelta(days=1)
KINDS = ("equal_instalments", "equal_principal", "interest_first")


@settings(max_examples=60, deadline=None)
@given(
    product=st.sampled_from([one for one in KINDS if one in BOOK.products]),
    keeps=st.integers(0, 3),
    late_days=st.integers(-20, 70),
    pick=st.integers(0, 20),
)
def test_whoever_keeps_a_relieved_plan_by_dates_pays_what_was_shown_to_the_fen_and_is_never_past_due(
    product: str, keeps: int, late_days: int, pick: int
) -> None:
    terms = terms_of(BOOK.products[product], amount_minor=8_000_000, months=6, share=Decimal("0.2"))
    path = first_path(terms, START, CN)
    open_on = path.due_on[keeps] + timedelta(days=late_days)
    day, paid = opened(terms, START, calendar=CN), 0
    on = START
    while on < open_on:
        if on in path.due_on[:keeps]:
            day, paid = _pays(day, path.left_minor[path.due_on.index(on)], paid)
        day = carried(day, close_day(day, NO_REVENUE, on))._replace(in_flight_minor=0)
        on += A_DAY
    dated = Dated(terms, START, open_on, day.past_due_since is not None, path, (), 0, (), CN, day.principal_minor)
    ways = of_dates(RULES, dated, Late(day.past_due_since, day.accrued_units))
    way = sorted(ways)[pick % len(ways)]
    change = ways[way]
    assert change_of(change.kind.value, change.effective_on, as_json(change)) == change
    new = change.path
    assert new is not None
    shown = ahead(
        new,
        open_on,
        principal_minor=day.principal_minor,
        units=day.accrued_units,
        interest_paid_minor=day.interest_paid_minor,
        rate_units=day.rate_units,
        units_per_minor=day.units_per_minor,
    )
    day = relieved(day, change)._replace(path=new)
    owed_before, came = day.owed_minor, 0
    due = {one.due_on: one.amount_minor for one in shown}
    while on <= new.due_on[-1]:
        if on in due:
            day, split = received(day, due[on])
            assert split.interest_minor + split.principal_minor == due[on]
            came += due[on]
        closed = close_day(day, NO_REVENUE, on)
        assert closed.past_due_minor == 0, (way, on)
        day = carried(day, closed)._replace(in_flight_minor=0)
        on += A_DAY
    assert day.owed_minor == 0
    assert came == sum(due.values()) >= owed_before
    assert sum(one.principal_minor for one in shown) == dated.principal_minor


def _pays(day: LoanDay, left: int, paid: int) -> tuple[LoanDay, int]:
    amount = day.principal_minor - left + day.interest_due_minor
    day, _ = received(day, amount)
    return day, paid + amount


@settings(max_examples=80, deadline=None)
@given(
    sells_days=st.integers(0, 200),
    open_after=st.integers(1, 330),
    pick=st.integers(0, 20),
    moves=st.booleans(),
)
def test_no_way_of_a_share_of_sales_leaves_a_window_missed_until_the_pause_is_over(
    sells_days: int, open_after: int, pick: int, moves: bool
) -> None:
    product = BOOK.products["revenue_linked_working_capital"]
    terms = terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))
    calendar = CN if moves else None
    day = opened(terms, START)._replace(
        ends=window_ends(START, terms.window_months, terms.windows, CN) if moves else None
    )
    on, open_on = START, START + timedelta(days=open_after)
    while on < open_on:
        sales = RevenueDay(300_000, 0, 0) if (on - START).days < sells_days else NO_REVENUE
        closed = close_day(day, sales, on)
        day = carried(day, closed)
        if closed.withhold_minor:
            day, _ = received(day, closed.withhold_minor, asked_minor=closed.withhold_minor)
        on += A_DAY
    if day.owed_minor == 0:
        return
    loan = Loan(
        START,
        open_on,
        day.past_due_since is not None,
        False,
        terms.windows,
        day.windows_passed,
        terms.cycle,
        (),
        terms.share,
        day.principal_minor,
    )
    ways = of_share(RULES, loan, Late(day.past_due_since, day.accrued_units), terms.window_months, calendar)
    change = ways[sorted(ways)[pick % len(ways)]]
    assert change_of(change.kind.value, change.effective_on, as_json(change)) == change
    plan = plan_from(plan_json(plan_on([change], date.max)))
    owed, rate = day.owed_minor, day.rate_units
    day = relieved(day, change)
    space = change.breathing
    assert space is not None
    shift = plan.shift_days(open_on)
    ends = window_ends(START, terms.window_months, terms.windows, CN, shift) if moves else None
    day = day._replace(path_shift_days=shift, ends=ends)
    nights = 0
    # Nothing is due before what was to come next has had its whole time again.
    while on < space.last_on - timedelta(days=10):
        closed = close_day(day, NO_REVENUE, on)
        if change.window < terms.windows and day.windows_passed == change.window:
            assert closed.past_due_minor == 0, on
        day, nights, on = carried(day, closed), nights + 1, on + A_DAY
    assert day.owed_minor - owed <= -(-day.principal_minor * rate * nights // day.units_per_minor)


def test_relief_is_agreed_so_often_a_year_and_ends_by_two_months_of_four_fifths() -> None:
    agreed = [START - timedelta(days=400), START - timedelta(days=30)]
    assert times_left(RULES, agreed, START) == RULES.times_a_year - 1
    assert is_over([10, 80, 80], 100, 2, 80)
    assert not is_over([80], 100, 2, 80)
    assert not is_over([100, 79], 100, 2, 80)
    assert not is_over([0, 0], 0, 2, 80)


@pytest.mark.parametrize("product", [one for one in KINDS if one in BOOK.products])
def test_doing_nothing_is_never_dearer_than_a_way_that_takes_longer(product: str) -> None:
    """What it costs is interest of the days it takes longer, and it stands there."""
    terms = terms_of(BOOK.products[product], amount_minor=8_000_000, months=6, share=Decimal("0.2"))
    path = first_path(terms, START, CN)
    dated = Dated(terms, START, START, False, path, (), 0, (), CN, 8_000_000)

    def interest(one: Change | None) -> int:
        rows = ahead(
            path if one is None or one.path is None else one.path,
            START,
            principal_minor=8_000_000,
            units=0,
            interest_paid_minor=0,
            rate_units=terms.rate_units,
            units_per_minor=terms.units_per_minor,
        )
        return sum(row.interest_minor for row in rows)

    for way, change in of_dates(RULES, dated, Late(None, 0)).items():
        assert interest(change) > interest(None), way
