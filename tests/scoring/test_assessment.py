"""What underwriting is told of one firm."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from scoring.assessment import assess, monthly_net
from scoring.evidence import Evidence
from scoring.lines import REFUND, SALE, Lines

AS_OF = date(2025, 6, 30)


def test_a_steady_year_has_its_months_its_median_and_a_score(model, shop):
    found = assess(model, Evidence(Lines.from_rows(shop())), AS_OF)
    assert found.months_of_history == 12
    assert len(found.monthly_series) == 12
    assert found.monthly_series[-1] == 30 * 50_000
    assert found.monthly_net_revenue_minor == int(np.median(found.monthly_series))
    assert isinstance(found.score.pd, Decimal)
    assert found.score.reasons
    assert all(reason.params for reason in found.score.reasons)


def test_a_month_that_the_bills_hold_in_part_is_left_out(model, shop):
    found = assess(model, Evidence(Lines.from_rows(shop(last=date(2025, 6, 12), days=100))), date(2025, 6, 12))
    assert found.monthly_series == (30 * 50_000, 31 * 50_000)  # April and May, not the parts of March and June
    assert found.months_of_history == 3, "a hundred days are three months, though they touch four of the calendar"


def test_without_a_whole_month_the_daily_rate_stands_in(model, shop):
    found = assess(model, Evidence(Lines.from_rows(shop(last=date(2025, 6, 20), days=15))), date(2025, 6, 20))
    assert found.monthly_series == ()
    assert found.monthly_net_revenue_minor == pytest.approx(50_000 * 30.4375, rel=0.01)


def test_a_month_of_more_refunds_than_sales_counts_as_nothing_in_the_series(model, shop):
    back = [(datetime(2025, 5, 20), -1, 40 * 50_000, REFUND, b"customer")]
    lines = Lines.from_rows(shop() + back)
    assert assess(model, Evidence(lines), AS_OF).monthly_series[-2] == 0
    _, net = monthly_net(lines)
    assert net[-2] == 31 * 50_000 - 40 * 50_000


def test_later_lines_change_nothing(model, shop):
    rows = shop()
    planted = [(datetime(2025, 7, 1) + timedelta(days=n), 1, 10**9, SALE, b"futurexx") for n in range(40)]
    before, after = (assess(model, Evidence(Lines.from_rows(found)), AS_OF) for found in (rows, rows + planted))
    assert before == after


def test_no_lines_at_all_is_an_answer_without_confidence(model):
    found = assess(model, Evidence(Lines.from_rows([])), AS_OF)
    assert (found.months_of_history, found.monthly_net_revenue_minor, found.monthly_series) == (0, 0, ())
    assert found.score.confidence == 0


def test_old_bills_say_less_about_today(model, shop):
    lines = Lines.from_rows(shop())
    fresh, old = (assess(model, Evidence(lines), AS_OF + timedelta(days=days)).score for days in (10, 120))
    assert old.confidence < fresh.confidence
    assert old.pd == fresh.pd


def test_three_months_are_counted_as_three(model, shop):
    found = assess(model, Evidence(Lines.from_rows(shop(days=91))), AS_OF)
    assert found.months_of_history == 3
    assert found.score.confidence >= Decimal("0.55")
