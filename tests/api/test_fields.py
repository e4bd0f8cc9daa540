"""What people type: cleaned where there is one meaning, refused by name where there is none."""

import re
from pathlib import Path

import pytest

from api import fields
from simulators.firms import names


@pytest.mark.parametrize("n", range(0, 4_000, 37))
def test_the_people_of_the_simulated_world_can_type_in_what_they_have(n: int) -> None:
    number, account, licence = names.id_number(n), names.account(n), names.licence(n)
    assert fields.id_number(number) == number
    assert fields.account(account) == account
    assert fields.licence(licence) == licence
    assert fields.phone(names.phone(n)) == names.phone(n)


@pytest.mark.parametrize("position", range(18))
def test_one_wrong_character_of_an_identity_number_is_noticed(position: int) -> None:
    good = "11010519491231002X"
    for other in "0123456789X":
        if other != good[position] and (other != "X" or position == 17):
            bad = good[:position] + other + good[position + 1 :]
            with pytest.raises(fields.Wrong, match="wrong_id_number"):
                fields.id_number(bad)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("11010519491231002x", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        (" 110105 19491231 002X ", "11010519491231002X"),
    ],
)
def test_an_identity_number_may_be_typed_as_people_type(typed: str, meant: str) -> None:
    assert fields.id_number(typed) == meant


@pytest.mark.parametrize("day", ["19490231", "19491331", "00000000"])
def test_a_day_of_birth_is_a_day(day: str) -> None:
    head = f"110105{day}002"
    for check in "0123456789X":
        with pytest.raises(fields.Wrong):
            fields.id_number(head + check)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("王\x00明", "control_characters"),
        ("王\u202e明", "control_characters"),
        ("a\ud800", "control_characters"),
        ("1234", "not_a_name"),
        ("x" * 101, "too_long"),
        ("王\n明", "control_characters"),
        ("小满<b>面馆", "mark_in_name"),
        ("小满＜面馆＞", "mark_in_name"),
    ],
)
def test_a_name_is_a_name(typed: str, code: str) -> None:
    with pytest.raises(fields.Wrong, match=code):
        fields.name(typed)


def test_a_name_is_told_in_one_line_what_it_cannot_hold_and_is_never_cut() -> None:
    with pytest.raises(fields.Wrong) as marked:
        fields.name("小满<面馆")
    assert marked.value.params == (("mark", "<"),)
    with pytest.raises(fields.Wrong) as long:
        fields.name("面" * 131)
    assert long.value.params == (("most", 100), ("has", 131))
    assert fields.name("面" * 100) == "面" * 100
    for page in Path("web/templates").rglob("*.html"):
        cut = re.findall(r'"(?:name|firm_name|payee_name|bank)", [^}]*maxlength', page.read_text(encoding="utf-8"))
        assert not cut, f"{page}: a browser cuts without a word what is longer than maxlength"


def test_a_name_keeps_its_letters_and_loses_its_edges() -> None:
    assert fields.name("  阿卜杜拉·买买提   ") == "阿卜杜拉·买买提"
    assert fields.name("Tony's 面馆 (总店)") == "Tony's 面馆 (总店)"


@pytest.mark.parametrize("typed", ["", "12345", "6222021234567890127", "x" * 16, "1" * 20])
def test_a_card_number_with_a_slip_is_noticed(typed: str) -> None:
    with pytest.raises(fields.Wrong):
        fields.account(typed)
