"""Boosted trees that may only move the risk the way the catalogue allows (XGBoost with monotone constraints)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xgboost

from scoring.lines import Bools, Floats

# A few thousand rows: threads that wait for each other cost more than they do, most of all on a busy machine.
THREADS = 1
MOST_ROUNDS = 400
PATIENCE = 25
LEAST_ROUNDS = 20
HELD_BACK = 5  # one part in five says when to stop


@dataclass(frozen=True, slots=True)
class Trees:
    """A booster whose margin is log-odds of default."""

    booster: xgboost.Booster
    names: tuple[str, ...]

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds of default of each row."""
        return np.asarray(self.booster.inplace_predict(matrix, predict_type="margin"), np.float64)

    def contributions(self, matrix: Floats) -> Floats:
        """TreeSHAP: log-odds that each feature adds, one column more for the usual firm; rows add up to the margin."""
        data = xgboost.DMatrix(matrix, feature_names=list(self.names), nthread=THREADS)
        return np.asarray(self.booster.predict(data, pred_contribs=True), np.float64)

    def importance(self) -> dict[str, float]:
        """Shares of the gain."""
        told = self.booster.get_score(importance_type="total_gain")
        gains = {name: float(np.sum(gain)) for name, gain in told.items()}
        whole = sum(gains.values()) or 1.0
        return {name: gains.get(name, 0.0) / whole for name in self.names}

    def save(self) -> bytes:
        """XGBoost's own binary form."""
        return bytes(self.booster.save_raw("ubj"))


def fit_trees(
    matrix: Floats, bad: Bools, names: Sequence[str], risk: Sequence[int], seed: int, level: Floats | None = None
) -> Trees:
    """Fits trees; a fifth of the rows first says when to stop, and all rows then teach that long. ``level``: log-odds
    of each row's own time, which the margin is then beside."""
    rounds = stopping_round(matrix, bad, names, risk, seed, level)
    parameters = _parameters(bad, risk, seed, level)
    booster = xgboost.train(parameters, _data(matrix, bad, names, level), num_boost_round=rounds)
    return Trees(booster, tuple(names))


def stopping_round(
    matrix: Floats, bad: Bools, names: Sequence[str], risk: Sequence[int], seed: int, level: Floats | None = None
) -> int:
    """How many rounds help rows that the trees have not seen; only the given rows are looked at."""
    rng = np.random.default_rng(seed)
    held = np.zeros(len(bad), np.bool_)
    for outcome in (False, True):
        members = np.flatnonzero(bad == outcome)
        held[rng.permutation(members)[: max(len(members) // HELD_BACK, 1)]] = True
    if bad[~held].all() or not bad[~held].any():
        return LEAST_ROUNDS
    rest, later = (None, None) if level is None else (level[~held], level[held])
    parameters = _parameters(bad[~held], risk, seed, level) | {"eval_metric": "logloss"}
    booster = xgboost.train(
        parameters,
        _data(matrix[~held], bad[~held], names, rest),
        num_boost_round=MOST_ROUNDS,
        evals=[(_data(matrix[held], bad[held], names, later), "held")],
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )
    return max(int(booster.best_iteration) + 1, LEAST_ROUNDS)


def _parameters(bad: Bools, risk: Sequence[int], seed: int, level: Floats | None) -> dict[str, object]:
    few = int(bad.sum()) < 200
    return {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "max_depth": 2 if few else 4,
        "eta": 0.08,
        "min_child_weight": 2.0 if few else 6.0,
        "subsample": 0.8,
        "colsample_bynode": 0.3 if few else 0.5,
        "reg_lambda": 4.0,
        "max_bin": 64,
        "monotone_constraints": tuple(risk),
        "seed": seed,
        "nthread": THREADS,
        "base_score": float(np.clip(bad.mean(), 0.001, 0.999)) if level is None else 0.5,
    }


def _data(matrix: Floats, bad: Bools, names: Sequence[str], level: Floats | None) -> xgboost.DMatrix:
    label = bad.astype(np.float64)
    return xgboost.DMatrix(matrix, label=label, base_margin=level, feature_names=list(names), nthread=THREADS)
