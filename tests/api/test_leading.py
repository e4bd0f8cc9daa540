"""What is late has a lead by name, who takes it, gives it away or promises anew; both sides read the same (B3)."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from activities.ports.tasks import TaskCase
from activities.steps import Steps
from activities.tasks import Tasks
from db.sessions import Sessions
from db.tables import Staff
from tests.api.test_brought_pages import form
from tests.api.test_offline import around, manned, visit
from worker.background.reminder import Reminder

__all__ = ["around", "manned", "visit"]
AWAKE = (time(4), time(4, 0, 0, 1))


@pytest.fixture
async def late(api: Any, visit: Any, database: Any) -> tuple[Any, Any, Any, UUID, UUID]:
    """(owner, manager, lead, application, task): a visit that was not made in its time."""
    owner, manager, application_id, task_id = visit
    database.execute("update staff set disabled_at = now() where 'lead' = any(roles)")
    lead = await api.staff("lead")
    database.execute(
        f"update staff set name = '顾宁' where login = '{lead.name}'",
        f"update task set due_at = now() - interval '3 days', created_at = now() - interval '10 days'"
        f" where id = '{task_id}'",
    )
    sessions = Sessions(api.settings, scope="worker")
    await Tasks(Steps(sessions, api.settings.clock_id)).escalate_task(TaskCase(task_id, task_id))
    await sessions.close()
    return owner, manager, lead, application_id, task_id


async def step(owner: Any, application_id: UUID) -> dict[str, Any]:
    (found,) = (await owner.get(f"/v1/applications/{application_id}/offline")).json()["items"]
    return found


async def test_b3_a_lead_sees_what_is_late_in_their_inbox_and_customer_and_manager_read_the_same_name_and_time(
    late: Any, pages: Any
) -> None:
    owner, manager, lead, application_id, task_id = late
    (card,) = [one for one in (await lead.get("/v1/manager/clocks")).json()["items"] if one["id"] == str(task_id)]
    assert (card["mine"], card["lead"]) == (True, "顾宁")
    seen = await step(owner, application_id)
    theirs = (await manager.get(f"/v1/manager/offline/{task_id}")).json()["card"]
    assert seen["lead"] == theirs["lead"] == "顾宁"
    assert seen["due_at"] == theirs["due_at"] == card["due_at"] > datetime.now(UTC).isoformat()
    assert (seen["late_minutes"], theirs["late_minutes"]) == (None, None), "it lies ahead"
    assert "顾宁" in (await pages(owner).get(f"/visits/{application_id}/{task_id}")).text
    assert "顾宁" in (await pages(manager).get(f"/manager/offline/{task_id}")).text
    page = (await pages(lead).get(f"/manager/offline/{task_id}")).text
    assert f"/manager/late/{task_id}/take" in page
    assert f"/manager/late/{task_id}" not in (await pages(manager).get(f"/manager/offline/{task_id}")).text


async def test_b3_the_lead_takes_it_gives_it_to_somebody_who_is_there_or_tells_another_time(
    late: Any, api: Any, pages: Any
) -> None:
    owner, manager, lead, application_id, task_id = late
    place = f"/v1/manager/late/{task_id}"
    for what, body in (("take", {}), ("promise", {"due_at": "2027-01-01T00:00:00Z"})):
        assert (await manager.post(f"{place}/{what}", body)).status_code == 404, "a manager is no lead"
    assert (await lead.post(f"{place}/take")).json()["owner"] == "顾宁"
    assert (await step(owner, application_id))["who"] == "顾宁"
    other = await api.staff("manager")
    async with api.tools.sessions.begin(scope="worker") as session:
        to = str(await session.scalar(select(Staff.id).where(Staff.login == other.name)))
        officer = await session.scalar(select(Staff.id).where(Staff.login == lead.name))
    no = await lead.post(f"{place}/give", {"to": str(officer)})
    assert (no.status_code, no.json()["errors"][0]["pointer"]) == (422, "#/to"), "to managers"
    assert (await lead.post(f"{place}/give", {"to": to})).status_code == 200
    assert (await other.get(f"/v1/manager/offline/{task_id}")).json()["card"]["mine"]
    for wrong in (datetime.now(UTC) - timedelta(minutes=1), datetime(2099, 1, 1, tzinfo=UTC)):
        no = await lead.post(f"{place}/promise", {"due_at": wrong.isoformat()})
        assert (no.status_code, no.json()["errors"][0]["pointer"]) == (422, "#/due_at"), no.text
    new = (datetime.now(UTC) + timedelta(days=4)).replace(microsecond=0)
    room = pages(lead)
    typed = new.astimezone().strftime("%Y-%m-%dT%H:%M")
    assert (await room.post(f"/manager/late/{task_id}/promise", data=form(due_at="gestern"))).status_code == 422
    assert typed and (await lead.post(f"{place}/promise", {"due_at": new.isoformat()})).status_code == 200
    assert datetime.fromisoformat((await step(owner, application_id))["due_at"]) == new
    story = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["happened"]
    assert [one["kind"] for one in story].count("offline_given") == 2
    assert story[-1]["kind"] == "offline_promised"


async def test_x2_a_second_lateness_is_told_once_with_a_time_ahead_and_until_then_no_page_calls_it_coming(
    late: Any, wired: Any, database: Any, pages: Any, api: Any
) -> None:
    owner, manager, _, application_id, task_id = late
    past = (datetime.now(UTC) - timedelta(hours=30)).isoformat()
    database.execute(
        f"""update task set params = params || '{{"promised_at": "{past}"}}', slot_at = '{past}', way = 'on_site'"""
        f" where id = '{task_id}'"
    )
    seen = await step(owner, application_id)
    assert (seen["late_minutes"] // 60, seen["missed"]) == (30, True)
    for who, place in (
        (owner, f"/visits/{application_id}/{task_id}"),
        (owner, "/progress"),
        (manager, f"/manager/offline/{task_id}"),
    ):
        page = (await pages(who).get(place, headers={"Accept-Language": "zh-CN"})).text
        assert "已晚 1 天 6 小时" in page and "已经过了" in page, place
    assert "接下来由组长顾宁" in (await pages(owner).get(f"/visits/{application_id}/{task_id}")).text
    inbox = (await pages(manager).get("/manager", headers={"Accept-Language": "zh-CN"})).text
    assert "已晚 1 天 6 小时" in inbox

    async def told() -> list[Any]:
        async with api.tools.sessions.begin(scope="worker") as session:
            late_ones = text(
                "select params from notice where kind = 'offline_late' and application_id = :id order by created_at"
            )
            return list(await session.scalars(late_ones, {"id": application_id}))

    before = len(await told())
    for _ in range(2):
        await Reminder(wired, AWAKE).round()
    assert len(await told()) == before + 1, "once for each time that slips"
    again = await step(owner, application_id)
    assert again["late_minutes"] is None and again["due_at"] > datetime.now(UTC).isoformat()
    assert datetime.fromisoformat(again["due_at"]) == datetime.fromisoformat((await told())[-1]["due_at"])
    assert again["missed"], "the hour that was arranged is over all the same"
