"""Invoice lists and receivable ledgers of any layout."""

# ruff: noqa: E501  (rows of tables: a Chinese character counts as two columns)

import gzip
import io
import json
from importlib import import_module
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from imports.invoice_cells import Side, Status, blue_number, is_tax_number
from imports.invoice_list import InvoiceFlag
from imports.invoice_sides import Own
from imports.invoices import InvoiceList, read
from imports.misreadings import FILE_CODES, ROW_CODES, StatementNotUnderstood
from infra import i18n
from lending.invoices import fingerprint
from ops.cli import main

OURS, THEIRS, OTHER = "91310000MA1FL0A01X", "91310000MA1FL0B02Y", "91330000MA2FL0C03W"
BUREAU = "序号,发票代码,发票号码,数电发票号码,销方识别号,销方名称,购方识别号,购买方名称,开票日期,金额,税额,价税合计,发票来源,发票票种,发票状态,是否正数发票,备注"  # fmt: skip


def bureau_row(
    n: int, number: str, *, sold: bool = True, day: str = "2025-03-05 10:00:00", net: str = "100.00", tax: str = "13.00",
    gross: str = "113.00", status: str = "正常", positive: str = "是", remark: str = "", other: str = "甲商行",
    other_id: str = THEIRS,
) -> str:  # fmt: skip
    us, them = f"{OURS},老王面馆", f"{other_id},{other}"
    parties = f"{us},{them}" if sold else f"{them},{us}"
    tail = f"{day},{net},{tax},{gross},电子发票服务平台,数电票（普通发票）,{status},{positive},{remark}"
    return f"{n},,,{number},{parties},{tail}"


def listed(*rows: str, heading: str = BUREAU, **options: Any) -> InvoiceList:
    return read("\n".join([heading, *rows]).encode(), **options)


def refused(*rows: str, heading: str = BUREAU, **options: Any) -> StatementNotUnderstood:
    with pytest.raises(StatementNotUnderstood) as raised:
        listed(*rows, heading=heading, **options)
    assert raised.value.code in FILE_CODES
    for locale in i18n.LOCALES:
        assert i18n.text(f"imports.refused.{raised.value.code}", locale, **raised.value.all_params)
    return raised.value


def test_the_tax_bureaus_export_is_read_and_the_own_tax_number_tells_sales_from_purchases():
    found = listed(
        bureau_row(1, "25312000000000000001"),
        bureau_row(2, "25312000000000000002", sold=False, net="50", tax="0.5", gross="50.5"),
        own=Own("", OURS),
    )
    sale, purchase = found.invoices
    assert (sale.side, sale.issued, sale.net_minor, sale.tax_minor, sale.gross_minor, sale.buyer) == (
        Side.SALE, "2025-03-05", 10_000, 1_300, 11_300, "甲商行",
    )  # fmt: skip
    assert (purchase.side, purchase.counterparty, purchase.net_minor) == (Side.PURCHASE, "甲商行", 5_000)
    assert found.summary.side_known_by == "tax_number"
    assert [(month.sales_minor, month.purchases_minor) for month in found.summary.months] == [(10_000, 5_000)]


def test_void_and_red_ink_invoices_are_told_apart_and_a_red_one_takes_back_the_one_it_names():
    found = listed(
        bureau_row(1, "25312000000000000001", status="已红冲-全额"),
        bureau_row(2, "25312000000000000002", status="已作废"),
        bureau_row(3, "25312000000000000003", day="2025-04-02", net="-100", tax="-13", gross="-113", positive="否",
                   remark="被红冲蓝字数电发票号码：25312000000000000001 红字发票信息确认单编号：31011525041000000001"),
        bureau_row(4, "25312000000000000004", status="已红冲-全额", net="70", tax="9.1", gross="79.1"),
        bureau_row(5, "25312000000000000005", status="已红冲-部分", net="80", tax="10.4", gross="90.4"),
        own=Own("", OURS),
    )  # fmt: skip
    assert [Status(invoice.status) for invoice in found.invoices] == [
        Status.VALID, Status.VOID, Status.RED, Status.VOID, Status.VALID,
    ]  # fmt: skip
    blue, _, red, *_ = found.invoices
    assert blue.flags & InvoiceFlag.CANCELLED and red.flags & InvoiceFlag.CANCELS
    assert red.cancels == "25312000000000000001"
    assert (found.summary.void, found.summary.red) == (2, 1)
    assert sum(month.sales_minor for month in found.summary.months) == 8_000  # what was taken back nets to nothing


