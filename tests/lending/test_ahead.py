"""What still lies between a case and its money: only the steps that this case has, in order (X2)."""

import pytest

from lending.ahead import Open, Way, ahead
from lending.applications import Stage

ALL = frozenset(Way)


@pytest.mark.parametrize(
    ("stage", "open_", "told"),
    [
        (Stage.REVIEW, Open(), "offered signing paying funded"),
        (Stage.DRAFT, Open(), "identity consent evidence deciding offered signing paying funded"),
        (Stage.EVIDENCE, Open(frozenset({Way.VISIT})), "deciding visit offered signing paying funded"),
        (
            Stage.REVIEW,
            Open(ALL),
            "visit valuation committee offered signing registration conditions release paying funded",
        ),
        (
            Stage.REVIEW,
            Open(ALL, now=Way.VALUATION),
            "visit committee offered signing registration conditions release paying funded",
        ),
        (Stage.SIGNING, Open(frozenset({Way.RELEASE, Way.REGISTRATION})), "registration release paying funded"),
        (Stage.PAYING, Open(), "funded"),
        (Stage.PAYING, Open(frozenset({Way.REGISTRATION, Way.RELEASE}), now=Way.REGISTRATION), "release paying funded"),
        (Stage.PAYING, Open(frozenset({Way.RELEASE}), now=Way.RELEASE), "paying funded"),
        (Stage.FUNDED, Open(ALL), ""),
        (Stage.OPENED, Open(ALL), ""),
        (Stage.LAPSED, Open(ALL), ""),
    ],
)  # fmt: skip
def test_x2_what_comes_next_is_what_this_case_has_before_it(stage: Stage, open_: Open, told: str) -> None:
    assert " ".join(one.value for one in ahead(stage, open_)) == told
