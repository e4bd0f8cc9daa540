"""What a card says of its figures: repeated parts where rows are few, a split by time where days are many."""

import numpy as np
import pytest

from scoring import metrics
from scoring.candidates import Sample, fit_both
from scoring.proofs import Proof, prove
from scoring.validation import repeats_for

ROWS = 240


@pytest.fixture(scope="module")
def proof() -> Proof:
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(ROWS, 3))
    bad = rng.random(ROWS) < 1 / (1 + np.exp(1.2 - matrix[:, 0]))
    sample = Sample(matrix, ("one", "two", "three"), (1, 0, 0), bad)
    return prove(sample, fit_both(sample, 4), 4, 2, np.arange(ROWS))


def test_few_rows_are_parted_as_often_as_asked_and_many_rows_once() -> None:
    assert [repeats_for(rows, 5) for rows in (100, 2_000, 4_000, 60_000)] == [5, 5, 2, 1]


def test_every_repeat_parts_anew_and_the_figures_are_their_mean(proof: Proof) -> None:
    first, second = proof.passes["scorecard"]
    assert np.isfinite(first).all()
    assert (first != second).any()
    bad = np.arange(ROWS) % 3 == 0
    found = proof.figures("scorecard", bad)
    areas = [metrics.auc(chances, bad) for chances in (first, second)]
    assert found["auc"] == pytest.approx(np.mean(areas), abs=2e-4)
    assert found["auc_of_repeats"] == pytest.approx(sorted(areas), abs=2e-4)
    assert "2 repeats" in proof.how


def test_where_days_are_many_the_later_firms_are_judged_by_the_earlier(proof: Proof) -> None:
    for told in proof.by_time.values():
        assert told["n"] == round(0.3 * ROWS)
        assert 0 < told["auc"] <= 1
        assert told["how"].startswith("the latest 30%")
