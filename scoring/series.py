"""What features of every source are made of: sums, changes, trends, gaps and concentrations; rows are firms.

A month here is a block of 28 days, which holds every weekday four times; block 0 is the newest. Division by nothing
gives NaN, which a model knows as missing.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.lines import Floats, Ints

BLOCK = 28
BLOCKS = 13
DAYS = BLOCK * BLOCKS
MONTH_DAYS = 30.4375


def sums(place: Ints, amount: NDArray[Any], size: int) -> Floats:
    """Amounts added up by place."""
    return np.asarray(np.bincount(place, amount, size), np.float64)


def newest(firm: Ints, day: Ints, firms: int) -> Ints:
    """Each firm's newest day; far in the past for a firm without one."""
    out = np.full(firms, -(10**6), np.int64)
    np.maximum.at(out, firm, day)
    return out


def positive(values: NDArray[Any]) -> Floats:
    """NaN for what is not above zero."""
    return np.where(values > 0, values, np.nan)


def change(now: Floats, then: Floats) -> Floats:
    """Logarithm of a ratio, held within a factor of twenty; a month without sales is that floor, not minus infinity."""
    return np.log(np.clip(now / positive(then), 0.05, 20.0))


def mean(values: Floats) -> Floats:
    """The mean of the finite values."""
    count = np.isfinite(values).sum(axis=1)
    return np.where(count > 0, np.nansum(values, axis=1) / np.maximum(count, 1), np.nan)


def least(values: Floats) -> Floats:
    """The least of the finite values."""
    return np.min(np.where(np.isfinite(values), values, np.inf), axis=1)


def quantile(values: Floats, share: float) -> Floats:
    """The quantile of each row's finite values, between neighbours; NaN where there is none."""
    ordered = np.sort(values, axis=1)  # NaN goes last
    count = np.isfinite(values).sum(axis=1)
    rows = np.arange(len(values))
    at = np.maximum(count - 1, 0) * share
    low, high = np.floor(at).astype(np.int64), np.ceil(at).astype(np.int64)
    return ordered[rows, low] + (ordered[rows, high] - ordered[rows, low]) * (at - low)


def middle(values: Floats) -> Floats:
    """The median of the finite values; NaN when it is not positive."""
    return positive(quantile(values, 0.5))


def fit(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Least-squares line through log values, oldest first: slope per block, residual variation, number of blocks."""
    there = np.isfinite(values) & (values > 0)
    time = -np.arange(values.shape[1], dtype=np.float64)[None, :]
    log = np.where(there, np.log(np.where(there, values, 1.0)), 0.0)
    count = there.sum(axis=1)
    weight = there.astype(np.float64)
    mean_time = (time * weight).sum(axis=1) / count
    mean_log = log.sum(axis=1) / count
    moved = (time - mean_time[:, None]) * weight
    spread = (moved * moved).sum(axis=1)
    slope = (moved * (log - mean_log[:, None])).sum(axis=1) / spread
    rest = (log - mean_log[:, None] - slope[:, None] * moved) * weight
    return slope, np.sqrt((rest * rest).sum(axis=1) / np.maximum(count - 2, 1)), count


def slope(seen: Floats) -> Floats:
    """Trend per block; NaN below four blocks with sales."""
    found, _, count = fit(seen)
    return np.where(count >= 4, np.clip(found, -1.0, 1.0), np.nan)


def leftover_variation(seen: Floats) -> Floats:
    """Variation around the trend; NaN below four blocks with sales."""
    _, rest, count = fit(seen)
    return np.where(count >= 4, np.minimum(rest, 3.0), np.nan)


def season(seen: Floats) -> Floats:
    """How far the best quarter of the year stands above the usual one; NaN below ten blocks."""
    count = np.isfinite(seen).sum(axis=1)
    filled = np.where(np.isfinite(seen), seen, 0.0)
    quarter = filled[:, :-2] + filled[:, 1:-1] + filled[:, 2:]
    return np.where(count >= 10, np.clip(quarter.max(axis=1) / 3 / positive(mean(seen)), 0.0, 5.0), np.nan)


def filled_blocks(history: Floats) -> NDArray[np.bool_]:
    """Which blocks a history of so many days fills; the newest always counts: three weeks have a newest month too."""
    whole = history[:, None] >= BLOCK * np.arange(1, BLOCKS + 1)[None, :]
    whole[:, 0] = True
    return whole


def longest_gap(active: NDArray[np.bool_], days: Floats) -> Floats:
    """The longest run of days without activity inside the history."""
    firms, width = active.shape
    position = np.arange(width)
    # For every day the age of the nearest newer active day; days beyond the history are as good as active.
    marked = active | (position[None, :] >= days[:, None])
    nearest = np.maximum.accumulate(np.where(marked, position[None, :], -1), axis=1)
    gap = np.where(marked, 0, position[None, :] - nearest)
    return gap.max(axis=1).astype(np.float64) if firms else np.zeros(0)


def rhythm(active: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Mean days from one active day to the next, and their variation (standard deviation over mean); NaN below five."""
    width = active.shape[1]
    position = np.broadcast_to(np.arange(width), active.shape)
    before = np.maximum.accumulate(np.where(active, position, -1), axis=1)
    before = np.concatenate([np.full((len(active), 1), -1), before[:, :-1]], axis=1)
    gap = np.where(active & (before >= 0), position - before, 0).astype(np.float64)
    count = (gap > 0).sum(axis=1)
    usual = np.where(count >= 4, gap.sum(axis=1) / np.maximum(count, 1), np.nan)
    spread = np.where(gap > 0, gap - usual[:, None], 0.0)
    return usual, np.minimum(np.sqrt((spread * spread).sum(axis=1) / np.maximum(count, 1)) / usual, 5.0)


def pairs(firm: Ints, party: NDArray[np.uint64]) -> tuple[NDArray[np.int64], Ints, Ints]:
    """Firms and their parties: the position of each row's pair, each pair's firm, and how many rows it has."""
    # One key for the pair; the multiplier spreads firms over the 64 bits that the party's hash already fills.
    key = party ^ (firm.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    _, start, pair, times = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    return pair, firm[start], times


def concentration(owner: Ints, totals: Floats, firms: int) -> Floats:
    """The sum of squared shares (HHI, 0 to 1) of each firm's parties; NaN without any."""
    kept = np.maximum(totals, 0.0)
    whole = sums(owner, kept, firms)
    return sums(owner, kept * kept, firms) / positive(whole * whole)
