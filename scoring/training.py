"""Trains a scoring model: scorecard and monotone trees side by side, a choice by a stated rule, and a card.

The same evidence, outcomes and seed give the same bytes. Nothing here knows where the firms come from: the caller says
it in ``origin``, and the card carries it wherever the model goes.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring import metrics
from scoring.candidates import METHODS, SCORECARD, TREES, Chosen, Sample, fit_both
from scoring.catalogue import MONOTONE, NAMES, VERSION
from scoring.evidence import Evidence
from scoring.faithfulness import faithfulness, usual_good_firm
from scoring.features import features_of_many
from scoring.health import scale_of
from scoring.leaks import LEAK, leaking
from scoring.lines import Bools, Floats
from scoring.model import Model
from scoring.monitoring import reference
from scoring.proofs import Proof, prove

# Bands of the chance of default that grades stand for; policy may cut anew.
GRADES = (("A", 0.02), ("B", 0.05), ("C", 0.10), ("D", 0.18), ("E", 1.0))
RULE = (
    "the scorecard, unless the trees' AUC is better by more than two standard errors of the paired difference (DeLong)"
)


TWELVE_MONTHS = "default within twelve months"


class TrainingRefused(ValueError):
    """The data cannot train a model; the message says why."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model as bytes and everything that must be known about it; ``other`` is the candidate that was not chosen."""

    model_bytes: bytes
    card: dict[str, Any]
    other: "Trained | None" = None

    @property
    def model_id(self) -> str:
        """Derived from the bytes and the card: another model has another name."""
        return str(self.card["id"])

    @property
    def fallback(self) -> "Trained | None":
        """The scorecard beside chosen trees; None where the scorecard itself was chosen."""
        return self.other if self.other is not None and self.other.card["method"] == SCORECARD else None


def train(
    evidence: Evidence,
    firms: Mapping[str, NDArray[Any]],
    seed: int,
    progress: Callable[[str], None] = lambda _: None,
    *,
    origin: Mapping[str, Any],
    trained_on: str,
    foretells: str = TWELVE_MONTHS,
    repeats: int = 1,
) -> Trained:
    """Trains on firms with a known outcome.

    ``firms`` has ``as_of`` (datetime64[D]), ``default`` (bool, within twelve months after) and, to slice the metrics
    by, ``trade`` (text). ``origin`` says what the firms are; ``trained_on`` is the date, ``YYYY-MM-DD``; ``foretells``
    what the outcome is; ``repeats`` how often the firms are parted anew at most to judge the model. ``progress`` is
    told the step (``features``, ``fit``, ``proof``, ``card``). Raises TrainingRefused.
    """
    bad = firms["default"].astype(bool)
    _both_outcomes(bad)
    progress("features")
    table = features_of_many(evidence, firms["as_of"])
    sample = Sample(table.to_numpy(np.float64), NAMES, MONOTONE, bad)
    leaks = leaking(sample)
    if leaks:
        name, area = next(iter(leaks.items()))
        raise TrainingRefused(f"{name} alone separates the outcomes (AUC {area:.3f}): it knows the answer")
    progress("fit")
    chosen = fit_both(sample, seed)
    progress("proof")
    day = firms["as_of"].astype("datetime64[D]").astype(np.int64)
    proof = prove(sample, chosen, seed, repeats, day)
    progress("card")
    told = {"kind": foretells, "origin": dict(origin), "trained_on": trained_on, "seed": seed}
    made = {method: _trained(method, chosen, proof, table, bad, firms, told) for method in METHODS}
    first, other = made[chosen.method], made[SCORECARD if chosen.method == TREES else TREES]
    return Trained(first.model_bytes, first.card, other)


def _both_outcomes(bad: Bools) -> None:
    if bad.all() or not bad.any():
        raise TrainingRefused("every firm has the same outcome: there is nothing to learn")
    if min(int(bad.sum()), int((~bad).sum())) < 10:
        raise TrainingRefused(f"{int(bad.sum())} of {len(bad)} firms are bad: at least ten of each outcome are needed")


def _trained(
    method: str,
    chosen: Chosen,
    proof: Proof,
    table: pd.DataFrame,
    bad: Bools,
    firms: Mapping[str, NDArray[Any]],
    told: Mapping[str, Any],
) -> Trained:
    matrix = table.to_numpy(np.float64)
    fitted = chosen.candidates[method]
    unseen = proof.unseen
    model_bytes = fitted.model.save()
    slices = {
        name: metrics.summary(unseen[method][mask], bad[mask])
        for name, mask in _members(table, firms).items()
        if mask.any()
    }
    importance = fitted.model.importance()
    with np.errstate(all="ignore"):
        low, high = _quantiles(matrix)
    card: dict[str, Any] = {
        **told,
        "method": method,
        "features": {"version": VERSION, "names": list(NAMES), "monotone": list(MONOTONE)},
        "importance": {name: round(importance[name], 4) for name in NAMES},
        "ranges": {name: [_rounded(low[n]), _rounded(high[n])] for n, name in enumerate(NAMES)},
        "drift": reference(NAMES, matrix, unseen[method]),
        "data_sha256": _data_hash(matrix, bad),
        "calibration": fitted.calibration.as_json(),
        "grades": [{"grade": grade, "pd_up_to": bound} for grade, bound in GRADES],
        "metrics": {"how": proof.how, **proof.figures(method, bad)},
        "by_time": proof.by_time[method],
        "candidates": {one: proof.figures(one, bad) for one in METHODS},
        "choice": {"rule": RULE, "chosen": chosen.method, "auc_difference": _rounded(chosen.difference),
                   "standard_error": _rounded(chosen.error)},
        "leakage_probe": {"limit": LEAK, "found": []},
        "slices": slices,
        "model_sha256": hashlib.sha256(model_bytes).hexdigest(),
    }  # fmt: skip
    card |= _explained(Model(fitted.model, card), matrix, bad, firms, told["seed"])
    canonical = json.dumps(card, sort_keys=True, allow_nan=False).encode()
    card["id"] = f"{'flows' if method == TREES else 'points'}-{hashlib.sha256(canonical).hexdigest()[:12]}"
    return Trained(model_bytes, card)


def _members(table: pd.DataFrame, firms: Mapping[str, NDArray[Any]]) -> dict[str, Bools]:
    history = np.fmax(table["months_covered"].to_numpy(), table["invoiced_history"].to_numpy())
    members: dict[str, Bools] = {"history under 6 months": history < 6, "history from 6 months": history >= 6}
    billed = np.isfinite(table["invoiced_level"].to_numpy())
    if billed.any() and not billed.all():
        members |= {"with invoices": billed, "without invoices": ~billed}
    if "trade" in firms:
        members |= {f"trade {trade}": firms["trade"] == trade for trade in sorted(set(firms["trade"].tolist()))}
    return members


def _quantiles(matrix: Floats) -> tuple[Floats, Floats]:
    known = np.isfinite(matrix).any(axis=0)
    low, high = np.full(matrix.shape[1], np.nan), np.full(matrix.shape[1], np.nan)
    if known.any():
        low[known], high[known] = np.nanquantile(matrix[:, known], [0.01, 0.99], axis=0)
    return low, high


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


def _data_hash(matrix: Floats, bad: Bools) -> str:
    digest = hashlib.sha256()
    digest.update(np.nan_to_num(matrix, nan=-999.0).round(9).tobytes())
    digest.update(bad.tobytes())
    return digest.hexdigest()
