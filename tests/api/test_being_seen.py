"""Liveness' equal alternative through the API (P17): one tap for a slot, a manager's own page, and on it goes."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.clockwork import Clockwork
from activities.private import Private
from activities.seeing import Seeings
from activities.steps import Steps
from activities.tasks import Tasks
from db.sessions import Sessions
from infra import temporal
from tests.api.conftest import WANTED, Listening, ListeningPayout
from tests.api.test_commands import IDENTITY
from tests.api.test_parties import notices
from worker.interceptors import OurActivities
from worker.wiring import activities_of
from workflows.offline_task import OfflineTask
from workflows.seeing import Seeing


@pytest.fixture
async def manned(api: Any) -> AsyncIterator[None]:
    """A worker that plays the tasks of managers, beside a listener for applications."""
    sessions = Sessions(api.settings, scope="worker")
    steps = Steps(sessions, api.settings.clock_id)
    rooms = (Clockwork(sessions), Tasks(steps), Seeings(steps, Private(api.tools.vault), api.tools.policies.release))
    async with Worker(
        await temporal.connect(api.settings),
        task_queue=api.settings.temporal_task_queue,
        workflows=[Listening, ListeningPayout, Seeing, OfflineTask],
        activities=activities_of(*rooms),
        interceptors=[OurActivities()],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        yield
    await sessions.close()


async def test_p17_one_tap_gives_a_manager_the_task_who_records_what_was_seen_and_the_owner_is_told(
    api: Any, manned: None, at_stage: Any, pages: Any
) -> None:
    owner, manager = await api.owner(), await api.staff("manager")
    application_id = UUID((await owner.post("/v1/applications", WANTED)).json()["object_id"])
    path = f"/v1/applications/{application_id}"
    at_stage(application_id, "identity")
    wrong = await owner.post(f"{path}/identity", IDENTITY | {"presence": "horoscope"})
    assert [one["code"] for one in wrong.json()["errors"]] == ["not_one_of_these"]
    assert (await owner.post(f"{path}/identity", IDENTITY | {"presence": "video"})).status_code == 200
    assert (await owner.get(f"{path}/being-seen")).status_code == 404, "until the papers were looked at"
    async with api.tools.sessions.begin(scope="worker") as session:
        from sqlalchemy import text

        note = '{"being_seen": "video"}'
        await session.execute(text("update application set note = cast(:note as jsonb)"), {"note": note})
    seen = (await owner.get(f"{path}/being-seen")).json()
    assert (seen["state"], seen["method"], seen["free"], len(seen["slots"])) == ("choose", "video", True, 6)
    page = (await pages(owner).get("/apply/identity")).text
    assert page.count('name="slot"') == 6
    gone = await owner.post(f"{path}/being-seen", {"method": "video", "slot_at": "2020-01-01T00:00:00+00:00"})
    assert [one["code"] for one in gone.json()["errors"]] == ["not_one_of_these"]
    tapped = await owner.post(f"{path}/being-seen", {"method": "video", "slot_at": seen["slots"][0]})
    assert tapped.status_code == 200, tapped.text
    assert (await owner.get(f"{path}/being-seen")).json()["state"] == "waiting"

    (card,) = (await manager.get("/v1/manager/seeings")).json()["items"]
    assert "name" not in card, "nobody's name opens for a list"
    case = (await manager.get(f"/v1/manager/seeings/{card['task_id']}")).json()
    assert (case["name"], case["id_number"]) == (IDENTITY["name"], IDENTITY["id_number"])
    assert "identity" in {one["what"] for one in (await owner.get("/v1/privacy")).json()["reads"]}
    assert (await owner.get(f"/v1/manager/seeings/{card['task_id']}")).status_code == 404
    room = pages(manager)
    assert "/manager/seeings" in (await room.get("/manager")).text
    assert IDENTITY["id_number"][6:14] in (await room.get(f"/manager/seeings/{card['task_id']}")).text
    saw = {"card_matches": True, "face_matches": True, "note": "本人持证，自愿办理"}
    assert (await manager.post(f"/v1/manager/seeings/{card['task_id']}", saw)).status_code == 200
    for _ in range(50):
        if "person_seen" in await notices(api, owner.name):
            break
    assert (await owner.get(f"{path}/being-seen")).json()["state"] == "match"
    assert 'action="/apply/identity/again"' in (await pages(owner).get("/apply/identity")).text
    assert (await owner.post(f"{path}/identity/again")).status_code == 200
    assert (await manager.post(f"/v1/manager/seeings/{card['task_id']}", saw)).json()["code"] == "review_closed"
