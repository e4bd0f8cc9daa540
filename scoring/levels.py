"""How everybody fares around a day: rates of default move with the times, and a model must not take that for the firms.

What a feature says is learnt against the level of each row's own time, so that a code or an amount that came into use
in bad years is not blamed for them; a chance is then stated at the newest level that is known.
"""

import numpy as np

from scoring.binning import log_odds
from scoring.lines import Bools, Floats, Ints

ROWS = 500  # that a level stands on at least
MOST = 12  # levels from first to last
SMOOTHING = 50.0  # rows of everybody's rate mixed into each level


def levels(day: Ints, bad: Bools) -> Floats:
    """Log-odds of default around each row's day: rates of parts of equal size in order of day, straight lines between
    them. One level for all where there are fewer than a thousand rows."""
    rate = float(np.clip(bad.mean(), 1e-6, 1 - 1e-6))
    parts = min(len(bad) // ROWS, MOST)
    if parts < 2:
        return np.full(len(bad), log_odds(rate))
    order = np.argsort(day, kind="stable")
    groups = np.array_split(order, parts)
    known = [log_odds((bad[group].sum() + SMOOTHING * rate) / (len(group) + SMOOTHING)) for group in groups]
    return np.interp(day.astype(np.float64), [float(np.median(day[group])) for group in groups], known)


def newest(day: Ints, level: Floats) -> float:
    """The level of the latest row."""
    return float(level[np.argmax(day)])
