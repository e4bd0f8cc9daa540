"""The health of a business: the score on an owner's scale, in areas that add up; advice, never a decision."""

import ast
from pathlib import Path

import numpy as np
import pytest

from infra import i18n
from lending.verdicts import Ratios
from scoring.assessment import assess
from scoring.catalogue import CATALOGUE, INDEX, NAMES, Group
from scoring.evidence import Evidence
from scoring.explanations import reasons
from scoring.health import AREA_OF_GROUP, AREAS, DEBT_POINTS, Area, health, health_of, scale_of

GOOD = Ratios(months_of_history=12, monthly_net_revenue_minor=6_000_000)
BOUND = 0.30


@pytest.fixture(scope="module")
def scale():
    rng = np.random.default_rng(3)
    return scale_of(rng.normal(0, 0.2, (500, len(NAMES))), np.array(["florist"] * 450 + ["bakery"] * 50))


def told(scale, ratios: Ratios = GOOD, trade: str = "", **parts: float):
    contributions, features = np.zeros(len(NAMES)), np.zeros(len(NAMES))
    for name, value in parts.items():
        contributions[INDEX[name]] = value
    return health(contributions, features, ratios, scale, BOUND, trade)


def test_the_usual_firm_is_fifty_and_areas_add_up_to_the_index(scale) -> None:
    assert told(scale).index == 50
    seen = told(scale, refund_rate=0.31, sales_trend=-0.17, rent_delay=0.05, loans_taken=-0.4)
    assert seen.index == 50 + sum(driver.points for driver in seen.drivers)
    assert [driver.area for driver in seen.drivers] == list(AREAS)


def test_more_risk_never_looks_healthier(model, one_firm) -> None:
    scale = model.card["health"]
    found = []
    for number in range(60):
        lines, as_of = one_firm(number)
        assessment = assess(model, Evidence(lines), as_of)
        row = np.array([assessment.features[name] for name in NAMES], np.float64)
        seen = health(model.contributions(row[None, :])[0], row, GOOD, scale, BOUND)
        found.append((float(model.contributions(row[None, :]).sum()), seen.index))
    found.sort()
    indices = [index for _, index in found]
    assert indices == sorted(indices, reverse=True)
    assert len(set(indices)) > 20


def test_similar_firms_are_the_trade_where_there_are_enough(scale) -> None:
    assert told(scale, trade="florist").similar == "florist"
    assert told(scale, trade="bakery").similar == "all"  # fifty are too few
    assert told(scale, trade="submarines").similar == "all"
    best, worst = told(scale, refund_rate=-9.0), told(scale, refund_rate=9.0)
    customers = AREAS.index(Area.CUSTOMERS)
    assert (best.drivers[customers].better_than, worst.drivers[customers].better_than) == (99, 0)
    assert (best.index, worst.index) == (100, 0)


def test_nobody_is_better_than_all_and_what_is_not_known_is_not_compared(scale) -> None:
    assert max(driver.better_than or 0 for driver in told(scale, rent_delay=-9.0, margin=-9.0).drivers) == 99
    contributions, features = np.full(len(NAMES), -0.2), np.zeros(len(NAMES))
    steadiness = [n for n, one in enumerate(CATALOGUE) if AREA_OF_GROUP[one.group.value] is Area.STEADINESS]
    features[steadiness] = np.nan
    seen = {driver.area: driver for driver in health(contributions, features, GOOD, scale, BOUND).drivers}
    assert (seen[Area.STEADINESS].better_than, seen[Area.STEADINESS].reason) == (None, None)
    assert seen[Area.MARGIN].better_than is not None


def test_rent_paid_on_the_day_is_only_said_where_rent_was_seen(scale) -> None:
    contributions, features = np.zeros(len(NAMES)), np.full(len(NAMES), np.nan)
    contributions[INDEX["rent_delay"]] = -0.9
    steady = AREAS.index(Area.STEADINESS)
    assert health(contributions, features, GOOD, scale, BOUND).drivers[steady].reason is None
    features[INDEX["refund_rate"]] = 0.5
    assert [one.code for one in reasons(contributions, features)] != ["rent_paid_on_time"]
    features[INDEX["rent_delay"]] = 0.0
    assert health(contributions, features, GOOD, scale, BOUND).drivers[steady].reason == "rent_paid_on_time"
    assert [one.code for one in reasons(contributions, features)] == ["rent_paid_on_time"]


def test_a_weak_area_has_one_piece_of_advice_and_a_strong_one_none(scale) -> None:
    seen = {driver.area: driver for driver in told(scale, refund_rate=2.0, regular_customers=0.5, margin=-2.0).drivers}
    assert seen[Area.CUSTOMERS].advice == "refunds"
    assert seen[Area.MARGIN].advice is None
    assert seen[Area.SALES].advice is None


def test_what_the_bureau_told_takes_points_from_debts(scale) -> None:
    for part, points, reason in ((0.10, 0, None), (0.225, -8, "instalments_told"), (0.30, -15, "instalments_told")):
        ratios = Ratios(12, 6_000_000, monthly_instalments_minor=int(6_000_000 * part))
        driver = next(driver for driver in told(scale, ratios).drivers if driver.area is Area.DEBTS)
        assert (driver.points, driver.reason if points else None) == (points, reason)
    overdue = told(scale, Ratios(12, 6_000_000, current_overdue_minor=1))
    assert overdue.index == 50 - DEBT_POINTS


def test_every_group_has_an_area_and_advice_and_every_area_a_name() -> None:
    assert {group.value for group in Group} <= set(AREA_OF_GROUP)
    for group in AREA_OF_GROUP:
        assert i18n.known(f"scoring.advice.{group}"), group
    for area in Area:
        assert i18n.known(f"scoring.area.{area}")
        assert any(AREA_OF_GROUP[feature.group.value] is area for feature in CATALOGUE)


def test_a_card_of_before_there_was_an_index_has_none(model, trained) -> None:
    old = type(model).load(trained.model_bytes, {k: v for k, v in trained.card.items() if k != "health"})
    assert health_of(old, {}, GOOD, BOUND) is None
    assert health_of(model, dict.fromkeys(NAMES), GOOD, BOUND) is not None


def test_no_rule_reads_it() -> None:
    for source in sorted((Path(__file__).parents[2] / "lending").glob("*.py")):
        names = {node.attr for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.Attribute)}
        assert "health" not in names, source.name
