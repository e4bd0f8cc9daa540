"""Whether a reason is the cause: taking it away must lower the risk more than taking away something else.

For each firm of high risk the features behind its first reason are put to what the usual good firm shows, and the
chance of default is read again; then the same with another group of features, drawn at random. Which features a reason
is about is taken from the catalogue, not from the sums that chose it, so that a wrong grouping cannot prove itself.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.catalogue import CATALOGUE, Group
from scoring.explanations import reasons
from scoring.lines import Floats
from scoring.wordings import GROUP_OF_CODE

RISKIEST = 0.10  # of the firms: those that a lender has to give reasons to
AT_LEAST = 20  # firms: below them no share is stated

_FEATURES = {
    group: np.array([n for n, feature in enumerate(CATALOGUE) if feature.group is group], np.int64) for group in Group
}


def usual_good_firm(matrix: Floats, bad: NDArray[np.bool_]) -> Floats:
    """What good firms show in the middle, feature by feature; NaN where none shows anything."""
    good = matrix[~bad]
    there = np.isfinite(good).any(axis=0)
    out = np.full(matrix.shape[1], np.nan)
    out[there] = np.nanmedian(good[:, there], axis=0)
    return out


def faithfulness(
    pd_of_many: Callable[[Floats], Floats],
    contributions: Callable[[Floats], Floats],
    matrix: Floats,
    reference: Floats,
    seed: int,
) -> dict[str, Any]:
    """Over the riskiest tenth: by how much the chance of default falls without its first reason and without another.

    ``contributions`` gives calibrated log-odds per feature. ``difference`` is the mean of the one fall less the other
    with its 95 % interval, ``share`` the part of firms whose first reason weighs more than the other; for fewer than
    twenty firms they are None, and ``why`` says it.
    """
    chance = pd_of_many(matrix)
    risky = np.flatnonzero(chance >= np.quantile(chance, 1 - RISKIEST))
    rng = np.random.default_rng(seed)
    without_cause, without_other, kept = [], [], []
    for row, parts in zip(risky, contributions(matrix[risky]), strict=True):
        told = [reason for reason in reasons(parts, matrix[row]) if reason.direction > 0]
        if not told:
            continue
        cause = GROUP_OF_CODE[told[0].code]
        others = [group for group in Group if group is not cause and _shows(matrix[row], group)]
        if not others:
            continue
        kept.append(row)
        without_cause.append(_replaced(matrix[row], cause, reference))
        without_other.append(_replaced(matrix[row], others[int(rng.integers(len(others)))], reference))
    if len(kept) < AT_LEAST:
        nothing = dict.fromkeys(("fall", "fall_random", "difference", "interval", "share"))
        why = f"too few firms of high risk with a reason to try it on: {len(kept)}, and {AT_LEAST} are needed"
        return {"n": len(kept), **nothing, "why": why}
    before = chance[kept]
    fall = before - pd_of_many(np.array(without_cause))
    other = before - pd_of_many(np.array(without_other))
    difference = fall - other
    half = 1.96 * float(difference.std(ddof=1)) / len(kept) ** 0.5
    return {
        "n": len(kept),
        "fall": round(float(fall.mean()), 4),
        "fall_random": round(float(other.mean()), 4),
        "difference": round(float(difference.mean()), 4),
        "interval": [round(float(difference.mean()) - half, 4), round(float(difference.mean()) + half, 4)],
        "share": round(float((difference > 0).mean()), 4),
    }


def _shows(features: Floats, group: Group) -> bool:
    return bool(np.isfinite(features[_FEATURES[group]]).any())


def _replaced(features: Floats, group: Group, reference: Floats) -> Floats:
    out = features.copy()
    out[_FEATURES[group]] = reference[_FEATURES[group]]
    return out
