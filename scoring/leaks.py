"""Features that know the answer: what ranks the outcomes too well alone was written down after them."""

import numpy as np

from scoring import metrics
from scoring.candidates import Sample

LEAK = 0.95  # a single feature that ranks this well knows the answer
PROBED_FROM = 20  # rows; fewer rank well by chance


def leaking(sample: Sample) -> dict[str, float]:
    """Features that rank the outcomes too well alone, or whose absence does, and how well."""
    found: dict[str, float] = {}
    for name, column in zip(sample.names, sample.matrix.T, strict=True):
        there = np.isfinite(column)
        areas = [metrics.auc(column[there], sample.bad[there])] if there.sum() >= PROBED_FROM else []
        if min(there.sum(), (~there).sum()) >= PROBED_FROM:
            areas.append(metrics.auc(there.astype(np.float64), sample.bad))
        known = [max(area, 1 - area) for area in areas if np.isfinite(area)]
        if known and max(known) > LEAK:
            found[name] = max(known)
    return found
