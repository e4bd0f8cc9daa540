"""WeChat Pay and Alipay bills: what is money, what is not, and what it adds up to."""

import pytest

from imports.lines import Direction, Flag, Kind

BANK = "日期,收入,支出,对方\n2025-01-03,10.00,,客人\n"


def test_a_wechat_bill_gives_its_lines_with_quotes_tabs_and_signs_taken_off(wechat, row, understood):
    found = understood(wechat(row(amount="¥1,234.50", what="面,两碗", number="10000500012025010300001")))
    (line,) = found.lines
    assert (line.at, line.direction, line.amount_minor, line.currency) == ("2025-01-03 12:00:01", 1, 123450, "CNY")
    assert (line.counterparty, line.description, line.reference) == ("客人甲", "面,两碗", "10000500012025010300001")
    assert (line.kind, line.status, line.balance_minor, line.flags) == (Kind.SALE, "已收钱", None, 0)
    assert found.summary.layout == "wechat"


def test_an_alipay_bill_gives_its_lines_without_the_padding(alipay, alipay_line, understood):
    found = understood(alipay(alipay_line(), alipay_line("2025-01-04 09:00:00", number="2")), "gb18030")
    assert [(line.at, line.counterparty, line.reference) for line in found.lines] == [
        ("2025-01-03 12:00:01", "客*人", "2025010322001410000001"),
        ("2025-01-04 09:00:00", "客*人", "2"),
    ]
    assert found.summary.layout == "alipay"
    assert found.summary.encoding == "gb18030"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_same_bill_reads_the_same_in_every_encoding(wechat, row, understood, encoding):
    rows = [row(f"2025-01-{day:02} 12:00:00", who="龘面馆", number=str(day)) for day in range(1, 20)]
    assert understood(wechat(*rows), encoding).lines == understood(wechat(*rows)).lines


def test_the_same_bill_as_csv_and_as_xlsx_gives_the_same_fingerprints(wechat, row, understood, workbook):
    from imports.statements import read

    text = wechat(row(number="a1"), row("2025-01-04 08:00:00", number="a2", amount="¥5.05"))
    import csv
    import io

    rows = [[cell.strip() for cell in cells] for cells in csv.reader(io.StringIO(text))]
    book = read(workbook(rows))
    assert [line.fingerprint for line in book.lines] == [line.fingerprint for line in understood(text).lines]
    assert book.summary.layout == "wechat"


def test_amounts_and_dates_typed_as_numbers_in_a_workbook_are_understood(workbook):
    from datetime import datetime

    from imports.statements import read

    heading = ["交易时间", "交易类型", "交易对方", "商品", "收/支", "金额(元)", "当前状态", "交易单号", "商户单号"]
    when = datetime(2025, 1, 3, 12, 0, 1)
    found = read(workbook([heading, [when, "二维码收款", "甲", "x", "收入", 28.16, "已收钱", 4200000069, "/"]]))
    (line,) = found.lines
    assert (line.at, line.amount_minor, line.reference) == ("2025-01-03 12:00:01", 2816, "4200000069")


def test_an_old_xls_with_a_formula_is_read_and_the_formula_is_not_run(files):
    from imports.statements import read

    found = read((files / "wechat.xls").read_bytes())
    assert [line.amount_minor for line in found.lines] == [2350, 2800, 30000]
    assert found.lines[2].kind == Kind.PURCHASE
    assert all(total.agrees for total in found.summary.totals)


@pytest.mark.parametrize(
    ("kind", "way", "status"),
    [
        ("零钱提现", "/", "提现已到账"),
        ("零钱充值", "/", "充值完成"),
        ("转入零钱通-来自零钱", "/", "支付成功"),
        ("零钱通转出-到零钱", "/", "支付成功"),
        ("购买理财通", "/", "支付成功"),
        ("信用卡还款", "/", "支付成功"),
    ],
)
def test_moving_ones_own_money_is_neutral(wechat, row, understood, kind, way, status):
    found = understood(wechat(row(kind=kind, way=way, status=status, what="/", who="/")))
    (line,) = found.lines
    assert (line.direction, line.kind) == (Direction.NEUTRAL, Kind.TRANSFER_SELF)
    assert (found.summary.in_minor, found.summary.out_minor, found.summary.revenue_minor) == (0, 0, 0)


