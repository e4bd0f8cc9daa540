"""Revenue as it is told: JSON and CSV say the same, a bad row costs itself alone, and the last word on a day counts."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.revenue import (
    AMOUNTS,
    COLUMNS,
    OLDEST,
    ROWS_AT_MOST,
    NotABatch,
    RowProblem,
    Told,
    checked,
    read_csv,
    read_json,
)

TODAY = date(2026, 11, 21)
ROW = {
    "account": "6222021234567890128",
    "on": "2026-11-20",
    "sales_minor": 100_000,
    "refunds_minor": 5_000,
    "chargebacks_minor": 0,
    "currency": "CNY",
}


def told(*rows: Any) -> list[Told | RowProblem]:
    return list(checked(read_json(json.dumps({"rows": list(rows)}).encode()), TODAY))


def csv_of(*rows: dict[str, Any], names: tuple[str, ...] = COLUMNS) -> bytes:
    lines = [",".join(names), *(",".join(str(row[name]) for name in names) for row in rows)]
    return "\r\n".join(lines).encode()


amounts = st.integers(0, 10**13)
rows = st.fixed_dictionaries(
    {
        "account": st.integers(10**7, 10**20).map(str),
        "on": st.dates(TODAY - OLDEST, TODAY).map(date.isoformat),
        **dict.fromkeys(AMOUNTS, amounts),
        "currency": st.just("CNY"),
    }
)


@given(st.lists(rows, min_size=1, max_size=8), st.permutations(COLUMNS))
def test_json_and_csv_in_any_order_of_columns_say_the_same(some: list[dict[str, Any]], names: list[str]) -> None:
    as_csv = list(checked(read_csv(b"\xef\xbb\xbf" + csv_of(*some, names=tuple(names))), TODAY))
    assert as_csv == told(*some)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"account": "12"}, "wrong_form", "account"),
        ({"account": 6222021234567890128}, "wrong_form", "account"),
        ({"on": "20.11.2026"}, "wrong_form", "on"),
        ({"on": "2026-11-31"}, "wrong_form", "on"),
        ({"on": "2026-11-22"}, "future_day", "on"),
        ({"on": (TODAY - OLDEST - timedelta(days=1)).isoformat()}, "too_old", "on"),
        ({"sales_minor": 1.5}, "wrong_form", "sales_minor"),
        ({"sales_minor": True}, "wrong_form", "sales_minor"),
        ({"sales_minor": 10**13 + 1}, "wrong_form", "sales_minor"),
        ({"refunds_minor": -1}, "negative_refunds", ""),
        ({"chargebacks_minor": "0"}, "wrong_form", "chargebacks_minor"),
        ({"currency": "cny"}, "wrong_form", "currency"),
        ({"note": "x"}, "wrong_form", ""),
    ],
)
def test_partial_errors_are_listed_by_row_and_field_and_the_rows_beside_them_count(
    change: dict[str, Any], code: str, field: str
) -> None:
    other = {**ROW, "account": "6222029999999990128"}
    first, second, third = told(ROW, {**ROW, "account": "6222020000000000001", **change}, other)
    assert isinstance(first, Told) and isinstance(third, Told)
    assert second == RowProblem(2, code, field)


def test_a_day_of_one_account_that_stands_twice_is_told_and_counts_as_first_told() -> None:
    assert told(ROW, {**ROW, "sales_minor": 1})[1] == RowProblem(2, "same_day_twice", "on")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "not_json"),
        (b"[]", "no_rows"),
        (b'{"rows": []}', "no_rows"),
        (b'{"rows": ' + b"[" * 100_000, "not_json"),
        (b'{"rows": [' + b"0," * ROWS_AT_MOST + b"0]}", "too_many_rows"),
    ],
)
def test_what_is_no_batch_is_named(body: bytes, code: str) -> None:
    with pytest.raises(NotABatch) as no:
        read_json(body)
    assert no.value.code == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "no_such_columns"),
        (b"account,on\n1,2\n", "no_such_columns"),
        (csv_of(), "no_rows"),
        ("账户,日期\n".encode("gbk"), "not_csv"),
        (csv_of() + b'\n"6222', "not_csv"),
    ],
)
def test_what_is_no_table_is_named(body: bytes, code: str) -> None:
    with pytest.raises(NotABatch) as no:
        read_csv(body)
    assert no.value.code == code


def test_a_line_that_is_too_short_and_a_figure_with_a_point_cost_themselves_alone() -> None:
    body = csv_of(ROW, {**ROW, "account": "6222020000000000001", "sales_minor": "10.50"}) + b"\n6222,2026-11-20\n"
    first, second, third = checked(read_csv(body), TODAY)
    assert isinstance(first, Told)
    assert second == RowProblem(2, "wrong_form", "sales_minor")
    assert third == RowProblem(3, "wrong_form")
