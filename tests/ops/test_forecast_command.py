"""``huoshui forecast`` on real and made-up tables of sales."""

import json
import os
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from ops.commands.forecast import forecast

DATA = Path(os.environ.get("HUOSHUI_REFERENCE_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
RESTAURANTS = DATA / "credit" / "recruit_restaurants"


def ran(*args: str) -> Result:
    return CliRunner().invoke(forecast, args)


def holds(result: Result) -> dict[str, float]:
    """The two bars of the issue, against the harder of the two naive forecasts."""
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert 0.75 <= said["coverage"] <= 0.85
    assert said["better_than_seasonal_naive"] >= 0.10
    assert said["better_than_seasonal_naive_with_band"] >= 0.10
    return said


@pytest.mark.skipif(not RESTAURANTS.is_dir(), reason=f"no reference data in {RESTAURANTS}")
def test_a_part_of_the_restaurants(tmp_path: Path) -> None:
    visits = pd.read_parquet(next(RESTAURANTS.glob("*.parquet")))
    some = sorted(visits["air_store_id"].unique())[::8]
    visits[visits["air_store_id"].isin(some)].to_parquet(tmp_path / "visits.parquet")
    said = holds(ran("--data", str(tmp_path), "--train-until", "2016-10-01", "--json"))
    assert said["firms"] > 90


@pytest.mark.long
@pytest.mark.skipif(not RESTAURANTS.is_dir(), reason=f"no reference data in {RESTAURANTS}")
def test_all_restaurants_hold_the_bars() -> None:
    said = holds(ran("--data", str(RESTAURANTS), "--train-until", "2016-10-01", "--json"))
    assert said["firms"] > 800 and said["days"] > 60_000


@pytest.fixture
def table() -> pd.DataFrame:
    days = pd.date_range(date(2024, 1, 1), date(2025, 3, 31))
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        [(f"shop {n}", day, 1_000 * float(np.exp(0.3 * rng.standard_normal()))) for n in range(4) for day in days],
        columns=["merchant", "日期", "金额"],
    )


def test_columns_are_guessed_and_named(table: pd.DataFrame, tmp_path: Path) -> None:
    table.to_csv(tmp_path / "sales.csv", index=False)
    said = json.loads(ran("--data", str(tmp_path / "sales.csv"), "--json").stdout)
    assert said["columns"] == {"firm": "merchant", "day": "日期", "amount": "金额", "rows": str(len(table))}
    assert said["firms"] == 4 and 0.7 < said["coverage"] < 0.9
    assert "within P10 to P90" in ran("--data", str(tmp_path / "sales.csv"), "--calendar", "CN").output


def test_lines_of_invoices_become_days_of_one_firm(tmp_path: Path) -> None:
    days = pd.date_range(date(2024, 1, 1), date(2024, 12, 31))
    rows = pd.DataFrame({"InvoiceDate": days.repeat(3), "Quantity": 2, "UnitPrice": 4.5})
    rows.loc[5, "Quantity"] = -1
    rows.to_csv(tmp_path / "lines.csv", index=False)
    said = json.loads(ran("--data", str(tmp_path), "--json").stdout)
    assert said["columns"]["amount"] == "Quantity x UnitPrice" and said["firms"] == 1


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        ("", (), "not a table"),
        ("a,b\n1,2\n", (), "which column is the day?"),
        ("day,sold\n2024-01-01,2\n", (), "which column is the amount?"),
        ("day,amount\nx,y\n", (), "holds no day"),
        ("day,amount\n2024-01-01,y\n", (), "no row with a day"),
        ("day,amount\n2024-01-01,5\n", ("--firm", "who"), "no column 'who'"),
        ("day,amount\n2024-01-01,5\n", (), "no firm has sales before"),
    ],
)
def test_bad_input_is_one_clear_line(content: str, options: tuple[str, ...], says: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(content, encoding="utf-8")
    result = ran("--data", str(tmp_path / "t.csv"), "--json", *options)
    assert result.exit_code == 2 and says in result.stderr and result.stdout == ""
