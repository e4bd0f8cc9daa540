"""Points are the same for a firm alone and among many."""

import numpy as np

from scoring.scorecard import FEW, Scorecard, fit_scorecard


def fitted(seed: int) -> tuple[Scorecard, np.ndarray]:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(600, 12))
    matrix[:, 3] = np.round(matrix[:, 3])  # many values stand on an edge
    bad = rng.random(600) < 1 / (1 + np.exp(-(matrix[:, 0] + matrix[:, 3] - 1.5)))
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    card = fit_scorecard(matrix, bad, [f"f{n}" for n in range(12)], [1] * 6 + [0] * 6)
    matrix[7], matrix[8], matrix[9] = np.nan, np.inf, -np.inf
    edges = next(bins.edges for bins in card.bins if bins is not None)
    matrix[: len(edges), next(n for n, bins in enumerate(card.bins) if bins is not None)] = edges
    return card, matrix


def test_a_firm_alone_gets_what_it_gets_among_many() -> None:
    for seed in range(3):
        card, matrix = fitted(seed)
        together = card.contributions(matrix)
        assert len(matrix) > FEW
        assert len(set(np.flatnonzero(together[:, :-1].any(axis=0)))) > 1
        for count in (1, 5, FEW):
            parts = [card.contributions(matrix[begin : begin + count]) for begin in range(0, 100, count)]
            assert (np.concatenate(parts)[:100] == together[:100]).all()


def test_a_card_is_the_same_after_it_was_kept() -> None:
    card, matrix = fitted(1)
    again = Scorecard.load(card.save())
    assert again.save() == card.save()
    assert (again.margin(matrix) == card.margin(matrix)).all()


def test_a_card_without_features_says_the_usual_firms_odds() -> None:
    empty = Scorecard(("a", "b"), (None, None), (0.0, 0.0), -2.5)
    assert empty.contributions(np.full((2, 2), np.nan)).tolist() == [[0.0, 0.0, -2.5]] * 2
