from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.clock import ClockWouldGoBack, NoClock, Segment, business_now, next_segment, real_wait

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ALIKE = [Segment(START, START, 1)]
LAPSE = [Segment(START, START, 1), Segment(START + timedelta(hours=1), START + timedelta(hours=1), 86_400)]


def test_in_production_business_time_is_real_time() -> None:
    assert business_now(ALIKE, START + DAY) == START + DAY
    assert real_wait(ALIKE, START, START + DAY) == 86_400.0


def test_a_day_passes_each_second_in_time_lapse() -> None:
    now = START + timedelta(hours=1, seconds=30)
    assert business_now(LAPSE, now) == START + timedelta(hours=1) + 30 * DAY
    assert real_wait(LAPSE, now, business_now(LAPSE, now) + 7 * DAY) == pytest.approx(7.0)


def test_a_wait_runs_through_a_segment_that_begins_later() -> None:
    assert real_wait(LAPSE, START, START + timedelta(hours=1) + 10 * DAY) == pytest.approx(3_600 + 10)


def test_what_is_past_needs_no_wait() -> None:
    assert real_wait(ALIKE, START + DAY, START) == 0.0


def test_a_stopped_clock_never_gets_there() -> None:
    stopped = [Segment(START, START, 0)]
    assert business_now(stopped, START + DAY) == START
    assert real_wait(stopped, START, START + DAY) == float("inf")


def test_before_the_first_segment_there_is_no_business_time() -> None:
    with pytest.raises(NoClock):
        business_now(ALIKE, START - timedelta(microseconds=1))


def test_a_jump_lands_where_it_was_told_and_keeps_the_speed() -> None:
    target = START + 90 * DAY
    jump = next_segment(LAPSE, START + timedelta(hours=2), jump_to=target + 4_000 * DAY)
    assert (jump.business_at, jump.speed) == (target + 4_000 * DAY, 86_400)


def test_a_change_of_speed_does_not_move_the_hands() -> None:
    now = START + timedelta(minutes=10)
    assert business_now([*ALIKE, next_segment(ALIKE, now, speed=3_600)], now) == business_now(ALIKE, now)


def test_the_clock_cannot_be_set_back() -> None:
    with pytest.raises(ClockWouldGoBack):
        next_segment(ALIKE, START + DAY, jump_to=START)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Segment(datetime(2026, 1, 1), START)


@given(
    speeds=st.lists(st.integers(0, 604_800), min_size=1, max_size=5),
    gaps=st.lists(st.integers(1, 10**9), min_size=5, max_size=5),
    ahead=st.integers(0, 10**12),
)
def test_after_the_wait_business_time_has_come_and_a_moment_before_it_had_not(
    speeds: list[int], gaps: list[int], ahead: int
) -> None:
    segments = [Segment(START, START, speeds[0])]
    for speed, gap in zip(speeds[1:], gaps, strict=False):
        segments.append(next_segment(segments, segments[-1].real_at + timedelta(microseconds=gap), speed=speed))
    until = START + timedelta(microseconds=ahead)
    seconds = real_wait(segments, START, until)
    if seconds == float("inf"):
        assert business_now(segments, segments[-1].real_at + 400 * DAY) < until
        return
    wake = START + timedelta(microseconds=round(seconds * 1_000_000))
    assert business_now(segments, wake) >= until
    if wake > START:
        assert business_now(segments, wake - timedelta(microseconds=1)) < until
