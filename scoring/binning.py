"""A feature in a few bins, each with its weight of evidence: the log-odds of default there against everybody's.

Weights are pulled towards nothing where few firms stand behind them, and where the catalogue knows which way a feature
may move the risk they never turn back (pool adjacent violators).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.lines import Bools, Floats, Ints

MOST_BINS = 10
FIRMS_A_BIN = 8  # fewer say nothing of their own
SMOOTHING = 8.0  # a bin's rate is mixed with everybody's as if so many more firms stood in it
FEW_MISSING = 5  # below this many firms a missing feature says nothing at all


@dataclass(frozen=True, slots=True)
class Bins:
    """``edges`` in rising order; bin ``i`` holds what is above ``edges[i-1]`` and up to ``edges[i]``. ``woe`` has one
    value a bin (positive raises the risk); ``missing`` is the weight of a feature that is not there."""

    edges: tuple[float, ...]
    woe: tuple[float, ...]
    missing: float

    def weigh(self, column: Floats) -> Floats:
        """The weight of each value; NaN is missing."""
        place = np.searchsorted(self.edges, column, side="left")
        return np.where(np.isfinite(column), np.array(self.woe)[np.minimum(place, len(self.woe) - 1)], self.missing)

    @property
    def says_something(self) -> bool:
        """Whether any two firms are told apart."""
        return len({*self.woe, self.missing}) > 1

    def as_json(self) -> dict[str, Any]:
        return {"edges": list(self.edges), "woe": list(self.woe), "missing": self.missing}


def fit_bins(column: Floats, bad: Bools, risk: int, expected: Floats | None = None) -> Bins:
    """Bins of about equal size. ``risk`` 1: the weight only rises with the feature; -1: it only falls; 0: it may do
    what it likes, in fewer bins. ``expected`` is the rate of each row's own time: weights are against it, not against
    everybody's of all times."""
    there = np.isfinite(column)
    values, outcome = column[there], bad[there]
    most = int(np.clip(len(values) // FIRMS_A_BIN, 2, MOST_BINS if risk or len(values) > 2000 else MOST_BINS // 2))
    cuts = np.unique(np.quantile(values, np.arange(1, most) / most)) if len(values) else np.zeros(0)
    cuts = cuts[cuts < values.max()] if len(values) else cuts
    place = np.searchsorted(cuts, values, side="left")
    bads = np.bincount(place, outcome, len(cuts) + 1)
    counts = np.bincount(place, minlength=len(cuts) + 1).astype(np.float64)
    rate = float(bad.mean())
    weight = counts + SMOOTHING
    rates = (bads + SMOOTHING * rate) / weight
    absent = int((~there).sum())
    missing = (float(bad[~there].sum()) + 2 * SMOOTHING * rate) / (absent + 2 * SMOOTHING)
    if expected is not None:
        usual = (np.bincount(place, expected[there], len(cuts) + 1) + SMOOTHING * rate) / weight
        rates = against(rates, usual, rate)
        usual = (float(expected[~there].sum()) + 2 * SMOOTHING * rate) / (absent + 2 * SMOOTHING)
        missing = against(missing, usual, rate)
    if risk:
        rates = _never_turning(rates * risk, weight) * risk
    return Bins(
        tuple(float(cut) for cut in cuts),
        tuple(round(float(value), 6) for value in log_odds(rates) - log_odds(rate)),
        round(float(log_odds(missing) - log_odds(rate)), 6) if absent >= FEW_MISSING else 0.0,
    )


def log_odds(rate: Any) -> Any:
    """Of one rate or of many."""
    return np.log(rate / (1 - rate))


def against(rates: Any, usual: Any, rate: float) -> Any:
    """The rates that bins would have, were their rows of a time with everybody's ``rate`` and not with the usual
    one."""
    return 1 / (1 + np.exp(-(log_odds(rates) - log_odds(usual) + log_odds(rate))))


def _never_turning(values: Floats, weight: Floats) -> Floats:
    """The nearest values in weighted squares that never fall (Ayer and others 1955)."""
    level: list[float] = []
    mass: list[float] = []
    width: list[int] = []
    for value, own in zip(values.tolist(), weight.tolist(), strict=True):
        level.append(value)
        mass.append(own)
        width.append(1)
        while len(level) > 1 and level[-2] > level[-1]:
            both = mass[-2] + mass[-1]
            level[-2:] = [(level[-2] * mass[-2] + level[-1] * mass[-1]) / both]
            mass[-2:] = [both]
            width[-2:] = [width[-2] + width[-1]]
    return np.repeat(np.array(level), np.array(width, np.int64))


def isotonic(score: Floats, bad: Bools) -> tuple[Floats, Floats]:
    """Steps from score to the share of bad ones that never falls: knots and their rates, for linear reading between."""
    order: Ints = np.argsort(score, kind="stable")
    knots, place = np.unique(score[order], return_inverse=True)
    counts = np.bincount(place).astype(np.float64)
    rates = np.bincount(place, bad[order]) / counts
    return knots, _never_turning(rates, counts)
