"""Formal Chinese amounts, against the examples of the rule that prescribes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.papers.amounts import DIGITS, HIGHEST, chinese_amount

# 《支付结算办法》附件一, and the everyday amounts of a loan.
EXAMPLES = [
    (140950, "人民币壹仟肆佰零玖元伍角"),
    (600714, "人民币陆仟零柒元壹角肆分"),
    (168032, "人民币壹仟陆佰捌拾元零叁角贰分"),
    (10700053, "人民币壹拾万柒仟元零伍角叁分"),
    (1640902, "人民币壹万陆仟肆佰零玖元零贰分"),
    (32504, "人民币叁佰贰拾伍元零肆分"),
    (8000000, "人民币捌万元整"),
    (10000000, "人民币壹拾万元整"),
    (30000000, "人民币叁拾万元整"),
    (8319850, "人民币捌万叁仟壹佰玖拾捌元伍角"),
    (1000100, "人民币壹万零壹元整"),
    (10000000000, "人民币壹亿元整"),
    (10000500000, "人民币壹亿零伍仟元整"),
    (100, "人民币壹元整"),
    (50, "人民币伍角"),
    (5, "人民币伍分"),
    (0, "人民币零元整"),
]


@pytest.mark.parametrize(("minor", "words"), EXAMPLES)
def test_an_amount_is_written_as_the_payment_rules_write_it(minor: int, words: str) -> None:
    assert chinese_amount(minor) == words


@given(st.integers(min_value=1, max_value=HIGHEST))
def test_the_words_read_back_as_the_same_amount(minor: int) -> None:
    assert read_back(chinese_amount(minor)) == minor


@given(st.integers(min_value=0, max_value=HIGHEST))
def test_an_amount_never_has_two_zeros_in_a_row_nor_one_before_a_unit(minor: int) -> None:
    words = chinese_amount(minor)
    assert "零零" not in words
    if minor >= 100:
        assert not any(f"零{unit}" in words for unit in ("元", "拾", "佰", "仟", "万", "亿", "角", "分"))


@pytest.mark.parametrize("minor", [-1, HIGHEST + 1])
def test_an_amount_that_no_paper_can_carry_is_refused(minor: int) -> None:
    with pytest.raises(ValueError, match="on a paper"):
        chinese_amount(minor)


def read_back(words: str) -> int:
    """The fen of a formal amount, read the way a teller does: independent of how it was written."""
    units = {"拾": 10, "佰": 100, "仟": 1000}
    total = section = digit = fen = 0
    for character in words.removeprefix("人民币").removesuffix("整"):
        if character in DIGITS:
            digit = DIGITS.index(character)
        elif character in units:
            section += digit * units[character]
            digit = 0
        elif character in ("万", "亿", "元"):
            total += (section + digit) * {"万": 10_000, "亿": 100_000_000, "元": 1}[character]
            section = digit = 0
        else:
            fen += digit * {"角": 10, "分": 1}[character]
            digit = 0
    return total * 100 + fen
