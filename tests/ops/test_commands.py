import json

import pytest
from click.testing import CliRunner, Result

from ops.cli import main

ENGLISH = {"LANG": "en_US.UTF-8", "LC_ALL": "", "HUOSHUI_LOCALE": ""}


def run(*words: str, stdin: str = "", locale: str = "en") -> Result:
    return CliRunner().invoke(main, list(words), input=stdin, env={**ENGLISH, "HUOSHUI_LOCALE": locale})


def test_the_annual_rate_of_a_loan_repaid_after_a_year_is_its_interest() -> None:
    result = run("apr", "--json", stdin="2026-01-01,1000.00\n2027-01-01,-1073.00\n")
    assert json.loads(result.stdout) == {"nominal": "0.070465", "effective": "0.073000"}


def test_a_rate_that_does_not_exist_is_refused_in_a_sentence() -> None:
    result = run("apr", stdin="2026-01-01,1000\n")
    assert result.exit_code == 1
    assert "no annual rate" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("line", ["2026-13-01,5", "2026-01-01", "2026-01-01,five", "2026-01-01,1,2", "2026-01-01,1e9"])
def test_a_line_that_is_no_payment_is_named(line: str) -> None:
    result = run("apr", stdin=f"# mine\n2026-01-01,1000\n{line}\n")
    assert result.exit_code == 2
    assert "line 3" in result.output


def test_a_schedule_adds_up() -> None:
    result = run(
        *("schedule", "--amount", "80,000", "--months", "12", "--share", "12%", "--revenue", "60000"),
        *("--start", "2026-11-21", "--json"),
    )
    normal = json.loads(result.stdout)["normal"]
    assert sum(row["principal_minor"] for row in normal["rows"]) == 8_000_000
    assert sum(row["payment_minor"] for row in normal["rows"]) == normal["total_minor"]
    assert normal["total_minor"] - 8_000_000 == normal["total_interest_minor"]


def test_a_schedule_is_shown_in_chinese_where_the_terminal_is_chinese() -> None:
    words = ("schedule", "--amount", "80000", "--months", "12", "--share", "0.12", "--revenue", "60000")
    result = run(*words, "--start", "2026-11-21", locale="zh_CN")
    assert result.exit_code == 0
    assert "生意好" in result.stdout
    assert "¥80,000.00" in result.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--amount", "1"), "between"),
        (("--amount", "eighty"), "not an amount"),
        (("--share", "lots"), "not a share"),
        (("--product", "gold"), "unknown product"),
        (("--start", "soon"), "soon"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_in_a_line(words: tuple[str, str], said: str) -> None:
    good = {"--amount": "80000", "--months": "12", "--share": "12%", "--revenue": "60000", "--start": "2026-11-21"}
    result = run("schedule", *(word for pair in {**good, words[0]: words[1]}.items() for word in pair))
    assert result.exit_code != 0
    assert said in result.output
    assert "Traceback" not in result.output
