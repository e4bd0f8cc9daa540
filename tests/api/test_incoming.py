"""Money in suspense at the desk, and how an owner reads where to pay: one's own alone, said once, on record."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from db import incoming
from db.tables import Outgoing
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


MUCH = 2_000_000


async def _much(api: Any, seq: int) -> UUID:
    incoming_id = await came(api, seq)
    async with api.tools.sessions.begin(scope="worker") as session:
        found = await incoming.one(session, incoming_id)
        assert found is not None
        found.amount_minor = MUCH
    return incoming_id


async def test_above_the_limit_money_is_placed_by_two_people_and_never_by_one_with_two_logins(
    api: Any, pages: Any
) -> None:
    assert api.tools.policies.suspense.takes_two(MUCH)
    incoming_id = await _much(api, 900_101)
    maker = await api.staff("operations", employee="4001")
    same, other = await api.staff("operations", employee="4001"), await api.staff("operations", employee="4002")
    at, said = f"/v1/desk/incoming/{incoming_id}", {"to": "give_back", "words": "付款人说转错了"}
    second = {"agrees": True, "words": "回拨付款人电话核实"}
    early = await other.post(f"{at}/confirmation", second)
    assert (early.status_code, early.json()["code"]) == (409, "not_in_this_stage"), "nothing was said yet"
    proposed = (await maker.post(f"{at}/place", said)).json()
    assert (proposed["decided"], proposed["takes_two"], proposed["mine"]) == ("give_back", True, True)
    for who in (maker, same):
        refused = await who.post(f"{at}/confirmation", second)
        assert (refused.status_code, refused.json()["code"]) == (409, "same_person")
    page = (await pages(maker).get("/desk/incoming")).text
    assert "a colleague confirms it" in page and f"/desk/incoming/{incoming_id}/second" not in page
    assert f"/desk/incoming/{incoming_id}/second" in (await pages(other).get("/desk/incoming")).text
    not_so = (await other.post(f"{at}/confirmation", {"agrees": False, "words": "付款人否认"})).json()
    assert (not_so["decided"], not_so["takes_two"]) == (None, False), "it is found out anew"
    await maker.post(f"{at}/place", said)
    done = (await other.post(f"{at}/confirmation", second)).json()
    assert (done["decided"], done["takes_two"]) == ("give_back", False)
    small = await came(api, 900_102)
    alone = (await maker.post(f"/v1/desk/incoming/{small}/place", said)).json()
    assert alone["takes_two"] is False, "up to the limit one person is enough"


async def test_what_the_rail_would_not_send_back_has_a_clock_and_is_sent_anew_or_found_out_anew(
    api: Any, pages: Any
) -> None:
    incoming_id, outgoing_id = await came(api, 900_103), uuid4()
    async with api.tools.sessions.begin(scope="worker") as session:
        row = await incoming.one(session, incoming_id)
        assert row is not None
        row.state, row.placed_at, row.due_at, row.by = "given_back", NOW, None, "person"
        session.add(
            Outgoing(
                id=outgoing_id, kind="return", incoming_id=incoming_id, of=row.rail_reference, from_suspense=True,
                amount_minor=row.amount_minor, currency="CNY", state="refused", problem="account_closed",
                created_at=NOW, refused_at=NOW,
            )
        )  # fmt: skip
    desk = await api.staff("operations")
    at = f"/v1/desk/outgoing/{outgoing_id}/judgement"
    [seen] = [
        one for one in (await desk.get("/v1/desk/outgoing/refused")).json()["items"] if one["id"] == str(outgoing_id)
    ]
    within = api.tools.policies.suspense.judged_within
    assert (seen["problem"], seen["tries"], seen["payer"], seen["acts"]) == (
        "account_closed", 1, "路人甲", ["again", "suspense"],
    )  # fmt: skip
    assert datetime.fromisoformat(seen["due_at"]) == NOW + within
    page = (await pages(desk).get("/desk/incoming")).text
    assert f"/desk/incoming/refused/{outgoing_id}" in page and "account_closed" in page
    wrong = await desk.post(at, {"act": "forget", "words": "算了吧，不找了"})
    assert [one["pointer"] for one in wrong.json()["errors"]] == ["#/act"]
    assert (await desk.post(at, {"act": "again", "words": "付款人换了卡"})).status_code == 200
    async with api.tools.sessions.begin(scope="worker") as session:
        sent = await incoming.outgoing(session, outgoing_id)
        assert sent is not None
        assert (sent.state, sent.again) == ("owed", 1)
        assert incoming.order_of(sent) != outgoing_id, "a refused order is never sent again under its own name"
        sent.state, sent.judged, sent.problem = "refused", None, "account_closed"
    assert (await desk.post(at, {"act": "suspense", "words": "付款人联系不上"})).status_code == 200
    waits = {one["id"] for one in (await desk.get("/v1/desk/incoming")).json()["items"]}
    assert str(incoming_id) in waits, "whose it is, is found out anew"
    left = {one["id"] for one in (await desk.get("/v1/desk/outgoing/refused")).json()["items"]}
    assert str(outgoing_id) not in left
    again = await desk.post(at, {"act": "again", "words": "又想再付"})
    assert (again.status_code, again.json()["code"]) == (409, "not_in_this_stage")
