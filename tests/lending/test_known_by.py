"""One thing has one number, however a certificate, a plate or a hand writes it (P18)."""

import pytest

from lending.known_by import known_by, same_number


@pytest.mark.parametrize(
    "written",
    [
        *(
            "苏2019苏州市不动产权第12345号",
            "苏（2019）苏州市不动产权第 0012345 号",
            "苏〔2019〕苏州市不动产权第0012345",
        ),
        *("苏[2019]苏州市不动产权0012345号之一", "证号：苏(2019)苏州市不动产权第0012345号"),
    ],
)
def test_p18_brackets_zeros_and_the_end_of_a_certificates_number_make_no_other_house(written: str) -> None:
    assert known_by(written) == known_by("苏(2019)苏州市不动产权第0012345号")


@pytest.mark.parametrize(
    "written", ["S/N 8841-22", "SN: 8841-22", "No. 8841 22", "NO.8841-22", "№8841-22", "序列号：8841-22", "SN8841-22"]
)
def test_p18_a_prefix_before_a_serial_number_makes_no_other_machine(written: str) -> None:
    assert same_number(written, "8841-22")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("苏(2019)苏州市不动产权第0012345号", "苏(2020)苏州市不动产权第0012345号"),
        ("苏(2019)苏州市不动产权第0012345号", "苏(2019)昆山市不动产权第0012345号"),
        ("苏(2019)苏州市不动产权第0012345号", "苏(2019)苏州市不动产权第0123450号"),
        ("8841-22", "8841-23"),
        ("LSVAU2180N2123456", "LSVAU2180N2123457"),
        ("A-100", "A-1001"),
    ],
)
def test_p18_another_year_place_or_digit_is_another_thing(one: str, other: str) -> None:
    assert not same_number(one, other)
