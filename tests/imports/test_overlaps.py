"""One account in two forms is counted once; two accounts that look alike are counted twice."""

import pytest

from imports.overlaps import told_before
from imports.statements import Statement, read

WITH_TIMES = (
    "账号：6222000000001234\n"
    "交易时间,收入,支出,余额,对方户名,交易流水号,摘要\n"
    "2025-01-06 10:11:12,,35.00,965.00,宏发粮油批发部,X1,进货\n"
    "2025-01-06 12:11:12,,35.00,930.00,宏发粮油批发部,X2,进货\n"
    "2025-01-07 10:11:13,100.00,,1030.00,李四,X3,货款\n"
    "2025-01-09 09:00:00,20.00,,1050.00,王五,X4,货款\n"
)
PRINTED = (
    "记账日期,交易金额,账户余额,附言\n"
    "20250106,-35.00,965.00,财付通宏发\n"
    "20250106,-35.00,930.00,财付通宏发\n"
    "20250107,100.00,1030.00,\n"
)


def again(first: str, second: str) -> list[int]:
    later = read(second.encode())
    return sorted(later.lines[at].row for at in told_before([read(first.encode())], later))


def test_the_same_account_as_csv_and_as_printed_page_is_one_by_its_balance():
    assert again(WITH_TIMES, PRINTED) == [2, 3, 4]
    assert again(PRINTED, WITH_TIMES) == [3, 4, 5]


def test_equal_amounts_of_one_day_are_as_many_as_there_are():
    more = PRINTED.replace("20250107", "20250106,-35.00,895.00,财付通宏发\n20250107")
    assert again(WITH_TIMES, more) == [2, 3, 5]


def test_another_account_with_the_same_amounts_is_another():
    assert again(WITH_TIMES, PRINTED.replace("965.00", "1965.00").replace("930.00", "1930.00")) == [4]
    assert again(WITH_TIMES, f"账号：6222000000009999\n{PRINTED}") == []


def without_balance(text: str) -> str:
    return "\n".join(",".join([*cells[:2], *cells[3:]]) for cells in (line.split(",") for line in text.splitlines()))


@pytest.mark.parametrize(("names", "found"), [("", [2, 3, 4]), ("陈六", [])])
def test_without_a_balance_days_amounts_and_names_of_nearly_all_lines_must_agree(names, found):
    printed = without_balance(PRINTED).replace("财付通宏发", names or "宏发粮油") + "\n"
    printed = printed.replace(",\n", f",{names}\n") if names else printed
    assert again(WITH_TIMES, printed) == found


def test_a_wallets_bill_and_the_banks_statement_behind_it_are_two_accounts(wechat, row):
    bank = "招商银行\n" + WITH_TIMES
    bill = wechat(*(row(f"2025-01-0{day} 10:11:12", amount="¥35", way="支出", number=str(day)) for day in (6, 7, 8)))
    assert again(bill, bank) == []


def test_overlapping_exports_of_one_form_are_found_by_their_fingerprints_too():
    assert again(WITH_TIMES, WITH_TIMES) == [3, 4, 5, 6]


def test_a_statement_knows_its_lines_by_position():
    later: Statement = read(PRINTED.encode())
    assert told_before([read(WITH_TIMES.encode())], later) == {0, 1, 2}