def test_a_number_alone_is_no_duplicate_but_number_parties_amount_and_day_are():
    found = listed(
        bureau_row(1, "12345678"),
        bureau_row(2, "12345678", day="2025-03-06"),
        bureau_row(3, "12345678", gross="226", net="200", tax="26"),
        bureau_row(4, "12345678", status="作废"),
        own=Own("", OURS),
    )
    assert len(found.invoices) == 3
    assert found.summary.duplicates == 1
    assert found.invoices[0].status == Status.VOID  # told twice: what became of it later counts


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("客户名称,单据编号,开票日期,到期日,回款日期,应收金额", "甲商行,A-1,2025/3/5,2025/4/4,2025年4月20日,\"1,200.00\""),
        ("Customer,Invoice No,Invoice Date,Due Date,Paid On,Amount", "Acme,A-1,13/03/2025,12/04/2025,28/04/2025,1200"),
        ("cust_number,invoice_id,document date,dueDate,Clear Date,Total Open Amount", "Acme,A1,13-Mar-25,12-Apr-25,28-Apr-25,1200.0"),
    ],
)  # fmt: skip
def test_a_receivable_ledger_is_read_in_either_language(heading, row):
    (invoice,) = listed(row, heading=heading).invoices
    assert invoice.side == Side.SALE
    assert (invoice.due[:7], invoice.settled[:7], invoice.gross_minor) == ("2025-04", "2025-04", 120_000)


def test_days_until_payment_and_terms_stand_for_dates_and_a_paid_amount_is_no_day():
    heading = "vendor_id,Invoice_Date,terms,Amount,Settled,Outstanding,Number_of_Days_until_Payment"
    paid, still_open = listed("V1,2025-03-01,30,10,10,0,45", "V2,2025-03-01,30,10,4,6,", heading=heading).invoices
    assert (paid.side, paid.due, paid.settled) == (Side.PURCHASE, "2025-03-31", "2025-04-15")
    assert (still_open.due, still_open.settled) == ("2025-03-31", "")


def test_a_mapping_overrides_the_headings():
    heading = "甲,乙,丙,丁,金额"
    row = "某公司,2025-01-02,2025-02-02,2025-03-02,88"
    (invoice,) = listed(row, heading=heading, mapping=["buyer=甲,issue=丙", "due=4"]).invoices
    assert (invoice.buyer, invoice.issued, invoice.due, invoice.gross_minor) == (
        "某公司",
        "2025-02-02",
        "2025-03-02",
        8_800,
    )
    assert refused(row, heading=heading, mapping=["buyer=没有"]).code == "map_column_missing"
    assert refused(row, heading=heading, mapping=["colour=甲"]).code == "map_not_understood"


def test_columns_without_telling_headings_are_known_by_what_stands_in_them():
    heading = "a,b,c,d,e,f"
    rows = [
        f"{n + 10_000_000},2025-01-0{n},第{w}公司,{100 * n}.00,{13 * n}.00,{113 * n}.00"
        for n, w in enumerate("一二三", 1)
    ]
    found = listed(*rows, heading=heading, side=Side.SALE)
    first = found.invoices[0]
    assert (first.number, first.issued, first.buyer) == ("10000001", "2025-01-01", "第一公司")
    assert (first.net_minor, first.tax_minor, first.gross_minor) == (10_000, 1_300, 11_300)


@pytest.mark.parametrize(
    ("name", "title", "how"),
    [("x.csv", "开具发票清单", "title"), ("进项.csv", "", "file_name"), ("x.csv", "", None)],
)
def test_the_side_comes_from_the_title_then_the_name_and_else_it_is_asked(name, title, how):
    rows = [*([title] if title else []), "往来单位,发票号码,开票日期,金额", "甲,1,2025-01-02,5"]
    if how is None:
        assert refused(*rows[1:], heading=rows[0], name=name).code == "side_unknown"
        return
    found = listed(*rows[1:], heading=rows[0], name=name)
    assert found.summary.side_known_by == how
    assert found.summary.notices[0].code.endswith(f"guessed_by_{how}")


