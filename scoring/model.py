"""A trained model in use: chance of default, grade, confidence and reasons of one firm.

Floats end here: what leaves is ``Decimal``. A file that does not match its card is refused.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

import numpy as np
import xgboost

from scoring.calibration import Platt
from scoring.catalogue import INDEX, NAMES
from scoring.explanations import Reason, reasons
from scoring.lines import Floats

PLACES = Decimal("0.0001")
LOWEST, HIGHEST = 0.0005, 0.9995  # nobody is certain


class ModelRefused(ValueError):
    """The model file cannot be used; the message says why. Never decide with it."""


@dataclass(frozen=True, slots=True)
class Scored:
    """``pd`` is the chance of default within twelve months, four places; ``confidence`` from 0 to 1, two places."""

    pd: Decimal
    grade: str
    confidence: Decimal
    reasons: tuple[Reason, ...]


class Model:
    """Trees, calibration and grades, loaded from bytes and card."""

    def __init__(self, booster: xgboost.Booster, card: Mapping[str, Any]) -> None:
        self._booster = booster
        self.card = card
        self._calibration = Platt(card["calibration"]["slope"], card["calibration"]["intercept"])
        self._grades = [(str(band["grade"]), Decimal(str(band["pd_up_to"]))) for band in card["grades"]]

    @property
    def id(self) -> str:
        return str(self.card["id"])

    @classmethod
    def load(cls, model_bytes: bytes, card: Mapping[str, Any]) -> Self:
        """Raises ModelRefused when the bytes are not those of the card, or the features are not ours."""
        if hashlib.sha256(model_bytes).hexdigest() != card.get("model_sha256"):
            raise ModelRefused("the model file is not the one that its card describes (SHA-256 differs)")
        if tuple(card["features"]["names"]) != NAMES:
            raise ModelRefused("the model was trained on other features than this version computes")
        booster = xgboost.Booster({"nthread": 1})  # one row at a time: a second thread costs more than it gives
        try:
            booster.load_model(bytearray(model_bytes))
        except xgboost.core.XGBoostError as error:
            raise ModelRefused(f"the model file cannot be read: {error}") from None
        return cls(booster, card)

    def score(self, features: Floats) -> Scored:
        """Judges one firm by its features in the order of the catalogue. NaN is a missing feature."""
        if features.shape != (len(NAMES),):
            raise ValueError(f"expected {len(NAMES)} features, got {features.shape}")
        row = xgboost.DMatrix(features.reshape(1, -1), feature_names=list(NAMES), nthread=1)
        parts = self._booster.predict(row, pred_contribs=True)[0].astype(np.float64)
        pd = self._pd(float(parts.sum()))
        return Scored(
            pd=pd,
            grade=next(grade for grade, bound in self._grades if pd <= bound),
            confidence=confidence(features),
            reasons=reasons(parts[:-1], features, self._calibration.slope),
        )

    def contributions(self, matrix: Floats) -> Floats:
        """What each feature added to each firm's calibrated log-odds or took from it, against the usual firm's."""
        rows = xgboost.DMatrix(matrix, feature_names=list(NAMES), nthread=1)
        parts = self._booster.predict(rows, pred_contribs=True).astype(np.float64)
        return parts[:, :-1] * self._calibration.slope

    def pd(self, features: Floats) -> Decimal:
        """The chance of default alone: what a search for a way to yes asks many times."""
        margin = self._booster.inplace_predict(features.reshape(1, -1), predict_type="margin")
        return self._pd(float(np.asarray(margin).reshape(-1)[0]))

    def pd_of_many(self, matrix: Floats) -> Floats:
        """Chances of default of many firms, as floats."""
        margin = np.asarray(self._booster.inplace_predict(matrix, predict_type="margin"), np.float64)
        return np.clip(self._calibration.pd(margin), LOWEST, HIGHEST)

    def _pd(self, margin: float) -> Decimal:
        chance = self._calibration.chance(margin)
        return Decimal(min(max(chance, LOWEST), HIGHEST)).quantize(PLACES)


def confidence(features: Floats) -> Decimal:
    """How much is known about a firm, from 0 to 1: months of history first, then what is missing or unclear.

    Three clear months give just under 0.6, twelve give 1. Money that came in without a business reason takes off up to
    0.3, and so would features of which none can be computed.
    """
    months = features[INDEX["months_covered"]]
    if not np.isfinite(months):
        return Decimal("0.00")
    known = min(1.0, months / 3.0) * (0.5 + 0.5 * min(1.0, months / 12.0))
    unclear = features[INDEX["unexplained_income"]]
    known -= 0.3 * (float(unclear) if np.isfinite(unclear) else 1.0)
    known -= 0.3 * float(np.mean(~np.isfinite(features)))
    return Decimal(min(max(known, 0.0), 1.0)).quantize(Decimal("0.01"))
