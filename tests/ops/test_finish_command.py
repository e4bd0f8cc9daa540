"""``huoshui finish``: the finish date that a loan shows, against what happened (journey 5, E3)."""

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from ops.commands.finish import finish
from ops.finish_trial import by_horizon, tried
from policies.book import load
from scoring.sales import Sales
from tests.ops.test_forecast_command import RESTAURANTS

PRODUCT = load().product("revenue_linked_working_capital")


def ran(*args: str) -> Result:
    return CliRunner().invoke(finish, args)


def test_even_sales_end_on_the_day_that_was_shown() -> None:
    found = tried([Sales(20_000, np.full(500, 300_000.0))], PRODUCT)
    assert {one.horizon for one in found} == {60, 120, 180, 270, 365}
    assert all(one.inside and one.error_days is not None and abs(one.error_days) <= 2 for one in found)


def test_sales_that_stop_end_later_than_all_that_was_shown_and_are_not_left_out() -> None:
    days = np.concatenate([np.full(100, 300_000.0), np.zeros(400)])
    rows = by_horizon(tried([Sales(20_000, days)], PRODUCT, (120,)))
    (row,) = rows
    assert (row.inside, row.later, row.p50) == (0.0, 1.0, float("inf"))


def test_sales_that_double_end_earlier() -> None:
    days = np.concatenate([np.full(28, 300_000.0), np.full(600, 600_000.0)])
    found = tried([Sales(20_000, days)], PRODUCT, (180,))
    assert found[0].error_days is not None and found[0].error_days < -60
    assert not found[0].inside and not found[0].later


def test_a_table_that_ends_too_soon_tells_nothing() -> None:
    days = np.concatenate([np.full(28, 300_000.0), np.full(61, 200_000.0)])
    assert tried([Sales(20_000, days)], PRODUCT, (60,)) == [], "its late day lies after the table"


def test_the_table_is_printed_by_horizon(tmp_path: Path) -> None:
    table = tmp_path / "sales.csv"
    days = (date(2024, 1, 1) + timedelta(days=n) for n in range(600))
    table.write_text("date,sales\n" + "".join(f"{day},{3000 + n % 7}\n" for n, day in enumerate(days)))
    told = ran("--data", str(table))
    assert told.exit_code == 0, told.output
    head, names, *rows = told.output.splitlines()
    assert head.startswith("1 firms, ") and names.split() == [
        "days", "ahead", "loans", "P10", "P50", "P90", "inside", "earlier", "later",
    ]  # fmt: skip
    assert [row.split()[0] for row in rows] == ["60", "120", "180", "270", "365"]
    assert all("100.0%" in row for row in rows)
    said = json.loads(ran("--data", str(table), "--json").output)
    assert [one["horizon"] for one in said["horizons"]] == [60, 120, 180, 270, 365]


@pytest.mark.parametrize("wrong", [[], ["--data", "x", "--simulated", "3"], ["--data", "/nowhere.csv"]])
def test_bad_input_is_one_line(wrong: list[str]) -> None:
    told = ran(*wrong)
    assert told.exit_code != 0
    assert "Traceback" not in told.output


def test_too_little_is_said(tmp_path: Path) -> None:
    table = tmp_path / "sales.csv"
    table.write_text("date,sales\n2024-01-01,3\n")
    assert "four weeks" in ran("--data", str(table)).output


@pytest.mark.skipif(not RESTAURANTS.is_dir(), reason=f"no reference data in {RESTAURANTS}")
def test_e3_on_real_restaurants_the_band_holds_four_of_five_two_months_ahead() -> None:
    said = json.loads(ran("--data", str(RESTAURANTS), "--firms", "120", "--json").output)
    first = said["horizons"][0]
    assert (first["horizon"], first["loans"] > 300) == (60, True)
    assert 0.75 <= first["inside"] <= 0.85
    assert abs(first["p50"]) <= 3
