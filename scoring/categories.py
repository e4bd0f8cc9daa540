"""Codes that have no order, as weights of evidence: the log-odds of default of each code against everybody's."""

from collections.abc import Mapping, Sequence

import numpy as np

from scoring.binning import against, log_odds
from scoring.lines import Bools, Floats, Ints

SMOOTHING = 20.0  # a code's rate is mixed with everybody's as if so many more firms had it

Weights = Mapping[int, Mapping[float, float]]  # of each column, of each code


def learnt(
    matrix: Floats, places: Sequence[int], bad: Bools, fold: Ints, expected: Floats | None
) -> tuple[Floats, Weights]:
    """The matrix with the columns ``places`` as weights, each row's from rows of other folds than its own, so that a
    code of one firm does not tell that firm's own outcome; and the weights of all rows, for later ones. ``expected`` is
    the rate of each row's own time, where times differ."""
    out = matrix.copy()
    usual = np.full(len(bad), bad.mean()) if expected is None else expected
    for place in places:
        column = matrix[:, place]
        for part in range(int(fold.max()) + 1):
            held = fold == part
            known = _weights(column[~held], bad[~held], usual[~held])
            out[held, place] = _looked_up(column[held], known)
    return out, {place: _weights(matrix[:, place], bad, usual) for place in places}


def weighed(matrix: Floats, weights: Weights) -> Floats:
    """The matrix with codes as weights."""
    if not weights:
        return matrix
    out = matrix.copy()
    for place, known in weights.items():
        out[:, place] = _looked_up(matrix[:, place], known)
    return out


def _weights(column: Floats, bad: Bools, expected: Floats) -> dict[float, float]:
    there = np.isfinite(column)
    codes, place = np.unique(column[there], return_inverse=True)
    rate = float(np.clip(bad.mean(), 1e-6, 1 - 1e-6))
    weight = np.bincount(place, minlength=len(codes)) + SMOOTHING
    rates = (np.bincount(place, bad[there], len(codes)) + SMOOTHING * rate) / weight
    usual = (np.bincount(place, expected[there], len(codes)) + SMOOTHING * rate) / weight
    woe = log_odds(against(rates, usual, rate)) - log_odds(rate)
    return dict(zip(codes.tolist(), woe.tolist(), strict=True))


def _looked_up(column: Floats, known: Mapping[float, float]) -> Floats:
    """A code never seen has the weight of nothing; a missing one stays missing."""
    codes, place = np.unique(column, return_inverse=True)
    values = np.array([known.get(code, 0.0) if np.isfinite(code) else np.nan for code in codes.tolist()])
    return values[place]
