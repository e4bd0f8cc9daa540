"""The population that the default model learns from: its marginals, and that nothing gives the game away."""

import numpy as np
import pytest

from simulators.firms.lines import Kind
from simulators.firms.population import CHUNK, population


@pytest.fixture(scope="module")
def world():
    return population(2000, 12, 20261121)


def per_firm(world, mask: np.ndarray) -> np.ndarray:
    """Yuan per firm of the lines chosen."""
    lines = world["lines"]
    n = len(world["firms"]["firm"])
    return np.bincount(lines["firm"][mask], weights=lines["amount_minor"][mask] / 100, minlength=n)


def auc(score: np.ndarray, bad: np.ndarray) -> float:
    rank = np.empty(len(score))
    rank[np.argsort(score, kind="stable")] = np.arange(len(score))
    n = bad.sum()
    return float((rank[bad].sum() - n * (n - 1) / 2) / (n * (len(bad) - n)))


def test_the_columns_have_the_agreed_types(world):
    lines, firms = world["lines"], world["firms"]
    assert {name: column.dtype.name for name, column in lines.items()} == {
        "firm": "int32",
        "at": "datetime64[s]",
        "direction": "int8",
        "amount_minor": "int64",
        "counterparty": "uint64",
        "kind": "int8",
    }
    assert len({len(column) for column in lines.values()}) == 1
    assert firms["as_of"].dtype.name == "datetime64[D]"
    assert firms["default"].dtype == bool
    assert (lines["amount_minor"] > 0).all()
    assert set(np.unique(lines["kind"])) == {int(kind) for kind in Kind}


def test_lines_stand_in_order_of_firm_and_time_and_end_on_the_day_of_judgment(world):
    lines, firms = world["lines"], world["firms"]
    same_firm = lines["firm"][1:] == lines["firm"][:-1]
    assert (lines["firm"][1:] >= lines["firm"][:-1]).all()
    assert (lines["at"][1:][same_firm] >= lines["at"][:-1][same_firm]).all()
    day = lines["at"].astype("datetime64[D]")
    assert (day <= firms["as_of"][lines["firm"]]).all()
    assert (day >= firms["first_day"][lines["firm"]]).all()


def test_direction_follows_the_kind(world):
    lines = world["lines"]
    income = {Kind.SALE, Kind.LOAN_IN, Kind.OTHER}
    expected = np.where(np.isin(lines["kind"], list(income)), 1, -1)
    expected[lines["kind"] == Kind.TRANSFER_SELF] = 0
    assert (lines["direction"] == expected).all()
    assert (lines["counterparty"][lines["kind"] == Kind.TRANSFER_SELF] == 0).all()
    assert (lines["counterparty"][lines["kind"] != Kind.TRANSFER_SELF] != 0).all()


def test_the_same_seed_gives_the_same_population_and_another_seed_another():
    one, same, other = population(CHUNK, 6, 5), population(CHUNK, 6, 5), population(CHUNK, 6, 6)
    for name, column in one["lines"].items():
        assert np.array_equal(column, same["lines"][name])
    assert np.array_equal(one["firms"]["default"], same["firms"]["default"])
    assert len(one["lines"]["firm"]) != len(other["lines"]["firm"])


def test_the_first_firms_of_a_larger_population_are_those_of_a_smaller_one():
    small, large = population(CHUNK, 6, 5), population(CHUNK + 10, 6, 5)
    assert len(large["firms"]["firm"]) == CHUNK + 10
    n = len(small["lines"]["firm"])
    assert np.array_equal(small["lines"]["amount_minor"], large["lines"]["amount_minor"][:n])


def test_six_to_ten_firms_in_a_hundred_default(world):
    assert 0.06 <= world["firms"]["default"].mean() <= 0.10


def test_health_drives_default_strongly_but_not_wholly(world):
    assert 0.72 <= auc(-world["firms"]["health"], world["firms"]["default"]) <= 0.90


def test_no_plain_figure_of_the_lines_gives_default_away(world):
    lines, bad = world["lines"], world["firms"]["default"]
    sales = per_firm(world, lines["kind"] == Kind.SALE)
    figures = {
        name: per_firm(world, lines["kind"] == code) / np.maximum(sales, 1) for name, code in Kind.__members__.items()
    } | {
        "sales": sales,
        "lines": np.bincount(lines["firm"], minlength=len(bad)).astype(float),
    }
    alone = {name: max(auc(figure, bad), 1 - auc(figure, bad)) for name, figure in figures.items()}
    assert max(alone.values()) < 0.72, alone


def test_unhealthy_firms_show_it_in_many_small_ways(world):
    lines, health = world["lines"], world["firms"]["health"]
    sales = np.maximum(per_firm(world, lines["kind"] == Kind.SALE), 1)
    for kind in (Kind.REFUND, Kind.PURCHASE, Kind.PRIVATE, Kind.LOAN_IN):
        share = per_firm(world, lines["kind"] == kind) / sales
        weak, strong = share[health < -0.7].mean(), share[health > 0.7].mean()
        assert weak > strong, kind


def test_young_firms_have_less_history(world):
    firms = world["firms"]
    days = (firms["as_of"] - firms["first_day"]).astype(int) + 1
    assert days.min() >= 89
    assert 0.1 < (days < 300).mean() < 0.35


def test_the_ice_cream_wholesaler_sells_in_summer(world):
    lines, firms = world["lines"], world["firms"]
    ice = list(firms["trade_names"]).index("ice_cream_wholesale")
    chosen = (lines["kind"] == Kind.SALE) & (firms["trade"][lines["firm"]] == ice)
    month = lines["at"][chosen].astype("datetime64[M]").astype(int) % 12 + 1
    by_month = np.bincount(month, weights=lines["amount_minor"][chosen], minlength=13)
    assert by_month[5:9].sum() / by_month.sum() > 0.6
