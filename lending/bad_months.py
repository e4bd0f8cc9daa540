"""A month that is worse than nine in ten: what has to carry the instalments too (affordability under P10 revenue)."""

from collections.abc import Sequence

LEAST_MONTHS = 3  # of fewer months the worst says nothing about a tenth


def p10_of(series: Sequence[int]) -> int | None:
    """The tenth percentile of monthly net revenue in minor units, between two months in proportion; None of too few."""
    if len(series) < LEAST_MONTHS:
        return None
    ordered = sorted(series)
    below, tenths = divmod(len(ordered) - 1, 10)
    step = ordered[below + 1] - ordered[below]
    return ordered[below] + step * tenths // 10
