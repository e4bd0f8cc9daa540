"""Where the ink goes: zero baselines, ends where the money ends, labels that do not meet."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import charts
from web.views.figures import MonthRevenue, Path, Weather

START = date(2026, 11, 21)


def weather(kind: str, months: int, top: int = 8_000_000) -> Weather:
    balances = tuple(top - top * n // months for n in range(months + 1))
    return Weather(kind, charts.month_after(START, months), months, 1, top + 1, balances)


def test_every_line_begins_at_the_amount_and_ends_at_zero() -> None:
    chart = charts.weathers((weather("good", 10), weather("normal", 12), weather("slow", 18)), START)
    for line in chart.lines:
        assert line.points.startswith("0.00,0.00")
        assert line.points.endswith(",100.00")
        assert line.end_y == chart.plot_top + chart.plot_height
    slow = next(line for line in chart.lines if line.name == "slow")
    assert slow.end_x == 100


@given(st.integers(1, 24), st.integers(0, 6), st.integers(0, 30))
def test_labels_of_ends_never_cover_each_other(good: int, more: int, most: int) -> None:
    three = (weather("good", good), weather("normal", good + more), weather("slow", good + more + most))
    places = [(line.end_x, line.label_y) for line in charts.weathers(three, START).lines]
    for n, (x, y) in enumerate(places):
        for other_x, other_y in places[n + 1 :]:
            assert abs(x - other_x) * charts.NOMINAL / 100 >= charts.LABEL_GAP or abs(y - other_y) >= 17


@given(st.integers(1, 60))
def test_ticks_are_few_in_order_and_inside(length: int) -> None:
    ticks = charts.weathers((weather("normal", length),), START).ticks
    assert 1 <= len(ticks) <= 8
    assert all(0 <= tick.x <= 100 for tick in ticks)
    assert all(a.x < b.x for a, b in pairwise(ticks))
    assert ticks[0].year


def test_bars_stand_on_zero_and_the_largest_fills_the_height() -> None:
    months = [MonthRevenue(date(2026, n, 1), value) for n, value in ((1, 5_000), (2, 10_000), (3, 2_500))]
    chart = charts.revenue_bars(months)
    floor = chart.plot_top + chart.plot_height
    assert all(bar.y + bar.height == pytest.approx(floor) for bar in chart.bars)
    assert chart.bars[1].height == chart.plot_height
    assert chart.bars[0].height == pytest.approx(chart.bars[1].height / 2)


def test_a_month_of_more_refunds_than_sales_has_no_bar_below_the_line() -> None:
    chart = charts.revenue_bars([MonthRevenue(START, -300_000), MonthRevenue(START, 100_000)])
    assert chart.bars[0].height == 1
    assert chart.bars[0].y <= chart.plot_top + chart.plot_height


def test_months_that_the_bills_cover_in_part_stay_out_of_the_mean() -> None:
    chart = charts.revenue_bars(
        [MonthRevenue(START, 10_000), MonthRevenue(START, 30_000), MonthRevenue(START, 1, False)]
    )
    assert chart.mean_minor == 20_000


def test_the_path_of_a_loan_runs_to_today_and_its_band_to_the_late_end() -> None:
    path = Path(date(2026, 6, 3), START, (8_000_000, 6_000_000), date(2027, 9, 1), date(2027, 10, 1), date(2027, 12, 1))
    chart = charts.loan_path(path)
    assert chart.late_x == 100
    assert chart.today_x < chart.early_x < chart.late_x
    assert chart.actual.startswith("0.0,0.0")
    assert chart.today_y == pytest.approx(chart.plot_top + chart.plot_height / 4, abs=0.1)


@pytest.mark.parametrize(("start", "months", "day"), [
    (date(2026, 1, 31), 1, date(2026, 2, 28)),
    (date(2026, 11, 21), 14, date(2028, 1, 21)),
    (date(2027, 12, 31), 2, date(2028, 2, 29)),
])  # fmt: skip
def test_months_later_is_the_same_day_or_the_last_one(start: date, months: int, day: date) -> None:
    assert charts.month_after(start, months) == day


@given(st.integers(1, 10**12))
def test_gridlines_stand_at_pleasant_figures(top: int) -> None:
    step = charts.round_step(top)
    head = f"{step:.3e}"[:4]
    assert head in ("1.00", "2.00", "2.50", "5.00") or step < 10
    assert step * 4 >= top or top <= 4


@given(st.integers(-60, 60), st.integers(0, 60))
def test_a_bar_of_points_begins_in_the_middle_and_stays_in_its_row(points: int, more: int) -> None:
    bar = charts.points_bar(points, abs(points) + more)
    middle = bar.x if bar.above else bar.x + bar.width
    assert middle == pytest.approx(50, abs=0.02)
    assert 0 <= bar.x <= bar.x + bar.width <= 100.02
    assert bar.above == (points >= 0)
    assert (bar.width == 0) == (points == 0)
