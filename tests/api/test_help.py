"""P32 through the API: answers name their rule, a second miss brings a call within a quarter of an hour, on record."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

ASKED = "对公账户换了银行怎么办"


async def test_an_answer_names_its_rule_and_tells_the_rules_own_figures(api: Any) -> None:
    client = api.client()
    every = (await client.get("/v1/help")).json()["items"]
    assert len(every) >= 9
    [told] = (await client.get("/v1/help", params={"q": "钱多久到账"})).json()["items"]
    assert (told["id"], told["rule"]) == ("arrived", "risk_tiers.tiers")
    assert "¥50,000.00" in told["answer"] and "{" not in told["answer"]
    assert (await client.get("/v1/help", params={"q": "今天天气"})).json()["items"] == []


async def test_two_misses_bring_a_call_that_a_manager_puts_on_record(api: Any) -> None:
    owner, mei = await api.owner(), await api.staff("manager")
    first = await owner.post("/v1/help/misses", {"asked": ASKED})
    assert (first.status_code, first.json()["items"]) == (200, [])
    [waits] = (await owner.post("/v1/help/misses", {"asked": "换银行以后扣哪张卡"})).json()["items"]
    promised = datetime.fromisoformat(waits["due_at"]) - datetime.fromisoformat(waits["asked_at"])
    assert promised == timedelta(minutes=15)
    again = (await owner.post("/v1/help/misses", {"asked": "还是不明白"})).json()["items"]
    assert [one["id"] for one in again] == [waits["id"]], "nobody waits for two calls"
    told = (await owner.get("/v1/messages")).json()["items"]
    assert any("客户经理" in message["text"] and message["kind"] == "help_call" for message in told)

    calls = (await mei.get("/v1/manager/calls")).json()["items"]
    card = next(one for one in calls if one["id"] == waits["id"])
    assert card["asked"] == "换银行以后扣哪张卡"
    assert card["phone_masked"].endswith(owner.name[-4:])
    where = f"/v1/manager/calls/{waits['id']}/close"
    assert (await mei.post(where, {"outcome": "fine", "words": "说清楚了"})).status_code == 422
    closed = await mei.post(where, {"outcome": "answered", "words": "说清楚了，扣新卡要先改授权"})
    assert (closed.status_code, closed.json()["outcome"]) == (200, "answered")
    other = await mei.post(where, {"outcome": "not_reached", "words": "没打通电话"})
    assert other.status_code == 409
    assert all(one["id"] != waits["id"] for one in (await mei.get("/v1/manager/calls")).json()["items"])
    looks = (await owner.get("/v1/privacy")).json()["reads"]
    assert any(look["purpose"] == "help" for look in looks)


@pytest.mark.parametrize("asked", ["人工客服", "I want to talk to a person"])
async def test_whoever_asks_for_a_person_is_called_at_once(api: Any, pages: Any, asked: str) -> None:
    owner = await api.owner()
    mine = pages(owner)
    shown = (await mine.get("/help", params={"q": asked})).text
    assert "请客户经理打给我" in shown and "再说一次没答到" not in shown
    assert (await mine.post("/help/missed", data={"key": "k-person-01", "asked": asked})).headers["location"] == "/help"
    assert "客户经理会打给您" in (await mine.get("/help")).text
    [waits] = (await owner.post("/v1/help/misses", {"asked": asked})).json()["items"]
    assert waits["asked"] == asked


async def test_what_was_asked_is_sealed_and_kept_from_others(api: Any) -> None:
    owner, stranger = await api.owner(), await api.owner()
    for _ in range(2):
        await owner.post("/v1/help/misses", {"asked": ASKED})
    assert (await stranger.post("/v1/help/misses", {"asked": ASKED})).json()["items"] == []
    async with api.tools.sessions.begin(scope="worker") as session:
        rows = list(await session.execute(text("select * from help_miss"))) + list(
            await session.execute(text("select * from help_call"))
        )
        keys = list(await session.execute(text("select response::text from idempotency_key")))
    assert ASKED not in f"{rows} {keys}"