def test_a_list_of_other_firms_is_refused():
    error = refused(bureau_row(1, "25312000000000000001"), own=Own("", OTHER))
    assert (error.code, error.where) == ("not_this_firm", "2")


def test_each_row_that_is_left_out_is_named_with_its_reason():
    found = listed(
        bureau_row(1, "25312000000000000001"),
        bureau_row(2, "25312000000000000002", day="2026-01-01"),
        bureau_row(3, "25312000000000000003", day="昨天"),
        bureau_row(4, "25312000000000000004", gross="99999999999999"),
        bureau_row(5, "25312000000000000005", gross="一百"),
        bureau_row(6, "25312000000000000006", net="-5"),
        bureau_row(7, "25312000000000000007", status="天知道"),
        bureau_row(8, "25312000000000000008", net="", tax="", gross=""),
        bureau_row(9, "25312000000000000009", other_id=OTHER).replace(OURS, THEIRS),
        *(bureau_row(n, f"2531200000000000{n:04}") for n in range(10, 20)),
        own=Own("", OURS), today="2025-12-31",
    )  # fmt: skip
    assert [(row, code) for row, code, _ in found.summary.not_understood] == [
        (3, "issued_in_future"), (4, "date_not_understood"), (5, "amount_out_of_range"), (6, "amount_not_understood"),
        (7, "signs_contradict"), (8, "status_not_understood"), (9, "amount_missing"), (10, "not_this_firm"),
    ]  # fmt: skip
    for _, code, params in found.summary.not_understood:
        assert code in ROW_CODES
        assert i18n.text(f"imports.row.{code}", "zh_CN", **params)


def test_items_of_one_invoice_are_added_up_and_its_summary_sheet_is_no_second_invoice(workbook):
    base = [
        ["销项发票清单"],
        BUREAU.split(","),
        bureau_row(1, "25312000000000000001", net="150", tax="19.5", gross="169.5").split(","),
    ]
    items = [
        [*BUREAU.split(","), "货物或应税劳务名称"],
        [*bureau_row(1, "25312000000000000001", net="100", tax="13", gross="113").split(","), "面粉"],
        [*bureau_row(1, "25312000000000000001", net="50", tax="6.5", gross="56.5").split(","), "面粉"],
    ]
    found = read(workbook(base, items), own=Own("老王面馆"))
    assert [(i.gross_minor, i.side) for i in found.invoices] == [(16_950, Side.SALE)]
    assert found.summary.duplicates == 1


def test_a_total_under_the_table_is_checked():
    rows = [bureau_row(1, "25312000000000000001"), "合计,,,,,,,,,120.00,13.00,113.00,,,,,"]
    checks = {total.direction: total.agrees for total in listed(*rows, own=Own("", OURS)).summary.totals}
    assert checks == {"net": False, "tax": True, "gross": True}


def test_one_invoice_has_one_fingerprint_whoever_brings_it():
    sale = listed(bureau_row(1, "25312000000000000001"), own=Own("", OURS)).invoices[0]
    ledger = "客户,发票号,开票日期,价税合计"
    theirs = listed("甲 商行,2531-2000 0000 0000 0001,2025.3.5,¥113", heading=ledger, own=Own("老王面馆")).invoices[0]
    received = listed(bureau_row(1, "25312000000000000001"), own=Own("", THEIRS)).invoices[0]
    assert sale.fingerprint == theirs.fingerprint == received.fingerprint
    assert received.side == Side.PURCHASE
    scan: dict[str, Any] = {
        "seller": "老王面馆",
        "buyer": "甲商行",
        "number": "25312000000000000001",
        "issued": "2025-03-05",
    }
    assert fingerprint(**scan, gross_minor=11_300) == sale.fingerprint
    assert fingerprint(**scan, gross_minor=11_301) != sale.fingerprint
    assert fingerprint(**scan, gross_minor=11_300, key=b"k") != sale.fingerprint


