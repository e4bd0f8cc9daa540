"""Drift and calibration: what chance does is no alarm, what changed is found."""

import json

import numpy as np
import pytest

from scoring.monitoring import SCORE, calibration, drifts, noise, psi, reference, wilson

NAMES = ("level", "rate", "rare")


def firms(count: int, seed: int, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Features with a tail, with many exact zeros, and often missing; and a chance of default."""
    rng = np.random.default_rng(seed)
    level = rng.normal(5 + shift, 1, count)
    rate = np.where(rng.random(count) < 0.6, 0.0, rng.random(count))
    rare = np.where(rng.random(count) < 0.5, np.nan, rng.normal(0, 1, count))
    return np.column_stack([level, rate, rare]), 1 / (1 + np.exp(level - 2 + rng.normal(0, 0.3, count)))


def test_the_same_kind_of_firms_stays_within_what_chance_does() -> None:
    kept = json.loads(json.dumps(reference(NAMES, *firms(3_000, 1))))  # as it comes back from a card
    within = 0
    for seed in range(2, 42):
        found = drifts(kept, NAMES, *firms(400, seed))
        assert next(drift.subject for drift in found) == SCORE
        assert {drift.subject for drift in found} == {SCORE, *NAMES}
        within += sum(drift.psi <= drift.noise for drift in found)
        assert max(drift.psi for drift in found) < 0.25
    assert within / 160 >= 0.90


def test_a_shift_of_one_feature_is_named_and_found_in_the_score() -> None:
    kept = reference(NAMES, *firms(3_000, 1))
    found = {drift.subject: drift for drift in drifts(kept, NAMES, *firms(400, 2, shift=-0.8))}
    assert found["level"].psi > 0.25 > found["rate"].psi
    assert found["level"].psi > found["level"].noise
    assert found[SCORE].psi > 0.25


def test_a_feature_that_goes_missing_is_drift() -> None:
    kept = reference(NAMES, *firms(3_000, 1))
    matrix, pd = firms(400, 2)
    matrix[:, 0] = np.nan
    found = {drift.subject: drift.psi for drift in drifts(kept, NAMES, matrix, pd)}
    assert found["level"] > 1


def test_psi_is_nothing_for_the_same_shares_and_the_textbook_figure_for_others() -> None:
    same = np.array([0.2, 0.3, 0.5])
    assert psi(same, same) == 0
    # (0.3 - 0.2) ln(0.3/0.2) + (0.3 - 0.3) ln 1 + (0.4 - 0.5) ln(0.4/0.5)
    assert psi(same, np.array([0.3, 0.3, 0.4])) == pytest.approx(0.0628609)
    # chi-squared of 9 degrees at 95 % is 16.919
    assert noise(10, 1_000, 1_000) == pytest.approx(16.919 * 2 / 1_000, rel=1e-3)


def test_no_firms_have_no_drift() -> None:
    kept = reference(NAMES, *firms(300, 1))
    assert drifts(kept, NAMES, np.empty((0, 3)), np.empty(0)) == []


RULE = {"least": 100, "ratio_from": 0.67, "ratio_to": 1.5}


def test_a_calibrated_model_is_not_called_broken() -> None:
    rng = np.random.default_rng(7)
    calls = 0
    for _ in range(200):
        pd = rng.beta(2, 30, 600)
        calls += calibration(pd, rng.random(600) < pd).broken(**RULE)
    assert calls <= 2


@pytest.mark.parametrize("times", [0.4, 2.2])
def test_chances_that_are_half_or_twice_the_truth_are(times: float) -> None:
    rng = np.random.default_rng(7)
    pd = rng.beta(2, 30, 1_500)
    found = calibration(pd, rng.random(1_500) < pd * times)
    assert found.broken(**RULE)
    assert found.low < found.observed < found.high
    assert found.ratio == pytest.approx(times, rel=0.3)


def test_few_loans_break_nothing_whatever_became_of_them() -> None:
    assert not calibration(np.full(99, 0.02), np.ones(99, bool)).broken(**RULE)
    assert not calibration(np.empty(0), np.empty(0, bool)).broken(**RULE)


def test_wilson_is_the_published_interval() -> None:
    # Newcombe (1998), table I: 81 of 263 and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
