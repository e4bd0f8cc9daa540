"""What is not a bill is refused with a code, a place and figures, and nothing else happens."""

import io
import zipfile

import pytest

from imports.misreadings import FILE_CODES, NOTICE_CODES, ROW_CODES, StatementNotUnderstood
from imports.statements import read
from infra import i18n


def refused(data: bytes, **options: str) -> StatementNotUnderstood:
    with pytest.raises(StatementNotUnderstood) as raised:
        read(data, **options)
    assert raised.value.code in FILE_CODES
    for locale in i18n.LOCALES:
        assert i18n.text(f"imports.refused.{raised.value.code}", locale, **raised.value.all_params)
    return raised.value


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"%PDF-1.7\n", "broken"),
        (b"\x89PNG\r\n\x1a\n", "broken"),
        (b"\xff\xd8\xff\xe0", "broken"),
        (b"PK\x03\x04" + b"\x00" * 40, "truncated"),
        (b"\x7fELF\x02", "program_file"),
        (b"<!DOCTYPE html><html><body>", "web_page_file"),
        (b"<svg onload=alert(1)>", "web_page_file"),
        (b"hello world\n", "not_a_bill"),
        (b'{"rows": [1, 2]}', "not_a_bill"),
        (b"root:x:0:0:root:/root:/bin/bash\n", "not_a_bill"),
    ],
)
def test_what_is_no_bill_is_named_for_what_it_is(data, code):
    assert refused(data).code == code


def test_a_file_over_the_limit_is_refused_with_its_size():
    error = refused(b"x" * (50 * 1024 * 1024))
    assert (error.code, error.params) == ("too_large", {"megabytes": 50.0, "limit": 20})


def test_a_bill_without_lines_is_said_to_be_empty(wechat):
    assert refused(wechat().encode()).code == "no_lines"


def test_a_bill_of_which_nothing_is_understood_names_the_first_row(wechat, row):
    error = refused(wechat(row(amount="?"), row("gestern", number="2")).encode())
    assert (error.code, error.where, error.params["rows"]) == ("nothing_understood", "6", 2)


def test_a_future_date_refuses_the_file_and_names_the_row(wechat, row):
    text = wechat(row(), row("2025-03-09 10:00:00", number="2"), row("2025-03-10 10:00:00", number="3"))
    error = refused(text.encode(), today="2025-03-08")
    assert (error.code, error.where) == ("future_date", "7")
    assert error.params == {"date": "2025-03-09", "today": "2025-03-08", "rows": 2}


def test_today_itself_is_not_the_future(wechat, row):
    assert len(read(wechat(row("2025-03-08 23:59:59")).encode(), today="2025-03-08").lines) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_bill_cut_in_the_middle_of_a_row_is_refused(wechat, row, encoding):
    whole = wechat(*(row(f"2025-01-{day:02} 12:00:00", number=f"1000050001{day}") for day in range(1, 20)))
    for cut in (150, 120, 90, 65):
        assert refused(whole[:-cut].encode(encoding)).code == "truncated", whole[-cut - 20 : -cut]


def test_a_bill_cut_in_the_middle_of_a_character_is_refused(wechat, row):
    for encoding in ("utf-8", "gb18030"):
        data = wechat(row(), row(number="2", status="已收钱")).encode(encoding)
        at = data.rindex("已收钱".encode(encoding)) + 1
        assert refused(data[:at]).code == "truncated"


def test_a_bill_cut_inside_quotes_is_refused(wechat, row):
    whole = wechat(row(), row(number="2"))
    at = whole.rindex("二维码收款") + 2
    assert refused(whole[:at].encode()).code == "truncated"


def test_a_row_with_a_broken_quote_is_named_and_the_others_are_kept(wechat, row):
    broken = row(what="面").replace('"面"', '"面')
    found = read(wechat(row(number="1"), broken, *(row(number=str(n)) for n in range(2, 400))).encode())
    assert len(found.lines) == 399
    assert [number for number, _, _ in found.summary.not_understood] == [7]


@pytest.mark.parametrize("rows", [3, 400])
def test_a_quote_that_is_never_closed_does_not_swallow_the_rest_in_silence(rows):
    text = "交易日期,摘要,交易金额\n" + "".join(f"2025-01-02,收款{n},5.00\n" for n in range(rows))
    assert refused(text.replace("收款1,", '"收款1,', 1).encode()).code == "truncated"


