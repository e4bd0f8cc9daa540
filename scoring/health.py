"""How healthy a business looks, from 0 to 100, in areas that its owner knows. Advice, never an input of a decision.

There is no second model. The index is the score's own calibrated log-odds on another scale: 50 is the usual firm of
those that the model learned from, and forty points are what nine in ten of them lie within. What each feature added
adds up to its area's points, so areas and index agree, and more risk never makes a firm look healthier. What the score
cannot see, instalments and overdues that the bureau told, takes points from "debts".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lending.verdicts import Ratios
from scoring.catalogue import CATALOGUE, INDEX, NAMES, Group
from scoring.explanations import told_by
from scoring.lines import Floats
from scoring.model import Model
from scoring.wordings import WORDINGS, shown

USUAL = 50
REACH = 40  # points that nine in ten firms lie within on either side
WITHIN = 0.90
DEBT_POINTS = 15  # what instalments at the policy's bound, or an overdue, take off
WEAK = 35  # per cent: an area that two in three similar firms are better in gets a piece of advice
BETTER_AT_MOST = 99  # per cent: the firm itself is one of them, and nobody is better than all
SIMILAR = 100  # firms of one trade: below them all trades are compared with
STEPS = 21  # quantiles kept for each comparison: every fifth per cent


class Area(StrEnum):
    SALES = "sales"
    STEADINESS = "steadiness"
    MARGIN = "margin"
    DEBTS = "debts"
    CUSTOMERS = "customers"
    DATA = "data"


# By the group's own word: a group that the catalogue gains has its place here before it is used.
AREA_OF_GROUP: dict[str, Area] = {
    "size": Area.SALES,
    "trend": Area.SALES,
    "recent": Area.SALES,
    "invoiced_size": Area.SALES,
    "invoiced_trend": Area.SALES,
    "orders": Area.SALES,
    "stability": Area.STEADINESS,
    "opening": Area.STEADINESS,
    "rent_punctuality": Area.STEADINESS,
    "invoiced_steadiness": Area.STEADINESS,
    "balance": Area.STEADINESS,
    "goods": Area.MARGIN,
    "fixed_costs": Area.MARGIN,
    "margin": Area.MARGIN,
    "invoiced_margin": Area.MARGIN,
    "suppliers": Area.MARGIN,
    "other_debts": Area.DEBTS,
    "asked": Area.DEBTS,
    "refunds": Area.CUSTOMERS,
    "customers": Area.CUSTOMERS,
    "buyers": Area.CUSTOMERS,
    "invoice_reversals": Area.CUSTOMERS,
    "receivables": Area.CUSTOMERS,
    "payers": Area.CUSTOMERS,
    "history": Area.DATA,
    "clarity": Area.DATA,
    "private_use": Area.DATA,
    "circulation": Area.DATA,
    "invoiced_history": Area.DATA,
    "own_word": Area.DATA,
}
AREAS = tuple(Area)
_AREA = np.array([AREAS.index(AREA_OF_GROUP[feature.group.value]) for feature in CATALOGUE])


@dataclass(frozen=True, slots=True)
class Driver:
    """One area: its ``points`` above or below the usual firm's, and how many in a hundred similar firms it is at
    least as good as; None where nothing of it is known. ``reason`` is the code of what weighs most in it, with the
    firm's own ``figure``; None where no words are true of it. ``advice`` is a group's name where the area is weak."""

    area: Area
    points: int
    better_than: int | None
    reason: str | None
    figure: str | None
    advice: str | None


@dataclass(frozen=True, slots=True)
class Health:
    """``index`` is 50 and the areas' points, held between 0 and 100; ``similar`` whom it was compared with: a trade of
    the model's card, or "all"."""

    index: int
    similar: str
    drivers: tuple[Driver, ...]

    def as_json(self) -> dict[str, Any]:
        """As it is kept beside a decision."""
        return {
            "index": self.index,
            "similar": self.similar,
            "drivers": [
                {
                    "area": driver.area.value,
                    "points": driver.points,
                    "better_than": driver.better_than,
                    "reason": driver.reason,
                    "figure": driver.figure,
                    "advice": driver.advice,
                }
                for driver in self.drivers
            ],
        }


def scale_of(contributions: Floats, trades: NDArray[Any] | None = None) -> dict[str, Any]:
    """What the model's card keeps of the firms it learned from: how far they lie apart, and the quantiles of each
    area's contribution over all of them and over each trade that has enough. ``contributions`` as the model gives."""
    parts = _by_area(contributions)
    members = {"all": np.ones(len(parts), np.bool_)}
    if trades is not None:
        members |= {str(trade): trades == trade for trade in sorted(set(trades.tolist()))}
    grid = np.linspace(0, 1, STEPS)
    return {
        "spread": round(max(float(np.quantile(np.abs(parts.sum(axis=1)), WITHIN)), 1e-6), 6),
        "areas": {
            name: {
                area.value: [round(float(value), 5) for value in np.quantile(parts[mask, n], grid)]
                for n, area in enumerate(AREAS)
            }
            for name, mask in members.items()
            if name == "all" or mask.sum() >= SIMILAR
        },
    }


