"""The scorecard: each feature's bin is worth points, and points add up. Logistic regression on weights of evidence.

Small data favours it: it has one free number a feature, never below zero, so no feature can turn against the direction
that its own bins show, and a ridge holds all of them down. It reads as a page: JSON, no library.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from scoring.binning import Bins, fit_bins
from scoring.lines import Bools, Floats, Ints

RIDGE = 40.0  # in firms: what pulls each coefficient back to nothing
ROUNDS, SWEEPS = 25, 60
LEAST_WORTH = 0.02  # information value below which a feature is left out ...
BEYOND_CHANCE = 2.0  # ... or, of many rows, so many times what chance gives as many bins
FEW = 32  # rows for which all features are weighed at once
POINTS_TO_DOUBLE = 20.0  # so many points halve the odds of default
POINTS_AT_EVENS = 500.0


@dataclass(frozen=True, slots=True)
class _Table:
    """The bins of the features that count, side by side: edges filled up with infinity, weights with the last."""

    places: Ints
    edges: Floats
    woe: Floats
    missing: Floats
    slopes: Floats

    @classmethod
    def of(cls, bins: Sequence[Bins | None], slopes: Sequence[float]) -> Self:
        used = [(n, one, slope) for n, (one, slope) in enumerate(zip(bins, slopes, strict=True)) if one and slope > 0]
        most = max((len(one.edges) for _, one, _ in used), default=0)
        edges = np.full((len(used), most), np.inf)
        woe = np.zeros((len(used), most + 1))
        for row, (_, one, _) in enumerate(used):
            edges[row, : len(one.edges)] = one.edges
            woe[row] = one.woe[-1]
            woe[row, : len(one.woe)] = one.woe
        missing, weight = np.array([one.missing for _, one, _ in used]), np.array([slope for *_, slope in used])
        return cls(np.array([n for n, *_ in used], np.int64), edges, woe, missing, weight)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """``bins`` and ``slopes`` in the order of ``names``; the margin is log-odds of default."""

    names: tuple[str, ...]
    bins: tuple[Bins | None, ...]
    slopes: tuple[float, ...]
    intercept: float
    _table: "_Table" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_table", _Table.of(self.bins, self.slopes))

    def contributions(self, matrix: Floats) -> Floats:
        """Log-odds that each feature adds, one column more for the intercept; rows add up to the margin."""
        out = np.zeros((len(matrix), len(self.names) + 1))
        out[:, -1] = self.intercept
        if len(matrix) <= FEW:  # one firm waits for its answer: all features at once
            table = self._table
            values = matrix[:, table.places]
            bin_of = (values[:, :, None] > table.edges).sum(axis=2)
            weights = table.woe[np.arange(len(table.places)), bin_of]
            out[:, table.places] = table.slopes * np.where(np.isfinite(values), weights, table.missing)
            return out
        for position, (bins, slope) in enumerate(zip(self.bins, self.slopes, strict=True)):
            if bins is not None and slope > 0:
                out[:, position] = slope * bins.weigh(matrix[:, position])
        return out

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds of default of each row."""
        return self.contributions(matrix).sum(axis=1)

    def points(self, matrix: Floats) -> Floats:
        """The same as points: more is safer, 20 more halve the odds of default."""
        return POINTS_AT_EVENS - self.margin(matrix) * POINTS_TO_DOUBLE / np.log(2)

    def importance(self) -> dict[str, float]:
        """The spread of what each feature may add, as shares of one."""
        spread = [
            0.0 if bins is None else slope * (max(*bins.woe, bins.missing) - min(*bins.woe, bins.missing))
            for bins, slope in zip(self.bins, self.slopes, strict=True)
        ]
        whole = sum(spread) or 1.0
        return {name: value / whole for name, value in zip(self.names, spread, strict=True)}

    def save(self) -> bytes:
        """JSON; the same card gives the same bytes."""
        used = {
            name: {**bins.as_json(), "slope": slope}
            for name, bins, slope in zip(self.names, self.bins, self.slopes, strict=True)
            if bins is not None and slope > 0
        }
        told = {"names": list(self.names), "intercept": self.intercept, "features": used}
        return json.dumps(told, sort_keys=True, allow_nan=False).encode()

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Raises ValueError, KeyError or TypeError for what is no scorecard."""
        told: Mapping[str, Any] = json.loads(data)
        names, used = tuple(told["names"]), told["features"]
        bins = tuple(
            Bins(tuple(used[name]["edges"]), tuple(used[name]["woe"]), float(used[name]["missing"]))
            if name in used
            else None
            for name in names
        )
        slopes = tuple(float(used[name]["slope"]) if name in used else 0.0 for name in names)
        return cls(names, bins, slopes, float(told["intercept"]))


def fit_scorecard(
    matrix: Floats,
    bad: Bools,
    names: Sequence[str],
    risk: Sequence[int],
    ridge: float = RIDGE,
    level: Floats | None = None,
) -> Scorecard:
    """Fits bins, then slopes. The same rows give the same card. ``level``: log-odds of each row's own time, which the
    card's margin is then beside."""
    expected = None if level is None else 1 / (1 + np.exp(-level))
    bins = [fit_bins(column, bad, way, expected) for column, way in zip(matrix.T, risk, strict=True)]
    kept = [
        n for n, one in enumerate(bins) if one.says_something and _worth(one, matrix[:, n], bad) >= _least(one, bad)
    ]
    woe = np.column_stack([bins[n].weigh(matrix[:, n]) for n in kept]) if kept else np.zeros((len(bad), 0))
    slopes, intercept = _logistic(woe, bad, ridge, np.zeros(len(bad)) if level is None else level)
    all_slopes = np.zeros(len(names))
    all_slopes[kept] = slopes
    return Scorecard(
        tuple(names),
        tuple(one if n in set(kept) else None for n, one in enumerate(bins)),
        tuple(round(float(slope), 8) for slope in all_slopes),
        round(float(intercept), 8),
    )


