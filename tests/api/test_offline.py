"""Tasks outside through the API and on pages: arranged by the customer, brought home once, finished, seen by both."""

import asyncio
import io
import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD
from sqlalchemy import select, text, update
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.clockwork import Clockwork
from activities.leaves import Leaves
from activities.offline import Offline
from activities.steps import Steps
from activities.tasks import Tasks
from activities.visiting import Outside, Visiting
from api.manager import duties
from db import clocks, offline, people
from db.offline import New
from db.sessions import Sessions
from db.tables import Application, Staff, Task, TaskEvidence
from gateways.live import HttpLiveVisits
from gateways.places import HttpPlaces
from infra import temporal
from infra.phrases import BEIJING
from simulators.settings import WorldSettings
from simulators.world import world
from tests.api.conftest import WANTED, Listening, ListeningPayout
from tests.api.test_commands import IDENTITY
from worker.interceptors import OurActivities
from worker.wiring import activities_of
from workflows.acts import StartTask
from workflows.leave import Leave
from workflows.offline_task import OfflineTask

# Where the photos of these tests say that they were taken.
HERE, ADDRESS = (31.230417, 121.473667), "上海市南京西路 100 号"
VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(2_000)


@pytest.fixture
async def around(tmp_path: Any) -> AsyncIterator[Any]:
    """``around("places")``: a client of that party of a simulated world in this process."""
    secret = "whsec_" + b64encode(bytes(32)).decode()
    secrets = {"rail_secret": secret, "revenue_secret": secret, "messages_secret": secret}
    app = world(WorldSettings(host="127.0.0.1", port=0, data=tmp_path, public_url="http://127.0.0.1:9", **secrets))
    async with app.router.lifespan_context(app):
        yield lambda name: httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=f"http://world/{name}")


