"""What a firm will sell: honest bands, nothing below zero, and better than saying "as last week"."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from lending.festivals import Festival
from ops.usual_sales import trade_calendar
from scoring.forecasts import (
    NO_SALES,
    NO_WHOLE_YEAR,
    OLD_BILLS,
    SHORT_HISTORY,
    Forecast,
    day_quantiles,
    forecast,
    monthly_quantiles,
)
from scoring.lines import REFUND, SALE, Lines, day_number
from scoring.patterns import pattern_of
from scoring.sales import Sales, TradeCalendar
from scoring.usual import from_json, learn, shipped, to_json, unlearned

BEGINS, ENDS = date(2024, 1, 1), date(2025, 6, 30)
START = date(2025, 7, 1)
CN = trade_calendar("CN")


def shop(first: date = BEGINS, last: date = ENDS, *, noise: float = 0.2, seed: int = 3) -> Sales:
    """A shop that sells 1,000 yuan a day, closed on Mondays."""
    days = np.arange(day_number(first), day_number(last) + 1)
    rng = np.random.default_rng(seed)
    amount = 100_000 * np.exp(noise * rng.standard_normal(len(days)))
    return Sales(int(days[0]), np.where((days + 3) % 7 == 0, 0.0, np.rint(amount)))


def of(sales: Sales, months: int = 12, trade: str | None = None) -> Forecast:
    return forecast(sales, shipped(), CN, START, months, trade)


def test_months_hold_what_a_steady_shop_sells() -> None:
    months = monthly_quantiles(shop(), shipped(), CN, START, 6, "grocery")
    for month in months:
        assert month.p10 < month.p50 < month.p90
        assert month.p10 < 2_650_000 < month.p90 * 1.15
    assert [month.starts_on for month in months[:2]] == [date(2025, 7, 1), date(2025, 8, 1)]


def test_a_day_of_rest_sells_nothing() -> None:
    pattern = pattern_of(shop(), shipped().trade(None), CN)
    assert pattern is not None
    first = day_number(date(2025, 7, 7))  # a Monday
    monday, tuesday = day_quantiles(pattern, shipped(), CN, first, 2, opens=False)
    assert monday.tolist() == [0.0, 0.0, 0.0]
    assert tuesday[0] > 0


@pytest.mark.parametrize(
    "sales",
    [
        Sales(0, np.zeros(0)),
        Sales(day_number(BEGINS), np.zeros(200)),
        Sales(day_number(BEGINS), np.full(200, np.nan)),
    ],
)
def test_a_firm_that_never_sold_is_told_so(sales: Sales) -> None:
    told = of(sales)
    assert told.gaps == (NO_SALES,)
    assert {(month.p10, month.p90) for month in told.months} == {(0, 0)}
    assert sum(told.courses.good) == 0


@pytest.mark.parametrize("days", [2, 3, 9, 40])
def test_hardly_any_history_still_gives_a_band(days: int) -> None:
    told = of(shop(date.fromordinal(ENDS.toordinal() - days + 1)))
    assert all(0 <= month.p10 <= month.p50 <= month.p90 for month in told.months)
    assert SHORT_HISTORY in told.gaps


def test_a_short_history_is_named_and_its_band_is_wider() -> None:
    long, short = of(shop()), of(shop(date(2025, 4, 20)))
    assert long.gaps == () and short.gaps == (SHORT_HISTORY,)
    assert of(shop(date(2024, 12, 1))).gaps == (NO_WHOLE_YEAR,)

    def width(told: Forecast) -> float:
        return sum((month.p90 - month.p10) / month.p50 for month in told.months)

    assert width(short) > width(long)


def test_old_bills_are_named_and_the_band_widens_with_time() -> None:
    told = of(shop(last=date(2025, 3, 31)))
    assert OLD_BILLS in told.gaps
    months = of(shop(), 24).months
    assert (months[23].p90 - months[23].p10) / months[23].p50 > (months[0].p90 - months[0].p10) / months[0].p50


def test_a_course_is_kinder_than_a_bad_month_every_month_and_adds_up() -> None:
    told = of(shop(), 24)
    assert sum(told.courses.slow) > sum(month.p10 for month in told.months)
    assert sum(told.courses.good) < sum(month.p90 for month in told.months)
    assert min(told.courses.slow) >= 0
    for slow, usual, good in zip(
        *map(np.cumsum, (told.courses.slow, told.courses.usual, told.courses.good)), strict=True
    ):
        assert slow <= usual <= good


def test_the_same_days_give_the_same_forecast() -> None:
    assert of(shop()) == of(shop())


def test_absurd_amounts_and_days_without_business_break_nothing() -> None:
    sales = shop()
    amount = sales.amount.copy()
    amount[::37] = 1e15
    amount[200:320] = 0.0
    told = of(replace(sales, amount=amount))
    assert all(0 <= month.p10 <= month.p50 <= month.p90 for month in told.months)
    ten_years = of(shop(date(2016, 1, 1)))
    assert ten_years.gaps == ()


def test_what_comes_after_the_day_changes_nothing() -> None:
    days = np.array([day_number(date(2025, 6, 30)), day_number(date(2025, 7, 2))])
    lines = Lines(
        firm=np.zeros(4, np.int32),
        day=np.concatenate([days, days]),
        direction=np.array([1, 1, -1, -1]),
        amount_minor=np.array([500, 900, 700, 100]),
        kind=np.array([SALE, SALE, REFUND, REFUND]),
        counterparty=np.zeros(4, np.uint64),
    )
    known = Sales.of_lines(lines, date(2025, 7, 1))
    # The day gave back more than it sold: nothing was sold, and nothing below that.
    assert known.amount.tolist() == [0.0]


def test_a_trade_closes_over_spring_festival_though_this_firm_has_not_lived_one() -> None:
    sales = shop(date(2025, 3, 1))
    maker, grocer = (
        forecast(sales, shipped(), CN, date(2026, 2, 10), 1, trade).months[0] for trade in ("parts_maker", "grocery")
    )
    assert maker.p50 < 0.8 * grocer.p50


def test_holidays_of_the_policies_count_as_sundays() -> None:
    calendar = TradeCalendar.of(None, (Festival("fair", date(2025, 5, 1), date(2025, 5, 3)),))
    days = calendar.kinds(day_number(date(2025, 4, 30)), 5)
    assert days.festival.tolist() == [-1, 0, 0, 0, -1]
    assert CN.kinds(day_number(date(2025, 10, 1)), 1).weekday.tolist() == [6]
    assert CN.kinds(day_number(date(2025, 10, 11)), 1).weekday.tolist() == [2]  # a Saturday that is worked


def test_what_was_learned_survives_its_file() -> None:
    usual = shipped()
    assert to_json(from_json(to_json(usual))) == to_json(usual)
    with pytest.raises(ValueError, match="learn it again"):
        from_json({**to_json(usual), "ahead": [1, 2]})


def test_learning_from_noisier_firms_gives_wider_bands() -> None:
    begins = date(2025, 2, 1)
    calm = learn([shop(begins, noise=0.1, seed=seed) for seed in range(20)], CN, every=60, label="calm")
    wild = learn([shop(begins, noise=0.6, seed=seed) for seed in range(20)], CN, every=60, label="wild")
    assert wild.trade(None).noise > 2.5 * calm.trade(None).noise
    assert unlearned().label != calm.label == "calm"
