"""A trained model in use: chance of default, grade, confidence and reasons of one firm.

Floats end here: what leaves is ``Decimal``. A file that does not match its card is refused.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Self

import numpy as np
import xgboost

from scoring.calibration import calibration_of
from scoring.candidates import TREES
from scoring.catalogue import CATALOGUE, INDEX, NAMES, OF_SOURCE, Group, Source
from scoring.explanations import Reason, reasons
from scoring.features import missing_sources
from scoring.lines import Floats
from scoring.scorecard import Scorecard
from scoring.trees import Trees

PLACES = Decimal("0.0001")
HUNDREDTH = Decimal("0.01")  # of confidence: what each source costs that a firm does not show
# Wallets state no balances: their absence is the source's, not the firm's.
_BALANCES = frozenset(n for n, feature in enumerate(CATALOGUE) if feature.group is Group.BALANCE)
_TOLD = {source: tuple(n for n in own if n not in _BALANCES) for source, own in OF_SOURCE.items()}
LOWEST, HIGHEST = 0.0005, 0.9995  # nobody is certain


class ModelRefused(ValueError):
    """The model file cannot be used; the message says why. Never decide with it."""


@dataclass(frozen=True, slots=True)
class Scored:
    """``pd`` is the chance of default within twelve months, four places; ``confidence`` from 0 to 1, two places;
    ``missing`` names the sources of which nothing is known."""

    pd: Decimal
    grade: str
    confidence: Decimal
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...] = ()


class Model:
    """A scorecard or trees, with calibration and grades, loaded from bytes and card."""

    def __init__(self, scorer: Scorecard | Trees, card: Mapping[str, Any]) -> None:
        self._scorer = scorer
        self.card = card
        self._calibration = calibration_of(card["calibration"])
        self._grades = [(str(band["grade"]), Decimal(str(band["pd_up_to"]))) for band in card["grades"]]

    @property
    def id(self) -> str:
        return str(self.card["id"])

    @property
    def method(self) -> str:
        """``trees`` or ``scorecard``."""
        return str(self.card.get("method", TREES))

    @classmethod
    def load(cls, model_bytes: bytes, card: Mapping[str, Any]) -> Self:
        """Raises ModelRefused when the bytes are not those of the card, or the features are not ours."""
        if hashlib.sha256(model_bytes).hexdigest() != card.get("model_sha256"):
            raise ModelRefused("the model file is not the one that its card describes (SHA-256 differs)")
        if tuple(card["features"]["names"]) != NAMES:
            raise ModelRefused("the model was trained on other features than this version computes")
        match card.get("method", TREES):
            case "scorecard":
                return cls(_scorecard(model_bytes), card)
            case "trees":
                return cls(_trees(model_bytes), card)
            case other:
                raise ModelRefused(f"models of the kind {other!r} are not known to this version")

    def score(self, features: Floats) -> Scored:
        """Judges one firm by its features in the order of the catalogue. NaN is a missing feature."""
        if features.shape != (len(NAMES),):
            raise ValueError(f"expected {len(NAMES)} features, got {features.shape}")
        parts = self._scorer.contributions(features.reshape(1, -1))[0]
        pd = self._pd(float(parts.sum()))
        return Scored(
            pd=pd,
            grade=next(grade for grade, bound in self._grades if pd <= bound),
            confidence=confidence(features),
            reasons=reasons(parts[:-1], features, self._calibration.slope),
            missing=tuple(source.value for source in missing_sources(features)),
        )

    def pd(self, features: Floats) -> Decimal:
        """The chance of default alone: what a search for a way to yes asks many times."""
        return self._pd(float(self._scorer.margin(features.reshape(1, -1))[0]))

    def pd_of_many(self, matrix: Floats) -> Floats:
        """Chances of default of many firms, as floats."""
        return np.clip(self._calibration.pd(self._scorer.margin(matrix)), LOWEST, HIGHEST)

    def contributions(self, matrix: Floats) -> Floats:
        """What each feature added to each firm's calibrated log-odds or took from it, against the usual firm's.

        TreeSHAP of trees; slope times weight of evidence of a scorecard.
        """
        return self._scorer.contributions(matrix)[:, :-1] * self._calibration.slope

    def _pd(self, margin: float) -> Decimal:
        chance = self._calibration.chance(margin)
        return Decimal(min(max(chance, LOWEST), HIGHEST)).quantize(PLACES)


def confidence(features: Floats) -> Decimal:
    """How much is known about a firm, from 0 to 1: months of history first, then what is missing or unclear.

    The months are those of the bills or of the invoices, whichever tell more. Three clear months give just under 0.6,
    twelve give nearly 1. Features that cannot be computed take off up to 0.3, by the source that has the fewest gaps
    (what an owner may say and does not is no gap): another source beside it never takes confidence away. Money that
    came in without a business reason takes off up to 0.3, in whole hundredths. Each source that is not there at all
    takes off 0.01 of what is shown, after rounding, so that its absence can be seen.
    """
    known_months = features[[INDEX["months_covered"], INDEX["invoiced_history"]]]
    if not np.isfinite(known_months).any():
        return Decimal("0.00")
    months = float(np.nanmax(known_months))
    known = min(1.0, months / 3.0) * (0.52 + 0.48 * min(1.0, months / 12.0))
    absent = missing_sources(features)
    shown = [source for source in OF_SOURCE if source not in absent and source is not Source.DECLARED]
    known -= 0.3 * min(float(np.mean(~np.isfinite(features[list(_TOLD[source])]))) for source in shown)
    rounded = Decimal(min(max(known, 0.0), 1.0)).quantize(HUNDREDTH)
    if Source.STATEMENTS not in absent:
        unclear = features[INDEX["unexplained_income"]]
        costs = 0.3 * (float(unclear) if np.isfinite(unclear) else 1.0)
        rounded -= Decimal(f"{costs:.9f}").quantize(HUNDREDTH, ROUND_FLOOR)
    return max(rounded - HUNDREDTH * len(absent), Decimal("0.00"))


def _scorecard(model_bytes: bytes) -> Scorecard:
    try:
        card = Scorecard.load(model_bytes)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelRefused(f"the model file cannot be read: {error}") from None
    if card.names != NAMES:
        raise ModelRefused("the scorecard was made for other features than this version computes")
    return card


def _trees(model_bytes: bytes) -> Trees:
    booster = xgboost.Booster({"nthread": 1})  # one row at a time: a second thread costs more than it gives
    try:
        booster.load_model(bytearray(model_bytes))
    except xgboost.core.XGBoostError as error:
        raise ModelRefused(f"the model file cannot be read: {error}") from None
    return Trees(booster, NAMES)