def test_a_sale_refunded_in_full_moved_no_money_where_the_refund_has_no_row_of_its_own(wechat, row, understood):
    found = understood(wechat(row(status="已全额退款"), row(number="2")))
    refunded, kept = found.lines
    assert (refunded.direction, refunded.flags & Flag.VOID) == (Direction.NEUTRAL, Flag.VOID)
    assert found.summary.revenue_minor == kept.amount_minor == 2350


def test_a_sale_refunded_in_part_is_netted_where_the_refund_has_no_row_of_its_own(wechat, row, understood):
    found = understood(wechat(row(status="已退款(￥3.50)")))
    (line,) = found.lines
    assert (line.direction, line.amount_minor, line.flags & Flag.NETTED) == (1, 2000, Flag.NETTED)
    assert found.summary.revenue_minor == 2000


def test_a_refund_noted_inside_the_amount_is_netted(wechat, row, understood):
    found = understood(wechat(row(amount="¥23.50(已退款￥3.50)")))
    assert [(line.amount_minor, line.direction) for line in found.lines] == [(2000, 1)]


@pytest.mark.parametrize(("status", "part"), [("已全额退款", "¥23.50"), ("已退款(￥3.50)", "¥3.50")])
def test_a_refund_with_a_row_of_its_own_is_counted_once(wechat, row, understood, status, part):
    back = row("2025-01-03 13:00:00", kind="二维码收款-退款", way="支出", amount=part, status="退款成功", number="2")
    found = understood(wechat(back, row(status=status)))
    assert [(line.kind, line.direction) for line in found.lines] == [(Kind.REFUND, -1), (Kind.SALE, 1)]
    (month,) = found.summary.months
    refund = found.lines[0].amount_minor
    assert (month.sales_minor, month.refunds_minor, month.revenue_minor) == (2350, refund, 2350 - refund)


def test_one_refund_row_answers_for_one_noted_refund_only(wechat, row, understood):
    back = row("2025-01-03 13:00:00", kind="二维码收款-退款", way="支出", status="退款成功", number="3")
    found = understood(wechat(back, row(status="已全额退款", number="1"), row(status="已全额退款", number="2")))
    assert found.summary.revenue_minor == 0
    assert sorted(line.direction for line in found.lines) == [-1, 0, 1]


def test_a_closed_order_and_its_refund_are_no_money(alipay, alipay_line, understood):
    found = understood(
        alipay(
            alipay_line("2025-01-09 18:22:28", kind="退款", way="支出", status="退款成功", number="88_57"),
            alipay_line("2025-01-09 18:21:50", status="交易关闭", number="88"),
            alipay_line("2025-01-10 10:00:00", number="90"),
        )
    )
    assert [line.direction for line in found.lines] == [0, 0, 1]
    assert found.summary.revenue_minor == 2350


def test_a_refund_of_an_order_that_stands_lowers_revenue(alipay, alipay_line, understood):
    back = alipay_line("2025-01-05 10:00:00", kind="退款", way="支出", amount="3.50", status="退款成功", number="88_57")
    found = understood(alipay(back, alipay_line(number="88")))
    assert [(line.kind, line.direction) for line in found.lines] == [(Kind.REFUND, -1), (Kind.SALE, 1)]
    assert found.summary.revenue_minor == 2000


@pytest.mark.parametrize("status", ["交易关闭", "支付失败", "等待付款", "已撤销"])
def test_what_was_never_paid_is_no_money(alipay, alipay_line, understood, status):
    found = understood(alipay(alipay_line(status=status)))
    assert [(line.direction, line.flags & Flag.VOID) for line in found.lines] == [(0, Flag.VOID)]
    assert found.summary.void_lines == 1


def test_alipay_rows_outside_income_and_expense_are_neutral(alipay, alipay_line, understood):
    found = understood(alipay(alipay_line(kind="投资理财", way="不计收支", what="余额宝-自动转入")))
    assert [line.direction for line in found.lines] == [0]


def test_the_old_alipay_layout_nets_what_its_own_column_says_was_refunded(understood):
    heading = (
        "交易号                  ,商家订单号               ,交易创建时间              ,付款时间,类型,交易对方,商品名称,"
        "金额（元）,收/支,交易状态,服务费（元）,成功退款（元）,备注,资金状态,"
    )
    paid = "2025-01-03 12:00:00,2025-01-03 12:00:05,即时到账交易,甲,面条"
    text = (
        f"支付宝交易记录明细查询\n{heading}\n"
        f"2025010122,X1,{paid},100.00,收入,交易成功,0.00,30.00,,已收入,\n"
        f"2025010123,X2,{paid},50.00,收入,交易成功,0.00,0.00,,已收入,\n"
    )
    found = understood(text)
    assert found.summary.layout == "alipay"
    assert [line.amount_minor for line in found.lines] == [7000, 5000]


