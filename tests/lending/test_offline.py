"""Tasks outside, as rules: what each kind needs, when somebody can come, and whose time it took."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from lending.offline import (
    BEIJING,
    Captured,
    Slots,
    Spot,
    Unproven,
    Untimely,
    Way,
    Whose,
    free_slots,
    off_hour,
    pack_at,
    short_of,
    spells,
    times,
    too_early,
    unproven,
    untimely,
)
from policies.book import load
from policies.files import PolicyError
from policies.offline import OfflineFile, offline_policy

BOOK = load()
POLICY = BOOK.offline
SLOTS = Slots(time(9), time(17), timedelta(hours=2), timedelta(hours=25), 8, timedelta(hours=24))
FRIDAY = datetime(2026, 11, 27, 15, 30, tzinfo=BEIJING)
PHOTO, NOTE, RECORDING = Captured.PHOTO, Captured.NOTE, Captured.RECORDING


def test_kinds_are_data_and_a_rule_asks_by_product_and_amount() -> None:
    assert {kind.id for kind in POLICY.kinds} >= {"visit", "valuation", "registration", "notarisation", "phone_call"}
    asked = POLICY.asked_of("revenue_linked_working_capital", 20_000_001)
    assert [kind.id for kind in asked] == ["visit"]
    assert POLICY.asked_of("revenue_linked_working_capital", 20_000_000) == ()
    assert POLICY.asked_of("another", 30_000_000) == ()


def test_a_visit_needs_three_photos_that_count_and_a_note() -> None:
    visit = POLICY.kind("visit")
    assert visit is not None and visit.placed
    assert short_of(visit, Way.ON_SITE, []) == {"photo": 3, "note": 1}
    assert short_of(visit, Way.ON_SITE, [PHOTO, PHOTO, NOTE]) == {"photo": 1}
    assert short_of(visit, Way.ON_SITE, [PHOTO, PHOTO, PHOTO, NOTE]) == {}


@pytest.mark.parametrize(
    ("spot", "precision", "timed", "why"),
    [
        (None, "house", True, Unproven.PLACELESS),
        (None, "house", False, Unproven.PLACELESS),
        (Spot(1_000_000, 3), "house", True, Unproven.PLACELESS),  # a phone that is unsure by a thousand kilometres
        (Spot(12, 30), "house", False, Unproven.TIMELESS),
        (Spot(12, None), None, True, Unproven.UNMEASURED),
        (Spot(12, None), "unknown", True, Unproven.UNMEASURED),
        (Spot(12, 30), "town", True, Unproven.UNMEASURED),  # a town says nothing of a door
        (Spot(12, 3_000), "house", True, Unproven.FAR),
        (Spot(12, 30), "house", True, None),
        (Spot(12, 2_500), "street", True, None),
    ],
)
def test_a_photo_counts_by_itself_only_with_a_place_and_a_time_near_an_address_that_was_found(
    spot: Spot | None, precision: str | None, timed: bool, why: Unproven | None
) -> None:
    assert unproven(POLICY.near, spot, precision, timed=timed) is why


def test_p33_a_recorded_live_video_visit_equals_a_visit_and_a_valuation_does_not_go_by_video() -> None:
    visit, valuation = POLICY.kind("visit"), POLICY.kind("valuation")
    assert visit is not None and valuation is not None
    assert tuple(short_of(visit, Way.VIDEO, [NOTE])) == ("recording",), "a call without a recording is no visit"
    assert tuple(short_of(visit, Way.VIDEO, [RECORDING, NOTE])) == ()
    assert tuple(short_of(valuation, Way.VIDEO, [RECORDING, NOTE])) == ("way",)


def test_slots_are_working_hours_not_nearer_than_a_pack_needs_and_not_when_somebody_is_out() -> None:
    def is_working(day: date) -> bool:
        return day.weekday() < 5

    found = free_slots(SLOTS, FRIDAY, is_working)
    monday = datetime(2026, 11, 30, 9, tzinfo=BEIJING).astimezone(UTC)
    assert found[0] == monday and len(found) == 8
    assert [at.astimezone(BEIJING).hour for at in found[:5]] == [9, 11, 13, 15, 9]
    assert monday not in free_slots(SLOTS, FRIDAY, is_working, [monday + timedelta(hours=1)])
    assert all(at >= FRIDAY + timedelta(hours=25) for at in found)


def test_a_pack_is_planned_at_least_24_hours_ahead_of_every_slot_that_can_be_booked() -> None:
    for at in free_slots(SLOTS, FRIDAY, lambda _: True):
        assert at - pack_at(SLOTS, at, FRIDAY) >= timedelta(hours=24)


def test_b2_working_time_counts_an_hour_once_and_shows_waiting_for_outside_bodies_and_the_customer_apart() -> None:
    def day(number: float) -> datetime:
        return FRIDAY + timedelta(days=number)

    visit = spells(day(0), day(2), day(3), outside=False)
    registration = spells(day(2.5), None, day(9), outside=True)
    found = times([*visit, *registration, *spells(day(2), None, day(2.5), outside=False)])
    assert found == {
        Whose.OURS: timedelta(days=1),
        Whose.OUTSIDE: timedelta(days=6),
        Whose.CUSTOMER: timedelta(days=2),
    }
    assert times(spells(day(0), day(5), day(1), outside=False))[Whose.CUSTOMER] == timedelta(days=1), "earlier"
    assert set(times([]).values()) == {timedelta(0)}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"slots": {"pack_before": "PT12H"}}, "slots.pack_before"),
        ({"slots": {"not_before": "PT2H"}}, "slots.not_before"),
        ({"above": "50000.00"}, "kinds.visit.asked"),
        ({"twice": True}, "kinds.visit"),
        ({"kind": {"booked": False, "on_its_day": True}}, "kinds.visit.on_its_day"),
    ],
)
def test_a_file_that_contradicts_itself_stops_the_start(change: dict[str, Any], key: str) -> None:
    rule = {"products": ["p"], "above": change.get("above", "200000.00")}
    kind = {
        "id": "visit", "role": "manager", "within": "P7D", "kept_open": "P60D", "booked": True, "outside": False,
        "needs": {"photo": 1}, "questions": [], "asked": [rule],
        **change.get("kind", {}),
    }  # fmt: skip
    slots = {"opens": "09:00", "closes": "17:00", "every": "PT2H", "not_before": "PT25H", "pack_before": "PT24H"}
    file = OfflineFile.model_validate({
        "version": "1", "effective_from": "2026-01-01", "currency": "CNY",
        "slots": {**slots, "offered": 8, **change.get("slots", {})},
        "near": {"far": 500, "unsure": {"house": 100, "street": 2000}, "phone": 1000},
        "live": {"opens_before": "PT15M", "open_for": "PT3H"}, "phones": {"clock_off": "PT15M"},
        "around": {"before": "PT2H", "after": "PT12H"},
        "kinds": [kind] * (2 if "twice" in change else 1),
    })  # fmt: skip
    with pytest.raises(PolicyError) as wrong:
        offline_policy(file, 10_000_000)
    assert wrong.value.key == key


def test_what_was_captured_lies_between_the_opening_of_its_task_and_when_it_comes() -> None:
    opened, came, off = FRIDAY, FRIDAY + timedelta(days=9), POLICY.clock_off
    assert untimely(opened + timedelta(days=4), opened, came, off) is None, "a phone without a net brings it days later"
    assert untimely(opened - off, opened, came, off) is None, "as far as its clock is right"
    assert untimely(opened - off - timedelta(seconds=1), opened, came, off) is Untimely.BEFORE
    assert untimely(came + off + timedelta(seconds=1), opened, came, off) is Untimely.AHEAD
    assert untimely(opened.replace(year=1999), opened, came, off) is Untimely.BEFORE
    assert untimely(opened.replace(year=2099), opened, came, off) is Untimely.AHEAD


@pytest.mark.parametrize("name", ["visit", "valuation", "notarisation"])
def test_who_comes_to_a_customer_has_an_hour_and_is_not_done_before_its_hour(name: str) -> None:
    kind = POLICY.kind(name)
    assert kind is not None
    assert too_early(kind, Way.ON_SITE, None, FRIDAY), "nobody arranged it"
    assert too_early(kind, Way.ON_SITE, FRIDAY + timedelta(days=1), FRIDAY)
    assert too_early(kind, Way.ON_SITE, FRIDAY + timedelta(minutes=1), FRIDAY), "its day has come, and its hour has not"
    assert not too_early(kind, Way.ON_SITE, FRIDAY, FRIDAY)


def test_p33_a_photo_is_of_the_arranged_hour_and_of_none_before_one_is_arranged() -> None:
    around = POLICY.around
    assert off_hour(around, FRIDAY, None) is Unproven.UNBOOKED
    for moment in (FRIDAY - around.before, FRIDAY, FRIDAY + around.after):
        assert off_hour(around, moment, FRIDAY) is None
    second = timedelta(seconds=1)
    for moment in (FRIDAY - around.before - second, FRIDAY + around.after + second, FRIDAY.replace(year=2099)):
        assert off_hour(around, moment, FRIDAY) is Unproven.OFF_HOUR
    assert off_hour(around, FRIDAY, FRIDAY + timedelta(days=1)) is Unproven.OFF_HOUR, "it was arranged anew"


def test_a_window_of_a_register_needs_no_hour_and_an_hour_that_is_there_is_kept_all_the_same() -> None:
    window = POLICY.kind("registration")
    assert window is not None
    assert not too_early(window, Way.ON_SITE, None, FRIDAY)
    assert too_early(window, Way.ON_SITE, FRIDAY + timedelta(days=3), FRIDAY)
