"""What burns first, whose end is near, which loan is looked at again, and when two people look (P28, P33)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import policies
from lending.workbench import Burn, clock, heat, needs_two_people, territory

AT = datetime(2026, 11, 21, 6, tzinfo=UTC)
RULES = policies.load().managed


@pytest.mark.parametrize(
    ("hours_gone", "spent", "burn"),
    [(0, "0", Burn.CALM), (7.4, "0.74", Burn.CALM), (7.5, "0.75", Burn.REMIND), (9.99, "1.00", Burn.REMIND),
     (10, "1", Burn.LATE), (25, "2.5", Burn.LATE)],
)  # fmt: skip
def test_a_clock_is_calm_reminded_from_three_quarters_on_and_late_at_its_time(
    hours_gone: float, spent: str, burn: Burn
) -> None:
    found = clock(AT, AT + timedelta(hours=10), AT + timedelta(hours=hours_gone))
    assert (found.spent, found.burn) == (Decimal(spent), burn)


def test_what_was_due_at_once_is_late_at_once_and_what_begins_later_has_spent_nothing() -> None:
    assert clock(AT, AT, AT).burn is Burn.LATE
    assert clock(AT, AT + timedelta(hours=1), AT - timedelta(hours=1)).spent == 0


@given(st.lists(st.tuples(st.sampled_from(Burn), st.integers(0, 10_000)), max_size=20))
def test_what_burns_is_on_top_and_equals_go_by_when_they_are_due(found: list[tuple[Burn, int]]) -> None:
    order = sorted(found, key=lambda one: heat(one[0], AT + timedelta(minutes=one[1])))
    for one, next_one in pairwise(order):
        assert heat(one[0], AT)[0] <= heat(next_one[0], AT)[0]
        assert one[0] is not next_one[0] or one[1] <= next_one[1]


@pytest.mark.parametrize(("left", "band"), [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0)])
def test_p33_an_end_stands_out_at_sixty_thirty_and_seven_days(left: int, band: int | None) -> None:
    today = date(2026, 11, 21)
    assert RULES.band(today + timedelta(days=left), today) == band


def test_p28_the_first_check_is_due_in_thirty_days_and_the_next_by_grade_from_the_day_it_was_due() -> None:
    paid = date(2026, 11, 21)
    first = RULES.check_due_on(paid, None, "D")
    assert first == paid + timedelta(days=30)
    assert RULES.check_due_on(paid, first, "D") < RULES.check_due_on(paid, first, "A")
    assert RULES.check_due_on(paid, first, None) == first + RULES.otherwise


def test_the_finest_territory_counts() -> None:
    known = {"33", "3301", "330106", "4401"}
    assert [territory(area, known) for area in ("330106", "330108", "331000", "440106", "110101")] == [
        "330106", "3301", "33", "4401", None,
    ]  # fmt: skip


def test_p33_two_people_look_above_the_amount_of_the_rule() -> None:
    rules = policies.load().two_people
    product = "revenue_linked_working_capital"
    assert not needs_two_people(rules, product, 25_000_000)
    assert needs_two_people(rules, product, 25_000_001)
    assert not needs_two_people(rules, "unknown", 90_000_000)
