"""Reasons in business words: only what the firm's own figure bears out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.catalogue import CATALOGUE, INDEX, NAMES
from scoring.explanations import Reason, reasons
from scoring.model import Model
from scoring.wordings import GROUP_OF_CODE, WORDINGS, shown


def told(**figures: float) -> list[str]:
    """The codes for a firm with these figures, where every one of them raised the risk by half."""
    return [reason.code for reason in explained(0.5, figures)]


def explained(weight: float, figures: dict[str, float]) -> tuple[Reason, ...]:
    contributions, features = np.zeros(len(CATALOGUE)), np.full(len(CATALOGUE), np.nan)
    for name, value in figures.items():
        contributions[INDEX[name]], features[INDEX[name]] = weight, value
    return reasons(contributions, features)


@pytest.mark.parametrize(
    ("name", "harmless", "harmful", "code"),
    [
        ("refund_rate", 0.0, 0.08, "many_refunds"),
        ("rent_delay", 0.2, 6.0, "rent_paid_late"),
        ("private_share", 0.0, 0.2, "high_private_spending"),
        ("loans_taken", 0.02, 1.4, "other_loans"),
        ("sales_trend", 0.05, -0.3, "sales_falling"),
        ("last_month", 0.0, -0.2, "weak_last_month"),
        ("unexplained_income", 0.004, 0.3, "unclear_income"),
        ("margin", 0.7, 0.1, "thin_margin"),
    ],
)
def test_a_harmless_figure_is_no_reason_against(name: str, harmless: float, harmful: float, code: str) -> None:
    assert told(**{name: harmless, "closed_days": 0.4}) == ["many_closed_days"]
    assert code in told(**{name: harmful, "closed_days": 0.4})


def test_a_fall_is_never_praised() -> None:
    praised = [reason.code for reason in explained(-0.5, {"sales_trend": -0.1, "refund_rate": 0.0})]
    assert praised == ["few_refunds"]


def test_there_is_always_a_reason() -> None:
    assert len(told(refund_rate=0.0)) == 1


FEATURE_OF_CODE = {code: name for name, one in WORDINGS.items() for code in (one.raised, one.lowered)}


def figure_told(reason: Reason) -> str:
    return dict(reason.params)["figure"]


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32 - 1), st.floats(0.02, 3), st.floats(0, 0.9))
def test_the_figure_that_is_told_pushed_the_way_the_reason_says(seed: int, reach: float, missing: float) -> None:
    """And no other true one of its business word pushed harder that way."""
    rng = np.random.default_rng(seed)
    contributions = rng.normal(0, reach, len(NAMES))
    features = np.where(rng.random(len(NAMES)) < missing, np.nan, rng.normal(0.2, 0.5, len(NAMES)))
    found = reasons(contributions, features)
    assert 1 <= len(found) <= 4
    for reason in found:
        told = INDEX[FEATURE_OF_CODE[reason.code]]
        if not WORDINGS[NAMES[told]].fits(features[told], reason.direction):
            assert len(found) == 1, "what is not true of the figure is told only where nothing else can be"
            continue
        assert contributions[told] * reason.direction > 0
        assert figure_told(reason) == shown(features[told], WORDINGS[NAMES[told]].shown)
        rivals = [
            INDEX[name]
            for name, one in WORDINGS.items()
            if CATALOGUE[INDEX[name]].group is GROUP_OF_CODE[reason.code]
            and one.fits(features[INDEX[name]], reason.direction)
        ]
        assert max(rivals, key=lambda n: contributions[n] * reason.direction) == told


def test_a_trained_model_tells_what_pushed(model: Model, evidence, outcome) -> None:
    from scoring.features import features_of_many

    matrix = features_of_many(evidence, outcome["as_of"]).to_numpy(np.float64)
    told = set()
    for row, parts in zip(matrix, model.contributions(matrix), strict=True):
        for reason in reasons(parts, row):
            name = FEATURE_OF_CODE[reason.code]
            told.add(name)
            assert parts[INDEX[name]] * reason.direction > 0, reason
    assert len(told) > len({CATALOGUE[INDEX[name]].group for name in told}), "one fixed figure for each group again"


def test_an_overdrawn_account_is_called_overdrawn_and_not_by_what_is_usually_left() -> None:
    contributions, features = np.zeros(len(NAMES)), np.full(len(NAMES), np.nan)
    for name, weight, value in (("balance_usual", -0.2, 0.4), ("days_overdrawn", 2.5, 0.24)):
        contributions[INDEX[name]], features[INDEX[name]] = weight, value
    reason = reasons(contributions, features)[0]
    assert (reason.code, figure_told(reason)) == ("worse_days_overdrawn", "24%")
    features[INDEX["days_overdrawn"]] = 0.0
    praised = reasons(-contributions, features)[0]
    assert (praised.code, figure_told(praised)) == ("better_days_overdrawn", "0%")
