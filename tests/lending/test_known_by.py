"""One thing has one number, however a certificate, a plate or a hand writes it (P18)."""

import pytest

from lending.known_by import formerly, known_by, neighbours, same_number


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


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("京（二〇二三）朝不动产权第〇〇一二三四五号", "京(2023)朝不动产权第0012345号"),
        ("京2023朝不动产权第12345", "京(2023)朝不动产权第0012345号"),
        ("​京 (２０２３) 朝不动产权第 0012345 号", "京(2023)朝不动产权第0012345号"),
        ("vin: lsvau2180n2123456", "LSVAU2180N2123456"),
        ("LSVAU 2180 N21 23456", "LSVAU2180N2123456"),
        ("КХ8841-22", "KX8841-22"),  # Cyrillic К and Х
        ("ΚΧ8841－22", "KX8841-22"),  # Greek
    ],
)
def test_p18_figures_in_words_and_letters_of_another_alphabet_make_no_other_thing(written: str, said: str) -> None:
    assert written != said and same_number(written, said)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("LSVAU2180N2123456", "LSVAU2180N2123457", True),  # one character off
        ("LSVAU2180N2123456", "LSVAU218ON2123456", True),  # O for 0
        ("KX-B841", "KX-8841", True),  # B for 8
        ("KXSI841", "KX5I841", True),
        ("苏(2019)苏州市不动产权第0012345号", "苏(2019)苏州市不动产权第0012354号", True),  # changed over
        ("苏(2019)苏州市不动产权第0012345号", "苏(2019)苏州市不动产权第00123456号", True),  # one more
        ("苏(2019)苏州市不动产权第0012345号", "苏(2019)苏州市不动产权第0067345号", False),
        ("A-100", "A-101", False),  # too short to say anything
    ],
)
def test_p18_a_number_one_character_off_or_misread_is_near(one: str, other: str, near: bool) -> None:
    assert bool(neighbours(one) & neighbours(other)) is near


def test_p18_a_thing_held_from_earlier_days_is_found_by_how_it_was_known_then() -> None:
    assert "三河2019/12345".replace("/", "") in {one.replace("/", "") for one in formerly("三河(2019)第0012345号")}
    assert known_by("三河(2019)第0012345号") not in formerly("三河(2019)第0012345号")