def _worth(bins: Bins, column: Floats, bad: Bools) -> float:
    """The information value over the bins: how differently good and bad firms spread over them."""
    woe = bins.weigh(column)
    return float(woe[bad].mean() - woe[~bad].mean())


def _least(bins: Bins, bad: Bools) -> float:
    by_chance = (len(bins.woe) - 1) * (1 / max(int(bad.sum()), 1) + 1 / max(int((~bad).sum()), 1))
    return min(LEAST_WORTH, BEYOND_CHANCE * by_chance)


def _logistic(woe: Floats, bad: Bools, ridge: float, level: Floats) -> tuple[Floats, float]:
    """Slopes of at least zero and the intercept: Newton's quadratic by turns, minimised coordinate by coordinate."""
    count = woe.shape[1]
    columns = np.column_stack([woe, np.ones(len(bad))])
    penalty = np.append(np.full(count, ridge), 1e-6)
    beta = np.append(np.full(count, 1.0 / max(count, 1)), np.log(bad.mean() / (1 - bad.mean())) - level.mean())
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(columns @ beta + level, -30, 30)))
        curvature = (columns * (chance * (1 - chance))[:, None]).T @ columns + np.diag(penalty)
        gradient = columns.T @ (chance - bad) + penalty * beta
        moved = beta.copy()
        pull = gradient.copy()  # of the quadratic at ``moved``
        for _ in range(SWEEPS):
            most = 0.0
            for n in range(count + 1):
                wanted = moved[n] - pull[n] / curvature[n, n]
                if n < count:
                    wanted = max(wanted, 0.0)
                by = wanted - moved[n]
                if by:
                    moved[n] = wanted
                    pull += curvature[:, n] * by
                    most = max(most, abs(by))
            if most < 1e-9:
                break
        step = np.abs(moved - beta).max()
        beta = moved
        if step < 1e-8:
            break
    return beta[:-1], float(beta[-1])
