"""Trains the default model: boosted trees that may only move the risk the way the catalogue allows, and their card.

The same lines, firms and seed give the same bytes. Nothing here knows where the firms come from: the caller says it in
``origin``, and the card carries it wherever the model goes.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray

from scoring import metrics
from scoring.calibration import Platt, fit_platt
from scoring.catalogue import CATALOGUE, MONOTONE, NAMES, VERSION
from scoring.faithfulness import faithfulness, usual_good_firm
from scoring.features import features_of_many
from scoring.health import scale_of
from scoring.lines import Floats, Lines
from scoring.model import Model

FOLDS = 5
ROUNDS = 160
THREADS = (
    1  # a few thousand rows: threads that wait for each other cost more than they do, most of all on a busy machine
)
LEAK = 0.95  # a single feature that ranks this well knows the answer
# Bands of the chance of default that grades stand for; policy may cut anew.
GRADES = (("A", 0.02), ("B", 0.05), ("C", 0.10), ("D", 0.18), ("E", 1.0))


class TrainingRefused(ValueError):
    """The data cannot train a model; the message says why."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model as bytes and everything that must be known about it."""

    model_bytes: bytes
    card: dict[str, Any]

    @property
    def model_id(self) -> str:
        """Derived from the bytes and the card: another model has another name."""
        return str(self.card["id"])


def train(
    lines: Lines,
    firms: Mapping[str, NDArray[Any]],
    seed: int,
    progress: Callable[[str], None] = lambda _: None,
    *,
    origin: Mapping[str, Any],
    trained_on: str,
) -> Trained:
    """Trains on firms with a known outcome.

    ``firms`` has ``as_of`` (datetime64[D]), ``default`` (bool, within twelve months after) and, to slice the metrics
    by, ``trade`` (text). ``origin`` says what the firms are; ``trained_on`` is the date, ``YYYY-MM-DD``. ``progress``
    is told the step (``features``, ``fold 1/5`` …, ``fit``, ``card``). Raises TrainingRefused.
    """
    bad = firms["default"].astype(bool)
    if bad.all() or not bad.any():
        raise TrainingRefused("every firm has the same outcome: there is nothing to learn")
    progress("features")
    table = features_of_many(lines, firms["as_of"])
    matrix = table.to_numpy(np.float64)
    _probe_leaks(matrix, bad)
    margins = np.zeros(len(bad))
    chances = np.zeros(len(bad))
    fold_of = _folds(bad, seed)
    for fold in range(FOLDS):
        progress(f"fold {fold + 1}/{FOLDS}")
        held, rest = fold_of == fold, fold_of != fold
        margins[held] = _margin(_fit(matrix[rest], bad[rest], seed), matrix[held])
    for fold in range(FOLDS):  # the calibration that a firm is judged by never saw it
        held = fold_of == fold
        chances[held] = fit_platt(margins[~held], bad[~held]).pd(margins[held])
    calibration = fit_platt(margins, bad)
    progress("fit")
    booster = _fit(matrix, bad, seed)
    model_bytes = bytes(booster.save_raw("ubj"))
    progress("card")
    card = _card(table, bad, firms, chances, booster, calibration, seed, origin, trained_on, model_bytes)
    return Trained(model_bytes, card)


def _fit(matrix: Floats, bad: NDArray[np.bool_], seed: int) -> xgboost.Booster:
    data = xgboost.DMatrix(matrix, label=bad.astype(np.float64), feature_names=list(NAMES), nthread=THREADS)
    return xgboost.train(
        {
            "objective": "binary:logistic",
            "tree_method": "hist",
            "max_depth": 3,
            "eta": 0.05,
            "min_child_weight": 4.0,
            "subsample": 0.8,
            "colsample_bytree": 0.5,
            "reg_lambda": 4.0,
            "max_bin": 64,
            "monotone_constraints": MONOTONE,
            "seed": seed,
            "nthread": THREADS,
            "base_score": float(bad.mean()),
        },
        data,
        num_boost_round=ROUNDS,
    )


