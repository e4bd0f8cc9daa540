"""No nagging: at most one letter about credit in thirty days, none after a no, none at night."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import policies
from lending.calendars import Jurisdiction
from lending.nudges import EVERY, STALE, Answer, answer
from lending.quiet_hours import is_quiet

START = datetime(2027, 3, 1, 3, 0, tzinfo=UTC)  # 11:00 in Beijing
QUIET = policies.load().contact.quiet_hours
ASKS = st.lists(st.tuples(st.integers(0, 400 * 24 * 60), st.booleans(), st.booleans()), min_size=1, max_size=80)


@given(ASKS)
def test_i6_over_any_days_no_more_than_one_letter_in_thirty_days_and_none_after_a_no(
    asks: list[tuple[int, bool, bool]],
) -> None:
    """Each ask is answered at some minute; the switch stands as the draw says. What was sent keeps every promise."""
    sent: list[datetime] = []
    for minutes, wanted, late in sorted(asks):
        now = START + timedelta(minutes=minutes)
        said = answer(
            now,
            asked_at=now,
            wanted=wanted,
            last_sent_at=sent[-1] if sent else None,
            quiet=is_quiet(now, QUIET, Jurisdiction.CN),
            late=late,
        )
        if said is Answer.SENT:
            assert wanted
            assert not late
            sent.append(now)
    assert all(later - earlier >= timedelta(days=30) for earlier, later in pairwise(sent))
    assert not any(is_quiet(at, QUIET, Jurisdiction.CN) for at in sent)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Answer.SENT),
        ({"quiet": True}, None),
        ({"wanted": False}, Answer.NOT_WANTED),
        ({"wanted": False, "quiet": True}, Answer.NOT_WANTED),
        ({"last_sent_at": START - EVERY + timedelta(seconds=1)}, Answer.TOO_SOON),
        ({"last_sent_at": START - EVERY}, Answer.SENT),
        ({"applying": True}, Answer.APPLYING),
        ({"late": True}, Answer.LATE),
        ({"asked_at": START - STALE}, Answer.STALE),
    ],
)
def test_i6_each_reason_not_to_write_has_its_name(change: dict[str, object], expected: Answer | None) -> None:
    given_: dict[str, object] = {"asked_at": START, "wanted": True, "last_sent_at": None, "quiet": False}
    assert answer(START, **{**given_, **change}) is expected  # type: ignore[arg-type]
