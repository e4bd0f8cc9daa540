"""A report says no number that its file does not have; what is owed to a case is met by proofs or stands open (P33)."""

import pytest

from lending.diligence import Found, Proof, Standing, gaps, stand
from lending.report import numbers, unsourced

FILE = ("申请 ¥250,000.00，24 个月", "2026-10 净收入 ¥86,400.00，214 笔", "备注：车间有 6 台机床", "占比 12.50%")


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ("要 25 万，分 24 个月", ()),
        ("月收入 86400 元，6 台机床", ()),
        ("收入占 12.5%", ()),
        ("收入占 12.5", ("12.5",)),
        ("有 8 台机床，仓库 300 平", ("8", "300")),
        ("８台", ("8",)),
        ("店开了六年", ()),
        ("要二十五万，分二十四个月", ()),
        ("月收入八万六千四百元", ()),
        ("占百分之十二点五", ()),
        ("要三十万", ("三十万",)),
        ("欠叁拾万元没还", ("叁拾万",)),
        ("欠参考价三十五万元的货款", ("三十五万",)),
        ("每月赚一万五", ("一万五",)),
        ("外面还有一百二十三万四千五百元借款", ("一百二十三万四千五百",)),
        ("二〇一九年开的店", ("二〇一九",)),
        ("毛利三成", ("三成",)),
        ("百分之四十的货在外面", ("百分之四十",)),
        ("三点五万也拿得出", ("三点五万",)),
        ("两个人一起看的，货和账一致，十分清楚，万一有变再去", ()),
        ("四五家买家，第十二条看过，十一月的账齐了", ()),
    ],
)
def test_p33_a_number_in_a_persons_words_must_stand_in_the_file(words: str, missing: tuple[str, ...]) -> None:
    assert unsourced(words, FILE) == missing


def test_p33_a_figure_in_characters_is_the_same_figure() -> None:
    said = "三十万、叁拾万、叁拾萬、30 万、300,000.00、三十万元、３０万"
    assert {meant for _, meant in numbers(said)} == {"300000"}
    assert [meant for _, meant in numbers("一亿两千万、十二、一百零五、一万五、二〇二六、三成、百分之三点五")] == [
        "120000000", "12", "105", "15000", "2026", "30%", "3.5%",
    ]  # fmt: skip


def test_a_number_is_the_same_however_it_is_written() -> None:
    assert {meant for _, meant in numbers("¥80,000.00、8万、80000")} == {"80000"}


def test_p33_a_duty_is_met_by_proofs_open_without_them_and_not_asked_where_a_case_does_not_have_it() -> None:
    proof = Proof("bill", "x", None)
    found = {
        "a": Found(proofs=[proof]),
        "b": Found(proofs=[proof], lacks=["months"]),
        "c": Found(),
        "d": Found(asked=False),
    }
    duties = stand(("d", "c", "b", "a"), found)
    assert [one.standing for one in duties] == [Standing.NOT_ASKED, Standing.GAP, Standing.GAP, Standing.MET]
    assert gaps(duties) == ("c", "b")
    with pytest.raises(KeyError):
        stand(("unknown",), found)
