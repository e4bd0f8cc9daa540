"""Where an address lies, and rooms for live video visits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateways.failures import GatewayRefused, GatewayUnavailable
from gateways.live import HttpLiveVisits, LiveVisits, RoomOrder
from gateways.places import AddressOrder, HttpPlaces, Places

ASKED = AddressOrder(request_id="a1", address="上海市南京西路 100 号")
AT = datetime(2026, 12, 2, 1, tzinfo=UTC)
ROOM = RoomOrder(session_id="s1", opens_at=AT, shuts_at=AT + timedelta(hours=3))
WORDS = "ab" * 32


async def test_an_address_is_found_the_same_each_time_and_near_its_town(party):
    places = HttpPlaces(party("places"), deadline=5)
    assert isinstance(places, Places)
    found = await places.find(ASKED)
    assert await places.find(ASKED) == found
    assert found.precision == "house"
    assert abs(found.latitude - 31.2304) < 0.03 and abs(found.longitude - 121.4737) < 0.03
    street = await places.find(AddressOrder(request_id="a2", address="上海市南京西路"))
    town = await places.find(AddressOrder(request_id="a3", address="上海市"))
    nowhere = await places.find(AddressOrder(request_id="a4", address="桃花源 1 号"))
    assert [one.precision for one in (street, town, nowhere)] == ["street", "town", "unknown"]
    assert nowhere.latitude is None
    with pytest.raises(GatewayRefused, match=r"^request_id_taken$"):
        await places.find(replace(ASKED, address="上海市南京西路 200 号"))
    [first, *_] = (await party("places").get("/book")).json()["findings"]
    assert (first["request_id"], first["times"]) == ("a1", 2), "the book is the witness"


async def test_a_survey_says_exactly_where_and_a_fault_finds_no_more_than_the_town(party):
    places = HttpPlaces(party("places"), deadline=5)
    known = {"address": "桃花源 1 号", "latitude": 28.8, "longitude": 111.4}
    await party("places").post("/known", json=known)
    found = await places.find(AddressOrder(request_id="b1", address="桃花源1号"))
    assert (found.latitude, found.longitude, found.precision) == (28.8, 111.4, "house")
    await party("places").post("/faults", json={"mode": "town_only", "times": 1})
    assert (await places.find(replace(ASKED, request_id="b2"))).precision == "town"


@pytest.mark.parametrize(("mode", "code"), [("down", "places_error"), ("garbage", "places_garbled")])
async def test_a_finder_of_addresses_in_trouble_is_asked_again(party, mode, code):
    await party("places").post("/faults", json={"mode": mode, "times": 1})
    places = HttpPlaces(party("places"), deadline=5)
    with pytest.raises(GatewayUnavailable, match=f"^{code}$"):
        await places.find(ASKED)
    assert (await places.find(ASKED)).precision == "house"


async def test_a_point_in_the_maps_own_datum_is_no_answer(wire, answering):
    told = {
        "request_id": "a1", "datum": "gcj02", "latitude": 31.2, "longitude": 121.4, "precision": "house",
        "reference": "x", "at": AT.isoformat(),
    }  # fmt: skip
    places = HttpPlaces(await wire(answering(200, told)), deadline=5)
    with pytest.raises(GatewayUnavailable, match=r"^places_garbled$"):
        await places.find(ASKED)


async def test_p33_a_room_records_who_agreed_before_and_tells_hash_and_times_once_both_left(party):
    live = HttpLiveVisits(party("live"), deadline=5)
    assert isinstance(live, LiveVisits)
    room = await live.open(ROOM)
    assert await live.open(ROOM) == room
    assert room.guest_link != room.host_link and "/live/rooms/" in room.guest_link
    assert await live.recording("s1") is None
    await live.agree("s1", AT, WORDS)
    await live.agree("s1", AT + timedelta(hours=1), WORDS)
    await party("live").post("/sessions/s1/meeting")
    recorded = await live.recording("s1")
    assert recorded == await live.recording("s1")
    assert len(recorded.sha256) == 64 and recorded.ended_at - recorded.began_at == timedelta(minutes=8)
    [kept] = (await party("live").get("/book")).json()["sessions"]
    assert (kept["agreed_at"], kept["words_sha256"], kept["times"]) == (AT.isoformat(), WORDS, 2)
    with pytest.raises(GatewayRefused, match=r"^session_id_taken$"):
        await live.open(replace(ROOM, shuts_at=AT + timedelta(hours=4)))


async def test_nothing_is_recorded_of_whoever_did_not_agree_and_a_lost_recording_is_none(party):
    live = HttpLiveVisits(party("live"), deadline=5)
    await live.open(ROOM)
    await party("live").post("/sessions/s1/meeting")
    assert await live.recording("s1") is None
    await live.open(replace(ROOM, session_id="s2"))
    await live.agree("s2", AT, WORDS)
    await party("live").post("/sessions/s2/meeting")
    for mode in ("preparing", "lost"):
        await party("live").post("/faults", json={"mode": mode, "times": 1})
        assert await live.recording("s2") is None
    assert await live.recording("s2") is not None
    with pytest.raises(GatewayRefused, match=r"^no_such_session$"):
        await live.recording("nobody")


@pytest.mark.parametrize("who", ["guest", "host"])
async def test_the_room_is_a_page_that_says_whether_it_is_recorded(party, who):
    live = HttpLiveVisits(party("live"), deadline=5)
    room = await live.open(ROOM)
    link = room.guest_link if who == "guest" else room.host_link
    path = link[link.index("/rooms") :]
    english = {"Accept-Language": "en"}
    assert "nothing is recorded" in (await party("live").get(path, headers=english)).text
    await live.agree("s1", AT, WORDS)
    assert "the call is recorded" in (await party("live").get(path, headers=english)).text
    assert "its recording is ready" in (await party("live").post(path, headers=english)).text
    assert (await live.recording("s1")) is not None
    assert (await party("live").get("/rooms/none")).status_code == 404
