"""Single cells: amounts, moments, directions, currencies, names."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.cells import ORDERS, Amount, Moment, currency_of, parse_amount, parse_direction, parse_moment
from imports.lines import LARGEST_AMOUNT_MINOR, CounterpartyKeys, counterparty_key, plain_name
from imports.misreadings import RowNotUnderstood


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("28.16", Amount(2816, 0, "")),
        ("¥28.16", Amount(2816, 0, "CNY")),
        ("￥ 1,234.5", Amount(123450, 0, "CNY")),
        ("１２.５０", Amount(1250, 0, "")),
        ("-50", Amount(-5000, 0, "")),
        ("(1,234.00)", Amount(-123400, 0, "")),
        ("123.00-", Amount(-12300, 0, "")),
        ("+7", Amount(700, 0, "")),
        ("1.2万", Amount(1200000, 0, "")),
        ("1.234,56", Amount(123456, 0, "")),
        ("12,34", Amount(1234, 0, "")),
        ("CNY 12.00", Amount(1200, 0, "CNY")),
        ("12.50 USD", Amount(1250, 0, "USD")),
        ("人民币1,000.00", Amount(100000, 0, "CNY")),
        ("28.160000000000004", Amount(2816, 0, "")),
        ("20.00(已退款￥5.00)", Amount(2000, 500, "")),
        ("¥20.00(已全额退款)", Amount(2000, 2000, "CNY")),
        ("\t1,234.56   \t", Amount(123456, 0, "")),
        ("35.00 DR", Amount(-3500, 0, "")),
        ("1,065.00CR", Amount(106500, 0, "")),
        ("借 35.00", Amount(-3500, 0, "")),
        ("HK$1,234.50", Amount(123450, 0, "HKD")),
        ("US$ 12", Amount(1200, 0, "USD")),
        ("1 234 567,89", Amount(123456789, 0, "")),
        ("1'234.50", Amount(123450, 0, "")),
        ("1,23,456.00", Amount(12345600, 0, "")),
        ("($35.00)", Amount(-3500, 0, "USD")),
        ("35.00+", Amount(3500, 0, "")),
    ],
)
def test_an_amount_is_read_as_it_is_written(cell, amount):
    assert parse_amount(cell) == amount


@pytest.mark.parametrize("cell", ["", "  ", "-", "--", "/", "null", "N/A", "nan", "----------"])
def test_a_placeholder_is_no_amount(cell):
    assert parse_amount(cell) is None


@pytest.mark.parametrize(
    "cell", ["abc", "1.2.3", "=1+1", "1,23,4", "20.005", "0x10", "１e５", "∞", "--5", "1 2", "inf"]
)
def test_what_is_no_amount_is_refused_rather_than_guessed(cell):
    with pytest.raises(RowNotUnderstood):
        parse_amount(cell)


@given(st.integers(min_value=-LARGEST_AMOUNT_MINOR, max_value=LARGEST_AMOUNT_MINOR))
def test_every_amount_survives_being_written_with_separators(minor):
    sign, whole, part = "-" if minor < 0 else "", abs(minor) // 100, abs(minor) % 100
    amount = parse_amount(f"{sign}¥{whole:,}.{part:02}")
    assert amount is not None
    assert amount.minor == minor


@given(st.text(max_size=40))
def test_any_text_is_an_amount_nothing_or_refused(cell):
    try:
        amount = parse_amount(cell)
    except RowNotUnderstood:
        return
    assert amount is None or abs(amount.minor) <= LARGEST_AMOUNT_MINOR


@given(st.text(max_size=40), st.sampled_from(ORDERS))
def test_any_text_is_a_moment_or_none(cell, order):
    moment = parse_moment(cell, order=order)
    assert moment is None or moment.day or moment.time


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2025-01-06 12:34:56", Moment("2025-01-06", "12:34:56")),
        ("2025/1/6 3:04", Moment("2025-01-06", "03:04:00")),
        ("20250106", Moment("2025-01-06", "")),
        ("20250106123456", Moment("2025-01-06", "12:34:56")),
        ("2025/1/6 下午3:04", Moment("2025-01-06", "15:04:00")),
        ("Jan 6, 2025 2:00 PM", Moment("2025-01-06", "14:00:00")),
        ("24:00:00", Moment("", "23:59:59")),
        ("175717", Moment("", "17:57:17")),
        ("45663.5", Moment("2025-01-06", "12:00:00")),
        ("2025-01-06 12:34:56.789", Moment("2025-01-06", "12:34:56")),
        ("2025年1月6日 星期一 08:09", Moment("2025-01-06", "08:09:00")),
        ("06 Jan 25", Moment("2025-01-06", "")),
        ("06JAN2025", Moment("2025-01-06", "")),
        ("Mon, 6th January 2025", Moment("2025-01-06", "")),
        ("202501061234", Moment("2025-01-06", "12:34:00")),
        ("06/01/25", Moment("2025-01-06", "")),
    ],
)
def test_a_moment_is_read_as_it_is_written(cell, moment):
    assert parse_moment(cell) == moment


@pytest.mark.parametrize("cell", ["2025-02-30", "2025-13-01", "25:00:00", "20251301", "yesterday", "12", "1/2/3/4"])
def test_what_is_no_moment_is_none(cell):
    assert parse_moment(cell) is None


def test_directions_and_currencies_by_name():
    assert [parse_direction(word) for word in ("收入", " 支出 ", "不计收支", "/", "借", "CR", "?")] == [
        1,
        -1,
        0,
        0,
        -1,
        1,
        None,
    ]
    assert [parse_direction(word) for word in ("借 Dr", "贷(Cr)", "收入+", "转账支出", "Money out")] == [
        -1,
        1,
        1,
        -1,
        -1,
    ]
    assert [currency_of(name) for name in ("人民币(CNY)", "美元/USD", "HK$", "£")] == ["CNY", "USD", "HKD", "GBP"]
    assert [currency_of(name) for name in ("人民币", "RMB", "usd", "", "-")] == ["CNY", "CNY", "USD", "", ""]


def test_a_name_is_compared_without_width_spaces_and_case():
    assert plain_name("ＡＢＣ 商贸　有限公司") == plain_name("abc商贸有限公司")
    assert plain_name(" / ") == plain_name("-") == plain_name("****") == ""


@given(st.binary(min_size=1, max_size=100), st.text(min_size=1, max_size=30))
def test_the_key_of_a_name_is_its_hmac(index_key, name):
    plain = plain_name(name)
    expected = hmac.digest(index_key, plain.encode("utf-8", "surrogatepass"), "sha256")[:8] if plain else None
    if any("\ud800" <= character <= "\udfff" for character in name):
        return
    assert CounterpartyKeys(index_key).key(name) == counterparty_key(index_key, name) == expected
