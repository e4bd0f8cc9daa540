"""P9 for the windows of a loan by a share of sales: a last day that is no working day moves, as it was signed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from lending.calendars import BusinessCalendar, DayRule
from lending.close import LoanDay, LoanStatus, Wake, carried, close_day, opened
from lending.minimum_path import check_on, checkpoints, ends_from, ends_of, ends_text, marks, window_ends
from lending.plans import Loan, next_look_on, plan_on
from lending.products import MinimumPath, Product, ProductError
from lending.revenue_share import NO_REVENUE
from lending.terms import NotTerms, Terms, canonical, terms_from, terms_hash, terms_of
from policies.book import load

# Three months after 17 November 2025 is the first day of the spring festival; the 28th, a Saturday, is worked.
STARTED = date(2025, 11, 17)
CALENDAR = BusinessCalendar(
    holidays=frozenset(date(2026, 2, day) for day in range(16, 24)),
    workdays=frozenset({date(2026, 2, 28)}),
    published_until=2026,
)


def terms(product: Product, rule: DayRule = DayRule.FOLLOWING) -> Terms:
    made = replace(product, minimum_path=replace(product.minimum_path, day_rule=rule))
    return terms_of(made, amount_minor=8_000_000, months=6, share=Decimal("0.12"))


def test_p9_a_window_that_ends_on_a_holiday_ends_on_the_next_working_day_and_the_later_ones_stay(
    product: Product,
) -> None:
    ends = ends_of(terms(product), STARTED, CALENDAR)
    assert ends == (date(2026, 2, 24), date(2026, 5, 18), date(2026, 8, 17), date(2026, 11, 17))
    assert [one.on for one in checkpoints(terms(product), STARTED, CALENDAR)] == list(ends)
    assert ends_of(terms(product), date(2025, 11, 28), CALENDAR)[0] == date(2026, 2, 28), "a Saturday that is worked"
    assert ends_from(ends_text(ends)) == ends


def test_p9_nothing_is_late_on_the_holiday_and_all_that_is_missing_is_by_the_end_of_the_moved_day(
    product: Product,
) -> None:
    loan = opened(terms(product), STARTED, calendar=CALENDAR)
    before = opened(terms(product, DayRule.NONE), STARTED, calendar=CALENDAR)
    assert (loan.ends or ())[0] == date(2026, 2, 24)
    assert before.ends is None
    wakes = {name: _late_since(one) for name, one in (("moved", loan), ("before", before))}
    assert wakes == {"moved": date(2026, 2, 24), "before": date(2026, 2, 17)}


def _late_since(position: LoanDay) -> date:
    on = position.started_on
    while True:
        closed = close_day(position, NO_REVENUE, on)
        if closed.wake is Wake.SHORTFALL:
            assert closed.status is LoanStatus.GRACE
            assert closed.past_due_since == on
            return on
        position, on = carried(position, closed), on + timedelta(days=1)


def test_p9_the_days_of_a_move_bear_ordinary_interest_only(product: Product) -> None:
    moved = opened(terms(product), STARTED, calendar=CALENDAR)
    plain = opened(terms(product, DayRule.NONE), STARTED, calendar=CALENDAR)
    for n in range(110):
        on = STARTED + timedelta(days=n)
        one, other = close_day(moved, NO_REVENUE, on), close_day(plain, NO_REVENUE, on)
        assert one.accrued_units == other.accrued_units
        moved, plain = carried(moved, one), carried(plain, other)


def test_what_was_signed_before_keeps_its_hash_and_its_days(product: Product) -> None:
    old = terms(product, DayRule.NONE)
    assert "day_rule" not in canonical(old)
    assert terms_hash(old) != terms_hash(terms(product))
    assert ends_of(old, STARTED, CALENDAR)[0] == date(2026, 2, 17)
    for one in (old, terms(product)):
        import json

        assert terms_from(json.loads(canonical(one))) == one


@pytest.mark.parametrize("rule", [DayRule.PRECEDING, DayRule.MODIFIED_FOLLOWING])
def test_no_rule_gives_anybody_less_time_than_was_signed(product: Product, rule: DayRule) -> None:
    """The dodge: a holiday that shortens a window."""
    with pytest.raises(ProductError, match="day_rule"):
        MinimumPath(3, Decimal(2), 3, day_rule=rule)
    import json

    with pytest.raises(NotTerms, match="day_rule"):
        terms_from({**json.loads(canonical(terms(product))), "day_rule": rule.value})


def test_breathing_space_ends_on_a_working_day_too(product: Product) -> None:
    for days in range(40):
        nominal = check_on(STARTED, 3, 1, days)
        moved = window_ends(STARTED, 3, 4, CALENDAR, days)[0]
        assert moved >= nominal
        assert CALENDAR.is_business_day(moved)
    made = terms(product)
    loan = Loan(STARTED, STARTED, False, False, made.windows, 0, made.cycle, ())
    plan = plan_on((), date.max)
    assert next_look_on(loan, 3, plan, CALENDAR) == date(2026, 2, 24)
    assert next_look_on(loan, 3, plan) == date(2026, 2, 17)


def test_warnings_and_the_announcement_of_a_debit_are_reckoned_from_the_moved_day() -> None:
    kept = window_ends(STARTED, 3, 4, CALENDAR)
    first, second = marks(STARTED, 3, 1, 0, kept), marks(STARTED, 3, 2, 0, kept)
    assert first.due_on == date(2026, 2, 24)
    assert first.due_on - first.debit_told_on == timedelta(days=6)
    assert second.half_on > first.due_on


def test_p9_the_statutory_holidays_of_a_year_without_a_notice_are_no_business_days() -> None:
    calendar = load().calendars["CN"]
    new_year, national = date(2029, 1, 1), date(2027, 10, 1)
    assert calendar.is_provisional(national) and not calendar.is_business_day(national)
    assert calendar.moved(new_year, DayRule.FOLLOWING) == date(2029, 1, 2)
    assert calendar.moved(date(2027, 2, 5), DayRule.FOLLOWING) == date(2027, 2, 9), "Spring Festival by the almanac"
