from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.calendars import (
    Jurisdiction,
    NaiveInstant,
    add_months,
    business_date,
    midnight_after,
    months_told,
    whole_months,
)
from lending.identifiers import derived_id
from lending.rates import (
    DayCount,
    DayCountNeedsDates,
    RateTooFine,
    interest,
    rate_units,
    units_per_minor,
    whole_minor,
    year_fraction,
)


@pytest.mark.parametrize(
    ("start", "end", "day_count", "fraction"),
    [
        (date(2024, 1, 1), date(2024, 2, 1), DayCount.ACT_365, Fraction(31, 365)),
        (date(2024, 1, 1), date(2024, 2, 1), DayCount.ACT_360, Fraction(31, 360)),
        (date(2024, 1, 31), date(2024, 2, 29), DayCount.THIRTY_360, Fraction(29, 360)),
        (date(2024, 1, 31), date(2024, 3, 31), DayCount.THIRTY_360, Fraction(60, 360)),
        (date(2024, 1, 15), date(2024, 3, 31), DayCount.THIRTY_360, Fraction(76, 360)),
        # ISDA memorandum of 1998: 1 Nov 2003 to 1 May 2004 is 61/365 + 121/366.
        (date(2003, 11, 1), date(2004, 5, 1), DayCount.ACT_ACT, Fraction(61, 365) + Fraction(121, 366)),
        (date(2024, 1, 1), date(2027, 1, 1), DayCount.ACT_ACT, Fraction(3)),
    ],
)
def test_year_fractions(start: date, end: date, day_count: DayCount, fraction: Fraction) -> None:
    assert year_fraction(start, end, day_count) == fraction


def test_twice_ten_thousandths_a_day_on_eighty_thousand_yuan_is_sixteen_yuan() -> None:
    assert interest(8_000_000, Decimal("0.073"), 1, DayCount.ACT_365) == Decimal(1600)


def test_interest_by_date_needs_dates() -> None:
    with pytest.raises(DayCountNeedsDates):
        interest(100, Decimal("0.1"), 30, DayCount.ACT_ACT)
    with pytest.raises(DayCountNeedsDates):
        units_per_minor(DayCount.THIRTY_360)
    with pytest.raises(RateTooFine):
        rate_units(Decimal("0.0000000001"))


@given(st.integers(0, 10**10), st.integers(0, 10**8), st.integers(0, 4000))
def test_interest_units_are_the_exact_interest(principal: int, rate_e8: int, days: int) -> None:
    rate = Decimal(rate_e8).scaleb(-8)
    units = principal * rate_units(rate) * days
    exact = Fraction(principal) * Fraction(rate_e8, 10**8) * days / 365
    assert Fraction(units, units_per_minor(DayCount.ACT_365)) == exact
    assert whole_minor(units, units_per_minor(DayCount.ACT_365)) == round(exact)


def test_the_business_day_is_the_one_on_the_wall_in_beijing() -> None:
    assert business_date(datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC), Jurisdiction.CN) == date(2026, 11, 21)
    assert business_date(datetime(2026, 11, 21, 16, 0, tzinfo=UTC), Jurisdiction.CN) == date(2026, 11, 22)
    assert midnight_after(date(2026, 11, 21), Jurisdiction("CN")) == datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    with pytest.raises(NaiveInstant):
        business_date(datetime(2026, 11, 21), Jurisdiction.CN)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_midnight_ends_one_day_and_begins_the_next(day: date) -> None:
    end = midnight_after(day, Jurisdiction.CN)
    assert business_date(end, Jurisdiction.CN) == day + timedelta(days=1)
    assert business_date(end - timedelta(microseconds=1), Jurisdiction.CN) == day


@pytest.mark.parametrize(
    ("day", "months", "anchor", "then"),
    [
        (date(2026, 1, 31), 1, None, date(2026, 2, 28)),
        (date(2026, 2, 28), 1, 31, date(2026, 3, 31)),
        (date(2024, 2, 29), 12, None, date(2025, 2, 28)),
        (date(2026, 11, 21), -11, None, date(2025, 12, 21)),
        (date(2026, 12, 5), 1, None, date(2027, 1, 5)),
    ],
)
def test_months_keep_their_day(day: date, months: int, anchor: int | None, then: date) -> None:
    assert add_months(day, months, anchor=anchor) == then


def test_a_cause_has_one_identifier_which_other_languages_derive_too() -> None:
    # printf 'entry\x1frepayment/42' | sha256sum
    assert str(derived_id("entry", "repayment/42")) == "bcfed8ef-7530-bf64-dd1d-5b17e03412b2"
    assert derived_id("entry", "a") != derived_id("other", "a")
    with pytest.raises(ValueError, match="namespace"):
        derived_id("a\x1fb", "c")


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 11, 10), date(2026, 11, 21), 0),  # twelve days
        (date(2026, 10, 1), date(2026, 10, 31), 1),
        (date(2026, 10, 3), date(2026, 10, 30), 1),  # closed on the first two days and on the last
        (date(2026, 10, 6), date(2026, 10, 30), 0),
        (date(2025, 9, 21), date(2026, 11, 20), 14),
        (date(2025, 9, 21), date(2026, 11, 15), 13),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
    ],
)
def test_a_part_of_a_month_is_no_month(first: date, last: date, months: int) -> None:
    assert whole_months(first, last) == months


def test_a_month_of_which_nothing_is_told_is_taken_off() -> None:
    assert months_told(date(2026, 1, 1), date(2026, 6, 30), 5) == 5
    assert months_told(date(2026, 1, 1), date(2026, 6, 30), 6) == 6


def test_a_span_told_backwards_is_negative() -> None:
    one, other = date(2023, 11, 5), date(2025, 2, 5)
    assert year_fraction(one, other, DayCount.ACT_ACT) == Fraction(57, 365) + 1 + Fraction(35, 365)
    for day_count in DayCount:
        assert year_fraction(other, one, day_count) == -year_fraction(one, other, day_count)
        assert year_fraction(one, one, day_count) == 0
