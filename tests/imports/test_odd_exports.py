"""What exports do that nobody told us of: each reads right, or is refused with exactly what could not be understood."""

# ruff: noqa: E501  (a row of a bill is as long as it is)

import pytest

from imports.lines import Flag
from imports.misreadings import StatementNotUnderstood
from imports.statements import read

USUAL = [("2025-01-06", -3500), ("2025-01-07", 10000)]


def lines_of(data: bytes) -> list[tuple[str, int]]:
    return [(line.on_date, line.signed_minor) for line in read(data).lines]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param("交易日期,摘要,支出金額,存入金額,餘額\n2025/01/06,轉帳,35.00,,965.00\n2025/01/07,利息,,100.00,1065.00\n", "big5", id="big5"),
        pytest.param("交易日期,摘要,支出金額,存入金額,餘額\n114/01/06,轉帳,35.00,,965.00\n114/01/07,利息,,100.00,1065.00\n", "utf-8", id="years of the republic"),
        pytest.param("日付,お取引内容,お支払金額,お預り金額,残高\n2025/01/06,買物,35.00,,965.00\n2025/01/07,振込,,100.00,1065.00\n", "cp932", id="shift-jis"),
        pytest.param("Datum;Begünstigter/Zahlungspflichtiger;Umsatz;Soll/Haben\n06.01.2025;Müller;35,00;S\n07.01.2025;Jäger;100,00;H\n", "cp1252", id="western, soll and haben"),
        pytest.param("sep=;\nDate;Text;Amount\n2025-01-06;Shop;-35,00\n2025-01-07;Pay;100,00\n", "utf-8", id="the separator said first"),
        pytest.param(' "交易日期" , "收入" , "支出" \n "2025-01-06" , "" , "35.00" \n "2025-01-07" , "100.00" , "" \n', "utf-8", id="quotes among spaces"),
        pytest.param("交易日期,交易金额（元）,对方户名\n2025—01—06,￥–35.00,甲\n2025—01—07,￥100.00,乙\n", "utf-8", id="long dashes"),
        pytest.param("交易日期      摘要          交易金额      余额\n20250106      进 货           -35.00    965.00\n20250107                      100.00   1065.00\n", "gb18030", id="set out with spaces"),
        pytest.param("日期,摘要,借方,贷方,余额\n2025-01-06,消费,35.00,,965.00\n2025-01-06,本日合计,35.00,0.00,965.00\n2025-01-07,收款,,100.00,1065.00\n2025-01-31,本月合计,35.00,100.00,1065.00\n2025-01-31,本年累计,35.00,100.00,1065.00\n", "utf-8", id="sums with a day of their own"),
        pytest.param("Datum;Text;Belastung CHF;Gutschrift CHF\n06.01.2025;Miete;35.00;\n07.01.2025;Kunde;;100.00\n", "utf-8", id="a currency behind the heading"),
        pytest.param("日期,金额,说明\n2025-01-06,支出 35.00,进货\n2025-01-07,收入：100.00,卖面\n", "utf-8", id="the way beside the amount"),
        pytest.param("说明：本表由系统导出,,,\n编号,日期,收入(元),支出(元)\n1,2025/1/6,,35\n2,2025/1/7,100,\n", "utf-8", id="a remark over the heading"),
        pytest.param("Date,Details,Debit,Credit\n06/01/2025,Shop,35.00,\n07/01/2025,Pay,,100.00\n31/01/2025,Monthly total,35.00,100.00\n", "utf-8", id="a month's total"),
    ],
)  # fmt: skip
def test_a_table_is_read_whatever_it_is_written_in(text, encoding):
    assert lines_of(text.encode(encoding)) == USUAL


def test_names_of_western_letters_stay_names():
    text = (
        "Datum;Begünstigter/Zahlungspflichtiger;Betrag\n06.01.2025;Bäckerei Grün;-1.200,50\n07.01.2025;Café Élan;3,00\n"
    )
    assert [line.counterparty for line in read(text.encode("cp1252")).lines] == ["Bäckerei Grün", "Café Élan"]


def test_two_rows_of_heading_with_merged_cells_name_three_columns(workbook):
    data = workbook([
        ["查询区间：2025年1月1日-2025年1月31日", None, None, None, None, None],
        ["交易日期", "发生额", None, "账户余额", "对方信息", None],
        [None, "借方", "贷方", None, "户名", "账号"],
        ["2025-01-06", "35.00", None, "965.00", "乙粮油", "622"],
        ["2025-01-07", None, "100.00", "1,065.00", "丙饭店", "623"],
        ["合计", "35.00", "100.00", None, None, None],
    ])  # fmt: skip
    found = read(data)
    assert [(line.on_date, line.signed_minor) for line in found.lines] == USUAL
    assert [line.counterparty for line in found.lines] == ["乙粮油", "丙饭店"]
    assert [total.agrees for total in found.summary.totals] == [True, True]


