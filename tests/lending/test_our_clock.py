"""P33, B2: what somebody outside takes is not counted in what we promised."""

from datetime import UTC, datetime, timedelta

from lending.our_clock import Away, due, outside

T0 = datetime(2026, 11, 30, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def test_b2_time_outside_counts_once_however_many_have_it() -> None:
    spans = [Away(at(2), at(6), at(9)), Away(at(4), at(8), at(9)), Away(at(20), None, at(40))]
    assert outside(T0, at(24), spans) == timedelta(hours=10)
    assert outside(T0, at(24), []) == timedelta(0)
    assert outside(at(5), at(7), spans) == timedelta(hours=2), "only what lies within"


def test_b2_our_clock_stands_while_they_have_it_and_goes_on_with_what_was_left() -> None:
    assert due(T0, DAY, at(3), []) == at(24)
    open_ = [Away(at(1), None, at(100))]
    assert due(T0, DAY, at(18), open_) == at(100 + 23), "an hour of ours was gone; theirs is promised by then"
    assert due(T0, DAY, at(120), open_) == at(120 + 23), "they are late, and we are not"
    over = [Away(at(1), at(50), at(100))]
    assert due(T0, DAY, at(50), over) == at(73)
    assert due(T0, DAY, at(60), over) == at(73), "the same, whenever it is asked"
    assert due(T0, DAY, at(90), over) == at(90), "our own time is gone: late now"
