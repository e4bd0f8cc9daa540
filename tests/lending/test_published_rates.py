"""Annual rates that regulators and lenders published, and the commands that print them."""

import json
import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from lending import apr_eu, apr_us
from lending.apr_us import Unit, UnitPeriod, unit_period
from lending.calendars import add_months
from lending.rate_of_return import AtYears, Timed, rate_per_step, rate_per_year
from lending.refusals import NoAnnualRate, SeveralAnnualRates
from ops.case_fields import BadCase
from ops.cli import main
from ops.rate_cases import answers

REFERENCE = Path(os.environ.get("HUOSHUI_REFERENCE_DATA", Path(__file__).parents[3] / "shared" / "data"))
VECTORS = REFERENCE / "apr" / "apr_vectors.json"
ROUNDED = {"eu98_A2": 0.05, "eu98_A4": 0.05}  # published with one decimal


@pytest.mark.skipif(not VECTORS.exists(), reason=f"reference data is not at {REFERENCE}")
def test_every_published_vector() -> None:
    given = json.loads(VECTORS.read_text(encoding="utf-8"))
    for said, vector in zip(answers(given), given["vectors"], strict=True):
        rate = float(said["apr_pct"])
        assert abs(rate - vector["recomputed_apr_pct"]) < 0.0001, vector["id"]
        if vector["expected_apr_pct"] is not None:
            bound = 0.0005 if vector["family"] == "EU_APRC_EC_2015" else ROUNDED.get(vector["id"], 0.005)
            assert abs(rate - vector["expected_apr_pct"]) <= bound, vector["id"]
        if nominal := vector.get("recomputed_nominal_apr_pct"):
            assert abs(float(said["nominal_pct"]) - nominal) < 0.0001, vector["id"]


@pytest.mark.skipif(not VECTORS.exists(), reason=f"reference data is not at {REFERENCE}")
def test_h4_an_early_payoff_of_the_commission_and_the_samples_of_a_flat_fee_have_their_published_rates() -> None:
    given = json.loads(VECTORS.read_text(encoding="utf-8"))
    chosen = [one for one in given["vectors"] if one["id"] == "ec24_ill" or one["id"].startswith("square_")]
    assert len(chosen) == 8
    for said, vector in zip(answers({**given, "vectors": chosen}), chosen, strict=True):
        assert abs(float(said["apr_pct"]) - vector["recomputed_apr_pct"]) < 0.0001, vector["id"]


def months(start: date, count: int, every: int = 1) -> list[date]:
    return [add_months(start, every * k) for k in range(count)]


# Figures of 12 CFR 1026 Appendix J (c), by date: advance, first payment, further payments, rate in per cent.
@pytest.mark.parametrize(
    ("advance", "on", "payments", "percent"),
    [
        (500_000, date(1978, 1, 10), [(d, 23_000) for d in months(date(1978, 2, 10), 24)], "9.69"),
        (600_000, date(1978, 2, 10), [(d, 20_000) for d in months(date(1978, 4, 1), 36)], "11.82"),
        (100_000, date(1978, 7, 15), [(date(1979, 1, 15), 104_400)], "8.80"),
        (100_000, date(1978, 1, 17), [(date(1979, 7, 17), 113_519)], "8.76"),
        (100_000, date(1978, 1, 3), [(date(1980, 1, 3), 124_000)], "11.36"),
    ],
)
def test_appendix_j_by_date(advance: int, on: date, payments: list[tuple[date, int]], percent: str) -> None:
    rate = apr_us.annual_rate_by_date([(on, advance)], payments)
    assert abs(rate * 100 - Decimal(percent)) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("start", "dates", "unit"),
    [
        (date(2026, 1, 10), months(date(2026, 2, 10), 6), Unit(UnitPeriod.MONTHS)),
        (date(2026, 1, 31), [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)], Unit(UnitPeriod.MONTHS)),
        (date(2026, 1, 10), months(date(2026, 4, 10), 4, 3), Unit(UnitPeriod.MONTHS, 3)),
        (date(2026, 1, 1), [date(2026, 1, 8), date(2026, 1, 15), date(2026, 1, 22)], Unit(UnitPeriod.WEEKS)),
        (date(2026, 1, 1), [date(2026, 1, 15), date(2026, 1, 29)], Unit(UnitPeriod.WEEKS, 2)),
        (date(2026, 1, 5), [date(2026, 1, 16), date(2026, 2, 1), date(2026, 2, 16), date(2026, 3, 1)],
         Unit(UnitPeriod.HALF_MONTHS)),
        (date(2026, 1, 1), [date(2026, 1, 2), date(2026, 1, 3)], Unit(UnitPeriod.DAYS)),
        (date(2026, 1, 1), [date(2026, 2, 5)], Unit(UnitPeriod.DAYS, 35)),
    ],
)  # fmt: skip
def test_the_unit_period_is_the_interval_that_occurs_most(start: date, dates: list[date], unit: Unit) -> None:
    assert unit_period(start, [start, *dates]) == unit