def test_period_and_totals_of_the_preamble_are_read_and_agree(wechat, row, understood):
    above = [
        "起始时间：[2025-01-01 00:00:00] 终止时间：[2025-01-31 23:59:59]",
        "共2笔记录",
        "收入：1笔 23.50元",
        "支出：1笔 10.00元",
        "中性交易：0笔 0.00元",
    ]
    found = understood(wechat(row(), row(way="支出", amount="¥10.00", number="2"), above=above)).summary
    assert (found.period_from, found.period_to) == ("2025-01-01", "2025-01-31")
    assert [(total.direction, total.agrees) for total in found.totals] == [
        ("in", True),
        ("out", True),
        ("neutral", True),
    ]
    assert found.notices == ()


def test_a_total_that_differs_is_shown_with_both_figures(wechat, row, understood):
    above = ["共3笔记录", "收入：2笔 47.00元"]
    found = understood(wechat(row(), above=above)).summary
    assert {(notice.code, tuple(notice.params.values())) for notice in found.notices} == {
        ("total_differs_in", (4700, 2350)),
        ("count_differs", (3, 1)),
    }


def test_days_outside_the_stated_period_are_pointed_out(wechat, row, understood):
    above = ["起始时间：[2025-02-01 00:00:00] 终止时间：[2025-02-28 23:59:59]"]
    (notice,) = understood(wechat(row(), above=above)).summary.notices
    assert (notice.code, notice.where) == ("outside_period", "2025-01-03")


def test_revenue_of_a_month_is_sales_less_refunds_and_may_be_negative(wechat, row, understood):
    back = row(
        "2025-02-02 10:00:00", kind="二维码收款-退款", way="支出", amount="¥99.00", status="退款成功", number="2"
    )
    found = understood(wechat(back, row())).summary
    assert [(month.month, month.revenue_minor) for month in found.months] == [("2025-01", 2350), ("2025-02", -9900)]
    assert [(notice.code, notice.where) for notice in found.notices] == [("negative_month", "2025-02")]


def test_months_without_a_line_in_between_are_pointed_out(wechat, row, understood):
    found = understood(wechat(row(), row("2025-04-03 12:00:00", number="2"))).summary
    assert [(n.code, n.where, n.params) for n in found.notices] == [("months_without_lines", "2025-02", {"n": 2})]


def test_footers_and_repeated_headings_are_no_lines(wechat, row, understood):
    heading = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注"
    below = ["", "--------------------", "合计,,,,,¥23.50", "说明：本明细仅供个人对账使用", "打印时间：2025-02-01"]
    found = understood(wechat(row(), heading, row(number="2"), below=below))
    assert len(found.lines) == 2
    assert found.summary.not_understood_count == 0


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"at": "昨天中午"}, "date_not_understood"),
        ({"at": "1901-01-01 00:00:00"}, "date_out_of_range"),
        ({"at": "2025-02-30 12:00:00"}, "date_not_understood"),
        ({"amount": "很多"}, "amount_not_understood"),
        ({"amount": ""}, "amount_missing"),
        ({"amount": "¥9999999999999.00"}, "amount_out_of_range"),
        ({"amount": "¥-5.00"}, "sign_contradicts_direction"),
        ({"amount": "¥5.005"}, "amount_not_understood"),
        ({"amount": "¥5.00(已退款￥6.00)"}, "refund_exceeds_amount"),
        ({"way": "不知道"}, "direction_not_understood"),
    ],
)
def test_a_row_that_is_not_understood_is_named_with_its_number_and_left_out(wechat, row, understood, cells, code):
    good = row(number="7")
    cells = dict(cells)
    bad = row(cells.pop("at", "2025-01-03 12:00:01"), **cells)
    found = understood(wechat(good, bad))
    assert [line.reference for line in found.lines] == ["7"]
    ((number, named, _),) = found.summary.not_understood
    assert (number, named) == (7, code)


def test_a_row_that_is_too_short_is_named(wechat, row, understood):
    found = understood(wechat(row(), "2025-01-04 12:00:00,二维码收款,客人", row(number="2")))
    assert [(number, code) for number, code, _ in found.summary.not_understood] == [(7, "row_too_short")]


def test_the_same_line_twice_in_one_file_counts_once(wechat, row, understood):
    found = understood(wechat(row(), row(), row(number="2")))
    assert len(found.lines) == 2
    assert found.summary.duplicates == 1