def test_two_stray_quotes_that_join_rows_are_named():
    text = "交易日期,摘要,交易金额,余额\n" + "".join(f"2025-01-02,收款{n},5.00,\n" for n in range(9))
    found = read(text.replace("收款3,", '"收款3,').replace("收款5,", '收款5",').encode())
    assert len(found.lines) == 6
    assert [(number, code) for number, code, _ in found.summary.not_understood] == [(5, "quotes_broken")]


def test_a_cell_over_two_lines_is_one_cell(wechat, row):
    (line,) = read(wechat(row(what="两碗面\n加蛋")).encode()).lines
    assert line.description == "两碗面\n加蛋"


def test_the_end_of_a_complete_bill_without_a_last_newline_is_fine(wechat, row, alipay, alipay_line):
    assert len(read(wechat(row()).rstrip().encode()).lines) == 1
    assert len(read(alipay(alipay_line()).rstrip().encode("gb18030")).lines) == 1


@pytest.mark.parametrize("encoding", ["shift_jis", "big5", "euc_kr", "cp1251"])
def test_other_encodings_are_refused_or_at_least_not_misread(wechat, row, encoding):
    text = wechat(row()).replace("微", "w").replace("额", "").encode(encoding, "replace")
    assert refused(text).code in ("wrong_encoding", "not_a_bill")


def test_bytes_that_are_no_text_are_refused_as_wrong_encoding():
    assert refused(bytes(range(128, 256)) * 8).code == "wrong_encoding"


def test_a_zero_character_is_refused_with_its_line(wechat, row):
    text = wechat(row(), row(who="客\x00人", number="2"))
    error = refused(text.encode())
    assert (error.code, error.where) == ("nul", "7")


def test_a_truncated_workbook_is_refused(workbook):
    data = workbook([["交易日期", "交易金额", "摘要"], *(["2025-01-02", n, "收款"] for n in range(500))])
    for part in (0.3, 0.6, 0.9):
        assert refused(data[: int(len(data) * part)]).code in ("truncated", "archive_file")


def test_a_damaged_workbook_is_refused(workbook):
    data = bytearray(workbook([["交易日期", "交易金额", "摘要"], ["2025-01-02", 5, "收款"]]))
    at = data.index(b"xl/worksheets") + 60
    data[at : at + 40] = b"\xff" * 40
    assert refused(bytes(data)).code in ("truncated", "broken", "not_a_bill")


def test_a_truncated_xls_is_refused(files):
    data = (files / "wechat.xls").read_bytes()
    assert refused(data[: len(data) // 2 - 100]).code in ("truncated", "broken")


def test_an_encrypted_zip_entry_is_refused_before_anything_is_unpacked(workbook):
    data = bytearray(workbook([["交易日期", "交易金额", "摘要"], ["2025-01-02", 5, "收款"]]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        central = data.rindex(b"PK\x01\x02")
        assert archive.infolist()
    data[central + 8] |= 1
    assert refused(bytes(data)).code == "encrypted"


def test_a_zip_bomb_is_stopped_while_it_unpacks(monkeypatch):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\x00" * (150 * 1024 * 1024))
    assert len(out.getvalue()) < 1024 * 1024
    error = refused(out.getvalue())
    assert (error.code, error.params) == ("unpacks_too_large", {"limit": 100})


def test_names_in_an_archive_write_nothing(workbook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = io.BytesIO(workbook([["交易日期", "交易金额", "摘要"], ["2025-01-02", 5, "收款"]]))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("../../outside.txt", "x")
    assert len(read(data.getvalue()).lines) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", FILE_CODES)
def test_every_refusal_has_a_text_in_both_languages(code):
    assert i18n.known(f"imports.refused.{code}")


@pytest.mark.parametrize("code", [f"row.{code}" for code in ROW_CODES] + [f"notice.{code}" for code in NOTICE_CODES])
def test_every_row_code_and_notice_has_a_text_in_both_languages(code):
    assert i18n.known(f"imports.{code}")


def test_every_layout_and_kind_has_a_name():
    from imports import layouts
    from imports.lines import Kind

    names = {name for name, _ in (*layouts._SIGNATURES, *layouts._PREAMBLE_NAMES)} | {layouts.TABLE}
    assert {name for name in names if not i18n.known(f"imports.layout.{name}")} == set()
    assert {kind for kind in Kind if not i18n.known(f"imports.kind.{kind.name.lower()}")} == set()