def test_the_directives_example_by_date() -> None:
    """98/7/EC Annex III: 1,000 lent, 1,200 repaid after 546 days of a calendar year."""
    rate = apr_eu.annual_rate([(Decimal(1000), Decimal(0))], [(Decimal(1200), Decimal(546) / 365)])
    assert apr_eu.shown(rate, 2) == Decimal("12.96")
    assert apr_eu.shown(Decimal("0.12950"), 1) == Decimal("13.0")


def test_years_are_months_counted_back_and_days() -> None:
    assert apr_eu.years_between(date(2026, 1, 10), date(2027, 1, 10)) == 1
    assert round(apr_eu.years_between(date(2026, 1, 10), date(2026, 3, 20)) * 4380, 20) == 850
    # Counted back from the end of January 2024 the year holds no leap day; from the end of March it does.
    assert round(apr_eu.years_between(date(2024, 3, 1), date(2024, 3, 31)) * 366, 20) == 30


def test_payments_at_odd_times_of_the_year_have_the_rate_of_their_twins_on_days() -> None:
    days = [AtYears(Decimal(1000), Decimal(0)), AtYears(Decimal(-1100), Decimal(73) / 365)]
    odd = [*days, AtYears(Decimal("-1e-12"), Decimal("0.3141592653589793"))]
    assert abs(rate_per_year(days) - rate_per_year(odd)) < Decimal("1e-9")


@given(st.integers(1, 400), st.decimals("0.0001", "0.5", places=4), st.decimals(0, "0.99", places=2))
def test_an_even_plan_has_the_rate_that_it_was_made_with(count: int, rate: Decimal, odd: Decimal) -> None:
    growth = (1 + rate) ** -count
    payment = rate / (1 - growth) * (1 + odd * rate)
    flows = [Timed(Decimal(1), 0), *(Timed(-payment, k, odd) for k in range(1, count + 1))]
    assert abs(rate_per_step(flows) - rate) < Decimal("1e-15")


@pytest.mark.parametrize(
    "flows",
    [
        [Timed(Decimal(100), 0), Timed(Decimal(-230), 1), Timed(Decimal(132), 2)],
        [Timed(Decimal(100), 0), Timed(Decimal(-330), 1), Timed(Decimal(362), 2), Timed(Decimal(-132), 3)],
    ],
)
def test_flows_with_several_rates_are_refused(flows: list[Timed]) -> None:
    with pytest.raises(SeveralAnnualRates):
        rate_per_step(flows)


def test_no_dates_no_rate() -> None:
    for by_date in (apr_us.annual_rate_by_date, apr_eu.annual_rate_by_date):
        with pytest.raises(NoAnnualRate):
            by_date([], [(date(2026, 1, 1), 5)])


# --- commands ---------------------------------------------------------------------------------------------------------
def run(*arguments: str, given: str = "") -> Any:
    return CliRunner().invoke(main, arguments, input=given)


