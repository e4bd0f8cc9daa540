"""A number that the country gives once is one, whatever stands beside its figures and however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.invoices import national_number

E_INVOICE = "24442000000012345678"


@pytest.mark.parametrize(
    "written",
    [
        E_INVOICE,
        "2444 2000 0000 1234 5678",
        "24-4420-0000-0012-3456-78",
        "发票号码：24442000000012345678",
        "".join(chr(ord(one) + 0xFEE0) for one in E_INVOICE),  # full width
        "24442000000012345678/1",
        "24442000000012345678-01",
        "24442000000012345678 第1页",
        "24442000000012345678(第2联)",
        "24442000000012345678²",
        "①24442000000012345678",
        "Z4442000000012345678",
        "244420000000I234S67B",
        "二四四四2000000012345678",
    ],
)
def test_d1_marks_pages_copies_and_look_alikes_leave_an_e_invoices_number_what_it_is(written: str) -> None:
    assert national_number(written) == E_INVOICE


@pytest.mark.parametrize("written", ["4401234567 12345678", "12345678 / 4401234567", "代码4401234567 号码12345678"])
def test_d1_an_older_code_and_number_are_one_in_either_order(written: str) -> None:
    assert national_number(written) == "440123456712345678"


@pytest.mark.parametrize(
    "written", ["12345678", "No.12345678", "", "合同 2026-11", "1234567890123", "HT-2026-000012345678"]
)
def test_d1_a_bare_number_is_many_invoices(written: str) -> None:
    assert national_number(written) is None


@given(
    digits=st.text("0123456789", min_size=20, max_size=20),
    cuts=st.lists(st.integers(1, 19), max_size=4),
    between=st.sampled_from([" ", "-", ".", "·", "  "]),
)
def test_d1_wherever_its_figures_are_parted_the_number_stays(digits: str, cuts: list[int], between: str) -> None:
    parts, last = [], 0
    for at in sorted({*cuts, 20}):
        parts.append(digits[last:at])
        last = at
    if [len(part) for part in parts] == [8, 12]:
        return  # an older form's number before its code
    assert national_number(between.join(parts)) == digits
