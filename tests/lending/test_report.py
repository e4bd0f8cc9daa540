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
    ],
)
def test_p33_a_number_in_a_persons_words_must_stand_in_the_file(words: str, missing: tuple[str, ...]) -> None:
    assert unsourced(words, FILE) == missing


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
