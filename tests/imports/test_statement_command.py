"""``huoshui statement``: people read the one form, programs the other."""

import json

import pytest
from click.testing import CliRunner

from ops.cli import main


@pytest.fixture
def run(tmp_path):
    def run(*arguments: str, files: dict[str, str] | None = None, stdin: str | None = None):
        paths = []
        for name, text in (files or {}).items():
            path = tmp_path / name
            path.write_bytes(text.encode() if isinstance(text, str) else text)
            paths.append(str(path))
        return CliRunner().invoke(main, ["statement", *arguments, *paths], input=stdin)

    return run


def test_json_holds_lines_and_a_report(run, wechat, row):
    above = ["收入：1笔 24.00元"]
    done = run("--json", files={"a.csv": wechat(row(what="/"), row("quatsch", number="2"), above=above)})
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert found["lines"] == [
        {
            "at": "2025-01-03T12:00:01",
            "direction": "in",
            "amount_minor": 2350,
            "currency": "CNY",
            "counterparty": "客人甲",
            "description": "",
            "status": "已收钱",
            "reference": "10000500012025010300001",
            "balance_minor": None,
            "kind": "sale",
        }
    ]
    report = found["report"]
    assert report["understood"] == 1
    ((missed,),) = (report["not_understood"],)
    assert (missed["row"], missed["code"], missed["file"]) == (8, "date_not_understood", "a.csv")
    assert "quatsch" in missed["why"]
    assert [(total["direction"], total["agrees"]) for total in report["totals_check"]] == [("in", False)]
    assert report["months"] == [
        {
            "month": "2025-01",
            "currency": "CNY",
            "lines": 1,
            "in_minor": 2350,
            "out_minor": 0,
            "sales_minor": 2350,
            "refunds_minor": 0,
            "revenue_minor": 2350,
        }
    ]
    assert report["files"][0]["columns"]["amount"] == "金额"


def test_a_line_in_two_files_is_counted_once(run, wechat, row):
    done = run("--json", files={"a.csv": wechat(row(), row(number="2")), "b.csv": wechat(row(number="2"))})
    found = json.loads(done.stdout)
    assert (len(found["lines"]), found["report"]["duplicates"]) == (2, 1)
    assert found["report"]["months"][0]["revenue_minor"] == 4700


def test_people_see_months_money_and_rows_left_out_in_their_language(run, wechat, row):
    files = {"a.csv": wechat(row(amount="¥1,234.50"), row("quatsch", number="2"), row(amount="¥1,234.50"))}
    english = run("--lang", "en", files=files).stdout
    for words in ("WeChat Pay", "2025-01", "¥1,234.50", "row 7:", "quatsch", "One repeated line"):
        assert words in english
    chinese = run(files=files).stdout
    for words in ("微信支付", "净收入", "第 7 行"):
        assert words in chinese


def test_a_refused_file_is_one_line_on_stderr_and_exit_2_and_the_others_are_read(run, wechat, row):
    done = run("--lang", "en", files={"a.csv": wechat(row()), "b.pdf": "%PDF-1.7"})
    assert done.exit_code == 2
    assert done.stderr.strip().startswith("b.pdf: The file cannot be opened")
    assert len(done.stderr.strip().splitlines()) == 1
    assert "2025-01" in done.stdout


def test_a_refused_file_is_named_in_the_json_too(run):
    done = run("--json", files={"a.txt": "hello"})
    assert done.exit_code == 2
    (file,) = json.loads(done.stdout)["report"]["files"]
    assert (file["name"], file["refused"]) == ("a.txt", "not_a_bill")


def test_a_bill_may_come_from_standard_input(run, wechat, row):
    assert len(json.loads(run("--json", "-", stdin=wechat(row())).stdout)["lines"]) == 1


def test_lines_after_today_are_refused_when_today_is_given(run, wechat, row):
    assert run("--today", "2025-01-02", files={"a.csv": wechat(row())}).exit_code == 2


def test_a_file_that_is_not_there_is_one_clear_line(run):
    done = run("/nowhere/bill.csv")
    assert done.exit_code == 2
    assert done.stderr.strip() == "Error: /nowhere/bill.csv: No such file or directory"


def test_a_csv_and_a_printed_page_of_one_account_are_counted_once(run):
    lines = ("2025-01-06 10:00:00,-35.00,965.00,宏发,X1", "2025-01-07 11:00:00,10.00,975.00,李四,X2")
    csv = "\n".join(["交易时间,金额,余额,对方户名,流水号", *lines, ""])
    page = "Date,Amount,Balance\n06/01/2025,-35.00,965.00\n07/01/2025,10.00,975.00\n08/01/2025,5.00,980.00\n"
    found = json.loads(run("--json", files={"a.csv": csv, "b.csv": page}).stdout)
    assert (len(found["lines"]), found["report"]["duplicates"]) == (3, 2)


def test_a_strangers_file_is_never_parsed_in_the_commands_own_process(run, wechat, row, monkeypatch):
    monkeypatch.setattr("imports.statements.Reading.blocks", lambda self: pytest.fail("read beside the command"))
    assert run(files={"a.csv": wechat(row())}).exit_code == 0
