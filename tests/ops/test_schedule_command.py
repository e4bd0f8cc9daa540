"""``huoshui schedule`` for loans on dates, for a flat fee, and for the band over many courses of revenue."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ops.cli import main

LEAST = ["schedule", "--amount", "8000.00", "--start", "2026-11-23"]


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, [*LEAST, *arguments])


@pytest.fixture
def sales(tmp_path: Path) -> str:
    """A good season, and one month below zero."""
    file = tmp_path / "sales.csv"
    file.write_text("month,net\n2026-11,60000.00\n2026-12,-500.00\n2027-01,90000\n2027-02,90000\n", encoding="utf-8")
    return str(file)


def test_a_loan_on_dates_shows_its_plan_its_fees_and_its_annual_rate() -> None:
    said = run("--product", "instalment_loan", "--amount", "100000.00", "--months", "6", "--json")
    assert said.exit_code == 0, said.output
    facts = json.loads(said.stdout)
    assert sum(row["principal_minor"] for row in facts["periods"]) == 10_000_000
    assert facts["total_minor"] == 10_000_000 + facts["interest_minor"] + facts["fees_minor"]
    assert facts["periods"][1]["due_on"] == "2027-01-25"  # the 23rd is a Saturday
    assert Decimal(facts["annual_rate_nominal"]) > Decimal("0.062")  # 6.2 % on 360 days
    shown = run("--product", "collateral_loan", "--amount", "100000", "--shape", "interest_first")
    assert shown.exit_code == 0, shown.output
    assert "valuation" in shown.stdout


def test_the_rebate_of_a_flat_fee_is_shown_and_keeps_the_cap(sales: str) -> None:
    said = run("--revenue", sales, "--fee", "480.00", "--share", "12%", "--json")
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    assert told["closing"]["rebate_minor"] > 0
    assert Decimal("0.23") < Decimal(told["annual_rate_effective"]) <= Decimal(told["terms"]["cap"]) == Decimal("0.24")
    paid = sum(amount for _, amount in told["payments"]) + told["closing"]["last_payment_minor"]
    assert paid - told["closing"]["given_back_minor"] == 848_000 - told["closing"]["rebate_minor"]
    text = run("--revenue", sales, "--fee", "480.00", "--share", "12%")
    assert f"{told['closing']['rebate_minor'] / 100:,.2f}" in text.stdout
    assert run("--revenue", "100", "--fee", "480.00", "--share", "12%").exit_code == 0  # no end, and it says so


def test_the_band_answers_the_owners_own_shock(sales: str) -> None:
    said = run("--revenue", sales, "--band", "--shock", "30%:3", "--amount", "80000.00", "--json")
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    assert told["usual"]["days"][0] < told["usual"]["days"][1] < told["usual"]["days"][2]
    assert told["shock"]["days"][1] > told["usual"]["days"][1]
    assert told["usual"]["cash_flow_at_risk_minor"] > 0
    # The same file shows the same band.
    assert run("--revenue", sales, "--band", "--shock", "30%:3", "--amount", "80000.00", "--json").stdout == said.stdout
    flat = run("--revenue", "60000", "--band", "--fee", "4800.00", "--amount", "80000.00", "--json")
    rates = [Decimal(rate) for rate in json.loads(flat.stdout)["usual"]["effective_rate"]]
    assert rates[0] < rates[1] < rates[2] <= Decimal("0.24")
    assert "P50" in run("--revenue", "60000", "--shock", "30%:3").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--product", "gold_loan"], "one of collateral_loan"),
        (["--revenue", "60000", "--shock", "130%:3"], "not a shock like 30%:3"),
        (["--revenue", "60000", "--amount", "-5"], "'-5' is negative"),
        (["--revenue", "60000", "--shock", "30%"], "not a shock like 30%:3"),
        (["--revenue", "60000", "--fee", "4.801"], "not an amount"),
        (["--product", "instalment_loan", "--shape", "round"], "'round' is not one of"),
    ],
)
def test_a_choice_that_cannot_be_is_one_clear_line_and_exit_code_two(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr
    assert result.stderr.count("\n") == 1, "one line, with nothing about how the command is called"
