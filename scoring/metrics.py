"""How good a score is: discrimination, calibration and slices. Small and our own: no library beside numpy."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.lines import Floats

Bools = NDArray[np.bool_]
MANY = 2  # firms of either outcome, to have an error at all


def auc(score: Floats, bad: Bools) -> float:
    """The chance that a bad firm has the higher score; ties count half. NaN when one class is missing."""
    positive, negative = int(bad.sum()), int((~bad).sum())
    if not positive or not negative:
        return float("nan")
    _, place, times = np.unique(score, return_inverse=True, return_counts=True)
    rank = np.cumsum(times) - (times - 1) / 2
    return float((rank[place][bad].sum() - positive * (positive + 1) / 2) / (positive * negative))


def auc_interval(score: Floats, bad: Bools) -> tuple[float, float]:
    """The 95 % interval of the AUC."""
    return interval_of(auc(score, bad), int(bad.sum()), int((~bad).sum()))


def interval_of(area: float, positive: int, negative: int) -> tuple[float, float]:
    """The 95 % interval of an AUC over so many bad and good firms, by Hanley and McNeil (1982)."""
    if not positive or not negative or not np.isfinite(area):
        return float("nan"), float("nan")
    q1, q2 = area / (2 - area), 2 * area * area / (1 + area)
    variance = area * (1 - area) + (positive - 1) * (q1 - area * area) + (negative - 1) * (q2 - area * area)
    half = 1.96 * float(np.sqrt(max(variance, 0.0) / (positive * negative)))
    return max(0.0, area - half), min(1.0, area + half)


def paired_error(one: Floats, other: Floats, bad: Bools) -> float:
    """The standard error of the difference of two AUCs over the same firms (DeLong and others 1988)."""
    positive, negative = int(bad.sum()), int((~bad).sum())
    if min(positive, negative) < MANY:
        return float("nan")
    first, second = _placements(one, bad), _placements(other, bad)
    by_bad, by_good = first[0] - second[0], first[1] - second[1]
    return float(np.sqrt(by_bad.var(ddof=1) / positive + by_good.var(ddof=1) / negative))


def _placements(score: Floats, bad: Bools) -> tuple[Floats, Floats]:
    """For each bad firm the share of good ones below it, for each good one the share of bad ones above; ties half."""
    bads, goods = np.sort(score[bad]), np.sort(score[~bad])
    below = np.searchsorted(goods, score[bad], "left") + np.searchsorted(goods, score[bad], "right")
    under = np.searchsorted(bads, score[~bad], "left") + np.searchsorted(bads, score[~bad], "right")
    return below / (2 * len(goods)), 1 - under / (2 * len(bads))


def ks(score: Floats, bad: Bools) -> float:
    """The largest distance between the distributions of bad and good firms' scores (Kolmogorov and Smirnov)."""
    if bad.all() or not bad.any():
        return float("nan")
    order = np.argsort(score, kind="stable")
    sorted_score, sorted_bad = score[order], bad[order]
    last = np.append(sorted_score[1:] != sorted_score[:-1], True)
    bads = np.cumsum(sorted_bad) / sorted_bad.sum()
    goods = np.cumsum(~sorted_bad) / (~sorted_bad).sum()
    return float(np.abs(bads - goods)[last].max())


def brier(pd: Floats, bad: Bools) -> float:
    """Mean squared distance of the stated chance from what happened."""
    return float(np.mean((pd - bad) ** 2))


def ece(pd: Floats, bad: Bools, bins: int = 10) -> float:
    """Expected calibration error over bins of equal size: how far stated and seen rates of default lie apart."""
    order = np.argsort(pd, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return float(sum(len(part) / len(pd) * abs(pd[part].mean() - bad[part].mean()) for part in parts))


def lift(pd: Floats, bad: Bools, share: float = 0.1) -> float:
    """How many times more bad firms stand among the riskiest tenth than among as many firms taken at random."""
    if not bad.any():
        return float("nan")
    count = max(1, round(len(pd) * share))
    riskiest = np.argsort(-pd, kind="stable")[:count]
    return float(bad[riskiest].mean() / bad.mean())


def summary(pd: Floats, bad: Bools) -> dict[str, float | int | list[float | None] | None]:
    """The figures of one set of firms, rounded to what they can carry; None where one class is missing."""
    low, high = auc_interval(pd, bad)
    return {
        "n": len(pd),
        "bad": int(bad.sum()),
        "auc": _figure(auc(pd, bad)),
        "auc_ci": [_figure(low), _figure(high)],
        "ks": _figure(ks(pd, bad)),
        "brier": round(brier(pd, bad), 5),
        "ece": round(ece(pd, bad), 4),
        "lift": _figure(lift(pd, bad)),
    }


def mean_of(passes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One set of figures of several passes over the same firms: means, with the interval of the mean AUC and, of more
    than one pass, the least and the largest AUC of a pass."""
    if len(passes) == 1:
        return dict(passes[0])
    n, bad = int(passes[0]["n"]), int(passes[0]["bad"])
    out: dict[str, Any] = {"n": n, "bad": bad}
    for name, places in (("auc", 4), ("ks", 4), ("brier", 5), ("ece", 4), ("lift", 4)):
        known = [float(one[name]) for one in passes if one[name] is not None]
        out[name] = round(float(np.mean(known)), places) if known else None
    areas = [float(one["auc"]) for one in passes if one["auc"] is not None]
    low, high = interval_of(float(np.mean(areas)) if areas else float("nan"), bad, n - bad)
    return out | {
        "auc_ci": [_figure(low), _figure(high)],
        "auc_of_repeats": [min(areas), max(areas)] if areas else None,
    }


def _figure(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None
