"""Real exports of wallets, banks and a platform, which are not part of the repository."""

from pathlib import Path

import pytest

from imports.lines import Direction, Kind
from imports.statements import Statement, read


@pytest.fixture(scope="session")
def statement(reference_data: Path):
    def statement(name: str) -> Statement:
        (path,) = (reference_data / "statements").glob(f"{name}*.csv")
        return read(path.read_bytes(), path.name)

    return statement


@pytest.mark.parametrize(
    ("name", "layout", "encoding", "lines"),
    [
        ("wechat", "wechat", "utf-8", 27),
        ("alipay", "alipay", "gb18030", 10),
        ("icbc", "icbc", "utf-8", 11),
        ("boc", "boc", "utf-8", 17),
        ("cmb", "cmb", "utf-8", 5),
        ("mt", "meituan", "utf-8", 29),
    ],
)
def test_every_line_of_a_real_export_is_understood(statement, name, layout, encoding, lines):
    found = statement(name)
    assert (found.summary.layout, found.summary.encoding, len(found.lines)) == (layout, encoding, lines)
    assert found.summary.not_understood_count == 0


def test_the_wechat_bill_to_the_cent(statement):
    found = statement("wechat")
    assert (found.summary.in_minor, found.summary.out_minor) == (2849, 290453)
    assert found.summary.neutral_lines == 11
    assert (found.summary.period_from, found.summary.period_to) == ("2019-08-01", "2019-09-30")
    first = found.lines[0]
    assert (first.row, first.at, first.amount_minor) == (18, "2019-09-26 12:45:27", 2816)
    assert (first.counterparty, first.reference) == ("云膳过桥米线(传奇广场店)", "3985734")
    rent = next(line for line in found.lines if line.counterparty == "房东")
    assert (rent.kind, rent.direction) == (Kind.RENT, Direction.OUT)


def test_the_totals_that_the_wechat_bill_states_are_shown_to_differ(statement):
    codes = [notice.code for notice in statement("wechat").summary.notices]
    assert codes[:4] == ["total_differs_in", "total_differs_out", "total_differs_neutral", "count_differs"]


def test_the_alipay_bill_to_the_cent(statement):
    found = statement("alipay")
    assert [line.direction for line in found.lines] == [-1, -1, 0, 0, 1, 0, 0, 0, -1, -1]
    assert (found.summary.in_minor, found.summary.out_minor) == (22222850, 16164)
    assert found.lines[0].reference == "202302xxxxxx0011000103xxxxxx"
    assert found.lines[0].description == "亲情卡"


def test_the_icbc_statement_reads_the_booked_columns_and_its_total_row(statement):
    found = statement("icbc")
    assert [(line.on_date, line.direction, line.amount_minor) for line in found.lines[:3]] == [
        ("2023-05-02", -1, 1340),
        ("2023-04-25", 0, 123456),
        ("2023-04-22", 1, 123456),
    ]
    assert {total.direction: total.stated_minor for total in found.summary.totals} == {"in": 123456, "out": 987654}
    assert found.summary.account_tail == "9876"


def test_the_boc_statement_has_day_and_time_and_a_balance_that_follows(statement):
    found = statement("boc")
    assert found.lines[0].at == "2025-08-22 17:57:17"
    assert found.lines[0].balance_minor == 324028
    assert "balance_breaks" not in [notice.code for notice in found.summary.notices]
    withdrawal = next(line for line in found.lines if "余额提现" in line.description)
    assert withdrawal.direction == Direction.NEUTRAL


def test_the_meituan_statement_takes_what_was_paid_not_what_was_ordered(statement):
    found = statement("mt")
    assert (found.lines[0].amount_minor, found.summary.in_minor) == (2117, 20973)
    agreeing = {total.direction: total.agrees for total in found.summary.totals}
    assert agreeing == {"out": False, "in": True, "neutral": True}