def test_one_number_on_two_different_movements_is_two_lines(wechat, row, understood):
    found = understood(wechat(row(who="客人甲"), row(who="客人乙")))
    assert len({line.fingerprint for line in found.lines}) == 2
    assert found.summary.duplicates == 0


def test_a_line_keeps_its_fingerprint_when_a_later_export_notes_a_refund(wechat, row, understood):
    before = understood(wechat(row())).lines[0]
    after = understood(wechat(row(status="已退款(￥3.50)"))).lines[0]
    assert before.fingerprint == after.fingerprint
    assert (before.amount_minor, after.amount_minor) == (2350, 2000)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"kind": "转账", "who": "房东", "way": "支出", "what": "转账备注:微信转账"}, Kind.RENT),
        ({"kind": "转账", "who": "小李", "way": "支出", "what": "转账备注:3月工资"}, Kind.PAYROLL),
        ({"kind": "扫二维码付款", "who": "宏发粮油", "way": "支出", "what": "进货"}, Kind.PURCHASE),
        ({"kind": "其他", "who": "微众银行", "way": "收入", "what": "微粒贷放款"}, Kind.LOAN_IN),
        ({"kind": "其他", "who": "微众银行", "way": "支出", "what": "微粒贷还款"}, Kind.LOAN_REPAY),
        ({"kind": "微信红包", "who": "侄女", "way": "支出", "what": "/"}, Kind.PRIVATE),
        ({"kind": "亲属卡交易", "who": "妻", "way": "支出", "what": "亲属卡"}, Kind.PRIVATE),
        ({"kind": "商户收款", "who": "美团", "way": "收入", "what": "平台结算"}, Kind.SALE),
        ({"kind": "转账", "who": "大华商贸有限公司", "way": "收入", "what": "转账备注:微信转账"}, Kind.SALE),
        ({"kind": "转账", "who": "表哥", "way": "收入", "what": "转账备注:微信转账"}, Kind.PRIVATE),
        ({"kind": "其他", "who": "商家返现活动", "way": "收入", "what": "返现"}, Kind.OTHER),
    ],
)
def test_words_say_what_a_line_is_to_the_business(wechat, row, understood, cells, kind):
    (line,) = understood(wechat(row(status="支付成功", **cells))).lines
    assert line.kind == kind


def test_a_line_without_a_telling_word_is_guessed_and_says_so(wechat, row, understood):
    found = understood(wechat(row(kind="其他", way="支出", who="张三", what="/", status="支付成功")))
    (line,) = found.lines
    assert (line.kind, line.flags & Flag.GUESSED) == (Kind.PURCHASE, Flag.GUESSED)
    assert found.summary.guessed_lines == 1


def test_a_formula_or_script_in_a_cell_is_text_only(wechat, row, understood):
    evil = '=HYPERLINK(""http://evil.example"",""x"")'
    found = understood(wechat(row(what=evil, who="<script>alert(1)</script>")))
    (line,) = found.lines
    assert line.description == '=HYPERLINK("http://evil.example","x")'
    assert line.counterparty == "<script>alert(1)</script>"


def test_a_formula_as_amount_is_not_understood_rather_than_computed(wechat, row, understood):
    found = understood(wechat(row(amount="=10+13.5"), row(number="2")))
    assert [(number, code) for number, code, _ in found.summary.not_understood] == [(6, "amount_not_understood")]


@pytest.mark.parametrize("junk", ["garbage,,,", "garbage", "garbage,,,,,,,,,,", ",,,garbage"])
@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_row_of_garbage_is_named_wherever_it_stands_and_the_rest_is_read(wechat, row, understood, junk, place):
    rows = [row(f"2025-01-0{day} 12:00:00", number=str(day)) for day in (3, 4)]
    found = understood(wechat(*rows[: place - 1], junk, *rows[place - 1 :]))
    assert len(found.lines) == 2
    assert found.summary.not_understood_count == 1
    assert found.summary.not_understood[0][1] in ("row_too_short", "date_not_understood")


def test_a_remark_below_a_banks_table_is_no_row(understood):
    """Only wallets write nothing unknown below their tables."""
    found = understood(BANK + "客户服务热线请见官网\n")
    assert (len(found.lines), found.summary.not_understood_count) == (1, 0)


def test_a_lone_cell_between_a_banks_rows_is_not_understood(understood):
    found = understood(BANK + "???\n2025-01-04,10.00,,客人\n")
    assert (len(found.lines), found.summary.not_understood_count) == (2, 1)