def test_apr_reads_a_list_of_cases() -> None:
    case = {"id": "a", "inputs": {"principal": 1.0, "monthly_fee_rate_on_original_pct": 0.6, "n": 12}}
    bad = {"id": "b", "flows": [{"date": "2026-01-01", "amount": "100"}, {"date": "2026-02-01", "amount": "-90"}]}
    said = run("apr", "-", "--json", given=json.dumps([case, bad]))
    assert said.exit_code == 0
    assert json.loads(said.stdout) == [
        {"id": "a", "apr_pct": "13.034224", "nominal_pct": "13.034224"},
        {"id": "b", "refused": "no_annual_rate", "why": "repaid_less_than_received"},
    ]


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (["apr", "--json"], '[{"id": "x"}]', "x: flows, drawdowns or inputs are expected"),
        (["apr", "--json"], "{", "no JSON"),
        (["apr", "--json"], '[{"id": 1, "id": 2}]', "a key stands twice"),
        (["apr", "--json"], '[{"drawdowns": [{"amount": "much", "years": 0}], "payments": []}]', "amount is a number"),
        (["schedule"], "[]", "a case is an object"),
        (["schedule"], '{"id": 1, "params": {"colour": 1}, "as_of": "2026-01-01"}', "params.colour: unknown key"),
        (["schedule"], '{"id": 1, "params": {}, "as_of": "2026-02-31"}', "as_of: '2026-02-31' is no day"),
        (["schedule", "--jsonl"], '\n{"params": 3}', "line 2: params: an object is expected"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_two(arguments: list[str], given: str, said: str) -> None:
    result = run(*arguments, given=given)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_schedule_shows_the_plan_on_a_revenue_series(tmp_path: Path) -> None:
    series = tmp_path / "sales.csv"
    series.write_text("month,net\n2026-01,60000.00\n2026-02,-500.00\n2026-03,90000\n", encoding="utf-8")
    said = run("schedule", "--amount", "8000.00", "--share", "10%", "--revenue", str(series), "--json")
    assert said.exit_code == 0
    plan = json.loads(said.stdout)["normal"]
    assert [row["sales_minor"] for row in plan["rows"][:2]] == [6_000_000, -50_000]
    # What the last day of January earned is debited on the first of February; February itself earned less than nothing.
    assert plan["rows"][1]["payment_minor"] == 19_355
    assert plan["finish_on"] == "2026-03-09"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-01-01,5.001", "line 1: not a day or month and an amount"),
        ("2026-02-31,5.00", "line 1: not a day"),
        ("2026-02-01,5.00\n2026-01-01,5.00", "2026-01-01 does not come after 2026-02-01"),
        ("", "no revenue"),
    ],
)
def test_a_bad_revenue_series_is_named(tmp_path: Path, text: str, said: str) -> None:
    series = tmp_path / "sales.csv"
    series.write_text(text, encoding="utf-8")
    result = run("schedule", "--amount", "8000.00", "--revenue", str(series), "--start", "2026-01-01")
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"unit_periods_per_year": 0}, "unit_periods_per_year is above 0"),
        ({"unit_periods_per_year": -12}, "unit_periods_per_year is above 0"),
        ({"flows": [{"t_full_unit_periods": 1, "f_fraction": 2, "amount": "110"}]}, "f_fraction is a part"),
        ({"flows": [{"t_full_unit_periods": -1, "f_fraction": 0, "amount": "110"}]}, "t_full_unit_periods is a whole"),
    ],
)
def test_unit_periods_that_cannot_be_are_named(changed: dict[str, Any], said: str) -> None:
    flows = [{"t_full_unit_periods": 1, "f_fraction": 0, "amount": "110"}]
    case = {"id": "x", "unit_periods_per_year": 12, "advance": "100", "flows": flows}
    assert answers(case)[0]["apr_pct"] == "120.000000"
    with pytest.raises(BadCase, match=said):
        answers(case | changed)


def test_flows_that_have_no_rate_or_several_are_refused_by_name_and_at_once() -> None:
    def flows(*amounts: object) -> list[dict[str, object]]:
        return [{"date": f"2026-{number + 1:02}-01", "amount": amount} for number, amount in enumerate(amounts)]

    whys = {
        "no_flows": flows(),
        "nothing_received": flows(0, 0),
        "nothing_repaid": flows(100, 0),
        "repaid_before_received": flows(-100, 110),
        "repaid_less_than_received": flows(100, -50),
        "above_any_rate": flows(1, -1e12),
    }
    for why, given_flows in whys.items():
        assert answers({"id": 1, "flows": given_flows}) == [{"id": 1, "refused": "no_annual_rate", "why": why}]
    assert answers({"id": 1, "flows": flows(100, -230, 132)}) == [{"id": 1, "refused": "several_annual_rates"}]
    assert answers({"id": 1, "flows": flows(100, 0, -100)})[0]["apr_pct"] == "0.000000"
    many = [{"date": "2020-01-01", "amount": 1_000_000}, *flows(*[-100_100] * 12)]
    assert float(answers({"id": 1, "flows": many})[0]["apr_pct"]) > 0