def _margin(booster: xgboost.Booster, matrix: Floats) -> Floats:
    return np.asarray(booster.inplace_predict(matrix, predict_type="margin"), np.float64)


def _folds(bad: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    """Folds with the same share of bad firms each."""
    rng = np.random.default_rng(seed)
    fold = np.empty(len(bad), np.int64)
    for outcome in (False, True):
        members = np.flatnonzero(bad == outcome)
        fold[rng.permutation(members)] = np.arange(len(members)) % FOLDS
    return fold


def _probe_leaks(matrix: Floats, bad: NDArray[np.bool_]) -> None:
    for feature, column in zip(CATALOGUE, matrix.T, strict=True):
        there = np.isfinite(column)
        if there.sum() < 20:
            continue
        area = metrics.auc(column[there], bad[there])
        if np.isfinite(area) and max(area, 1 - area) > LEAK:
            raise TrainingRefused(f"{feature.name} alone separates the outcomes (AUC {area:.3f}): it knows the answer")


def _card(
    table: pd.DataFrame,
    bad: NDArray[np.bool_],
    firms: Mapping[str, NDArray[Any]],
    chances: Floats,
    booster: xgboost.Booster,
    calibration: Platt,
    seed: int,
    origin: Mapping[str, Any],
    trained_on: str,
    model_bytes: bytes,
) -> dict[str, Any]:
    matrix = table.to_numpy(np.float64)
    history = table["months_covered"].to_numpy()
    members = {"history under 6 months": history < 6, "history from 6 months": history >= 6}
    if "trade" in firms:
        members |= {f"trade {trade}": firms["trade"] == trade for trade in sorted(set(firms["trade"].tolist()))}
    slices = {name: metrics.summary(chances[mask], bad[mask]) for name, mask in members.items() if mask.any()}
    gains = {name: float(np.sum(gain)) for name, gain in booster.get_score(importance_type="total_gain").items()}
    whole = sum(gains.values()) or 1.0
    card: dict[str, Any] = {
        "kind": "default within twelve months",
        "origin": dict(origin),
        "trained_on": trained_on,
        "seed": seed,
        "features": {"version": VERSION, "names": list(NAMES), "monotone": list(MONOTONE)},
        "importance": {name: round(gains.get(name, 0.0) / whole, 4) for name in NAMES},
        "ranges": {
            name: [_rounded(low), _rounded(high)]
            for name, low, high in zip(NAMES, *np.nanquantile(matrix, [0.01, 0.99], axis=0), strict=True)
        },
        "data_sha256": _data_hash(matrix, bad),
        "calibration": {"kind": "platt", "slope": calibration.slope, "intercept": calibration.intercept},
        "grades": [{"grade": grade, "pd_up_to": bound} for grade, bound in GRADES],
        "metrics": {"how": f"{FOLDS}-fold, each firm judged by a model and a calibration that never saw it",
                    **metrics.summary(chances, bad)},
        "slices": slices,
        "model_sha256": hashlib.sha256(model_bytes).hexdigest(),
    }  # fmt: skip
    card |= _explained(Model(booster, card), matrix, bad, firms, seed)
    canonical = json.dumps(card, sort_keys=True, allow_nan=False).encode()
    card["id"] = f"flows-{hashlib.sha256(canonical).hexdigest()[:12]}"
    return card


def _explained(
    model: Model, matrix: Floats, bad: NDArray[np.bool_], firms: Mapping[str, NDArray[Any]], seed: int
) -> dict[str, Any]:
    """Whether its reasons are causes, and what its firms' health is compared with."""
    reference = usual_good_firm(matrix, bad)
    return {
        "faithfulness": faithfulness(model.pd_of_many, model.contributions, matrix, reference, seed),
        "health": scale_of(model.contributions(matrix), firms.get("trade")),
    }


def _rounded(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None


def _data_hash(matrix: Floats, bad: NDArray[np.bool_]) -> str:
    digest = hashlib.sha256()
    digest.update(np.nan_to_num(matrix, nan=-999.0).round(9).tobytes())
    digest.update(bad.tobytes())
    return digest.hexdigest()
