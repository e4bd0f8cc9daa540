"""What a person's reason is: no word over and over, no agreeing alone, and of a second person not the first's."""

import pytest

from lending.own_words import agrees_only, is_anothers, repeats


@pytest.mark.parametrize(
    "filler", ["同意同意", "同意，同意。同意", "ok ok ok", "abcabcab", "啊啊", "111111", "Agree agree"]
)
def test_a_word_over_and_over_says_nothing(filler: str) -> None:
    assert repeats(filler)


@pytest.mark.parametrize("said", ["看看合同", "20202020", "已经核对", "A-1024", "天天纸业来过电话"])
def test_what_merely_repeats_a_syllable_or_is_a_number_is_said(said: str) -> None:
    assert not repeats(said)


@pytest.mark.parametrize("alone", ["同意", "同意，没问题", "OK, agreed", "属实，通过了", "可以可以"])
def test_agreeing_alone_is_no_reason(alone: str) -> None:
    assert agrees_only(alone)
    assert not agrees_only(f"{alone}：读过和解函")


def test_anothers_words_stay_anothers_with_a_word_more_or_other_marks() -> None:
    first = "买家来电说争议解决了"
    for copied in (first, f"{first}。", f"同意{first}", "买家来电，说争议解决了！", first[:-1]):
        assert is_anothers(copied, [first])
    assert not is_anothers("看过买家的和解函，写明争议解决了", [first])
    assert not is_anothers("读过函", ["", "。"])
