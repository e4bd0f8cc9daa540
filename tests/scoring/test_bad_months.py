"""A month that is worse than nine in ten: from the forecast where it can be had, and with a reason where it cannot."""

from datetime import date, timedelta
from statistics import NormalDist

import numpy as np
import pytest

from lending.bad_months import p10_of
from ops.usual_sales import trade_calendar
from scoring.bad_months import FORECAST, NO_STATEMENTS, BadMonth, by_forecast, worst_tenth
from scoring.evidence import Evidence
from scoring.forecasts import OLD_BILLS, SHORT_HISTORY, MonthQuantiles
from scoring.lines import SALE, Lines, day_number

AS_OF = date(2025, 6, 30)
CN = trade_calendar("CN")
SERIES = (2_500_000, 2_600_000, 2_700_000, 2_650_000)


def shop(days: int, until: date = AS_OF, *, falls: float = 0.0) -> Evidence:
    """About 1,000 yuan a day; ``falls``: the part of it that is gone at the end, evenly over the time."""
    at = np.arange(day_number(until) - days + 1, day_number(until) + 1)
    noise = np.exp(0.2 * np.random.default_rng(3).standard_normal(days))
    amount = 100_000 * noise * np.linspace(1.0, 1.0 - falls, days)
    ones = np.ones(days, np.int64)
    return Evidence(Lines(ones * 0, at, ones, np.rint(amount).astype(np.int64), ones * SALE, np.zeros(days, np.uint64)))


def told(evidence: Evidence, series: tuple[int, ...] = SERIES, trade: str | None = None) -> BadMonth:
    return by_forecast(CN, AS_OF, trade)(evidence, series)


def test_a_year_of_bills_lets_the_forecast_say_what_a_bad_month_is() -> None:
    steady, falling = told(shop(540)), told(shop(540, falls=0.6))
    assert steady.told_by == falling.told_by == FORECAST
    assert steady.revenue_minor is not None
    assert falling.revenue_minor is not None
    assert 1_500_000 < steady.revenue_minor < 2_700_000
    assert falling.revenue_minor < 0.6 * steady.revenue_minor  # the worst month of its bills says nothing of that


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (shop(120), SHORT_HISTORY),
        (shop(540, AS_OF - timedelta(days=90)), OLD_BILLS),
        (Evidence(), NO_STATEMENTS),
    ],
)
def test_where_the_forecast_has_too_little_the_bills_speak_and_the_reason_is_kept(evidence: Evidence, why: str) -> None:
    assert told(evidence) == BadMonth(p10_of(SERIES), why)


def test_what_comes_after_the_day_moves_no_bad_month() -> None:
    later = shop(60, AS_OF + timedelta(days=60)).lines
    lines = shop(540).lines
    both = Lines(*(np.concatenate([getattr(lines, name), getattr(later, name)])
                   for name in ("firm", "day", "direction", "amount_minor", "kind", "counterparty")))  # fmt: skip
    assert told(Evidence(both)) == told(shop(540))


def test_one_month_in_ten_falls_below_the_worst_tenth() -> None:
    months = tuple(
        MonthQuantiles(AS_OF, *(int(middle * factor) for factor in (0.7, 1.0, 1.3)))
        for middle in (800_000, 2_000_000, 2_000_000, 2_400_000)
    )
    rng = np.random.default_rng(5)
    sides = NormalDist().inv_cdf(0.9)
    drawn = []
    for month in months:
        place = rng.standard_normal(100_000) / sides
        below, above = np.log(month.p50 / month.p10), np.log(month.p90 / month.p50)
        drawn.append(month.p50 * np.exp(place * np.where(place < 0, below, above)))
    assert np.mean(np.concatenate(drawn) < worst_tenth(months)) == pytest.approx(0.1, abs=0.005)
    assert worst_tenth((MonthQuantiles(AS_OF, 5, 5, 5),)) == pytest.approx(5, abs=1)