@pytest.fixture
async def manned(api: Any, around: Any) -> AsyncIterator[None]:
    """A worker that plays tasks, beside a listener for applications."""
    sessions = Sessions(api.settings, scope="worker")
    steps, policy = Steps(sessions, api.settings.clock_id), api.tools.policies.offline
    outside = Outside(HttpPlaces(around("places"), deadline=5), HttpLiveVisits(around("live"), deadline=5))
    rooms = (
        Clockwork(sessions),
        Tasks(steps),
        Offline(steps, policy),
        Visiting(steps, api.tools.vault, policy, outside),
        Leaves(steps),
    )
    async with Worker(
        await temporal.connect(api.settings),
        task_queue=api.settings.temporal_task_queue,
        workflows=[Listening, ListeningPayout, Leave, OfflineTask],
        activities=activities_of(*rooms),
        interceptors=[OurActivities()],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        yield
    await sessions.close()


@pytest.fixture
async def visit(api: Any, manned: None, at_stage: Any, around: Any) -> tuple[Any, Any, UUID, UUID]:
    """(owner, manager who has it, application, task): an application that waits for a visit."""
    known = {"address": ADDRESS, "latitude": HERE[0], "longitude": HERE[1]}
    assert (await around("places").post("/known", json=known)).status_code == 200
    owner, manager = await api.owner(), await api.staff("manager")
    application_id = UUID((await owner.post("/v1/applications", WANTED)).json()["object_id"])
    at_stage(application_id, "identity")
    assert (await owner.post(f"/v1/applications/{application_id}/identity", IDENTITY)).status_code == 200
    at_stage(application_id, "review")
    kind = api.tools.policies.offline.kind("visit")
    new = New(uuid4(), "visit", kind.role, kind.within, kind.kept_open, "rule")
    async with api.tools.sessions.begin(scope="worker") as session:
        application = await session.get_one(Application, application_id)
        now = await clocks.now(session, api.settings.clock_id)
        task = await offline.open_task(session, application, new, now=now)
        assert task.owner_id is not None, "each task has somebody who has it"
        task.owner_id = await session.scalar(select(Staff.id).where(Staff.login == manager.name))
    client = await temporal.connect(api.settings)
    await client.start_workflow(
        OfflineTask.run, StartTask(new.id, api.settings.clock_id), id=f"task/{new.id}",
        task_queue=api.settings.temporal_task_queue,
    )  # fmt: skip
    return owner, manager, application_id, new.id


def photo(*, placed: bool = False, colour: str = "white", at: datetime | None = None, marked: bool = False) -> bytes:
    """A picture of one colour; ``marked``: that nobody has taken before. ``placed``: it says where and, as ``at`` or
    now, when."""
    image, out = Image.new("RGB", (320, 240), colour), io.BytesIO()
    if marked:
        cells = Image.frombytes("L", (16, 12), b"".join(uuid4().bytes for _ in range(12)))
        image = cells.resize((320, 240), Image.Resampling.NEAREST).convert("RGB")
    exif = Image.Exif()
    if placed:
        gps = exif.get_ifd(IFD.GPSInfo)
        gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "N", (31.0, 13.0, 49.5)
        gps[GPS.GPSLongitudeRef], gps[GPS.GPSLongitude] = "E", (121.0, 28.0, 25.2)
        taken = (at or datetime.now(UTC)).astimezone(BEIJING)
        exif.get_ifd(IFD.Exif)[0x9003] = f"{taken:%Y:%m:%d %H:%M:%S}"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def shot(*, placed: bool = False, at: datetime | None = None) -> bytes:
    """A photo of its own."""
    return photo(placed=placed, at=at, marked=True)


async def send(who: Any, task_id: UUID, data: bytes, thing: UUID | None = None, **said: str) -> Any:
    return await who.client.post(
        f"/v1/manager/offline/{task_id}/files", params={"kind": "photo", **said}, files={"file": ("x.jpg", data)},
        headers={"Idempotency-Key": str(thing or uuid4())},
    )  # fmt: skip


async def found_on_the_map(api: Any, task_id: UUID) -> None:
    """The address of a task, as the activity keeps it that asks for it; what nobody arranged is arranged for now."""
    async with api.tools.sessions.begin(scope="worker") as session:
        task = await session.get_one(Task, task_id)
        key = await people.key_of(session, api.tools.vault, task.person_id)
        task.point_sealed = api.tools.vault.seal(key, offline.POINT, task_id, json.dumps(HERE))
        task.point_precision = "house"
        if task.slot_at is None:
            task.slot_at, task.way = datetime.now(UTC) - timedelta(minutes=1), "on_site"


async def its_day_comes(api: Any, task_id: UUID) -> None:
    """The arranged hour, moved to a moment ago: the towns of these tests do not wait for days."""
    async with api.tools.sessions.begin(scope="worker") as session:
        moved = update(Task).where(Task.id == task_id).values(slot_at=datetime.now(UTC) - timedelta(minutes=1))
        await session.execute(moved)


async def write(who: Any, task_id: UUID, kind: str, words: str, thing: UUID | None = None) -> Any:
    said = {"kind": kind, "words": words}
    return await who.post(f"/v1/manager/offline/{task_id}/words", said, key_=str(thing or uuid4()))


async def test_a_visit_from_the_customers_slot_to_its_end_with_one_clock_for_both(
    api: Any, visit: Any, pages: Any
) -> None:
    owner, manager, application_id, task_id = visit
    path, theirs = f"/v1/applications/{application_id}/offline", f"/v1/manager/offline/{task_id}"
    (step,) = (await owner.get(path)).json()["items"]
    assert (step["kind"], step["state"], step["who"], step["ways"]) == ("visit", "open", "员工", ["on_site", "video"])
    ours = (await manager.get(theirs)).json()
    assert ours["card"]["due_at"] == step["due_at"], "the customer sees the same clock"
    assert ours["card"]["needs"] == ["photo", "note"]
    assert ours["slots"] == step["slots"] and len(step["slots"]) == 8
    early = await manager.post(f"{theirs}/finish", {"result": "done"})
    assert early.json()["code"] == "not_its_day_yet", "nobody arranged it"
    chosen = {"slot_at": step["slots"][0], "way": "on_site", "place": "上海市南京西路 100 号"}
    wrong = await owner.post(f"{path}/{task_id}/slot", chosen | {"slot_at": "2020-01-01T00:00:00+00:00"})
    assert [one["code"] for one in wrong.json()["errors"]] == ["not_one_of_these"]
    nowhere = await owner.post(f"{path}/{task_id}/slot", chosen | {"place": ""})
    assert [one["code"] for one in nowhere.json()["errors"]] == ["missing"]
    page = await pages(owner).get(f"/visits/{application_id}/{task_id}")
    assert page.text.count('name="slot"') == 8
    assert f"/visits/{application_id}/{task_id}" in (await pages(owner).get("/progress")).text
    tapped = await owner.post(f"{path}/{task_id}/slot", chosen)
    assert tapped.status_code == 200, tapped.text
    (step,) = (await owner.get(path)).json()["items"]
    ours = (await manager.get(theirs)).json()
    assert step["slot_at"] == ours["card"]["slot_at"] == chosen["slot_at"]
    assert step["place"] == ours["place"] == chosen["place"]
    await until(lambda: manager.get(theirs), lambda seen: seen.json()["precision"] == "house")

    for _ in range(3):
        assert (await send(manager, task_id, shot(placed=True))).status_code == 200
    assert (await write(manager, task_id, "note", "店里三个人，货对得上")).status_code == 200
    room = pages(manager)
    assert f"/manager/offline/{task_id}" in (await room.get("/manager")).text
    assert "31.230417" in (await room.get(f"/manager/offline/{task_id}")).text
    before = await manager.post(f"{theirs}/finish", {"result": "done"})
    assert (before.status_code, before.json()["code"]) == (409, "not_its_day_yet"), "nobody was there before the hour"
    seen = (await manager.get(theirs)).json()
    assert not any(one["counts"] for one in seen["evidence"] if one["kind"] == "photo"), "taken a day before it"
    assert "不是在约定时间拍的" in seen["evidence"][0]["doubt"]
    await its_day_comes(api, task_id)
    assert all(one["counts"] for one in (await manager.get(theirs)).json()["evidence"])
    done = await manager.post(f"{theirs}/finish", {"result": "done"})
    assert done.status_code == 200, "booked anew it is done as it was arranged"
    (step,) = (await owner.get(path)).json()["items"]
    assert (step["state"], step["result"], step["slots"]) == ("done", "done", [])
    late = await manager.post(f"{theirs}/finish", {"result": "done"})
    assert late.json()["code"] == "review_closed"
    story = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["happened"]
    assert [one["kind"] for one in story][-2:] == ["offline_booked", "offline_done"]
    assert "visit" in {one["what"] for one in (await owner.get("/v1/privacy")).json()["reads"]}


async def test_photos_tell_place_and_time_before_they_are_drawn_anew_and_lie_sealed_with_their_hash(
    api: Any, visit: Any
) -> None:
    _, manager, _, task_id = visit
    now = datetime.now(UTC).replace(microsecond=0)
    kept = (await send(manager, task_id, shot(placed=True, at=now), latitude="1", longitude="2")).json()["evidence"][-1]
    assert (kept["place_source"], kept["latitude"], kept["longitude"]) == ("picture", "31.230417", "121.473667")
    assert datetime.fromisoformat(kept["taken_at"]) == now
    plain = (await send(manager, task_id, shot(), latitude="30.5", longitude="120.25", accuracy_m="12")).json()
    assert (plain["evidence"][-1]["place_source"], plain["evidence"][-1]["latitude"]) == ("page", "30.500000")
    file = await manager.get(f"/v1/manager/offline/evidence/{kept['id']}/file")
    drawn = Image.open(io.BytesIO(file.content))
    assert (drawn.size, dict(drawn.getexif())) == ((320, 240), {}), "what it shows, and nothing that it carried"
    async with api.tools.sessions.begin(scope="worker") as session:
        row = (await session.scalars(select(TaskEvidence).where(TaskEvidence.id == UUID(kept["id"])))).one()
        assert len(row.sha256 or "") == 64 and b"31.23" not in (row.place_sealed or b"")
        sealed = await api.tools.storage.get(row.object_key or "")
    assert not sealed.startswith(b"\xff\xd8")


async def test_e2_a_phone_that_was_away_sends_again_and_nothing_is_there_twice(visit: Any) -> None:
    _, manager, _, task_id = visit
    thing, note, path = uuid4(), uuid4(), f"/v1/manager/offline/{task_id}"
    picture = shot(placed=True)
    for _ in range(3):
        assert (await send(manager, task_id, picture, thing)).status_code == 200
        assert (await write(manager, task_id, "serial", "CNC-2041-77", note)).status_code == 200
    seen = (await manager.get(path)).json()["evidence"]
    assert [(one["kind"], one["id"]) for one in seen] == [("photo", str(thing)), ("serial", str(note))]
    other = await write(manager, task_id, "serial", "CNC-9999-00", note)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused"), "the same id never says two things"
    key, end = f"k-{uuid4()}", {"result": "not_possible", "words": "门关着，没人在"}
    ends = [await manager.post(f"{path}/finish", end, key_=key) for _ in range(2)]
    assert [one.status_code for one in ends] == [200, 200]
    assert ends[0].json()["command_id"] == ends[1].json()["command_id"]


async def test_p33_a_file_that_somebody_uploads_is_no_recording_of_a_live_video(visit: Any) -> None:
    owner, manager, application_id, task_id = visit
    path = f"/v1/manager/offline/{task_id}"
    no = await send(manager, task_id, b"MZ" + bytes(100), kind="recording")
    assert [one["code"] for one in no.json()["errors"]] == ["not_a_recording"]
    slot = (await manager.get(path)).json()["slots"][0]
    booked = await manager.post(f"{path}/slot", {"slot_at": slot, "way": "video"})
    assert booked.status_code == 200, booked.text
    assert (await write(manager, task_id, "note", "视频看过，设备都在")).status_code == 200
    assert (await send(manager, task_id, VIDEO, kind="recording")).status_code == 200, "a video note is kept as a note"
    assert (await manager.get(path)).json()["card"]["needs"] == ["recording"]
    for said in ({"result": "done"}, {"result": "done", "way": "video"}):
        no = await manager.post(f"{path}/finish", said)
        assert (no.status_code, no.json()["code"]) == (409, "evidence_missing"), "no room recorded it"
    live = (await owner.get(f"/v1/applications/{application_id}/offline")).json()["items"][0]["live"]
    agreed = await owner.post(
        f"/v1/applications/{application_id}/offline/{task_id}/agreement", {"sha256": live["sha256"]}
    )
    assert agreed.status_code == 200
    assert (await manager.post(f"{path}/finish", {"result": "done"})).json()["code"] == "evidence_missing"


async def test_p33_what_was_arranged_one_way_is_not_finished_another_unless_it_is_booked_anew(
    api: Any, visit: Any
) -> None:
    _, manager, _, task_id = visit
    path = f"/v1/manager/offline/{task_id}"
    first, second = (await manager.get(path)).json()["slots"][:2]
    on_site = {"slot_at": first, "way": "on_site", "place": "上海市南京西路 100 号"}
    assert (await manager.post(f"{path}/slot", on_site)).status_code == 200
    await until(lambda: manager.get(path), lambda seen: seen.json()["precision"] == "house")
    for _ in range(3):
        assert (await send(manager, task_id, shot(placed=True))).status_code == 200
    assert (await write(manager, task_id, "note", "店里三个人，货对得上")).status_code == 200
    no = await manager.post(f"{path}/finish", {"result": "done", "way": "video"})
    assert (no.status_code, no.json()["code"]) == (409, "way_not_booked")
    assert (await manager.post(f"{path}/slot", {"slot_at": second, "way": "video"})).status_code == 200
    no = await manager.post(f"{path}/finish", {"result": "done", "way": "on_site"})
    assert (no.status_code, no.json()["code"]) == (409, "way_not_booked"), "and the other way round"
    third = (await manager.get(path)).json()["slots"][2]
    assert (await manager.post(f"{path}/slot", on_site | {"slot_at": third})).status_code == 200
    await until(lambda: manager.get(path), lambda seen: seen.json()["precision"] == "house")
    await its_day_comes(api, task_id)
    done = await manager.post(f"{path}/finish", {"result": "done", "way": "on_site"})
    assert done.status_code == 200, "booked anew it is done as it was arranged"


async def test_b3_only_whoever_has_a_task_or_a_lead_goes_on_with_it_and_a_colleagues_try_is_on_record(
    api: Any, visit: Any, pages: Any, database: Any
) -> None:
    owner, manager, application_id, task_id = visit
    path = f"/v1/manager/offline/{task_id}"
    other, lead = await api.staff("manager"), await api.staff("officer")
    slots = (await other.get(path)).json()["slots"]
    chosen = {"slot_at": slots[0], "way": "video"}
    tries = (
        await other.post(f"{path}/slot", chosen),
        await write(other, task_id, "note", "路过看了一眼"),
        await send(other, task_id, shot()),
        await other.post(f"{path}/recording"),
        await other.post(f"{path}/finish", {"result": "not_possible", "words": "没去成，以后再说"}),
    )
    assert [(one.status_code, one.json()["code"]) for one in tries] == [(409, "not_their_task")] * 5
    seen = (await other.get(path)).json()
    assert (seen["state"], seen["evidence"], seen["card"]["slot_at"]) == ("open", [], None), "nothing was changed"
    assert (seen["may_act"], seen["may_bring"]) == (False, False)
    page = (await pages(other).get(f"/manager/offline/{task_id}")).text
    assert f'action="/manager/offline/{task_id}/' not in page, "no button that would be refused"
    async with api.tools.sessions.begin() as session:
        query = text("select detail->>'use' from audit where action = 'offline.refused' and object_id = :id")
        uses = [row[0] for row in await session.execute(query, {"id": str(task_id)})]
    assert sorted(uses) == ["book", "bring", "bring", "finish", "recording"]

    booked = await owner.post(f"/v1/applications/{application_id}/offline/{task_id}/slot", chosen)
    assert booked.status_code == 200, "its customer still chooses the hour"
    assert (await lead.post(f"{path}/slot", chosen | {"slot_at": slots[1]})).status_code == 200, "a lead steps in"
    # 协办: of two who look into a case each brings home what they saw, and whoever has the task ends it.
    database.execute(
        "insert into investigation (application_id, person_id, lead_id, second_id, named_at) "
        f"select id, person_id, (select id from staff where login = '{manager.name}'), "
        f"(select id from staff where login = '{other.name}'), now() from application where id = '{application_id}'"
    )
    assert (await write(other, task_id, "note", "两个人一起看的，货对得上")).status_code == 200
    assert (await send(other, task_id, shot(placed=True))).status_code == 200
    page = (await pages(other).get(f"/manager/offline/{task_id}")).text
    assert f"/manager/offline/{task_id}/bring" in page and f"/manager/offline/{task_id}/finish" not in page
    end = {"result": "not_possible", "words": "客户改到下个月"}
    assert (await other.post(f"{path}/finish", end)).json()["code"] == "not_their_task"
    assert (await manager.post(f"{path}/finish", end)).status_code == 200


async def until(look: Any, holds: Any) -> Any:
    """What ``look`` sees once it holds."""
    for _ in range(100):
        if holds(seen := await look()):
            return seen
        await asyncio.sleep(0.05)
    raise AssertionError(seen)


async def arranged(owner: Any, manager: Any, application_id: UUID, task_id: UUID, where: str = ADDRESS) -> str:
    """Booked on site, and looked for on the map; how exactly it was found."""
    path = f"/v1/applications/{application_id}/offline"
    (step,) = (await owner.get(path)).json()["items"]
    chosen = {"slot_at": step["slots"][0], "way": "on_site", "place": where}
    assert (await owner.post(f"{path}/{task_id}/slot", chosen)).status_code == 200
    here = f"/v1/manager/offline/{task_id}"
    return (await until(lambda: manager.get(here), lambda seen: seen.json()["precision"])).json()["precision"]


async def test_p33_a_photo_without_place_or_time_or_far_from_the_address_is_kept_and_does_not_count(
    api: Any, visit: Any, around: Any, pages: Any
) -> None:
    owner, manager, application_id, task_id = visit
    theirs = f"/v1/manager/offline/{task_id}"
    page = (await pages(manager).get(f"/manager/offline/{task_id}")).text
    assert "Turn location on first" in page and "data-placed" in page, "said beforehand"
    assert await arranged(owner, manager, application_id, task_id) == "house"
    await its_day_comes(api, task_id)
    now = datetime.now(UTC).isoformat()
    at = {"latitude": "31.2305", "longitude": "121.4737", "taken_at": now}

    async def sent(data: bytes, **said: str) -> Any:
        answer = await send(manager, task_id, data, **said)
        assert answer.status_code == 200, "never a silent refusal"
        return answer.json()["evidence"][-1], answer.json()["card"]["still"]

    for said, why in (
        ({}, "没有拍摄地点"),
        ({"taken_at": now}, "没有拍摄地点"),
        (at | {"accuracy_m": "900000"}, "定位太不准"),
        ({"latitude": at["latitude"], "longitude": at["longitude"]}, "没有拍摄时间"),
        (at | {"latitude": "31.26", "accuracy_m": "20"}, "超过 500 米"),
    ):
        seen, still = await sent(shot(), **said)
        assert why in seen["doubt"] and "不算" in seen["doubt"] and "\n" not in seen["doubt"], seen["doubt"]
        assert (seen["counts"], still) == (False, [{"code": "photo", "many": 3}, {"code": "note", "many": 1}])
    assert (seen["distance_m"], seen["far"]) == (3_289, True)
    seen, still = await sent(photo(placed=True, marked=True), latitude="31.26", longitude="121.48", taken_at=now)
    assert (seen["counts"], seen["distance_m"]) == (True, 0), "the picture's own place goes before the page's"
    seen, _ = await sent(shot(), **at, accuracy_m="900")
    assert seen["counts"] and not seen["doubt"], "a phone that is unsure of some hundred metres is believed"
    assert (await write(manager, task_id, "note", "店里三个人，货对得上")).status_code == 200
    await its_day_comes(api, task_id)
    no = await manager.post(f"{theirs}/finish", {"result": "done"})
    assert (no.status_code, no.json()["code"]) == (409, "evidence_missing"), "seven photos, of which two count"
    page = (await pages(manager).get(f"/manager/offline/{task_id}")).text
    assert "more than 500 m from the address" in page and "3.3 km" in page and "photos × 1" in page
    assert (await sent(shot(placed=True)))[0]["counts"]
    assert (await manager.post(f"{theirs}/finish", {"result": "done"})).status_code == 200
    [found] = (await around("places").get("/book")).json()["findings"]
    assert found["times"] == 1


@pytest.mark.parametrize("where", ["中国上海市", "某镇某村三组 5 号"], ids=["a town is no door", "no map has it"])
async def test_p33_where_the_address_is_not_found_another_person_takes_each_photo_and_the_visit_is_not_stuck(
    api: Any, visit: Any, pages: Any, database: Any, where: str
) -> None:
    owner, manager, application_id, task_id = visit
    theirs = f"/v1/manager/offline/{task_id}"
    second, lead, stranger = await api.staff("manager"), await api.staff("lead"), await api.staff("manager")
    database.execute(
        "insert into investigation (application_id, person_id, lead_id, second_id, named_at) "
        f"select id, person_id, (select id from staff where login = '{manager.name}'), "
        f"(select id from staff where login = '{second.name}'), now() from application where id = '{application_id}'"
    )
    assert await arranged(owner, manager, application_id, task_id, where) in ("town", "unknown")
    await its_day_comes(api, task_id)
    things = [(await send(manager, task_id, shot(placed=True))).json()["evidence"][-1] for _ in range(3)]
    assert all("量不出远近" in one["doubt"] and one["another"] and not one["counts"] for one in things)
    assert (await write(manager, task_id, "note", "地图上没有这个村，门口有村牌")).status_code == 200
    await its_day_comes(api, task_id)
    assert (await manager.post(f"{theirs}/finish", {"result": "done"})).json()["code"] == "evidence_missing"

    def word(thing: Any) -> str:
        return f"/v1/manager/offline/evidence/{thing['id']}/voucher"

    why = {"reason": "我和他一起去的，村牌和门脸都对得上"}
    for who in (manager, stranger):
        assert not any(one["may_vouch"] for one in (await who.get(theirs)).json()["evidence"])
        no = await who.post(word(things[0]), why)
        assert (no.status_code, no.json()["code"]) == (409, "another_takes_it"), "not who took it, not anybody"
    no = await second.post(word(things[0]), why)
    assert (no.status_code, no.json()["code"]) == (409, "picture_not_opened"), "nobody takes what they did not see"
    for thing, who in zip(things, (second, second, lead), strict=True):
        assert (await who.get(f"/v1/manager/offline/evidence/{thing['id']}/file")).status_code == 200
        empty = await who.post(word(thing), {"reason": "..."})
        assert [one["pointer"] for one in empty.json()["errors"]] == ["#/reason"]
        seen = await who.post(word(thing), why)
        assert seen.status_code == 200, seen.text
    taken = seen.json()["evidence"]
    assert [(one["counts"], one["explained"]) for one in taken if one["kind"] == "photo"] == [(True, why["reason"])] * 3
    assert all(one["explained_by"] and one["explained_at"] for one in taken if one["kind"] == "photo")
    again = await second.post(word(things[0]), {"reason": "换一个说法再说一遍"})
    assert (again.status_code, again.json()["code"]) == (409, "picture_stands"), "said once"
    page = (await pages(manager).get(f"/manager/offline/{task_id}")).text
    assert why["reason"] in page and "taken as evidence by another person" in page
    assert (await manager.post(f"{theirs}/finish", {"result": "done"})).status_code == 200
    report = (await manager.get(f"/v1/manager/customers/{application_id}/report")).json()
    assert any(line["code"] == "picture_vouched" and why["reason"] in line["text"] for line in report["lines"])


async def test_p33_a_second_login_of_whoever_took_a_photo_is_no_other_person_and_a_used_picture_is_taken_by_nobody(
    api: Any, visit: Any, database: Any, pages: Any
) -> None:
    _, manager, _, task_id = visit
    await found_on_the_map(api, task_id)
    twin = await api.staff("lead")
    picture = shot()
    thing = (await send(manager, task_id, picture)).json()["evidence"][-1]
    path = f"/v1/manager/offline/evidence/{thing['id']}"
    assert (await twin.get(f"{path}/file")).status_code == 200
    why = {"reason": "地下室没有信号，我在门口等他"}
    page = (await pages(twin).get(f"/manager/offline/{task_id}")).text
    assert f"/manager/offline/things/{thing['id']}/voucher" in page
    database.execute(
        f"update staff set employee = (select employee from staff where login = '{manager.name}') "
        f"where login = '{twin.name}'"
    )
    no = await twin.post(f"{path}/voucher", why)
    assert (no.status_code, no.json()["code"]) == (409, "another_takes_it")
    database.execute(f"update staff set employee = 'E-{uuid4()}' where login = '{twin.name}'")
    room = pages(twin)
    form = f"/manager/offline/things/{thing['id']}/voucher"
    assert (await room.post(form, data={"reason": "", "key": uuid4().hex})).status_code == 422
    assert (await room.post(form, data={**why, "key": uuid4().hex})).status_code == 303
    counted = (await send(manager, task_id, shot(placed=True))).json()["evidence"][-1]
    await twin.get(f"/v1/manager/offline/evidence/{counted['id']}/file")
    no = await twin.post(f"/v1/manager/offline/evidence/{counted['id']}/voucher", why)
    assert (no.status_code, no.json()["code"]) == (409, "picture_stands"), "it counts by itself"
    database.execute(f"update task set state = 'done', finished_at = now() where id = '{task_id}'")
    late = await api.staff("lead")
    assert (await late.post(f"{path}/voucher", why)).json()["code"] == "review_closed"


async def test_p33_a_live_video_with_consent_is_recorded_by_hash_and_times_and_equals_a_visit(
    api: Any, visit: Any, around: Any, pages: Any
) -> None:
    owner, manager, application_id, task_id = visit
    path, theirs = f"/v1/applications/{application_id}/offline", f"/v1/manager/offline/{task_id}"

    async def step() -> Any:
        return (await owner.get(path)).json()["items"][0]

    chosen = {"slot_at": (await step())["slots"][0], "way": "video"}
    early = await owner.post(f"{path}/{task_id}/agreement", {"sha256": "ab" * 32})
    assert [one["code"] for one in early.json()["errors"]] == ["not_one_of_these"], "only what was read is agreed to"
    assert (await owner.post(f"{path}/{task_id}/slot", chosen)).status_code == 200
    live = (await step())["live"]
    assert (live["agreed_at"], live["link"]) == (None, None), "no link before consent"

    async def host() -> Any:
        return (await manager.get(theirs)).json()

    ours = await until(host, lambda seen: seen["live"]["link"])
    no = await manager.post(f"{theirs}/recording")
    assert (no.status_code, no.json()["code"]) == (409, "recording_not_agreed")
    room = pages(owner)
    assert live["words"] in (await room.get(f"/visits/{application_id}/{task_id}")).text
    agreed = await owner.post(f"{path}/{task_id}/agreement", {"sha256": live["sha256"]})
    assert agreed.status_code == 200, agreed.text
    theirs_now = await until(step, lambda one: one["live"]["link"])
    assert theirs_now["live"]["link"] != ours["live"]["link"], "each has a link of their own"
    assert theirs_now["live"]["link"] in (await room.get(f"/visits/{application_id}/{task_id}")).text
    not_yet = await manager.post(f"{theirs}/recording")
    assert (not_yet.status_code, not_yet.json()["code"]) == (409, "recording_not_ready")

    async def told() -> Any:
        return (await around("live").get("/book")).json()["sessions"][0]

    kept = await until(told, lambda one: one["agreed_at"])
    assert kept["words_sha256"] == live["sha256"]
    await around("live").post(f"/sessions/{kept['session_id']}/meeting")
    for _ in range(2):
        taken = await manager.post(f"{theirs}/recording")
        assert taken.status_code == 200, taken.text
    [thing] = (await manager.get(theirs)).json()["evidence"]
    assert (thing["kind"], len(thing["sha256"]), thing["media_type"]) == ("recording", 64, "video/mp4")
    assert thing["reference"].startswith("LV") and thing["agreed_at"] < thing["taken_at"] < thing["ended_at"]
    page = (await pages(manager).get(f"/manager/offline/{task_id}")).text
    assert thing["reference"] in page and thing["sha256"] in page
    assert (await manager.get(f"/v1/manager/offline/evidence/{thing['id']}/file")).status_code == 404
    assert (await write(manager, task_id, "note", "视频看过，设备都在")).status_code == 200
    done = await manager.post(f"{theirs}/finish", {"result": "done"})
    assert done.status_code == 200, "a recorded live video equals a visit"
    story = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["happened"]
    assert "recording_taken" in [one["kind"] for one in story]


async def test_another_hour_is_another_room_and_asks_for_consent_anew(api: Any, visit: Any) -> None:
    owner, _, application_id, task_id = visit
    path = f"/v1/applications/{application_id}/offline"

    async def step() -> Any:
        return (await owner.get(path)).json()["items"][0]

    links: list[str] = []
    for slot in (await step())["slots"][:2]:
        assert (await owner.post(f"{path}/{task_id}/slot", {"slot_at": slot, "way": "video"})).status_code == 200
        live = (await step())["live"]
        assert live["agreed_at"] is None
        await owner.post(f"{path}/{task_id}/agreement", {"sha256": live["sha256"]})
        links.append((await until(step, lambda one: one["live"]["link"]))["live"]["link"])
    assert links[0] != links[1]
    stranger = await api.owner()
    assert (await stranger.post(f"{path}/{task_id}/agreement", {"sha256": live["sha256"]})).status_code == 404
    on_site = {"slot_at": (await step())["slots"][2], "way": "on_site", "place": "上海市南京西路 100 号"}
    assert (await owner.post(f"{path}/{task_id}/slot", on_site)).status_code == 200
    assert (await step())["live"] is None
    late = await owner.post(f"{path}/{task_id}/agreement", {"sha256": live["sha256"]})
    assert late.status_code == 404, "nobody is recorded at their own door"


async def test_a_slot_is_not_given_twice_and_a_stranger_sees_nothing(api: Any, visit: Any) -> None:
    owner, manager, application_id, task_id = visit
    path = f"/v1/applications/{application_id}/offline"
    stranger = await api.owner()
    assert (await stranger.get(path)).status_code == 404
    slot = (await owner.get(path)).json()["items"][0]["slots"][1]
    chosen = {"slot_at": slot, "way": "video"}
    assert (await stranger.post(f"{path}/{task_id}/slot", chosen)).status_code == 404
    booked = await manager.post(f"/v1/manager/offline/{task_id}/slot", chosen)
    assert booked.status_code == 200, booked.text
    async with api.tools.sessions.begin(scope="worker") as session:
        now = await clocks.now(session, api.settings.clock_id)
        task, _ = next(row for row in await offline.waiting(session) if row[0].id == task_id)
        assert datetime.fromisoformat(slot) in await offline.slots_of(session, task.owner_id, now)
    assert datetime.fromisoformat(slot) - datetime.now(UTC) >= timedelta(hours=24)


async def another(api: Any, task_id: UUID, kind_id: str) -> UUID:
    """One more task of the same application, with the same manager."""
    kind = api.tools.policies.offline.kind(kind_id)
    new = New(uuid4(), kind_id, kind.role, kind.within, kind.kept_open, "rule")
    async with api.tools.sessions.begin(scope="worker") as session:
        first = await session.get_one(Task, task_id)
        application = await session.get_one(Application, first.application_id)
        task = await offline.open_task(session, application, new, now=await clocks.now(session, api.settings.clock_id))
        task.owner_id = first.owner_id
    client = await temporal.connect(api.settings)
    await client.start_workflow(
        OfflineTask.run, StartTask(new.id, api.settings.clock_id), id=f"task/{new.id}",
        task_queue=api.settings.temporal_task_queue,
    )  # fmt: skip
    return new.id


async def test_b1_b2_a_known_address_is_not_asked_again_and_what_is_at_one_door_is_seen_on_one_visit(
    api: Any, visit: Any, pages: Any
) -> None:
    owner, manager, application_id, task_id = visit
    path, where = f"/v1/applications/{application_id}/offline", "上海市南京西路 100 号"

    async def steps() -> dict[UUID, Any]:
        return {UUID(one["task_id"]): one for one in (await owner.get(path)).json()["items"]}

    other, third = await another(api, task_id, "notarisation"), await another(api, task_id, "valuation")
    assert (await steps())[other]["known_place"] == "", "nothing said so far"
    slot = (await steps())[task_id]["slots"][0]
    booked = await owner.post(f"{path}/{task_id}/slot", {"slot_at": slot, "way": "on_site", "place": where})
    assert booked.status_code == 200, booked.text
    seen = await steps()
    assert seen[other]["known_place"] == seen[third]["known_place"] == where, "said once (B1)"
    assert seen[other]["slots"][0] == slot, "the hour at which they are at this door anyhow comes first"
    assert seen[other]["together"] == [str(third)] and seen[task_id]["together"] == [str(other), str(third)]
    assert (await manager.get(f"/v1/manager/offline/{other}")).json()["known_place"] == where
    page = (await pages(owner).get(f"/visits/{application_id}/{other}")).text
    assert f'value="{where}"' in page and 'name="together"' in page

    form = {"slot": slot, "way": "on_site", "place": where, "together": "yes", "key": f"k-{uuid4()}"}
    both = await pages(owner).post(f"/visits/{application_id}/{other}", data=form)
    assert both.status_code == 303, both.text
    seen = await steps()
    assert {one["slot_at"] for one in seen.values()} == {slot}, "one visit for all three (B2)"
    assert {one["place"] for one in seen.values()} == {where}
    assert seen[task_id]["together"] == []


async def test_another_customers_hour_is_still_taken_and_another_door_is_another_visit(api: Any, visit: Any) -> None:
    owner, _, application_id, task_id = visit
    path = f"/v1/applications/{application_id}/offline"
    other = await another(api, task_id, "notarisation")
    slot = (await owner.get(path)).json()["items"][0]["slots"][0]
    booked = await owner.post(
        f"{path}/{task_id}/slot", {"slot_at": slot, "way": "on_site", "place": "上海市南京西路 100 号"}
    )
    assert booked.status_code == 200, booked.text
    elsewhere = await owner.post(
        f"{path}/{other}/slot", {"slot_at": slot, "way": "on_site", "place": "上海市宝山区沪太路 8 号"}
    )
    assert [one["code"] for one in elsewhere.json()["errors"]] == ["not_one_of_these"], "nobody is at two doors at once"
    async with api.tools.sessions.begin(scope="worker") as session:
        mine = await session.get_one(Task, task_id)
        every = api.tools.policies.offline.slots.every
        stranger = Task(id=uuid4(), application_id=uuid4(), owner_id=mine.owner_id)
        assert await offline.promised_elsewhere(session, stranger, datetime.fromisoformat(slot), every, "on_site")
        session.expunge_all()


async def test_b3_a_manager_goes_on_leave_and_the_deputy_has_the_tasks_with_the_same_times(
    api: Any, visit: Any, pages: Any, database: Any
) -> None:
    owner, _, application_id, task_id = visit
    mei, lan = await api.staff("manager"), await api.staff("manager")
    ids = {one["id"] for one in (await mei.get("/v1/manager/colleagues")).json()["items"]}
    async with api.tools.sessions.begin(scope="worker") as session:
        rows = {row.login: row.id for row in await session.scalars(select(Staff))}
    me, deputy = rows[mei.name], rows[lan.name]
    assert str(deputy) in ids and str(me) not in ids
    database.execute(f"update task set owner_id = '{me}' where id = '{task_id}'")
    today = datetime.now(BEIJING).date()
    said = {"first": today.isoformat(), "last": (today + timedelta(days=6)).isoformat(), "deputy_id": str(deputy)}
    alone = await mei.post("/v1/manager/leaves", said | {"deputy_id": str(me)})
    assert [one["code"] for one in alone.json()["errors"]] == ["not_one_of_these"]
    assert 'name="deputy"' in (await pages(mei).get("/manager/away")).text
    before = (await owner.get(f"/v1/applications/{application_id}/offline")).json()["items"][0]
    assert (await mei.post("/v1/manager/leaves", said)).status_code == 200
    for _ in range(100):
        card = (await lan.get(f"/v1/manager/offline/{task_id}")).json()["card"]
        if card["mine"]:
            break
    assert card["mine"] and card["handed_from"] == "员工"
    after = (await owner.get(f"/v1/applications/{application_id}/offline")).json()["items"][0]
    assert (after["due_at"], after["slot_at"]) == (before["due_at"], before["slot_at"])
    end = {"result": "not_possible", "words": "门关着，没人在"}
    no = await mei.post(f"/v1/manager/offline/{task_id}/finish", end)
    assert no.json()["code"] == "not_their_task", "whoever left does not go on with it"
    assert (await lan.post(f"/v1/manager/offline/{task_id}/finish", end)).status_code == 200
    (leave,) = (await mei.get("/v1/manager/leaves")).json()["items"]
    assert (await mei.post(f"/v1/manager/leaves/{leave['id']}/back")).json()["items"] == []
    assert (await lan.post(f"/v1/manager/leaves/{leave['id']}/back")).status_code == 404


async def test_b2_visits_and_days_by_whose_they_were_are_measured(api: Any, visit: Any) -> None:
    _, manager, _, task_id = visit
    before = (await manager.get("/v1/desk/measures/outside")).json()
    end = {"result": "not_possible", "words": "客户改主意了"}
    assert (await manager.post(f"/v1/manager/offline/{task_id}/finish", end)).status_code == 200
    after = (await manager.get("/v1/desk/measures/outside")).json()
    assert (after["applications"], after["tasks"]) == (before["applications"] + 1, before["tasks"] + 1)
    assert after["on_time"] == before["on_time"] + 1
    assert after["visits_most"] <= 2, "B2"
    assert float(after["ours_days_p50"]) <= 3 and float(after["outside_days_p50"]) == 0


async def test_a_case_shows_what_was_seen_outside_and_a_yes_is_refused_while_a_step_is_missing(
    api: Any, visit: Any, pages: Any, database: Any
) -> None:
    _, manager, application_id, task_id = visit
    review = uuid4()
    database.execute(
        f"update application set amount_minor = 25000000 where id = '{application_id}'",
        "insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) "
        f"select '{review}', 'review', id, person_id, 'manager', 'open', '{{}}', "
        f"now(), now() + interval '1 day' from application where id = '{application_id}'",
    )
    case, yes = f"/v1/manager/tasks/{review}", {"verdict": "approve", "reason": "生意稳定"}
    assert (await manager.post(f"{case}/own-view", yes)).status_code == 200
    no = await manager.post(f"{case}/finish", yes)
    assert (no.status_code, no.json()["code"]) == (409, "offline_step_missing"), no.text
    end = {"result": "not_possible", "words": "店里停电"}
    assert (await manager.post(f"/v1/manager/offline/{task_id}/finish", end)).status_code == 200
    assert (await manager.post(f"{case}/finish", yes)).json()["code"] == "offline_step_missing", "tried is not seen"
    (seen,) = (await manager.get(case)).json()["outside"]
    assert (seen["kind"], seen["result"], seen["words"], seen["things"]) == ("visit", "not_possible", "店里停电", 0)
    page = (await pages(manager).get(f"/manager/tasks/{review}")).text
    assert f"/manager/offline/{task_id}" in page and f"/manager/tasks/{review}/offline" in page
    sent = await manager.post(f"{case}/offline", {"kind": "visit", "words": "恢复供电后再去"})
    assert sent.json()["state"] == "waiting", "the case's own workflow is not there in this test"


async def test_e2_a_phone_may_keep_its_own_open_tasks_and_no_other_page(
    api: Any, visit: Any, pages: Any, database: Any
) -> None:
    _, manager, _, task_id = visit
    database.execute(
        f"update task set owner_id = (select id from staff where login = '{manager.name}') where id = '{task_id}'"
    )
    room = pages(manager)
    task = await room.get(f"/manager/offline/{task_id}")
    whose = task.headers["Huoshui-Keep"]
    assert (await room.get("/manager")).headers["Huoshui-Keep"] == whose
    assert "worker-src 'self'" in task.headers["Content-Security-Policy"]
    address = re.search(r'data-worker="([^"]+)"', task.text)
    assert address is not None
    worker = await room.get(address.group(1))
    assert worker.headers["Service-Worker-Allowed"] == "/manager", "no page of an owner is its business"
    assert "Service-Worker-Allowed" not in (await room.get("/static/road.js")).headers
    day = await room.get("/manager/day")
    assert day.headers["Huoshui-Keep"] == whose and 'id="as-of"' in day.text
    assert 'data-also="/manager/day"' in (await room.get("/manager")).text, "the day is read ahead from the inbox"
    for path in ("/manager?whose=all", "/manager/book", "/manager/day?on=2026-12-01", "/manager/away"):
        assert "Huoshui-Keep" not in (await room.get(path)).headers
    end = {"result": "not_possible", "words": "门关着，没人在"}
    assert (await manager.post(f"/v1/manager/offline/{task_id}/finish", end)).status_code == 200
    assert "Huoshui-Keep" not in (await room.get(f"/manager/offline/{task_id}")).headers, "over is not kept"


async def test_e2_a_queue_hears_why_a_thing_is_refused_and_sends_nothing_under_another_name(
    api: Any, visit: Any, pages: Any
) -> None:
    _, manager, _, task_id = visit
    path, room = f"/manager/offline/{task_id}", pages(manager)
    page = (await room.get(path)).text
    whose = re.findall(r'data-whose="([0-9a-f]{16})"', page)[0]
    queue = {"Accept": "application/problem+json, */*", "Sec-Fetch-Site": "same-origin"}
    note = {"id": str(uuid4()), "kind": "note", "words": "店里三个人，货对得上", "whose": whose}

    async def sent(who: Any, address: str, said: dict[str, str], **more: Any) -> Any:
        return await pages(who).post(address, data=said, headers=queue, **more)

    bare = await sent(manager, f"{path}/bring", note | {"words": ""})
    assert (bare.status_code, bare.headers["Content-Type"]) == (422, "application/problem+json")
    assert bare.json()["errors"][0]["detail"]
    large = await sent(
        manager, f"{path}/bring", note | {"kind": "photo"}, files={"file": ("x.jpg", bytes(21 * 1024 * 1024))}
    )
    assert (large.status_code, large.headers["Content-Type"]) == (413, "application/problem+json")
    assert large.json()["detail"]
    end = {"result": "done", "whose": whose, "key": f"k-{uuid4()}"}
    early = await sent(manager, f"{path}/finish", end)
    assert (early.status_code, early.json()["code"]) == (409, "not_its_day_yet")
    colleague = await api.staff("officer")  # leads may, but not under another's name
    no = await sent(colleague, f"{path}/bring", note)
    assert (no.status_code, no.json()["code"]) == (403, "forbidden")
    assert (await sent(colleague, f"{path}/finish", end)).status_code == 403
    assert (await manager.get(f"/v1/manager/offline/{task_id}")).json()["evidence"] == []
    assert (await sent(manager, f"{path}/bring", note)).status_code == 303
    assert len((await manager.get(f"/v1/manager/offline/{task_id}")).json()["evidence"]) == 1


async def test_p33_what_was_taken_before_an_hour_was_arranged_or_for_another_one_waits_for_another_persons_word(
    api: Any, visit: Any, database: Any
) -> None:
    owner, manager, application_id, task_id = visit
    theirs = f"/v1/manager/offline/{task_id}"
    before = (await send(manager, task_id, shot(placed=True))).json()["evidence"][-1]
    assert (before["counts"], before["another"]) == (False, True) and "还没有约时间" in before["doubt"]
    assert await arranged(owner, manager, application_id, task_id) == "house"
    await its_day_comes(api, task_id)
    # Three hours before the hour: within the task and near the address, and not of the visit.
    early = datetime.now(UTC) - timedelta(hours=3)
    database.execute(f"update task set created_at = now() - interval '5 days' where id = '{task_id}'")
    seen = (await send(manager, task_id, shot(placed=True, at=early))).json()["evidence"][-1]
    assert (seen["counts"], seen["another"]) == (False, True) and "前 2 小时到后 12 小时" in seen["doubt"]
    counts = (await send(manager, task_id, shot(placed=True))).json()["evidence"][-1]
    assert counts["counts"]
    # Brought two days after it: by when it was taken it is of the hour, and both times are kept.
    database.execute(f"update task set slot_at = now() - interval '2 days' where id = '{task_id}'")
    taken = datetime.now(UTC) - timedelta(days=2)
    late = (await send(manager, task_id, shot(placed=True, at=taken))).json()["evidence"]
    assert late[-1]["counts"] and late[-1]["received_at"][:16] > late[-1]["taken_at"][:16]
    assert not next(one for one in late if one["id"] == counts["id"])["counts"], "the hour was changed: not of this one"
    lead = await api.staff("lead")
    path, said = f"/v1/manager/offline/evidence/{seen['id']}", {"reason": "客户提早到了，我在场"}
    assert (await lead.get(f"{path}/file")).status_code == 200
    taken_by = (await lead.post(f"{path}/voucher", said)).json()["evidence"]
    assert next(one for one in taken_by if one["id"] == seen["id"])["counts"]
    assert (await manager.get(theirs)).json()["card"]["still"][0] == {"code": "photo", "many": 1}


async def test_p33_whoever_says_that_a_visit_is_done_is_told_how_many_of_each_are_missing(api: Any, visit: Any) -> None:
    _, manager, _, task_id = visit
    await found_on_the_map(api, task_id)
    early = await manager.post(f"/v1/manager/offline/{task_id}/finish", {"result": "done"})
    assert (early.status_code, early.json()["code"]) == (409, "evidence_missing")
    assert early.json()["params"]["lackings"] == [
        {"captured": "photo", "still": 3, "asked": 3},
        {"captured": "note", "still": 1, "asked": 1},
    ]
    assert "照片 3 项（共要 3 项）、记录 1 项（共要 1 项）" in early.json()["messages"]["zh_CN"]
    assert "photos: 3 of 3, a note: 1 of 1" in early.json()["messages"]["en"]


async def test_b3_a_visit_is_not_finished_a_minute_before_its_hour_whatever_was_brought(api: Any, visit: Any) -> None:
    _, manager, _, task_id = visit
    await found_on_the_map(api, task_id)
    for _ in range(3):
        assert (await send(manager, task_id, shot(placed=True))).json()["evidence"][-1]["counts"]
    assert (await write(manager, task_id, "note", "店里三个人，货对得上")).status_code == 200
    async with api.tools.sessions.begin(scope="worker") as session:
        ahead = update(Task).where(Task.id == task_id).values(slot_at=datetime.now(UTC) + timedelta(minutes=1))
        await session.execute(ahead)
    no = await manager.post(f"/v1/manager/offline/{task_id}/finish", {"result": "done"})
    assert (no.status_code, no.json()["code"]) == (409, "not_its_day_yet")


async def test_p33_a_thing_that_does_not_count_is_a_gap_of_the_list_until_another_person_takes_it(
    api: Any, visit: Any, database: Any
) -> None:
    _, manager, application_id, task_id = visit
    lead = await api.staff("lead")
    await found_on_the_map(api, task_id)
    thing = (await send(manager, task_id, shot())).json()["evidence"][-1]
    assert not thing["counts"]

    async def line(state: str, outcome: str) -> dict[str, Any]:
        database.execute(f"update task set state = '{state}', outcome = {outcome} where id = '{task_id}'")
        found = (await manager.get(f"/v1/manager/customers/{application_id}/duties")).json()["lines"]
        return next(one for one in found if one["code"] == "evidence_speaks")

    done = """'{"result": "done", "way": "on_site"}'"""
    seen = await line("done", done)
    assert seen["standing"] == "gap" and "1 样" in seen["lacks"][0] and not seen["stops"]
    assert (await line("open", "null"))["standing"] == "not_asked", "nothing is done yet"
    path = f"/v1/manager/offline/evidence/{thing['id']}"
    assert (await lead.get(f"{path}/file")).status_code == 200
    assert (await lead.post(f"{path}/voucher", {"reason": "我在现场，门脸对得上"})).status_code == 200
    seen = await line("done", done)
    assert (seen["standing"], len(seen["proofs"]), seen["lacks"]) == ("met", 1, [])


async def test_p33_whether_a_yes_may_be_said_is_asked_without_opening_the_places_of_photos(
    api: Any, visit: Any, database: Any
) -> None:
    """A committee is called before its look is on record: what stops no yes is not opened for it."""
    _, manager, application_id, task_id = visit
    await found_on_the_map(api, task_id)
    assert (await send(manager, task_id, shot(placed=True))).status_code in (200, 202)
    database.execute(
        f"""update task set state = 'done', outcome = '{{"result": "done", "way": "on_site"}}' where id = '{task_id}'"""
    )
    seen: Any = SimpleNamespace(tools=api.tools, locale="zh_CN")
    async with api.tools.sessions.begin(scope="staff") as session:
        application = await session.get_one(Application, application_id)
        await duties.require(session, seen, application)
        with pytest.raises(people.LookNotRecorded):
            await duties.standing(session, seen, application)
