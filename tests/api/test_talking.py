"""One thread with read receipts, and complaints with number, clock and outcome (P32)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from db.tables import ThreadMessage

TEXT = "平台导出的是 Excel，能直接传吗？"


async def thread(somebody: Any, application_id: UUID, *, staff: bool = False) -> list[dict[str, Any]]:
    place = "manager/customers" if staff else "applications"
    answer = await somebody.get(f"/v1/{place}/{application_id}/thread")
    assert answer.status_code == 200, answer.text
    return answer.json()["messages"]


async def test_p32_one_thread_an_application_each_message_once_with_the_moment_it_was_read(
    api: Any, begun: Any
) -> None:
    owner, application_id = begun
    for _ in range(2):  # the same key twice is one message
        said = await owner.post(f"/v1/applications/{application_id}/thread", {"text": TEXT}, key_="one-and-the-same")
        assert said.status_code == 200, said.text
    mine = await thread(owner, application_id)
    assert [(one["text"], one["mine"], one["read_at"]) for one in mine] == [(TEXT, True, None)]
    mei = await api.staff("manager")
    theirs = await thread(mei, application_id, staff=True)
    assert [(one["text"], one["mine"]) for one in theirs] == [(TEXT, False)]
    (read,) = [one["read_at"] for one in await thread(owner, application_id)]
    assert read is not None, "the owner sees that it was opened"
    await mei.post(f"/v1/manager/customers/{application_id}/thread", {"text": "可以，直接传。"})
    assert (await thread(mei, application_id, staff=True))[1]["read_at"] is None
    assert len(await thread(owner, application_id)) == 2
    again = await thread(mei, application_id, staff=True)
    assert again[1]["read_at"] is not None
    assert again[0]["read_at"] == read, "the first opening counts"
    kinds = [one["kind"] for one in (await owner.get("/v1/messages")).json()["items"]]
    assert kinds.count("thread_message") == 1
    looks = [one["what"] for one in (await owner.get("/v1/privacy")).json()["reads"]]
    assert "thread" in looks, "each look of a manager is on record"
    async with api.tools.sessions.begin(scope="staff") as session:
        held = list(
            await session.scalars(
                select(ThreadMessage.text_sealed).where(ThreadMessage.application_id == application_id)
            )
        )
    assert len(held) == 2
    assert all(TEXT.encode() not in words for words in held), "sealed with the person's own key"


async def test_a_thread_is_its_applications_alone(api: Any, begun: Any) -> None:
    _, application_id = begun
    stranger = await api.owner()
    assert (await stranger.get(f"/v1/applications/{application_id}/thread")).status_code == 404
    no = await stranger.post(f"/v1/applications/{application_id}/thread", {"text": TEXT})
    assert no.status_code == 404


async def test_p32_a_complaint_has_a_number_a_clock_an_outcome_and_12378(api: Any) -> None:
    owner, clerk = await api.owner(), await api.staff("operations")
    made = (await owner.post("/v1/complaints", {"words": "多扣了 200 元，打电话没人接。"})).json()
    assert made["number"] > 1_000
    assert datetime.fromisoformat(made["due_at"]) - datetime.fromisoformat(made["made_at"]) == timedelta(days=15)
    assert (made["regulator_phone"], made["outcome"], made["overdue"]) == ("12378", None, False)
    cases = (await clerk.get("/v1/desk/complaints")).json()["items"]
    (case,) = [one for one in cases if one["complaint"]["number"] == made["number"]]
    place = f"/v1/desk/complaints/{case['complaint']['id']}/answer"
    assert (await clerk.post(place, {"outcome": "perhaps", "words": "查了流水"})).status_code == 422
    assert (await clerk.post(place, {"outcome": "upheld", "words": "查了流水，多扣的已退。"})).status_code == 200
    assert (await clerk.post(place, {"outcome": "partly", "words": "再想想看。"})).status_code == 409, "answered once"
    (seen,) = (await owner.get("/v1/complaints")).json()["items"]
    assert (seen["outcome"], seen["answer"]) == ("upheld", "查了流水，多扣的已退。")
    kinds = {one["kind"] for one in (await owner.get("/v1/messages")).json()["items"]}
    assert {"complaint_received", "complaint_answered"} <= kinds


async def test_p32_an_overdue_complaint_is_visible_to_its_owner_and_first_at_the_desk(api: Any, database: Any) -> None:
    owner, clerk = await api.owner(), await api.staff("officer")
    late = (await owner.post("/v1/complaints", {"words": "一直没有人答复我。"})).json()
    await owner.post("/v1/complaints", {"words": "第二件事，刚刚发生。"})
    database.execute(f"update complaint set due_at = now() - interval '1 day' where id = '{late['id']}'")
    newest, oldest = (await owner.get("/v1/complaints")).json()["items"]
    assert (newest["overdue"], oldest["overdue"]) == (False, True)
    cases = (await clerk.get("/v1/desk/complaints")).json()["items"]
    assert cases[0]["complaint"]["id"] == late["id"]
    assert cases[0]["complaint"]["overdue"] is True
    manager = await api.staff("manager")
    assert (await manager.client.get("/v1/desk/complaints")).status_code == 404
