"""Tables that are not what they seem: a heading alone, a page named .xls, a cell without end, too many cells."""

import pytest
from click.testing import CliRunner

from imports import invoices
from imports.invoice_cells import Side
from imports.misreadings import FILE_CODES, StatementNotUnderstood
from imports.statements import read
from infra import i18n
from ops.cli import main

LIST = "发票号码,开票日期,购方名称,金额\n"


@pytest.mark.parametrize(
    ("heading", "code"),
    [("谁,什么时候,多少,备注\n", "not_invoices"), ("名字,日子,钱\n\n", "not_invoices"), (LIST, "no_invoices")],
)
def test_a_heading_without_rows_is_one_clear_line(tmp_path, heading, code):
    with pytest.raises(StatementNotUnderstood) as raised:
        invoices.read(heading.encode())
    assert raised.value.code == code
    path = tmp_path / "header.csv"
    path.write_text(heading)
    done = CliRunner().invoke(main, ["invoices", str(path)])
    assert done.exit_code == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "header.csv" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_list_of_markup_named_xls_is_read_as_bills_are(tmp_path, encoding):
    cells = [line.split(",") for line in [*LIST.splitlines(), "77,2025-03-05,甲商行,113.00", "78,2025-03-06,乙,5"]]
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in cells)
    data = f"<html><body><table>{rows}</table></body></html>".encode(encoding)
    found = invoices.read(data, side=Side.SALE)
    assert [(one.number, one.issued, one.buyer, one.gross_minor) for one in found.invoices] == [
        ("77", "2025-03-05", "甲商行", 11_300),
        ("78", "2025-03-06", "乙", 500),
    ]
    path = tmp_path / "html.xls"
    path.write_bytes(data)
    assert CliRunner().invoke(main, ["invoices", "--side", "sale", str(path)]).exit_code == 0


@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("deep", [0, 1_000])
def test_a_cell_that_is_too_long_is_called_that(delimiter, quoted, deep):
    cell = '"' + "字,\n" * 5_000 + '"' if quoted else "字" * 200_000
    bill = ["交易日期,金额,对方", *["2025-01-06,5.00,甲"] * deep, "2025-01-06,5.00,{}", "2025-01-07,5.00,乙", ""]
    listed = ["发票号码,开票日期,购方名称,金额", *["1,2025-01-06,甲,5.00"] * deep, "1,2025-01-06,{},5.00", "2,2025-01-07,乙,5", ""]  # fmt: skip  # noqa: E501
    for lines, reader in ((bill, read), (listed, invoices.read)):
        text = "\n".join(lines).replace(",", delimiter).replace("{}", cell)
        with pytest.raises(StatementNotUnderstood) as raised:
            reader(text.encode())
        error = raised.value
        assert (error.code, error.where, error.params) == ("cell_too_long", str(deep + 2), {"limit": 8_192})
        assert error.code in FILE_CODES
        assert all(i18n.text(f"imports.refused.{error.code}", lang, **error.all_params) for lang in i18n.LOCALES)


@pytest.mark.parametrize("reader", [read, invoices.read])
def test_a_quote_that_nobody_closed_is_still_a_file_that_breaks_off(reader):
    rows = "\n".join(f"{n},2025-01-06,甲,5.00" for n in range(1_000))
    text = f'发票号码,开票日期,购方名称,金额\n1,2025-01-06,"甲,5.00\n{rows}\n'
    if reader is read:
        text = text.replace("发票号码,开票日期,购方名称", "流水号,交易日期,对方")
    with pytest.raises(StatementNotUnderstood) as raised:
        reader(text.encode())
    assert raised.value.code == "truncated"


# --- more cells than the heading names --------------------------------------------------------------------------------

SHIFTED = "2025/01/01 10:00,+¥1,000.50,shop"


@pytest.mark.parametrize("rows", [0, 1, 1_500])
def test_a_row_of_more_cells_than_the_heading_is_left_out_with_its_reason(rows):
    usual = [f"2025/01/02 10:00,¥{n}.50,{n}" for n in range(1, rows + 1)] or ["2025/01/02 10:00,¥1.50,shop,,"]
    found = read("\n".join(["交易时间,金额,对方", SHIFTED, *usual, SHIFTED, ""]).encode())
    assert len(found.lines) == max(rows, 1)
    count = {"cells": 4, "named": 3}
    assert found.summary.not_understood == tuple((n, "too_many_cells", count) for n in (2, len(usual) + 3))
    for lang in i18n.LOCALES:
        assert "4" in i18n.text("imports.row.too_many_cells", lang, **count)


def test_a_bill_of_shifted_rows_alone_is_refused_for_that():
    with pytest.raises(StatementNotUnderstood) as raised:
        read(f"交易时间,金额,对方\n{SHIFTED}\n".encode())
    assert (raised.value.code, raised.value.params["first"]) == ("nothing_understood", "too_many_cells")


