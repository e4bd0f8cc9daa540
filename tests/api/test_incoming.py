"""Money in suspense at the desk, and how an owner reads where to pay: one's own alone, said once, on record."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from db import incoming
from tests.api.test_lines import Make, line
from tests.api.test_receivables import LIMIT, offer, secured

__all__ = ["line", "secured"]

NOW = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)


async def came(api: Any, seq: int) -> UUID:
    """A credit in suspense."""
    incoming_id = uuid4()
    row = {
        "id": incoming_id, "seq": seq, "rail": "wechat", "rail_reference": f"M20261130{seq:010d}", "order_id": None,
        "amount_minor": 50_000, "currency": "CNY", "booked_on": date(2026, 11, 30), "came_at": NOW, "via_line_id": None,
    }  # fmt: skip
    async with api.tools.sessions.begin(scope="worker") as session:
        payer = incoming.Payer("路人甲", "6200020000007778889", "货款")
        assert await incoming.keep(session, api.tools.vault, payer, row)
        found = await incoming.one(session, incoming_id)
        assert found is not None
        found.state, found.problem, found.due_at = "suspense", "unmatched", NOW + timedelta(days=1)
    return incoming_id


async def test_a_person_at_the_desk_says_what_money_is_for_once_and_by_a_number_that_is_known(
    secured: Make, api: Any
) -> None:
    owner, line_id = await secured(LIMIT)
    receivable_id = (await offer(owner, line_id, number="24312000000055550001")).json()["object_id"]
    first = await came(api, 900_001)
    desk = await api.staff("operations")
    [seen] = [one for one in (await desk.get("/v1/desk/incoming")).json()["items"] if one["id"] == str(first)]
    assert (seen["payer"], seen["remark"], seen["account_masked"][-4:]) == ("路人甲", "货款", "8889")
    assert "6200020000007778889" not in str(seen), "no whole account number"
    at = f"/v1/desk/incoming/{first}/place"
    for body, field in (
        ({"to": "nobody", "words": "电话问过"}, "to"),
        ({"to": "loan", "number": "HS12345", "words": "电话问过"}, "number"),
        ({"to": "receivable", "number": "24312000000099999999", "words": "电话问过"}, "number"),
        ({"to": "give_back", "words": ""}, "words"),
    ):
        refused = await desk.post(at, body)
        assert refused.status_code == 422, refused.text
        assert [one["pointer"] for one in refused.json()["errors"]] == [f"#/{field}"]
    said = {"to": "receivable", "number": "2431-2000-0000-5555-0001", "words": "买家财务来电确认"}
    assert (await desk.post(at, said)).json()["decided"] == "receivable"
    again = await desk.post(at, {"to": "give_back", "words": "又说转错了"})
    assert (again.status_code, again.json()["code"]) == (409, "not_in_this_stage"), "the first word counts"
    assert (await desk.post(f"/v1/desk/incoming/{uuid4()}/place", said)).status_code == 404
    async with api.tools.sessions.begin(scope="worker") as session:
        row = await incoming.one(session, first)
        assert row is not None
        assert (str(row.decided_id), row.words) == (receivable_id, "买家财务来电确认")
