"""Bank exports and tables never seen before: columns are recognised by what they are."""

import pytest

from imports.lines import Direction, Flag, Kind


def test_signed_amounts_and_a_running_balance(understood):
    found = understood(
        "记账日期,货币,交易金额,联机余额,交易摘要,对手信息\n"
        '2024-01-01,CNY,"1,234.00","2,234.00",货款,大华商贸有限公司\n'
        '2024-01-02,CNY,"-1,000.00","1,234.00",转账汇款,张三\n'
    )
    assert [(line.direction, line.amount_minor, line.balance_minor) for line in found.lines] == [
        (Direction.IN, 123400, 223400),
        (Direction.OUT, 100000, 123400),
    ]
    assert found.summary.layout == "cmb"
    assert [notice.code for notice in found.summary.notices] == ["no_reference_numbers"]


def test_money_for_securities_and_property_is_marked_whoever_it_goes_to(understood):
    found = understood(
        "交易日期,交易金额,余额,摘要,对方户名\n"
        "2024-01-01,-5000.00,9000.00,银证转账,华泰证券股份有限公司\n"
        "2024-01-02,-3000.00,6000.00,购房首付款,某某置业有限公司\n"
        "2024-01-03,-200.00,5800.00,进货,宏发粮油\n"
        "2024-01-04,800.00,6600.00,银证转账,华泰证券股份有限公司\n"
    )
    assert [bool(line.flags & Flag.ASSETS) for line in found.lines] == [True, True, False, False]
    assert all(line.kind != Kind.PURCHASE for line in found.lines[:2])


def test_a_balance_that_does_not_follow_is_pointed_out(understood):
    rows = "".join(f"2024-01-{day:02},10.00,{1000 + 10 * day}.00,收款\n" for day in range(1, 20))
    found = understood("交易日期,交易金额,余额,摘要\n" + rows.replace("1100.00", "1101.00"))
    (notice,) = [notice for notice in found.summary.notices if notice.code == "balance_breaks"]
    assert (notice.where, notice.params["breaks"]) == ("11", 2)


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_balance_that_follows_in_either_order_is_not_pointed_out(understood, newest_first):
    rows = [f"2024-01-{day:02},-10.00,{1000 - 10 * day}.00,进货" for day in range(1, 20)]
    found = understood("交易日期,交易金额,余额,摘要\n" + "\n".join(reversed(rows) if newest_first else rows) + "\n")
    assert "balance_breaks" not in [notice.code for notice in found.summary.notices]


def test_money_in_and_money_out_in_two_columns_with_dashes_for_nothing(understood):
    found = understood(
        "卡号: 6222****9876\n交易日期,摘要,收入金额,支出金额,余额,对方户名\n"
        "20250106,收单结算,500.00,-,1500.00,银联商务\n"
        "20250107,货款,-,120.50,1379.50,宏发粮油\n"
        "20250108,冲正,-20.00,,1359.50,银联商务\n"
        "合计,,480.00,120.50,,\n"
    )
    assert [(line.on_date, line.direction, line.amount_minor) for line in found.lines] == [
        ("2025-01-06", 1, 50000),
        ("2025-01-07", -1, 12050),
        ("2025-01-08", -1, 2000),
    ]
    assert found.summary.account_tail == "9876"
    assert found.lines[2].kind == Kind.REFUND
    assert len(found.summary.totals) == 2


def test_money_on_both_sides_of_one_row_is_not_understood(understood):
    found = understood("日期,摘要,收入,支出\n2025-01-06,收款,5.00,3.00\n2025-01-07,收款,5.00,\n")
    assert [(row, code) for row, code, _ in found.summary.not_understood] == [(2, "amount_on_both_sides")]


def test_debit_and_credit_marks_give_the_direction(understood):
    found = understood(
        "交易日期,交易时间,借贷标志,交易金额,对方名称,摘要\n20250106,120102,贷,9.50,甲,收款\n20250106,130000,借,3.00,乙,进货\n"
    )
    assert [(line.at, line.direction) for line in found.lines] == [
        ("2025-01-06 12:01:02", 1),
        ("2025-01-06 13:00:00", -1),
    ]


def test_a_day_without_a_time_says_so(understood):
    (line,) = understood("交易日期,交易金额,摘要\n2025/1/6,5.00,收款\n").lines
    assert (line.at, line.flags & Flag.DATE_ONLY) == ("2025-01-06 00:00:00", Flag.DATE_ONLY)


@pytest.mark.parametrize(
    ("cells", "day"),
    [
        (("06/01/2025", "28/02/2025"), "2025-01-06"),
        (("01/06/2025", "02/28/2025"), "2025-01-06"),
        (("06 Jan 2025", "28 Feb 2025"), "2025-01-06"),
        (("2025年1月6日", "2025年2月28日"), "2025-01-06"),
        (("20250106", "20250228"), "2025-01-06"),
        (("45663", "45716"), "2025-01-06"),
        (("2025-01-06T08:30:00+08:00", "2025-02-28T09:00:00+08:00"), "2025-01-06"),
    ],
)
def test_dates_in_many_forms(understood, cells, day):
    text = "Date,Description,Amount\n" + "".join(f"{cell},sale,5.00\n" for cell in cells)
    assert understood(text).lines[0].on_date == day


