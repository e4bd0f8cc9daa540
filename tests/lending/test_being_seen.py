"""Liveness always has its equal alternative, free and not scored (P17)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.assertions import PROVES, SEEN, Assertion, End, Here, Level, Method, valid_for, why_not
from lending.being_seen import BEIJING, CLOSES, NOT_BEFORE, OFFERED, OPENS, proves, slots
from lending.identity import CheckKind

NOW = datetime(2026, 11, 30, 2, tzinfo=UTC)
ABOUT = dict.fromkeys(CheckKind, b"a")


def weekday(day: date) -> bool:
    return day.weekday() < 5


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)))
def test_slots_are_free_half_hours_of_working_days_and_not_too_soon(now: datetime) -> None:
    found = slots(now, weekday)
    assert len(set(found)) == OFFERED and list(found) == sorted(found)
    for one in found:
        here = one.astimezone(BEIJING)
        assert one - now >= NOT_BEFORE
        assert weekday(here.date()) and OPENS <= here.time() < CLOSES and here.time().minute in (0, 30)
        assert here.time().replace(minute=0) >= time(9)


@pytest.mark.parametrize(("card", "face"), [(True, False), (False, True), (False, False)])
def test_both_the_card_and_the_person_must_match(card: bool, face: bool) -> None:
    assert proves(card_matches=True, face_matches=True)
    assert not proves(card_matches=card, face_matches=face)


@pytest.mark.parametrize("method", SEEN)
@pytest.mark.parametrize("level", Level)
def test_p17_what_a_manager_saw_is_a_proof_of_the_same_check_and_level_as_a_face(method: Method, level: Level) -> None:
    assert PROVES[method] is PROVES[Method.LIVENESS] is CheckKind.LIVENESS
    seen = Assertion(method, level, b"a", NOW, NOW + valid_for(method), "phone", "10.0.0.0/24")
    here = Here(NOW + timedelta(hours=3), ABOUT, level, "phone", "203.0.113.0/24")
    assert why_not(seen, here) is None, "the place of a telephone says nothing of somebody who was seen"
    assert why_not(seen, Here(NOW, ABOUT, level, "another phone", "10.0.0.0/24")) is End.DEVICE
    assert why_not(seen, Here(NOW + valid_for(method), ABOUT, level)) is End.EXPIRED