def test_parquet_and_gzip_are_read_and_a_broken_one_is_refused():
    import pyarrow as pa
    from pyarrow import parquet

    out = io.BytesIO()
    table = pa.table({"buyer": ["a", "b"], "issue": ["2025-01-01", "2025-01-02"], "amount": [1.5, -2.0]})
    parquet.write_table(table, out)
    for data in (out.getvalue(), gzip.compress(out.getvalue())):
        assert [(i.buyer, i.gross_minor, i.status) for i in read(data).invoices] == [("a", 150, 0), ("b", -200, 2)]
    for broken, code in ((out.getvalue()[:-9], "broken"), (gzip.compress(b"x" * 99)[:-9], "truncated")):
        with pytest.raises(StatementNotUnderstood) as raised:
            read(broken)
        assert raised.value.code == code


def test_what_unpacks_beyond_measure_is_stopped():
    with pytest.raises(StatementNotUnderstood) as raised:
        read(gzip.compress(b"0" * (101 * 1024 * 1024), 1))
    assert raised.value.code == "unpacks_too_large"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=8), st.sampled_from([BUREAU, "buyer,issue,amount"])
)
def test_any_table_is_read_or_refused_by_a_known_code(rows, heading):
    text = "\n".join([heading, *(",".join(row) for row in rows)])
    try:
        found = read(text.encode("utf-8", "surrogatepass"))
    except StatementNotUnderstood as error:
        assert error.code in FILE_CODES
        return
    assert {code for _, code, _ in found.summary.not_understood} <= set(ROW_CODES)


def test_words_and_numbers():
    assert is_tax_number(OURS) and not is_tax_number("123456789012345678901")
    assert blue_number("对应正数发票代码:3100184130号码:12345678") == "12345678"
    assert blue_number("Credit note for invoice INV-001") == "INV001"
    assert blue_number("谢谢惠顾") == ""


def test_the_command_prints_json_and_refuses_with_one_line(tmp_path):
    path = tmp_path / "应收.csv"
    path.write_text("buyer,issue,due,settled,amount\nA,2025-01-01,2025-01-31,2025-02-05,10\nB,nope,,,1\n")
    done = CliRunner().invoke(main, ["invoices", "--json", "--lang", "en", str(path)])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["invoices"][0]["settled"] == "2025-02-05"
    assert told["report"]["not_understood"] == [
        {"file": "应收.csv", "row": 3, "code": "date_not_understood", "why": "the date is not understood: nope"}
    ]
    assert "2025-01" in CliRunner().invoke(main, ["invoices", str(path)]).stdout
    path.write_text("hello")
    bad = CliRunner().invoke(main, ["invoices", str(path)])
    assert bad.exit_code == 2
    assert len(bad.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "side", "count", "paid"),
    [
        ("ibm_ar/ar_to_2013-02.csv.gz", Side.SALE, 1_436, 1_436),
        ("udyam_payables/ledger_to_2015-08.csv.gz", Side.PURCHASE, 5_014, 4_619),
    ],
)
def test_ledgers_of_others_are_read_by_guesses_alone(reference_data, name, side, count, paid):
    found = read((reference_data / "credit" / name).read_bytes(), name)
    assert found.summary.not_understood_count == 0
    assert (found.summary.invoices, found.summary.settled, found.invoices[0].side) == (count, paid, side)
    assert all(invoice.due and invoice.counterparty for invoice in found.invoices)


def test_the_invoices_of_a_real_firm_are_read_by_guesses_alone(reference_data):
    from pyarrow import parquet

    pc: Any = import_module("pyarrow.compute")  # its functions are made at import: a type checker sees none

    table = parquet.read_table(reference_data / "credit/cumcm2020c_sme/labelled_sales.parquet")
    counts = {
        pair["values"]: pair["counts"] for pair in pc.value_counts(table["company_id"].cast("string")).to_pylist()
    }
    firm = min((count, name) for name, count in counts.items() if count >= 300)[1]
    table = table.filter(pc.equal(table["company_id"].cast("string"), firm))
    out = io.BytesIO()
    parquet.write_table(table, out)
    found = read(out.getvalue(), "labelled_sales.parquet")
    assert found.summary.not_understood_count == 0
    assert found.summary.invoices + found.summary.duplicates == table.num_rows
    assert found.summary.firms == 1 and found.summary.sales == found.summary.invoices
    rows = table.to_pylist()
    net = sum(round(row["amount_net"] * 100) for row in rows if row["status"] == "valid")
    kept = sum(month.sales_minor for month in found.summary.months)
    assert abs(net - kept) <= abs(net) * 0.05  # what is told twice counts once
