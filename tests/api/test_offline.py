"""Tasks outside through the API and on pages: arranged by the customer, brought home once, finished, seen by both."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD
from sqlalchemy import select
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.clockwork import Clockwork
from activities.leaves import Leaves
from activities.offline import Offline
from activities.steps import Steps
from activities.tasks import Tasks
from db import clocks, offline
from db.offline import New
from db.sessions import Sessions
from db.tables import Application, Staff, TaskEvidence
from infra import temporal
from infra.phrases import BEIJING
from tests.api.conftest import WANTED, Listening, ListeningPayout
from tests.api.test_commands import IDENTITY
from worker.interceptors import OurActivities
from worker.wiring import activities_of
from workflows.acts import StartTask
from workflows.leave import Leave
from workflows.offline_task import OfflineTask

VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(2_000)


@pytest.fixture
async def manned(api: Any) -> AsyncIterator[None]:
    """A worker that plays tasks, beside a listener for applications."""
    sessions = Sessions(api.settings, scope="worker")
    steps = Steps(sessions, api.settings.clock_id)
    rooms = (Clockwork(sessions), Tasks(steps), Offline(steps, api.tools.policies.offline), Leaves(steps))
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
async def visit(api: Any, manned: None, at_stage: Any) -> tuple[Any, Any, UUID, UUID]:
    """(owner, manager who has it, application, task): an application that waits for a visit."""
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
    client = await temporal.connect(api.settings)
    await client.start_workflow(
        OfflineTask.run, StartTask(new.id, api.settings.clock_id), id=f"task/{new.id}",
        task_queue=api.settings.temporal_task_queue,
    )  # fmt: skip
    return owner, manager, application_id, new.id


def photo(*, placed: bool = False, colour: str = "white") -> bytes:
    image, out = Image.new("RGB", (320, 240), colour), io.BytesIO()
    exif = Image.Exif()
    if placed:
        gps = exif.get_ifd(IFD.GPSInfo)
        gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "N", (31.0, 13.0, 49.5)
        gps[GPS.GPSLongitudeRef], gps[GPS.GPSLongitude] = "E", (121.0, 28.0, 25.2)
        exif.get_ifd(IFD.Exif)[0x9003] = "2026:11:30 10:00:00"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def send(who: Any, task_id: UUID, data: bytes, thing: UUID | None = None, **said: str) -> Any:
    return await who.client.post(
        f"/v1/manager/offline/{task_id}/files", params={"kind": "photo", **said}, files={"file": ("x.jpg", data)},
        headers={"Idempotency-Key": str(thing or uuid4())},
    )  # fmt: skip


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
    assert ours["card"]["needs"] == ["photo", "note", "place"]
    assert ours["slots"] == step["slots"] and len(step["slots"]) == 8
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

    early = await manager.post(f"{theirs}/finish", {"result": "done"})
    assert (early.status_code, early.json()["code"]) == (409, "evidence_missing")
    for n, colour in enumerate(("white", "red", "blue")):
        assert (await send(manager, task_id, photo(placed=n == 0, colour=colour))).status_code == 200
    assert (await write(manager, task_id, "note", "店里三个人，货对得上")).status_code == 200
    room = pages(manager)
    assert f"/manager/offline/{task_id}" in (await room.get("/manager")).text
    assert "31.230417" in (await room.get(f"/manager/offline/{task_id}")).text
    done = await manager.post(f"{theirs}/finish", {"result": "done"})
    assert done.status_code == 200, done.text
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
    kept = (await send(manager, task_id, photo(placed=True), latitude="1", longitude="2")).json()["evidence"][-1]
    assert (kept["place_source"], kept["latitude"], kept["longitude"]) == ("picture", "31.230417", "121.473667")
    assert kept["taken_at"].startswith("2026-11-30T02:00:00")
    plain = (await send(manager, task_id, photo(), latitude="30.5", longitude="120.25", accuracy_m="12")).json()
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
    picture = photo(placed=True)
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


async def test_p33_a_recorded_live_video_visit_ends_the_task_and_what_is_no_recording_is_refused(visit: Any) -> None:
    _, manager, _, task_id = visit
    path = f"/v1/manager/offline/{task_id}"
    no = await send(manager, task_id, b"MZ" + bytes(100), kind="recording")
    assert [one["code"] for one in no.json()["errors"]] == ["not_a_recording"]
    assert (await write(manager, task_id, "note", "视频看过，设备都在")).status_code == 200
    without = await manager.post(f"{path}/finish", {"result": "done", "way": "video"})
    assert without.json()["code"] == "evidence_missing"
    assert (await send(manager, task_id, VIDEO, kind="recording")).status_code == 200
    assert (await manager.post(f"{path}/finish", {"result": "done", "way": "video"})).status_code == 200


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
    view = '{"verdict": "approve", "reason": "稳定", "given_at": "2026-11-30T00:00:00+00:00"}'
    database.execute(
        f"update application set amount_minor = 25000000 where id = '{application_id}'",
        "insert into task (id, kind, application_id, person_id, role, state, params, own_view, created_at, due_at) "
        f"select '{review}', 'review', id, person_id, 'manager', 'open', '{{}}', '{view}', "
        f"now(), now() + interval '1 day' from application where id = '{application_id}'",
    )
    case, yes = f"/v1/manager/tasks/{review}", {"verdict": "approve", "reason": "生意稳定"}
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
