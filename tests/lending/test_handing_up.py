from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lending.handing_up import FARTHEST, again, late_by

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)


@given(st.integers(0, 400), st.integers(-500, 500), st.integers(-500, 5_000))
def test_a_new_promise_lies_ahead_however_often_it_slipped_and_whenever_the_hour_was_arranged(
    slips: int, slot: int, until: int
) -> None:
    found = again(NOW, slips, slot_at=NOW + timedelta(hours=slot), until=NOW + timedelta(hours=until))
    assert NOW < found <= max(NOW, NOW + timedelta(hours=slot)) + FARTHEST
    assert until <= 0 or found <= NOW + timedelta(hours=until), "not behind the end of the task"


def test_each_new_promise_is_farther_so_that_ninety_days_are_few_letters() -> None:
    at, letters = NOW, 0
    while at < NOW + timedelta(days=90):
        at, letters = again(at, letters), letters + 1
    assert letters < 12


def test_late_is_told_by_how_much_and_what_lies_ahead_is_not_late() -> None:
    assert late_by(NOW, NOW) == timedelta(0)
    assert late_by(NOW - timedelta(hours=5), NOW) == timedelta(hours=5)
    assert late_by(NOW + timedelta(minutes=1), NOW) is None
