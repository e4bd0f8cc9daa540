"""Whether a valuer's report says by itself which piece it is of, and what it found."""

import pytest

from lending.report_doubts import ReportDoubt, of_text, words_of

TITLE = "苏(2021)昆山不动产权第0012345号"
NAMED, FIGURE = "估价对象：苏（２０２１）昆山不动产权第 12345 号，一号厂房。", "评估价值为人民币 3,900,000.00 元整。"


@pytest.mark.parametrize(
    "text",
    [
        NAMED + FIGURE,
        NAMED + "评估价值 390 万元，以上为本次结论。",
        NAMED + "评估价值 390.00万元，以上为本次结论。",
        NAMED + "评估价值为人民币３９０００００元整。",
    ],
)
def test_b4_a_report_in_whose_text_the_number_and_the_figure_stand_leaves_nothing_open(text: str) -> None:
    assert of_text(text, TITLE, 390_000_000) == ()


@pytest.mark.parametrize(
    ("text", "title", "value", "doubts"),
    [
        ("", TITLE, 390_000_000, (ReportDoubt.UNREAD,)),
        (" \n 第 1 页", TITLE, 390_000_000, (ReportDoubt.UNREAD,)),
        (NAMED.replace("12345", "99999") + FIGURE, TITLE, 390_000_000, (ReportDoubt.UNNAMED,)),
        (NAMED + FIGURE, TITLE, 390_000_001, (ReportDoubt.NO_FIGURE,)),
        (NAMED + FIGURE, TITLE, 39_000_000_000_000, (ReportDoubt.NO_FIGURE,)),
        (NAMED.replace("２０２１", "2022") + FIGURE, TITLE, 1, (ReportDoubt.UNNAMED, ReportDoubt.NO_FIGURE)),
        (NAMED + FIGURE, "父亲的房子", 390_000_000, (ReportDoubt.UNNAMED,)),
    ],
)
def test_b4_a_report_without_text_number_or_figure_waits_for_another_person(
    text: str, title: str, value: int, doubts: tuple[ReportDoubt, ...]
) -> None:
    assert of_text(text, title, value) == doubts


def test_b4_a_report_with_other_figures_put_in_says_the_same() -> None:
    other = NAMED.replace("12345", "67890") + FIGURE.replace("3,900,000", "1,200,000")
    assert words_of(NAMED + FIGURE) == words_of(other) != words_of(NAMED + "另一件。")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("估价对象：粤(2023)广州市不动产权第0012345号。评估价值 390 万元。", "粤(2023)深圳市不动产权第0012345号"),
        ("Valuation of moulding machine HTF-850-0417: value 3900000 yuan in all.", "VMC-850-0417"),
        ("评估价值 390 万元，共 850 417 台次 小时，以上为本次结论。", "VMC-850-0417"),
        ("估价对象为 VMC-850-04171 号机床一台，评估价值 390 万元。", "VMC-850-0417"),
    ],
    ids=["another town", "another make", "figures anywhere", "a longer number"],
)
def test_b4_a_report_of_another_piece_with_the_same_figures_names_nothing(text: str, title: str) -> None:
    assert of_text(text, title, 390_000_000) == (ReportDoubt.UNNAMED,)


@pytest.mark.parametrize("words", ["共 390 万元机时记录在案。", "评估价值 80 万元。不采用 390 万元的说法。"])
def test_b4_a_figure_that_is_no_finding_or_is_denied_is_none(words: str) -> None:
    assert of_text("估价对象：VMC-850-0417 号机床。" + words, "VMC-850-0417", 390_000_000) == (ReportDoubt.NO_FIGURE,)
