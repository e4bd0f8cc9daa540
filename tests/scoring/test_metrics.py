"""Discrimination and calibration against values worked out by hand."""

import numpy as np
import pytest

from scoring import metrics
from scoring.calibration import fit_platt


def test_auc_counts_pairs_and_halves_ties():
    score, bad = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    assert metrics.auc(score, bad) == 0.75
    assert metrics.auc(np.zeros(4), bad) == 0.5
    assert metrics.auc(-score, bad) == 0.25


def test_one_class_alone_has_no_auc_and_no_ks():
    assert np.isnan(metrics.auc(np.array([0.1, 0.2]), np.array([True, True])))
    figures = metrics.summary(np.array([0.1, 0.2]), np.array([False, False]))
    assert (figures["auc"], figures["ks"], figures["auc_ci"]) == (None, None, [None, None])


def test_the_interval_is_hanley_and_mcneils():
    rng = np.random.default_rng(1)
    bad = rng.random(400) < 0.25
    score = rng.normal(size=400) + bad
    low, high = metrics.auc_interval(score, bad)
    assert low < metrics.auc(score, bad) < high
    assert 0.05 < high - low < 0.2


def test_ks_is_the_largest_distance_of_the_two_distributions():
    score = np.array([1.0, 2.0, 3.0, 4.0])
    assert metrics.ks(score, np.array([False, False, True, True])) == 1.0
    assert metrics.ks(score, np.array([False, True, False, True])) == 0.5
    assert metrics.ks(np.ones(4), np.array([False, True, False, True])) == 0.0


def test_brier_and_calibration_error():
    pd, bad = np.array([0.0, 0.0, 1.0, 1.0]), np.array([False, True, True, True])
    assert metrics.brier(pd, bad) == 0.25
    assert metrics.ece(np.full(1000, 0.1), np.arange(1000) % 10 == 0, bins=5) == pytest.approx(0.0)
    assert metrics.ece(np.full(1000, 0.3), np.arange(1000) % 10 == 0) == pytest.approx(0.2)


def test_platt_finds_the_sigmoid_that_made_the_data():
    rng = np.random.default_rng(2)
    margin = rng.normal(size=20_000)
    bad = rng.random(20_000) < 1 / (1 + np.exp(-(0.6 * margin - 2.0)))
    fitted = fit_platt(margin, bad)
    assert fitted.slope == pytest.approx(0.6, abs=0.05)
    assert fitted.intercept == pytest.approx(-2.0, abs=0.05)
    assert fitted.pd(margin).mean() == pytest.approx(bad.mean(), abs=0.002)


def test_platt_never_turns_the_order_round():
    margin = np.linspace(-2, 2, 200)
    fitted = fit_platt(margin, margin < 0)
    assert fitted.slope == 0
    assert fitted.chance(-2) == fitted.chance(2) == pytest.approx(0.5, abs=0.01)