def health(
    contributions: Floats,
    features: Floats,
    ratios: Ratios,
    scale: Mapping[str, Any],
    debt_service_up_to: float,
    trade: str = "",
) -> Health:
    """The index of one firm. ``contributions``: calibrated log-odds per feature; ``scale``: :func:`scale_of` of the
    model's card; ``debt_service_up_to``: the policy's bound on instalments, as a part of usual sales."""
    parts = _by_area(contributions[None, :])[0]
    exact = -parts * REACH / float(scale["spread"])
    debts = _told_debts(ratios, debt_service_up_to)
    exact[AREAS.index(Area.DEBTS)] -= debts
    points = _whole(exact)
    similar = trade if trade in scale["areas"] else "all"
    drivers = [
        _driver(area, points[n], parts[n], contributions, features, scale["areas"][similar][area.value])
        for n, area in enumerate(AREAS)
    ]
    if debts:
        n = AREAS.index(Area.DEBTS)
        drivers[n] = replace(drivers[n], advice=Group.OTHER_DEBTS.value, **_told(ratios))
    return Health(index=min(max(USUAL + sum(points), 0), 100), similar=similar, drivers=tuple(drivers))


def health_of(
    model: Model, features: Mapping[str, float | None], ratios: Ratios, debt_service_up_to: float, trade: str = ""
) -> Health | None:
    """:func:`health` by a model and the features that it has judged; None where its card compares with nobody."""
    if "health" not in model.card:
        return None
    row = np.array([features.get(name) for name in NAMES], np.float64)
    parts = model.contributions(row[None, :])[0]
    return health(parts, row, ratios, model.card["health"], debt_service_up_to, trade)


def _by_area(contributions: Floats) -> Floats:
    out = np.zeros((len(contributions), len(AREAS)))
    for n in range(len(AREAS)):
        out[:, n] = contributions[:, n == _AREA].sum(axis=1)
    return out


def _told_debts(ratios: Ratios, bound: float) -> float:
    """From half the policy's bound on, instalments take points; at the bound, and for any overdue, all of them."""
    instalments = ratios.monthly_instalments_minor + ratios.company_instalments_minor
    if _overdue(ratios):
        return DEBT_POINTS
    if ratios.monthly_net_revenue_minor <= 0 or bound <= 0:
        return DEBT_POINTS if instalments > 0 else 0.0
    part = instalments / ratios.monthly_net_revenue_minor
    return DEBT_POINTS * min(max(part / (bound / 2) - 1, 0.0), 1.0)


def _told(ratios: Ratios) -> dict[str, str | None]:
    """What the bureau told, as the words of "debts"."""
    if _overdue(ratios) or ratios.monthly_net_revenue_minor <= 0:
        return {"reason": "overdue_told", "figure": None}
    instalments = ratios.monthly_instalments_minor + ratios.company_instalments_minor
    part = instalments / ratios.monthly_net_revenue_minor
    return {"reason": "instalments_told", "figure": shown(part, "percent")}


def _overdue(ratios: Ratios) -> bool:
    return ratios.current_overdue_minor > 0 or ratios.company_overdue_minor > 0


def _whole(exact: Floats) -> list[int]:
    """Whole points that add up to the rounded sum: the largest remainders are rounded up."""
    floors = np.floor(exact).astype(int)
    missing = round(float(exact.sum())) - int(floors.sum())
    order = np.argsort(-(exact - floors), kind="stable")
    floors[order[:missing]] += 1
    return [int(value) for value in floors]


def _driver(
    area: Area, points: int, part: float, contributions: Floats, features: Floats, quantiles: list[float]
) -> Driver:
    seen = any(np.isfinite(features[n]) for n, one in enumerate(CATALOGUE) if AREA_OF_GROUP[one.group.value] is area)
    better = _better_than(part, quantiles) if seen else None
    weak = points < 0 and better is not None and better < WEAK
    group, weight = _heaviest(area, contributions, worst=points < 0)
    direction = 1 if points < 0 else -1
    feature = told_by(group, direction, contributions, features)
    wording = WORDINGS[feature] if feature else None
    return Driver(
        area=area,
        points=points,
        better_than=better,
        reason=(wording.raised if direction > 0 else wording.lowered) if wording else None,
        figure=shown(float(features[INDEX[feature]]), wording.shown) if feature and wording else None,
        advice=group.value if weak and weight > 0 else None,
    )


def _heaviest(area: Area, contributions: Floats, *, worst: bool) -> tuple[Group, float]:
    """The group of an area that raised the risk most, or that lowered it most."""
    groups = [group for group in Group if AREA_OF_GROUP[group.value] is area]
    weights = [sum(float(contributions[n]) for n, f in enumerate(CATALOGUE) if f.group is group) for group in groups]
    position = int(np.argmax(weights) if worst else np.argmin(weights))
    return groups[position], weights[position]


def _better_than(part: float, quantiles: list[float]) -> int | None:
    """Of a hundred similar firms, how many have at least this contribution to the risk; None where all have one."""
    if quantiles[0] == quantiles[-1]:
        return None
    below = float(np.interp(part, quantiles, np.linspace(0, 100, STEPS)))
    return min(round(100 - below), BETTER_AT_MOST)
