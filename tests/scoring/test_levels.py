"""Rates move with the times: what a feature says is learnt beside them, and chances are stated at the newest."""

from dataclasses import replace

import numpy as np
import pytest

from scoring import metrics
from scoring.calibration import fit_calibration, fit_platt, moved
from scoring.candidates import SCORECARD, TREES, Sample, fit_both
from scoring.levels import levels, newest
from scoring.validation import report, split_by_time

ROWS = 4_000


def rate_of(log_odds: np.ndarray | float) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(log_odds)))


@pytest.fixture(scope="module")
def rising() -> Sample:
    """Defaults rise from a tenth to a half; ``told`` tells firms apart; ``new`` came into use as the times got worse
    and says nothing of anybody; ``code`` likewise, as a code without order."""
    rng = np.random.default_rng(7)
    day = np.sort(rng.integers(0, 3_000, ROWS))
    told = rng.normal(size=ROWS)
    bad = rng.random(ROWS) < rate_of(-2.2 + 2.2 * day / 3_000 + 0.8 * told)
    new = (rng.random(ROWS) < day / 3_000).astype(float)
    code = np.where(rng.random(ROWS) < day / 3_000, 2.0, 1.0)
    return Sample(
        np.column_stack([told, new, code]), ("told", "new", "code"), (0, 0, 0), bad, (False, False, True), day
    )


def test_levels_follow_the_rate_and_few_rows_have_one(rising: Sample) -> None:
    assert rising.day is not None
    found = rate_of(levels(rising.day, rising.bad))
    for part in np.array_split(np.arange(ROWS), 8):
        assert found[part].mean() == pytest.approx(rising.bad[part].mean(), abs=0.03)
    few = levels(rising.day[:900], rising.bad[:900])
    assert len(np.unique(few)) == 1
    assert rate_of(newest(rising.day, levels(rising.day, rising.bad))) == pytest.approx(0.48, abs=0.06)


@pytest.mark.parametrize("method", [SCORECARD, TREES])
def test_what_came_into_use_in_bad_years_is_not_blamed_for_them(rising: Sample, method: str) -> None:
    def weight(sample: Sample) -> float:
        importance = fit_both(sample, 1).candidates[method].model.importance()
        return importance["new"] + importance["code"]

    blamed = replace(rising, day=None)
    assert weight(rising) < weight(blamed) / 2


def test_chances_are_stated_at_the_level_of_the_newest_rows(rising: Sample) -> None:
    made = fit_both(rising, 1)
    late = rising.rows(np.arange(ROWS - 400, ROWS))
    for one in made.candidates.values():
        assert one.pd(late.matrix).mean() == pytest.approx(late.bad.mean(), abs=0.06)


def test_a_sigmoid_beside_levels_is_that_of_the_rows_when_all_levels_are_one(rising: Sample) -> None:
    margin = rising.matrix[:, 0]
    alone = fit_platt(margin, rising.bad)
    beside = fit_calibration(margin, rising.bad, np.full(ROWS, -1.0), -1.0)
    assert np.abs(alone.pd(margin) - beside.pd(margin)).max() < 1e-6


def test_a_level_follows_only_what_is_known_by_then(rising: Sample) -> None:
    """The later part's own outcomes, turned round, change its first windows' chances by nothing."""
    judged = split_by_time(rising, 1)
    held = np.flatnonzero(np.isfinite(judged.chances["chosen"][0]))
    begins = held[: len(held) // 12]
    turned = rising.bad.copy()
    turned[held[len(held) // 2 :]] ^= True
    other = split_by_time(replace(rising, bad=turned), 1)
    early = held[: len(held) // 2]
    assert np.array_equal(judged.levelled["chosen"][early], other.levelled["chosen"][early])
    assert np.array_equal(judged.chances["chosen"][0][held], other.chances["chosen"][0][held])
    assert np.array_equal(judged.levelled["chosen"][begins], judged.chances["chosen"][0][begins])
    assert rising.day is not None
    never = split_by_time(rising, 1, np.where(np.isin(np.arange(ROWS), held), 10_000, rising.day))
    assert np.array_equal(never.levelled["chosen"][held], never.chances["chosen"][0][held])


def test_what_never_was_set_again_is_told_beside(rising: Sample) -> None:
    told = report(split_by_time(rising, 1))
    assert told["ece"] < told["ece_frozen"]
    assert {"ece_frozen", "brier_frozen"} <= set(told["candidates"]["trees"])


def test_newest_outcomes_move_chances_and_a_few_move_them_little() -> None:
    rng = np.random.default_rng(2)
    said = rate_of(rng.normal(-1.5, 0.8, 2_000))
    came = rng.random(2_000) < rate_of(np.log(said / (1 - said)) + 1.0)
    after = moved(said, said, came)
    assert after.mean() == pytest.approx(came.mean(), abs=0.02)
    assert (np.diff(after[np.argsort(said)]) >= 0).all()
    assert np.abs(moved(said, said[:5], came[:5]) - said).max() < 0.1
    assert moved(said, said[:0], came[:0]) is said
    assert metrics.auc(after, came) == pytest.approx(metrics.auc(said, came))


def test_the_error_of_a_difference_shrinks_with_firms_and_is_zero_for_the_same_score() -> None:
    rng = np.random.default_rng(3)
    bad = rng.random(2_000) < 0.3
    one, other = (bad + rng.normal(0, 1.5, 2_000) for _ in range(2))
    assert metrics.paired_error(one, one, bad) == 0
    few, many = metrics.paired_error(one[:200], other[:200], bad[:200]), metrics.paired_error(one, other, bad)
    assert 0.005 < many < 0.025 < few
    drawn = [
        metrics.auc(one[at], bad[at]) - metrics.auc(other[at], bad[at])
        for at in (rng.integers(0, 2_000, 2_000) for _ in range(200))
    ]
    assert many == pytest.approx(np.std(drawn), rel=0.2)
    assert np.isnan(metrics.paired_error(one, other, np.zeros(2_000, bool)))