def test_a_clock_that_lost_its_first_zero_is_a_clock():
    text = "日期,时分秒,发生额\n20250106,101112,-35.00\n20250107,91113,100.00\n20250108,813,1.00\n"
    found = read(text.encode())
    assert [line.at[11:] for line in found.lines] == ["10:11:12", "09:11:13", "00:08:13"]
    assert not any(line.flags & Flag.DATE_ONLY for line in found.lines)


@pytest.mark.parametrize(
    "markup",
    [
        (
            "<html><meta charset=gb2312><table><tr><td colspan=3>交易明细</td></tr><tr><th>交易日期<th>金额<th>摘要</tr>"
            "<tr><td>2025-01-06<td>-35.00<td>进货 &amp; 运费</tr><tr><td>2025-01-07</td><td>100.00</td><td></td></tr></table>"
        ),
        (
            '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>'
            "<Row><Cell><Data>交易日期</Data></Cell><Cell><Data>金额</Data></Cell><Cell><Data>摘要</Data></Cell></Row>"
            "<Row><Cell><Data>2025-01-06T00:00:00.000</Data></Cell><Cell><Data>-35</Data></Cell></Row>"
            '<Row><Cell><Data>2025-01-07T00:00:00.000</Data></Cell><Cell Index="2"><Data>100</Data></Cell></Row>'
            "</Table></Worksheet></Workbook>"
        ),
    ],
)
def test_a_table_of_markup_that_is_named_xls_is_read(markup):
    for encoding in ("utf-8", "gb18030", "utf-16"):
        assert lines_of(markup.encode(encoding)) == USUAL


@pytest.mark.parametrize(
    ("above", "days"),
    [
        ("账单周期：2024年12月20日至2025年1月19日", ["12-25", "01-06"]),
        ("起始日期:2024-12-01,终止日期:2025-01-31", ["12月25日", "1月6日"]),
        ("Statement period: 1 December 2024 to 31 January 2025", ["25 Dec", "Jan 6"]),
        ("From 12/01/2024 to 01/31/2025", ["12/25", "01/06"]),
        ("From 01/12/2024 to 31/01/2025", ["25/12", "06/01"]),
        ("Statement date 31 January 2025", ["25DEC", "06JAN"]),
    ],
)
def test_a_day_without_a_year_takes_it_from_the_period(above, days):
    text = f"{above}\nDate,Description,Paid out,Paid in\n{days[0]},Shop,35.00,\n{days[1]},Pay,,100.00\n"
    assert lines_of(text.encode()) == [("2024-12-25", -3500), ("2025-01-06", 10000)]


def test_a_day_outside_the_period_is_named_and_not_guessed():
    text = "账单周期：2025年1月1日至2025年1月31日\n日期,摘要,金额\n" + "1月6日,收款,1.00\n" * 10 + "3月6日,收款,1.00\n"
    summary = read(text.encode()).summary
    assert (summary.lines, summary.not_understood_count) == (10, 1)
    assert summary.not_understood[0][1:] == ("date_not_understood", {"cell": "3月6日"})


@pytest.mark.parametrize(
    ("text", "code", "where", "says"),
    [
        ("日期,摘要,收入,支出\n1月6日,收款,100.00,\n", "dates_without_year", "1", {"column": "日期", "cell": "1月6日"}),
        ("从 2023-01-01 至 2025-01-31\n日期,摘要,金额\n01-06,收款,100.00\n", "dates_without_year", "2", {"column": "日期", "cell": "01-06"}),
        ("我的流水\n2025-01-06,财付通,-35.00,965.00\n2025-01-07,李四,100.00,1065.00\n", "no_heading", "2", {"seen": "2025-01-06, 财付通, -35.00, 965.00"}),
        ("日期,摘要,对方\n2025-01-06,收款,李四\n", "no_amount_column", "", {"seen": "日期, 摘要, 对方"}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_exactly_what(text, code, where, says):
    with pytest.raises(StatementNotUnderstood) as raised:
        read(text.encode())
    assert (raised.value.code, raised.value.where, raised.value.params) == (code, where, says)
