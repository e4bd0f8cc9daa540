"""Bills in which somebody typed give themselves away; bills as the wallets write them do not."""

from datetime import date

import pytest

from imports.statements import read
from simulators.firms.bills import Holder, bill
from simulators.firms.life import Life, Plan
from simulators.firms.tricks import invented_numbers, moved_rows, pasted_day

SIGNS = {"order_numbers", "order_number_shape", "pasted_rows"}
HOLDER = Holder("周敏", "13800138000", "zhou@example.cn", "noodle_shop")


@pytest.fixture(scope="module")
def life() -> Life:
    return Life(Plan(seed=5, trade="noodle_shop", monthly_sales=60_000, health=0.5, opened_on=date(2024, 6, 1)))


def signs(data: bytes) -> dict[str, int]:
    return {one.code: one.params["rows"] for one in read(data).summary.notices if one.code in SIGNS}


@pytest.mark.parametrize("wallet", ["wechat", "alipay"])
def test_an_honest_bill_says_nothing(life: Life, wallet) -> None:
    assert signs(bill(life, HOLDER, wallet, date(2025, 1, 1), date(2025, 4, 30))) == {}


def test_rows_moved_to_another_day_keep_the_order_number_of_theirs(life: Life) -> None:
    honest = bill(life, HOLDER, "wechat", date(2025, 1, 1), date(2025, 4, 30))
    assert signs(moved_rows(honest, "2025-02-11", "2025-04-20"))["order_numbers"] >= 2


def test_a_day_that_was_pasted_is_seen(life: Life) -> None:
    honest = bill(life, HOLDER, "wechat", date(2025, 1, 1), date(2025, 4, 30))
    assert signs(pasted_day(honest, "2025-03-08", "2025-04-19"))["pasted_rows"] >= 4


def test_order_numbers_that_somebody_typed_have_another_length(life: Life) -> None:
    honest = bill(life, HOLDER, "wechat", date(2025, 1, 1), date(2025, 4, 30))
    assert signs(invented_numbers(honest, 3))["order_number_shape"] == 3
