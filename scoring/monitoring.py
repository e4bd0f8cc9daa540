"""Whether a model still meets the firms that it was trained on, and whether its chances still come true.

Drift is the population stability index (PSI) of each feature and of the score against the bins in the model's card;
calibration in the large compares the loans that matured with what was said of them. Both carry what chance alone does.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.lines import Floats

Bools = NDArray[np.bool_]

BINS = 10
# A bin that nobody is in would make the index infinite: it counts as half a firm.
HALF_A_FIRM = 0.5
SCORE = "score"
# One-sided 95 % and two-sided 95 % of the normal distribution.
ONE_SIDED, TWO_SIDED = 1.6449, 1.9600


@dataclass(frozen=True, slots=True)
class Drift:
    """``psi`` of one feature, or of the ``score``; ``noise`` is the bound that chance alone seldom passes."""

    subject: str
    psi: float
    noise: float
    firms: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Defaults that were foretold and that came, as rates; ``low`` and ``high`` hold the true rate 95 times in 100."""

    loans: int
    bad: int
    expected: float
    observed: float
    low: float
    high: float

    @property
    def ratio(self) -> float:
        """Observed over expected: above 1 more defaulted than was said. NaN where nothing was expected."""
        return self.observed / self.expected if self.expected else float("nan")

    def broken(self, *, least: int, ratio_from: float, ratio_to: float) -> bool:
        """More than chance, and more than the policy bears: at least so many loans, a rate outside, a ratio outside."""
        if self.loans < least or not self.expected:
            return False
        outside = not self.low <= self.expected <= self.high
        return outside and not ratio_from <= self.ratio <= ratio_to


def reference(names: Sequence[str], matrix: Floats, pd: Floats) -> dict[str, Any]:
    """What a card keeps of the firms of its training: bins and shares of each feature and of the score.

    ``matrix`` is firms by features with NaN for what is missing, ``pd`` the chances of firms that the model never saw.
    """
    kept = {name: _bins(column) for name, column in zip(names, matrix.T, strict=True)}
    return {"firms": len(pd), "features": kept, SCORE: _bins(pd)}


def _bins(column: Floats) -> dict[str, Any]:
    known = column[np.isfinite(column)]
    edges: list[float] = []
    if len(known):
        edges = sorted({round(float(edge), 9) for edge in np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])})
    return {"edges": edges, "shares": [round(float(share), 6) for share in _shares(column, edges)]}


def _shares(column: Floats, edges: Sequence[float]) -> Floats:
    """The part of firms in each bin; the last one holds those without the feature."""
    counts = np.zeros(len(edges) + 2, np.float64)
    known = np.isfinite(column)
    # Edges are upper bounds and belong to their bin: a feature that is often exactly 0 keeps its zeros together.
    np.add.at(counts, np.searchsorted(np.asarray(edges, np.float64), column[known], side="left"), 1)
    counts[-1] = float((~known).sum())
    return counts / max(len(column), 1)


def drifts(kept: Mapping[str, Any], names: Sequence[str], matrix: Floats, pd: Floats) -> list[Drift]:
    """The drift of the score and of every feature that the card has bins for; the score first, then the largest."""
    if not len(pd):
        return []
    taught = int(kept.get("firms", 0))
    found = [
        _drift(name, column, kept["features"][name], taught)
        for name, column in zip(names, matrix.T, strict=True)
        if name in kept.get("features", {})
    ]
    found.sort(key=lambda drift: -drift.psi)
    return [_drift(SCORE, pd, kept[SCORE], taught), *found] if SCORE in kept else found


def _drift(subject: str, column: Floats, bins: Mapping[str, Any], taught: int) -> Drift:
    before = np.asarray(bins["shares"], np.float64)
    now = _shares(column, bins["edges"])
    least = HALF_A_FIRM / max(taught, 1), HALF_A_FIRM / len(column)
    found = psi(before, now, least=least)
    return Drift(subject, found, noise(int((before > 0).sum()), taught, len(column)), len(column))


def psi(before: Floats, now: Floats, *, least: tuple[float, float] = (1e-4, 1e-4)) -> float:
    """Population stability index of two lists of shares: 0 when they are the same; ``least`` stands for no share."""
    old, new = np.maximum(before, least[0]), np.maximum(now, least[1])
    return float(np.sum((new - old) * np.log(new / old)))


def noise(bins: int, before: int, now: int) -> float:
    """The bound that chance alone seldom passes: the 95 % point of PSI for large samples (Yurdakul 2018).

    That is chi-squared over the harmonic size. Small samples pass it more often, since shares near nothing weigh more
    than chi-squared expects: of unchanged features some 13 in 100 do at 100 firms, 7 at 200, 5 only at many hundreds.
    The quantile by Wilson and Hilferty (1931), a thousandth off at most.
    """
    freedom = max(bins - 1, 1)
    part = 2 / (9 * freedom)
    quantile = freedom * (1 - part + ONE_SIDED * math.sqrt(part)) ** 3
    return quantile * (1 / max(before, 1) + 1 / max(now, 1))


def calibration(pd: Floats, bad: Bools) -> Calibration:
    """Calibration in the large, with Wilson's interval (1927) of the rate that was observed."""
    loans = len(pd)
    if not loans:
        nothing = float("nan")
        return Calibration(0, 0, nothing, nothing, nothing, nothing)
    seen = int(bad.sum())
    low, high = wilson(seen, loans)
    return Calibration(loans, seen, float(pd.mean()), seen / loans, low, high)


@dataclass(frozen=True, slots=True)
class GradeSeen:
    """What came of one grade: ``band`` is its range of chances, the lower bound left out."""

    grade: str
    band: tuple[float, float]
    seen: Calibration

    @property
    def outside(self) -> bool:
        """Whether what came, within what chance allows, lies beside what the grade says."""
        return self.seen.high < self.band[0] or self.seen.low > self.band[1]


def by_grade(pd: Floats, bad: Bools, bands: Sequence[tuple[str, float]]) -> list[GradeSeen]:
    """Defaults that came of each grade beside the range that it stands for; ``bands``: grades with upper bounds, the
    best first. Grades that nobody had are left out."""
    found: list[GradeSeen] = []
    below = 0.0
    for grade, upper in bands:
        mine = (pd <= upper) & ((pd > below) if below else np.ones(len(pd), bool))
        if mine.any():
            found.append(GradeSeen(grade, (below, upper), calibration(pd[mine], bad[mine])))
        below = upper
    return found


def wilson(hits: int, of: int, z: float = TWO_SIDED) -> tuple[float, float]:
    """The interval of a rate; (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    rate = hits / of
    middle = (rate + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(rate * (1 - rate) / of + z * z / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)
