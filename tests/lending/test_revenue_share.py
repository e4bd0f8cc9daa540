from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lending.products import SharePlan
from lending.revenue_share import NO_REVENUE, RevenueDay, SharePosition, day, withhold

ON = date(2026, 12, 1)
amounts = st.integers(0, 10**9)
nets = st.integers(-(10**9), 10**9)
shares = st.integers(1, 10**6)
positions = st.builds(SharePosition, amounts, st.integers(-(10**9), 0), amounts, amounts)


def test_a_share_of_net_sales_is_withheld() -> None:
    held = day(
        SharePosition(owed_minor=5_000_000), RevenueDay(1_900_000, 50_000, 8_000), SharePlan(Decimal("0.12")), ON
    )
    assert held.base_minor == 1_842_000
    assert held.amount_minor == held.share_minor == 221_040


def test_e2_a_day_below_zero_withholds_nothing_and_is_carried() -> None:
    plan = SharePlan(Decimal("0.10"))
    first = day(SharePosition(9_000_000), RevenueDay(100_000, 400_000), plan, ON)
    assert (first.amount_minor, first.carry_minor) == (0, -300_000)
    second = day(SharePosition(9_000_000, carry_minor=first.carry_minor), RevenueDay(500_000), plan, ON)
    assert (second.amount_minor, second.carry_minor) == (20_000, 0)


def test_a_missed_debit_is_asked_again_with_the_next_sales_only() -> None:
    plan = SharePlan(Decimal("0.10"))
    idle = day(SharePosition(9_000_000, uncollected_minor=700), RevenueDay(0), plan, ON)
    assert (idle.amount_minor, idle.uncollected_minor) == (0, 700)
    busy = day(SharePosition(9_000_000, uncollected_minor=700), RevenueDay(10_000), plan, ON)
    assert (busy.amount_minor, busy.share_minor, busy.uncollected_minor) == (1_700, 1_000, 0)


def test_a_daily_ceiling_holds() -> None:
    held = day(SharePosition(9_000_000), RevenueDay(1_000_000), SharePlan(Decimal("0.20"), 50_000), ON)
    assert held.amount_minor == 50_000


@given(positions, nets, nets, shares)
def test_the_payment_never_falls_when_revenue_rises(
    position: SharePosition, one: int, other: int, share_ppm: int
) -> None:
    low, high = sorted((one, other))
    assert withhold(low, position, share_ppm).amount_minor <= withhold(high, position, share_ppm).amount_minor


@given(positions, st.integers(-(10**9), 0), shares)
def test_no_revenue_no_payment(position: SharePosition, net: int, share_ppm: int) -> None:
    assert withhold(net, position, share_ppm).amount_minor == 0


@given(positions, nets, shares)
def test_never_above_what_is_owed_and_not_in_flight(position: SharePosition, net: int, share_ppm: int) -> None:
    held = withhold(net, position, share_ppm)
    assert 0 <= held.share_minor <= held.amount_minor
    assert held.amount_minor <= max(0, position.owed_minor - position.in_flight_minor)


@given(st.lists(nets, min_size=1, max_size=40), shares)
def test_what_is_withheld_is_the_share_of_what_was_earned_after_making_up_for_losses(
    series: list[int], share_ppm: int
) -> None:
    """Carried losses neither vanish nor multiply: bases are the rises of the running sum above its running low."""
    carry = total = 0
    bases = 0
    for net in series:
        held = withhold(net, SharePosition(10**15, carry), share_ppm)
        carry = held.carry_minor
        bases += held.base_minor
        total += net
    assert total == bases + carry


def test_one_fen_of_revenue_is_revenue() -> None:
    """It is used up, and lets an earlier share be asked for again."""
    assert withhold(1, SharePosition(10_000, uncollected_minor=500), 120_000) == (500, 0, 0, 0, 1)


def test_net_revenue_is_sales_less_what_came_back() -> None:
    assert RevenueDay(100, 30, 5).net_minor == 65
    assert RevenueDay(100).net_minor == 100
    assert NO_REVENUE == (0, 0, 0)


def test_what_is_in_flight_is_not_asked_for_again_to_the_last_fen() -> None:
    assert withhold(10_000, SharePosition(101, in_flight_minor=100), 120_000).amount_minor == 1
    assert withhold(10_000, SharePosition(100, in_flight_minor=100), 120_000).amount_minor == 0
    assert withhold(10_000, SharePosition(100, in_flight_minor=150), 120_000).amount_minor == 0