# --- unit periods by date -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("start", "on", "unit", "full", "odd"),
    [
        (date(2026, 1, 1), date(2026, 3, 12), Unit(UnitPeriod.DAYS, 35), 2, Decimal(0)),
        (date(2026, 1, 1), date(2026, 2, 10), Unit(UnitPeriod.DAYS, 35), 1, Decimal(5) / 35),
        (date(2026, 1, 1), date(2026, 1, 31), Unit(UnitPeriod.WEEKS, 2), 2, Decimal(2) / 14),
        (date(2026, 1, 1), date(2026, 2, 16), Unit(UnitPeriod.HALF_MONTHS), 3, Decimal(0)),
        (date(2026, 1, 10), date(2026, 2, 16), Unit(UnitPeriod.HALF_MONTHS), 2, Decimal(6) / 15),
        (date(2026, 1, 31), date(2026, 4, 30), Unit(UnitPeriod.MONTHS), 3, Decimal(0)),
        (date(2026, 1, 28), date(2026, 2, 28), Unit(UnitPeriod.MONTHS), 1, Decimal(0)),
        (date(2026, 1, 10), date(2026, 3, 20), Unit(UnitPeriod.MONTHS), 2, Decimal(10) / 30),
        (date(2026, 1, 10), date(2026, 9, 25), Unit(UnitPeriod.MONTHS, 3), 2, (2 + Decimal(15) / 30) / 3),
        (date(2026, 1, 10), date(2027, 4, 10), Unit(UnitPeriod.YEAR), 1, Decimal(3) / 12),
    ],
)
def test_a_date_is_whole_unit_periods_counted_back_and_odd_days(
    start: date, on: date, unit: Unit, full: int, odd: Decimal
) -> None:
    found = apr_us.timed(start, on, Decimal(1), unit)
    assert (found.steps, round(found.odd, 20)) == (full, round(odd, 20))


@pytest.mark.parametrize(
    ("start", "dates", "unit"),
    [
        (date(2026, 1, 10), months(date(2027, 1, 10), 3, 12), Unit(UnitPeriod.YEAR)),
        (date(2026, 1, 5), [date(2026, 1, 16), date(2026, 2, 1), date(2026, 2, 16)], Unit(UnitPeriod.HALF_MONTHS)),
        (date(2026, 1, 31), [date(2026, 2, 27), date(2026, 3, 26)], Unit(UnitPeriod.DAYS, 27)),
    ],
)
def test_a_year_is_a_unit_period_and_a_month_end_alone_is_no_month(start: date, dates: list[date], unit: Unit) -> None:
    assert unit_period(start, [start, *dates]) == unit


def test_so_many_unit_periods_make_a_year() -> None:
    told = {kind: Unit(kind).per_year for kind in UnitPeriod}
    assert told == {
        UnitPeriod.DAYS: 365,
        UnitPeriod.WEEKS: 52,
        UnitPeriod.HALF_MONTHS: 24,
        UnitPeriod.MONTHS: 12,
        UnitPeriod.YEAR: 1,
    }
    assert Unit(UnitPeriod.MONTHS, 3).per_year == 4


def test_rates_by_date_begin_with_the_first_advance() -> None:
    advances = [(date(2026, 2, 10), 500), (date(2026, 1, 10), 500)]
    payments = [(date(2026, 3, 10), 510), (date(2026, 4, 10), 510)]
    steps = [Timed(Decimal(a), k) for k, a in enumerate((500, 500, -510, -510))]
    assert abs(apr_us.annual_rate_by_date(advances, payments) - 12 * rate_per_step(steps)) < Decimal("1e-12")
    year = apr_eu.annual_rate_by_date([(date(2026, 1, 1), 1_000)], [(date(2027, 1, 1), 1_100)])
    assert abs(year - Decimal("0.1")) < Decimal("1e-12")
    told = apr_eu.annual_rate_by_date([(date(2026, 7, 1), 500), (date(2026, 1, 1), 500)], [(date(2027, 1, 1), 1_100)])
    half, whole = Decimal(6) / 12, Decimal(1)
    by_years = apr_eu.annual_rate([(Decimal(500), Decimal(0)), (Decimal(500), half)], [(Decimal(1_100), whole)])
    assert abs(told - by_years) < Decimal("1e-12")
    assert apr_eu.years_between(date(2026, 1, 10), date(2027, 4, 10)) == Decimal(15) / 12
    assert apr_eu.shown(Decimal("0.12345")) == Decimal("12.3")
    with pytest.raises(NoAnnualRate):
        apr_eu.annual_rate([], [])
