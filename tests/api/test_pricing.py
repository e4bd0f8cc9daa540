"""Why a loan costs what it costs: the firm's own reasons, never where a person set it or nothing is lent."""

from decimal import Decimal
from typing import Any

import pytest

from api import case
from db.tables import Decision

BEST = Decimal("0.073")
REASONS = [
    {"code": "few_buyers", "weight": "0.21", "params": [["share", "0.62"]]},
    {"code": "sales_falling", "weight": "0.40", "params": [["figure", "-0.12"]]},
    {"code": "steady_sales", "weight": "-0.30", "params": []},
    {"code": "many_refunds", "weight": "0.05", "params": [["share", "0.08"]]},
]


def decided(rate: str = "0.0913", **other: Any) -> Decision:
    said: dict[str, Any] = {
        "outcome": "approve",
        "decided_by": "model",
        "annual_rate": Decimal(rate),
        "basis": {"score": {"reasons": REASONS}},
    }
    return Decision(**{**said, **other})


def test_the_price_is_explained_by_the_two_heaviest_reasons_that_raised_it() -> None:
    told = case.price(decided(), BEST, "zh_CN")
    assert told is not None
    assert (told.annual_rate, told.best_rate) == (Decimal("0.0913"), BEST)
    assert [reason.code for reason in told.because] == ["sales_falling", "few_buyers"]
    assert all(reason.text and "{" not in reason.text for reason in told.because)


def test_the_best_price_needs_no_excuse() -> None:
    told = case.price(decided("0.073"), BEST, "zh_CN")
    assert told is not None and told.because == ()


@pytest.mark.parametrize("other", [{"outcome": "decline"}, {"decided_by": "staff:1"}, {"annual_rate": None}])
def test_nothing_is_said_of_a_price_that_no_rule_made(other: dict[str, Any]) -> None:
    assert case.price(decided(**other), BEST, "zh_CN") is None
