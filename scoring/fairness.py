"""Whether firms of one grade are treated alike, whatever their trade, age, size or region.

Each group is compared with all others inside strata of the same grade and term, so that a group which differs in risk
is not called a group that is treated differently. Intervals are widened for the number of comparisons (Bonferroni).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from scoring.lines import Floats
from scoring.monitoring import wilson

Bools = NDArray[np.bool_]
Labels = NDArray[np.str_]

APPROVAL, PRICE, LIMIT = "approval", "price", "limit"
ERROR = 0.05  # of the whole report, shared among its comparisons
FEWEST = 20  # firms of a group below which nothing is said about it


@dataclass(frozen=True, slots=True)
class Cases:
    """Decisions as columns of one length; ``price`` and ``limit`` count where ``approved``.

    ``price`` is the annual rate, ``limit`` the approved limit over the firm's usual monthly net revenue; ``stratum``
    names what makes two firms equal before the policy (product, grade and term).
    """

    approved: Bools
    stratum: Labels
    price: Floats
    limit: Floats
    groups: Mapping[str, Labels]

    def __len__(self) -> int:
        return len(self.approved)


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a group lies from the others at the same grade: ``low`` to ``high`` holds the truth.

    Approval and price are differences of rates, the limit is one of natural logarithms (0.1: ten percent more).
    """

    measure: str
    gap: float
    low: float
    high: float
    firms: int

    def found(self, least: float) -> bool:
        """Not by chance, and at least so large."""
        return not self.low <= 0 <= self.high and abs(self.gap) >= least


@dataclass(frozen=True, slots=True)
class Slice:
    """One group of one kind (``trade``, ``catering``), and how it fares."""

    kind: str
    group: str
    firms: int
    approved: int
    rate_low: float
    rate_high: float
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class TwoPrices:
    """Firms of the same terms that pay differently: what must not be, whoever they are."""

    stratum: str
    prices: tuple[float, ...]
    firms: int


def report(cases: Cases) -> list[Slice]:
    """Every group with at least twenty firms against all others at the same terms."""
    compared = [
        (kind, group)
        for kind, labels in sorted(cases.groups.items())
        for group, count in zip(*np.unique(labels, return_counts=True), strict=True)
        if group and FEWEST <= count <= len(labels) - FEWEST
    ]
    z = NormalDist().inv_cdf(1 - ERROR / (2 * max(3 * len(compared), 1)))
    return [_slice(cases, kind, str(group), z) for kind, group in compared]


def two_prices(cases: Cases) -> list[TwoPrices]:
    """Strata in which not everybody who was approved pays the same."""
    found: list[TwoPrices] = []
    priced = cases.approved & np.isfinite(cases.price)
    for stratum in np.unique(cases.stratum[priced]):
        prices = cases.price[priced & (cases.stratum == stratum)]
        different = tuple(sorted({round(float(price), 6) for price in prices}))
        if len(different) > 1:
            found.append(TwoPrices(str(stratum), different, len(prices)))
    return found


def _slice(cases: Cases, kind: str, group: str, z: float) -> Slice:
    inside = cases.groups[kind] == group
    firms, yes = int(inside.sum()), int(cases.approved[inside].sum())
    low, high = wilson(yes, firms)
    granted = cases.approved
    gaps = [
        _gap(APPROVAL, cases.approved.astype(np.float64), inside, cases.stratum, z),
        _gap(PRICE, cases.price[granted], inside[granted], cases.stratum[granted], z),
        _gap(LIMIT, _log(cases.limit[granted]), inside[granted], cases.stratum[granted], z),
    ]
    return Slice(kind, group, firms, yes, low, high, tuple(gap for gap in gaps if gap is not None))


def _log(values: Floats) -> Floats:
    return np.log(np.where(values > 0, values, np.nan))


def _gap(measure: str, values: Floats, inside: Bools, stratum: Labels, z: float) -> Gap | None:
    """The group's mean less the others' inside each stratum, weighted as Mantel and Haenszel do; None if never both."""
    known = np.isfinite(values)
    values, inside, stratum = values[known], inside[known], stratum[known]
    weighted, variance, whole, firms = 0.0, 0.0, 0.0, 0
    for name in np.unique(stratum[inside]):
        here = stratum == name
        mine, others = values[here & inside], values[here & ~inside]
        if len(mine) < 2 or len(others) < 2:
            continue
        weight = len(mine) * len(others) / (len(mine) + len(others))
        weighted += weight * float(mine.mean() - others.mean())
        # One spread for both sides: a group in which all were treated alike has none of its own to judge by.
        spread = float(np.var(values[here], ddof=1))
        variance += weight * weight * spread * (1 / len(mine) + 1 / len(others))
        whole += weight
        firms += len(mine)
    if not whole:
        return None
    gap, half = weighted / whole, z * math.sqrt(variance) / whole
    return Gap(measure, gap, gap - half, gap + half, firms)


def age_band(years: Sequence[float]) -> Labels:
    """Ages of firms in bands that an owner would name."""
    return _banded(years, (1, 3, 5, 10), ("under 1", "1 to 3", "3 to 5", "5 to 10", "10 and more"))


def size_band(monthly_net_revenue_yuan: Sequence[float]) -> Labels:
    """Usual monthly net revenue in bands of yuan."""
    bounds = (20_000, 50_000, 100_000, 300_000)
    names = ("under 20k", "20k to 50k", "50k to 100k", "100k to 300k", "300k and more")
    return _banded(monthly_net_revenue_yuan, bounds, names)


def _banded(values: Sequence[float], bounds: Sequence[float], names: Sequence[str]) -> Labels:
    array = np.asarray(values, np.float64)
    named = np.asarray(names)[np.digitize(array, bounds)]
    return np.where(np.isfinite(array), named, "")
