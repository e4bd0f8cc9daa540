"""From a model's margin to a chance of default: Platt's sigmoid with his smoothed targets (Platt 1999), or steps that
never fall (isotonic) where many firms can carry them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.binning import isotonic
from scoring.lines import Floats


@dataclass(frozen=True, slots=True)
class Platt:
    """``1 / (1 + exp(-(slope * margin + intercept)))``; the slope is never negative, so order is kept."""

    slope: float
    intercept: float

    def chance(self, margin: float) -> float:
        """The chance of default for one margin in log-odds."""
        return float(self.pd(np.array([margin]))[0])

    def pd(self, margin: Floats) -> Floats:
        """The chance of default for margins in log-odds."""
        return 1 / (1 + np.exp(-np.clip(self.slope * margin + self.intercept, -40, 40)))

    def as_json(self) -> dict[str, Any]:
        return {"kind": "platt", "slope": self.slope, "intercept": self.intercept}


@dataclass(frozen=True, slots=True)
class Steps:
    """Straight lines between ``knots`` (margins) and their ``rates``; flat beyond them. ``slope`` is that of the
    sigmoid through the same firms: what reasons are weighed by."""

    knots: tuple[float, ...]
    rates: tuple[float, ...]
    slope: float

    def chance(self, margin: float) -> float:
        """The chance of default for one margin in log-odds."""
        return float(np.interp(margin, self.knots, self.rates))

    def pd(self, margin: Floats) -> Floats:
        """The chance of default for margins in log-odds."""
        return np.interp(margin, self.knots, self.rates)

    def as_json(self) -> dict[str, Any]:
        return {"kind": "isotonic", "knots": list(self.knots), "rates": list(self.rates), "slope": self.slope}


Calibration = Platt | Steps
BELIEVED = 100.0  # rows that hold a level against the newest outcomes
ISOTONIC_FROM = 1_000  # bad ones: below, steps follow chance


def fit_calibration(
    margin: Floats, bad: NDArray[np.bool_], level: Floats | None = None, today: float = 0.0
) -> Calibration:
    """Isotonic from a thousand firms of either outcome, the sigmoid below. Margins beside a ``level`` (log-odds of each
    row's own time) get the sigmoid, stated at the level of ``today``."""
    if level is not None:
        beside = fit_platt(margin, bad, level=level)
        return Platt(beside.slope, beside.intercept + today)
    platt = fit_platt(margin, bad)
    if min(int(bad.sum()), int((~bad).sum())) < ISOTONIC_FROM or platt.slope == 0:
        return platt
    # Of fifty groups in order of margin: as many steps as chance allows, and a card that can still be read.
    order = np.argsort(margin, kind="stable")
    groups = [group for group in np.array_split(order, 50) if len(group)]
    centre = np.concatenate([np.full(len(group), margin[group].mean()) for group in groups])
    knots, rates = isotonic(centre, bad[np.concatenate(groups)])
    return Steps(tuple(knots.tolist()), tuple(rates.tolist()), platt.slope)


def calibration_of(told: Mapping[str, Any]) -> Calibration:
    """The calibration that a card tells."""
    if told["kind"] == "isotonic":
        return Steps(tuple(told["knots"]), tuple(told["rates"]), float(told["slope"]))
    return Platt(float(told["slope"]), float(told["intercept"]))


def fit_platt(margin: Floats, bad: NDArray[np.bool_], rounds: int = 50, level: Floats | None = None) -> Platt:
    """Fits the sigmoid by Newton's method; targets are pulled from 0 and 1 so that few firms do not mean certainty.
    ``level`` is added to what the sigmoid takes, row by row."""
    positive, negative = int(bad.sum()), int((~bad).sum())
    target = np.where(bad, (positive + 1) / (positive + 2), 1 / (negative + 2))
    beside = np.zeros_like(margin) if level is None else level
    columns = np.column_stack([margin, np.ones_like(margin)])
    usual = float(np.log((positive + 1) / (negative + 1)) - beside.mean())
    weights = np.array([1.0, usual])
    if np.isfinite(margin).all() and margin.std() > 0:
        weights[1] -= float(margin.mean())
    ridge = np.diag([1e-6, 1e-6])
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-np.clip(columns @ weights + beside, -30, 30)))
        gradient = columns.T @ (chance - target) + ridge @ weights
        curvature = (columns * (chance * (1 - chance))[:, None]).T @ columns + ridge
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step
        if np.abs(step).max() < 1e-10:
            break
    slope, intercept = float(weights[0]), float(weights[1])
    if slope < 0:  # a model worse than chance tells nothing: everyone gets the base rate
        return Platt(0.0, usual)
    return Platt(slope, intercept)


def moved(chance: Floats, newest: Floats, bad: NDArray[np.bool_]) -> Floats:
    """Chances as the newest known outcomes have them: the sigmoid that, over what had been said of those rows
    (``newest``), fits what became of them (``bad``). ``BELIEVED`` rows that went as said hold it."""
    if not len(bad):
        return chance
    said = _log_odds(newest)
    centre = float(said.mean())
    columns = np.column_stack([said - centre, np.ones_like(said)])
    before, weights = np.array([1.0, centre]), np.array([1.0, centre])
    usual = columns * np.sqrt(newest * (1 - newest))[:, None]
    hold = BELIEVED / len(bad) * (usual.T @ usual)
    for _ in range(20):
        now = 1 / (1 + np.exp(-np.clip(columns @ weights, -30, 30)))
        gradient = columns.T @ (now - bad) + hold @ (weights - before)
        curvature = (columns * (now * (1 - now))[:, None]).T @ columns + hold + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    slope, intercept = max(float(weights[0]), 0.0), float(weights[1])
    return 1 / (1 + np.exp(-(slope * (_log_odds(chance) - centre) + intercept)))


def _log_odds(chance: Floats) -> Floats:
    within = np.clip(chance, 1e-6, 1 - 1e-6)
    return np.log(within / (1 - within))
