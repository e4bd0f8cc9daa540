"""Signs of difficulty: each rings alone on its own cause, and a shop that goes on as ever rings nothing."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from lending.early_warning import Borrower, Cause, Day, PublicRecord, Thresholds, compared, new_entries, warnings

RULES = Thresholds(28, Decimal("0.40"), 7, Decimal("0.05"), Decimal(2), Decimal(1))
TODAY = date(2027, 3, 1)


def days(recent: int = 100_000, before: int = 100_000, *, back: int = 1_000, back_before: int = 1_000) -> list[Day]:
    """112 days of sales in fen: 28 recent ones and 84 before them."""
    return [
        Day(TODAY - timedelta(days=n), recent if n < 28 else before, back if n < 28 else back_before)
        for n in range(112)
    ]


USUAL = Borrower(TODAY, TODAY - timedelta(days=111), days())


def causes(borrower: Borrower) -> list[Cause]:
    return [warning.cause for warning in warnings(borrower, RULES)]


def test_a_shop_that_goes_on_as_ever_rings_nothing() -> None:
    assert causes(USUAL) == []


@pytest.mark.parametrize(("recent", "expected"), [(61_000, []), (59_000, [Cause.SALES_DOWN]), (1, [Cause.SALES_DOWN])])
def test_sales_that_fall_below_the_threshold_ring(recent: int, expected: list[Cause]) -> None:
    assert causes(replace(USUAL, days=days(recent, back=0, back_before=0))) == expected


def test_the_fall_is_told_in_figures() -> None:
    (found,) = warnings(replace(USUAL, days=days(50_000, back=0, back_before=0)), RULES)
    assert found.figures == {"recent_minor": 1_400_000, "usual_minor": 2_800_000, "fall_percent": 50}


@pytest.mark.parametrize(("silent", "expected"), [(6, []), (7, [Cause.NO_SALES])])
def test_days_without_a_sale_ring_from_the_seventh(silent: int, expected: list[Cause]) -> None:
    open_days = [day for day in days() if (TODAY - day.on).days >= silent]
    assert causes(replace(USUAL, days=open_days)) == expected


def test_a_borrower_who_never_sold_anything_is_silent_since_the_beginning() -> None:
    (found,) = warnings(Borrower(TODAY, TODAY - timedelta(days=9), ()), RULES)
    assert (found.cause, found.figures["days"]) == (Cause.NO_SALES, 10)


def test_refunds_ring_when_they_are_many_and_more_than_usual() -> None:
    assert causes(replace(USUAL, days=days(back=8_000))) == [Cause.REFUNDS_UP]
    assert causes(replace(USUAL, days=days(back=4_000))) == []  # four times the usual, and still few
    assert causes(replace(USUAL, days=days(back=8_000, back_before=5_000))) == []  # many, and as ever


def test_four_weeks_alone_are_compared_with_nothing() -> None:
    young = Borrower(TODAY, TODAY - timedelta(days=40), [day for day in days(10_000) if (TODAY - day.on).days <= 40])
    assert causes(young) == []


def test_a_young_loan_is_compared_with_the_days_it_has() -> None:
    young = [day for day in days(50_000, back=0, back_before=0) if (TODAY - day.on).days < 60]
    (found,) = warnings(Borrower(TODAY, TODAY - timedelta(days=59), young), RULES)
    assert found.figures["usual_minor"] == 2_800_000


def test_sales_below_what_the_forecast_expects_at_the_least_ring() -> None:
    assert causes(replace(USUAL, forecast_low_minor=2_772_000)) == []
    assert causes(replace(USUAL, forecast_low_minor=2_772_001)) == [Cause.BELOW_FORECAST]


def test_debts_elsewhere_and_registers_ring() -> None:
    assert causes(replace(USUAL, new_debt_minor=2_772_000)) == []
    assert causes(replace(USUAL, new_debt_minor=2_772_001)) == [Cause.NEW_DEBT]
    (found,) = warnings(replace(USUAL, register=("executed", "abnormal")), RULES)
    assert (found.cause, found.figures) == (Cause.REGISTER, {"codes": "abnormal,executed"})


@pytest.mark.parametrize(
    ("now", "known", "codes"),
    [
        (PublicRecord(), PublicRecord(), ()),
        (PublicRecord(False, 0, 0, "normal"), PublicRecord(), ()),
        (
            PublicRecord(True, 100, 0, "revoked"),
            PublicRecord(),
            ("dishonest_list", "enforced_debtor", "register_revoked"),
        ),
        (PublicRecord(True, 100, 5_000, "abnormal"), PublicRecord(True, 100, 5_000, "abnormal"), ()),
        (
            PublicRecord(True, 101, 5_001, "revoked"),
            PublicRecord(True, 100, 5_000, "abnormal"),
            ("enforced_debtor", "open_claims", "register_revoked"),
        ),
        (PublicRecord(claims_minor=999), PublicRecord(), ()),
        (PublicRecord(claims_minor=1_000), PublicRecord(), ("open_claims",)),
        (PublicRecord(state="normal"), PublicRecord(state="abnormal"), ()),
    ],
)
def test_only_what_was_not_known_at_the_decision_is_new(
    now: PublicRecord, known: PublicRecord, codes: tuple[str, ...]
) -> None:
    assert new_entries(now, known, 1_000) == codes


def test_what_comes_after_the_day_counts_for_nothing() -> None:
    later = [*days(), Day(TODAY + timedelta(days=1), 10**9, 10**9)]
    assert causes(replace(USUAL, days=later)) == []


@pytest.mark.parametrize(("told", "expected"), [(1, []), (27, []), (28, [Cause.BELOW_FORECAST])])
def test_the_first_days_after_a_payout_are_held_against_no_four_weeks(told: int, expected: list[Cause]) -> None:
    since = TODAY - timedelta(days=told - 1)
    young = [Day(since + timedelta(days=n), 1_000, 0) for n in range(told)]
    assert causes(Borrower(TODAY, since, young, forecast_low_minor=5_983_800)) == expected


def test_whole_weeks_are_compared_so_that_a_closed_monday_is_in_both_as_often() -> None:
    rules = replace(RULES, full_days=14)
    assert [compared(TODAY, TODAY - timedelta(days=n - 1), rules) for n in (13, 14, 20, 21, 27, 28, 200)] == [
        *(0, 14, 14),
        *(21, 21, 28, 28),
    ]


def bakery(*, fall: int = 0, closed: frozenset[date] = frozenset()) -> list[Day]:
    """Open Tuesday to Sunday, at the weekend with three times the sales; ``fall``: percent that is gone lately."""
    found: list[Day] = []
    for n in range(112):
        on = TODAY - timedelta(days=n)
        if on.weekday() == 0 or on in closed:
            continue
        sales = 300_000 if on.weekday() >= 5 else 100_000
        found.append(Day(on, sales * (100 - fall) // 100 if n < 28 else sales, 0))
    return found


@pytest.mark.parametrize("told", [56, 57, 60, 61, 62])
def test_a_bakery_closed_on_mondays_rings_on_no_day_that_it_is_first_compared(told: int) -> None:
    since = TODAY - timedelta(days=told - 1)
    days = [day for day in bakery() if day.on >= since]
    strict = replace(RULES, sales_fall=Decimal("0.01"))
    assert warnings(Borrower(TODAY, since, days), strict) == ()


def test_a_festival_is_compared_with_nothing_and_a_fall_beside_it_still_rings() -> None:
    festival = frozenset(TODAY - timedelta(days=n) for n in range(3, 13))
    since, strict = TODAY - timedelta(days=111), replace(RULES, silent_days=30, sales_fall=Decimal("0.2"))
    shut = Borrower(TODAY, since, bakery(closed=festival), holidays=festival)
    assert warnings(shut, strict) == ()
    assert [one.cause for one in warnings(replace(shut, holidays=frozenset()), strict)] == [Cause.SALES_DOWN]
    (found,) = warnings(replace(shut, days=bakery(fall=50, closed=festival)), strict)
    assert (found.cause, found.figures["fall_percent"]) == (Cause.SALES_DOWN, 50)
