"""Whatever is uploaded, the answer is a bill whose sums are right or a named refusal."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.lines import Direction
from imports.misreadings import FILE_CODES, NOTICE_CODES, ROW_CODES, StatementNotUnderstood
from imports.statements import Statement, read

# The machine that runs this may be busy with other tests.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def judged(data: bytes) -> Statement | None:
    try:
        found = read(data)
    except StatementNotUnderstood as error:
        assert error.code in FILE_CODES
        return None
    summary = found.summary
    assert len(found.lines) == summary.lines
    assert len({line.fingerprint for line in found.lines}) == len(found.lines)
    assert summary.in_minor == sum(line.amount_minor for line in found.lines if line.direction == Direction.IN)
    assert summary.out_minor == sum(line.amount_minor for line in found.lines if line.direction == Direction.OUT)
    assert sum(month.lines for month in summary.months) == summary.lines
    assert {code for _, code, _ in summary.not_understood} <= set(ROW_CODES)
    assert {notice.code for notice in summary.notices} <= set(NOTICE_CODES)
    assert all(line.amount_minor >= 0 and line.direction in (-1, 0, 1) for line in found.lines)
    return found


@unhurried
@given(st.binary(max_size=2_000))
def test_random_bytes_are_refused_or_right(data):
    judged(data)


@unhurried
@given(st.text(max_size=600))
def test_random_text_is_refused_or_right(text):
    judged(text.encode("utf-8", "surrogatepass"))


@unhurried
@given(st.lists(st.lists(st.text(max_size=12), min_size=3, max_size=8), min_size=1, max_size=12))
def test_random_cells_under_a_real_heading_are_refused_or_right(rows):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["交易时间", "交易类型", "交易对方", "收/支", "金额(元)", "当前状态", "交易单号", "余额"])
    writer.writerows(rows)
    judged(out.getvalue().encode("utf-8", "surrogatepass"))


cells = st.tuples(
    st.dates().map(str) | st.sampled_from(["2025-01-03", "2025/1/3", "", "合计"]),
    st.sampled_from(["12:00:01", "9:05", "", "24:00:00"]),
    st.sampled_from(["收入", "支出", "/", "不计收支", "?", ""]),
    st.decimals(-10_000, 10_000, places=2).map(str) | st.sampled_from(["¥1,000.00", "5(已退款2)", "-", "1e9"]),
    st.sampled_from(["已收钱", "已全额退款", "已退款(￥5.00)", "交易关闭", "退款成功"]),
    st.sampled_from(["1", "2", "3", "/", ""]),
    st.sampled_from(["二维码收款", "二维码收款-退款", "转账", "零钱提现", "退款"]),
)


@unhurried
@given(st.lists(cells, min_size=1, max_size=20))
def test_rows_of_plausible_cells_add_up(rows):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["交易日期", "交易时间", "收/支", "金额(元)", "当前状态", "交易单号", "交易类型"])
    writer.writerows(rows)
    found = judged(out.getvalue().encode())
    if found is not None:
        rows_told = len(found.lines) + found.summary.not_understood_count + found.summary.duplicates
        assert rows_told <= len(rows)


@unhurried
@given(data=st.data())
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_bill_cut_anywhere_is_refused_or_holds_only_whole_lines(wechat, row, encoding, data):
    rows = [row(f"2025-01-{day:02} 12:00:00", number=f"10000500012025{day:04}") for day in range(1, 9)]
    whole = wechat(*rows).encode(encoding)
    lines = read(whole).lines
    cut = data.draw(st.integers(0, len(whole)))
    found = judged(whole[:cut])
    if found is not None:
        # A cut inside the last cell, a remark, cannot be told from a short remark: the line itself is whole.
        assert found.lines == lines[: len(found.lines)]


@pytest.fixture(scope="module")
def whole_workbook(workbook) -> bytes:
    return workbook([["交易日期", "交易金额", "摘要"], *(["2025-01-02", amount, "收款"] for amount in range(1, 30))])


@unhurried
@given(data=st.data())
def test_a_workbook_with_bytes_changed_or_cut_is_refused_or_right(whole_workbook, data):
    whole = bytearray(whole_workbook)
    for _ in range(data.draw(st.integers(0, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    judged(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