def test_day_or_month_first_that_had_to_be_guessed_is_said(understood):
    found = understood("Date,Description,Amount\n06/01/2025,sale,5.00\n07/01/2025,sale,5.00\n")
    assert [line.on_date for line in found.lines] == ["2025-01-06", "2025-01-07"]
    assert "dates_day_first" in [notice.code for notice in found.summary.notices]


def test_an_english_export_with_debit_and_credit_and_semicolons(understood):
    found = understood(
        "Account number: 12345678\n\nBooking Date;Value Date;Description;Debit;Credit;Balance;Currency\n"
        "06.01.2025;06.01.2025;Invoice 17;;1.234,56;2.234,56;EUR\n"
        "13.01.2025;13.01.2025;Rent January;500,00;;1.734,56;EUR\n"
    )
    assert [(line.direction, line.amount_minor, line.currency) for line in found.lines] == [
        (1, 123456, "EUR"),
        (-1, 50000, "EUR"),
    ]


def test_a_table_never_seen_before_loads_by_parts_of_its_headings(understood):
    found = understood(
        "系统入账日期\t我方收到的金额(元)\t本次付出金额(元)\t往来单位户名\t业务摘要信息\n2025-03-01\t88.00\t\t甲店\t货款\n2025-03-02\t\t12.00\t乙厂\t进货\n"
    )
    assert [(line.direction, line.amount_minor, line.counterparty) for line in found.lines] == [
        (1, 8800, "甲店"),
        (-1, 1200, "乙厂"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("姓名,电话,地址\n甲,138,北京\n", "not_a_bill"),
        ("交易日期,摘要,对方户名\n2025-01-01,货款,甲\n", "no_amount_column"),
        ("金额,摘要,对方户名\n5.00,货款,甲\n", "no_date_column"),
        ("交易日期,金额,摘要\n星期一,5.00,货款\n星期二,6.00,货款\n", "no_date_column"),
    ],
)
def test_a_table_that_is_no_bill_says_what_is_missing(understood, text, code):
    from imports.misreadings import StatementNotUnderstood

    with pytest.raises(StatementNotUnderstood) as raised:
        understood(text)
    assert raised.value.code == code


def test_moves_between_own_accounts_are_neutral_by_word_or_by_name(understood):
    found = understood(
        "户名：王小面\n交易日期,交易金额,摘要,对方户名\n2025-01-01,300.00,网上快捷提现,支付宝\n"
        "2025-01-02,-200.00,信用卡还款,王某\n2025-01-03,100.00,转账,王小面\n2025-01-04,50.00,收款,甲\n"
    )
    assert [line.direction for line in found.lines] == [0, 0, 0, 1]
    assert found.lines[2].flags & Flag.OWN_NAME


def test_equal_lines_of_one_day_without_numbers_are_kept_and_overlaps_are_found(understood):
    heading = "交易日期,交易金额,摘要,对方户名\n"
    coffee = "2025-01-02,-18.00,消费,咖啡店\n"
    first = understood(heading + coffee + coffee + "2025-01-03,5.00,收款,甲\n")
    second = understood(heading + coffee + "2025-01-04,6.00,收款,乙\n" + coffee)
    assert len(first.lines) == 3
    shared = {line.fingerprint for line in first.lines} & {line.fingerprint for line in second.lines}
    assert len(shared) == 2


def test_two_accounts_at_one_bank_are_not_taken_for_one_another(understood):
    text = "卡号: {}\n交易日期,交易金额,摘要\n2025-01-02,18.00,收款\n"
    one, other = (understood(text.format(card)).lines[0] for card in ("6222****1111", "6222****2222"))
    assert one.fingerprint != other.fingerprint


def test_each_line_keeps_its_currency_and_sums_are_in_the_usual_one(understood):
    found = understood(
        "交易日期,币种,交易金额\n2025-01-02,人民币,1.00\n2025-01-03,美元,7.00\n2025-01-04,CNY,2.00\n2025-01-05,日元,900\n"
    )
    assert [(line.currency, line.amount_minor) for line in found.lines] == [
        ("CNY", 100),
        ("USD", 700),
        ("CNY", 200),
        ("JPY", 900),
    ]
    assert (found.summary.currency, found.summary.in_minor) == ("CNY", 300)
    (notice,) = [notice for notice in found.summary.notices if notice.code == "several_currencies"]
    assert notice.params == {"n": 2, "others": "JPY, USD"}


def test_all_sheets_of_a_workbook_are_read(workbook):
    from imports.statements import read

    heading = ["交易日期", "交易金额", "摘要"]
    found = read(
        workbook(
            [["说明"], ["本表仅供参考"]], [heading, ["2025-01-02", 5, "收款"]], [heading, ["2025-02-02", 6.5, "收款"]]
        )
    )
    assert [(line.on_date, line.amount_minor) for line in found.lines] == [("2025-01-02", 500), ("2025-02-02", 650)]