@pytest.mark.parametrize("end", [",", ",,", ", ,", ",/", ",-,"])
def test_cells_beyond_the_heading_that_say_nothing_shift_nothing(end):
    found = read(f"交易时间,金额,对方\n2025/01/01 10:00,¥1.50,shop{end}\n2025/01/02 10:00,¥2.50,shop\n".encode())
    assert [line.amount_minor for line in found.lines] == [150, 250]
    assert found.summary.not_understood_count == 0


def test_a_remark_beside_the_table_of_a_workbook_shifts_nothing(workbook):
    found = read(workbook([["交易时间", "金额", "对方"], ["2025-01-01 10:00:00", 5, "甲", "已对账"]]))
    assert [line.amount_minor for line in found.lines] == [500]


def test_a_list_of_invoices_names_its_shifted_rows_too():
    rows = "1,2025-03-05,甲,1,000.50\n2,2025-03-06,乙,5.00,\n"
    found = invoices.read((LIST + rows).encode(), side=Side.SALE)
    assert [one.gross_minor for one in found.invoices] == [500]
    assert found.summary.not_understood == ((2, "too_many_cells", {"cells": 5, "named": 4}),)


# --- days of six digits -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["date", "交易日期", "Datum", "记账日"])
def test_days_of_six_digits_are_years_months_and_days_where_nothing_else_fits(heading):
    found = read(f"{heading},amount,对方\n930101,5.00,甲\n981231,6.00,乙\n000229,7.00,丙\n930231x,1,丁\n".encode())
    assert [line.on_date for line in found.lines] == ["1993-01-01", "1998-12-31", "2000-02-29"]
    assert [code for _, code, _ in found.summary.not_understood] == ["date_not_understood"]


@pytest.mark.parametrize(
    ("days", "code", "params"),
    [
        (("120101", "120102"), "dates_of_six_digits", {"cell": "120101", "one": "2012-01-01", "other": "2001-01-12"}),
        (("200712", "200811"), "dates_of_six_digits", {"cell": "200712", "one": "2020-07-12", "other": "2012-07-20"}),
        (("930101", "931301"), "six_digits_are_no_days", {"cell": "931301"}),
        (("310193", "300193"), "six_digits_are_no_days", {"cell": "310193"}),
        (("250106", "260131"), "six_digits_are_no_days", {"cell": "260131"}),  # after today
    ],
)
def test_days_of_six_digits_that_cannot_be_told_are_refused_with_the_reason(days, code, params):
    text = "交易日期,金额,对方\n" + "".join(f"{day},5.00,甲\n" for day in days)
    with pytest.raises(StatementNotUnderstood) as raised:
        read(text.encode(), today="2025-06-30")
    assert (raised.value.code, raised.value.where) == (code, "1")
    assert raised.value.params == {"column": "交易日期", **params}
    assert code in FILE_CODES
    assert all(
        params["cell"] in i18n.text(f"imports.refused.{code}", lang, **raised.value.all_params) for lang in i18n.LOCALES
    )


def test_six_digits_beside_a_whole_day_stay_a_time():
    found = read("交易日期,记账日期,金额\n2025-01-06,120102,5.00\n2025-01-07,120103,6.00\n".encode())
    assert [line.on_date for line in found.lines] == ["2025-01-06", "2025-01-07"]


# --- a negative amount that is marked as out --------------------------------------------------------------------------

NEGATIVE = {
    "one alone": (["收入,¥9.00", "支出,¥-5.00"], 3),
    "one among usual ones": (["支出,¥9.00", "支出,¥8.00", "支出,¥-5.00"], 4),
    "the way of the column": (["收入,¥9.00", "支出,¥-5.00", "支出,-3"], None),
    "none": (["收入,¥9.00", "支出,¥5.00"], None),
}


@pytest.mark.parametrize(("rows", "where"), NEGATIVE.values(), ids=NEGATIVE)
def test_a_negative_amount_marked_as_out_is_told_unless_the_whole_column_is_written_so(rows, where):
    text = "交易时间,收/支,金额,对方\n" + "".join(f"2025-01-0{n} 10:00:00,{row},甲\n" for n, row in enumerate(rows, 1))
    found = read(text.encode())
    outs = [line.amount_minor for line in found.lines if line.direction < 0]
    assert len(outs) == sum(row.startswith("支出") for row in rows)
    assert min(outs) > 0
    told = [notice for notice in found.summary.notices if notice.code == "negative_out"]
    assert [(notice.where, notice.params) for notice in told] == ([] if where is None else [(str(where), {"n": 1})])
    for lang in i18n.LOCALES:
        assert i18n.text("imports.notice.negative_out", lang, where="3", n=1)
