from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.apr import Flow, irr_effective, irr_nominal
from lending.calendars import add_months
from lending.refusals import NoAnnualRate, SeveralAnnualRates

START = date(2026, 1, 1)


def after(days: int, amount: int) -> Flow:
    return Flow(START + timedelta(days=days), amount)


def test_a_year_at_ten_percent() -> None:
    assert irr_effective([after(0, 100_000), after(365, -110_000)]).quantize(Decimal("1e-12")) == Decimal("0.1")


def test_the_peers_flat_fee_dearer_the_better_sales_are() -> None:
    """Square's own sample, 10,000 for 11,400, in equal daily payments (Reg Z actuarial, nominal)."""
    for days, percent in ((122, "79.6"), (183, "53.2"), (274, "35.6"), (365, "26.7"), (548, "17.8")):
        parts = [1_140_000 * (i + 1) // days - 1_140_000 * i // days for i in range(days)]
        flows = [after(0, 1_000_000), *(after(i + 1, -part) for i, part in enumerate(parts))]
        assert abs(irr_nominal(flows) * 100 - Decimal(percent)) < Decimal("0.06")


def test_a_monthly_flat_fee_is_nearly_twice_as_dear_as_it_sounds() -> None:
    """月费率 0.6 % over 12 equal months is 13 % a year, not 7.2 %."""
    flows = [Flow(START, 1_200_000), *(Flow(add_months(START, k), -(100_000 + 7_200)) for k in range(1, 13))]
    assert Decimal("0.128") < irr_nominal(flows) < Decimal("0.132")


def test_free_money_costs_nothing() -> None:
    assert irr_nominal([after(0, 500), after(30, -500)]) == 0


@pytest.mark.parametrize(
    ("flows", "why"),
    [
        ([], "no_flows"),
        ([after(0, 0)], "nothing_received"),
        ([after(0, 5)], "nothing_repaid"),
        ([after(0, 5), after(0, -5)], "nothing_received"),
        ([after(0, -5), after(9, -5)], "nothing_received"),
        ([after(0, -5), after(9, 5)], "repaid_before_received"),
        ([after(0, 100), after(30, -90)], "repaid_less_than_received"),
        ([after(0, 1), after(1, -(10**9))], "above_any_rate"),
    ],
)
def test_flows_without_a_rate_are_refused_by_name(flows: list[Flow], why: str) -> None:
    with pytest.raises(NoAnnualRate) as refusal:
        irr_nominal(flows)
    assert refusal.value.params == {"why": why}


def test_several_rates_are_none() -> None:
    # 100, -230, 132 is worth nothing at 10 % and at 20 % a period.
    with pytest.raises(SeveralAnnualRates):
        irr_nominal([after(0, 100), after(365, -230), after(730, 132)])


@given(
    st.integers(1_000, 10**10),
    st.lists(st.tuples(st.integers(1, 4000), st.integers(1, 10**9)), min_size=1, max_size=40),
)
def test_at_the_rate_the_flows_are_worth_nothing(lent: int, payments: list[tuple[int, int]]) -> None:
    flows = [after(0, lent), *(after(days, -amount) for days, amount in payments)]
    repaid = sum(amount for _, amount in payments)
    if repaid < lent:
        with pytest.raises(NoAnnualRate):
            irr_nominal(flows)
        return
    try:
        daily = irr_nominal(flows) / 365
    except NoAnnualRate as refusal:
        assert refusal.params == {"why": "above_any_rate"}
        return
    worth = sum(Decimal(flow.amount_minor) / (1 + daily) ** (flow.on - START).days for flow in flows)
    assert abs(worth) < Decimal("1e-6") * lent
