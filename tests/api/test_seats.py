"""Seats of a firm (P2, P32): own sign-in, scope as data, every look on record, gone at the next request."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from db import people, personal_data
from db.tables import Firm as FirmRow
from db.tables import FirmSeat
from lending.seats import FIRM_PERMISSIONS, SeatRole
from policies.book import load
from tests.api.test_brought_pages import files, form
from tests.api.test_checklist import bring, photo
from tests.api.test_policies import IDENTITY

BILL = b"\xe6\x97\xb6\xe9\x97\xb4,\xe9\x87\x91\xe9\xa2\x9d\n"


@pytest.fixture
async def firm(api: Any, begun: Any, at_stage: Any) -> tuple[Any, UUID, str]:
    """An owner whose application takes papers, and their firm: (owner, application, firm)."""
    owner, application_id = begun
    at_stage(application_id, "identity")
    answer = await owner.post(f"/v1/applications/{application_id}/identity", IDENTITY)
    assert answer.status_code == 200, answer.text
    at_stage(application_id, "evidence")
    (seen,) = (await owner.get("/v1/seats")).json()["items"]
    return owner, application_id, seen["id"]


async def is_a(api: Any, firm_id: str, kind: str, capacity: str) -> None:
    async with api.tools.sessions.begin(scope="worker") as session:
        changed = update(FirmRow).where(FirmRow.id == UUID(firm_id)).values(kind=kind, capacity=capacity)
        await session.execute(changed)


async def given(api: Any, owner: Any, firm_id: str, role: str = "accountant") -> tuple[Any, str]:
    """Somebody who was let in, still at home: (their client, the seat)."""
    phone = api.new_phone()
    if role == "representative":
        await is_a(api, firm_id, "company", "agent")
    answer = await owner.post(f"/v1/firms/{firm_id}/seats", {"role": role, "phone": phone})
    assert answer.status_code == 200, answer.text
    holder = await api.owner(phone)
    (mine,) = (await holder.get("/v1/my-seats")).json()["items"]
    return holder, mine["id"]


async def sitting(api: Any, owner: Any, firm_id: str, role: str = "accountant") -> tuple[Any, str]:
    holder, seat = await given(api, owner, firm_id, role)
    assert (await holder.post(f"/v1/my-seats/{seat}/enter")).status_code == 200
    return holder, seat


async def test_p32_an_accountant_with_an_own_sign_in_reads_the_firms_loans_and_brings_papers(
    api: Any, firm: Any, fresh_key: Any
) -> None:
    owner, application_id, firm_id = firm
    accountant, seat = await given(api, owner, firm_id)
    here = f"/v1/applications/{application_id}"
    assert (await accountant.get(here)).status_code == 404, "a seat opens nothing before it is entered"
    entered = (await accountant.post(f"/v1/my-seats/{seat}/enter")).json()
    assert (entered["state"], entered["entered"], entered["role"]) == ("taken", True, "accountant")
    assert [one["id"] for one in (await accountant.get("/v1/applications")).json()["items"]] == [str(application_id)]
    for what in ("", "/checklist", "/evidence", "/timeline", "/papers"):
        assert (await accountant.get(here + what)).status_code == 200, what
    brought = await bring(accountant, here, fresh_key, photo("gray"))
    assert brought.status_code == 200, brought.text
    file = next(one for one in brought.json()["items"] if one["id"] == "trade_proof")["files"][0]
    assert (await accountant.get(f"/v1/documents/{file['id']}/file")).status_code == 200
    bill = await accountant.client.post(f"{here}/statements", files={"file": ("微信.csv", BILL)}, headers=fresh_key())
    assert bill.status_code in (200, 202), bill.text
    assert (await accountant.client.delete("/v1/my-seats/entered")).status_code == 204
    assert (await accountant.get(here)).status_code == 404
    assert (await accountant.get("/v1/profile")).status_code == 200, "at home again"


async def test_p32_an_accountant_can_never_sign_draw_apply_allow_or_change_an_account(api: Any, firm: Any) -> None:
    owner, application_id, firm_id = firm
    here, some = f"/v1/applications/{application_id}", uuid4()
    never: dict[str, Any] = {
        f"{here}/signing-code": None,
        f"{here}/signature": {"code": "123456", "terms_hash": "0" * 64},
        f"{here}/identity": IDENTITY,
        f"{here}/submit": {},
        f"{here}/withdraw": None,
        f"{here}/payout/cancel": None,
        f"{here}/offers/{some}/accept": None,
        f"{here}/consents": {"consents": []},
        f"{here}/parties": {"role": "guarantor", "phone": "13900000000", "liability": "joint"},
        f"/v1/lines/{some}/draws": {"amount": {"amount": "1.00"}, "months": 1},
        "/v1/consents": {"purpose": "identity_check", "text_hash": "0" * 64},
        f"/v1/consents/{some}/revoke": None,
        f"/v1/firms/{firm_id}/seats": {"role": "accountant", "phone": "13900000000"},
        f"/v1/seats/{some}/revoke": None,
        "/v1/applications": {},
    }
    private = ("/v1/profile", "/v1/privacy", "/v1/messages", "/v1/consents", f"{here}/identity", "/v1/seats")
    for role in SeatRole:
        holder, _ = await sitting(api, owner, firm_id, role.value)
        for path, body in never.items():
            answer = await holder.post(path, body)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (role, path, answer.text)
        for path in private:
            assert (await holder.get(path)).status_code == 404, (role, path)


async def test_p2_what_a_seat_may_is_data_and_a_representative_only_reads(api: Any, firm: Any, fresh_key: Any) -> None:
    roles = load().roles
    assert roles["representative"] < roles["accountant"] <= FIRM_PERMISSIONS
    owner, application_id, firm_id = firm
    reader, _ = await sitting(api, owner, firm_id, "representative")
    here = f"/v1/applications/{application_id}"
    assert (await reader.get(f"{here}/checklist")).status_code == 200
    assert (await bring(reader, here, fresh_key, photo("navy"))).status_code == 404


async def test_p32_a_seat_that_was_taken_back_is_gone_with_the_next_request(api: Any, firm: Any) -> None:
    owner, application_id, firm_id = firm
    accountant, seat = await sitting(api, owner, firm_id)
    here = f"/v1/applications/{application_id}"
    assert (await accountant.get(here)).status_code == 200
    revoked = await owner.post(f"/v1/seats/{seat}/revoke")
    assert [one["state"] for one in revoked.json()["items"][0]["seats"]] == ["revoked"]
    assert (await accountant.get(here)).status_code == 404
    assert (await accountant.post(f"/v1/my-seats/{seat}/enter")).json()["code"] == "seat_over"
    assert (await accountant.get("/v1/my-seats")).json()["items"] == []
    assert (await owner.post(f"/v1/seats/{seat}/revoke")).json()["code"] == "seat_over"


async def test_p32_who_read_what_stands_in_the_owners_privacy_centre(api: Any, firm: Any) -> None:
    owner, application_id, firm_id = firm
    accountant, _ = await sitting(api, owner, firm_id)
    for what in ("/timeline", "/timeline", "/checklist", "/evidence"):
        await accountant.get(f"/v1/applications/{application_id}{what}")
    reads = [one for one in (await owner.get("/v1/privacy")).json()["reads"] if one["purpose"] == "seat"]
    who = f"accountant {accountant.name[:3]} •••• {accountant.name[-4:]}"
    assert {(one["actor"], one["what"]) for one in reads} == {(who, what) for what in ("timeline", "papers", "flows")}
    assert len(reads) == 3, "the same look again within the hour is the same line"


async def test_a_seat_sees_its_own_firm_and_nothing_else_of_the_same_owner(api: Any, firm: Any, database: Any) -> None:
    owner, application_id, firm_id = firm
    accountant, _ = await sitting(api, owner, firm_id)
    other = uuid4()
    database.execute(
        f"insert into firm (id, person_id, kind, name_sealed, created_at) "
        f"select '{other}', person_id, kind, name_sealed, now() from firm where id = '{firm_id}'",
        f"update application set firm_id = '{other}' where id = '{application_id}'",
    )
    assert (await accountant.get(f"/v1/applications/{application_id}")).status_code == 404
    assert (await accountant.get("/v1/applications")).json()["items"] == []
    assert (await owner.get(f"/v1/applications/{application_id}")).status_code == 200
    async with api.tools.sessions.within(UUID(firm_id)).begin(scope="worker") as session:
        assert await session.scalar(text("select count(*) from application")) == 0, "the wall stands in the database"


async def test_an_offer_and_a_seat_end_by_their_day(api: Any, firm: Any, database: Any) -> None:
    owner, application_id, firm_id = firm
    holder, seat = await given(api, owner, firm_id)
    database.execute(f"update firm_seat set answer_by = now() - interval '1 second' where id = '{seat}'")
    assert (await holder.post(f"/v1/my-seats/{seat}/enter")).json()["code"] == "seat_over"
    again = await owner.post(f"/v1/firms/{firm_id}/seats", {"role": "accountant", "phone": holder.name})
    assert sorted(one["state"] for one in again.json()["items"][0]["seats"]) == ["invited", "lapsed"]
    (mine,) = (await holder.get("/v1/my-seats")).json()["items"]
    assert (await holder.post(f"/v1/my-seats/{mine['id']}/enter")).status_code == 200
    database.execute(f"update firm_seat set ends_at = now() - interval '1 second' where id = '{mine['id']}'")
    assert (await holder.get(f"/v1/applications/{application_id}")).status_code == 404


@pytest.mark.parametrize(
    ("kind", "capacity", "offered"),
    [
        ("sole_trader", "operator", False),
        ("self_employed", "operator", False),
        ("company", "legal_representative", False),
        ("company", "agent", True),
    ],
)
async def test_a_representative_is_offered_and_taken_only_where_it_is_somebody_else(
    api: Any, pages: Any, firm: Any, kind: str, capacity: str, offered: bool
) -> None:
    owner, application_id, firm_id = firm
    await is_a(api, firm_id, kind, capacity)
    mine = pages(owner)
    for page in ("/seats", "/apply/parties"):
        assert ('value="representative"' in (await mine.get(page)).text) is offered, page
    assert ('value="agent"' in (await mine.get("/apply/parties")).text) is (kind == "company")
    seat = await owner.post(f"/v1/firms/{firm_id}/seats", {"role": "representative", "phone": api.new_phone()})
    roles = ("representative",) if kind == "company" else ("representative", "agent")
    asked = [
        await owner.post(f"/v1/applications/{application_id}/parties", {"role": role, "phone": api.new_phone()})
        for role in roles
    ]
    for answer in (seat, *asked):
        assert (answer.status_code == 422) is not offered, answer.text
        if not offered:
            assert answer.json()["errors"][0]["code"] == "not_of_this_firm"


async def test_a_seat_is_given_once_to_somebody_else_and_may_be_given_back(api: Any, firm: Any) -> None:
    owner, _, firm_id = firm
    holder, seat = await given(api, owner, firm_id)
    twice = await owner.post(f"/v1/firms/{firm_id}/seats", {"role": "accountant", "phone": holder.name})
    assert twice.json()["code"] == "seat_taken"
    own = await owner.post(f"/v1/firms/{firm_id}/seats", {"role": "accountant", "phone": owner.name})
    assert own.json()["code"] == "seat_your_own"
    king = await owner.post(f"/v1/firms/{firm_id}/seats", {"role": "king", "phone": api.new_phone()})
    assert king.status_code == 422
    stranger = await api.owner()
    assert (await stranger.post(f"/v1/my-seats/{seat}/enter")).status_code == 404
    assert (await stranger.post(f"/v1/seats/{seat}/revoke")).status_code == 404
    body = {"role": "accountant", "phone": api.new_phone()}
    assert (await stranger.post(f"/v1/firms/{firm_id}/seats", body)).status_code == 404
    assert (await holder.post(f"/v1/my-seats/{seat}/give-up")).status_code == 204
    told = [one["kind"] for one in (await owner.get("/v1/messages")).json()["items"]]
    assert told == ["seat_given_up"]
    assert [one["kind"] for one in (await holder.get("/v1/messages")).json()["items"]] == ["seat_offered"]


async def test_an_erasure_of_either_side_ends_the_seat_and_names_no_phone(api: Any, firm: Any, database: Any) -> None:
    owner, application_id, firm_id = firm
    first, _ = await sitting(api, owner, firm_id)
    second, _ = await sitting(api, owner, firm_id)
    async with api.tools.sessions.begin(scope="worker") as session:
        holder = await people.find_by_phone(session, api.tools.vault, first.name)
        assert holder is not None
        await personal_data.take_away(session, holder, datetime.now(UTC))
    assert (await first.get(f"/v1/applications/{application_id}")).status_code == 401, "their sessions went with them"
    assert (await second.get(f"/v1/applications/{application_id}")).status_code == 200
    async with api.tools.sessions.begin(scope="worker") as session:
        giver = (await session.get_one(FirmRow, UUID(firm_id))).person_id
        await personal_data.take_away(session, giver, datetime.now(UTC))
        rows = (await session.scalars(select(FirmSeat).where(FirmSeat.firm_id == UUID(firm_id)))).all()
        assert [(row.state, row.phone_masked) for row in rows] == [("revoked", "")] * 2
    assert (await second.get(f"/v1/applications/{application_id}")).status_code == 404
    assert (await second.get("/v1/my-seats")).json()["items"] == []


async def test_p32_through_the_pages_an_owner_gives_a_seat_and_the_accountant_reads_brings_and_leaves(
    api: Any, pages: Any, firm: Any
) -> None:
    owner, application_id, firm_id = firm
    mine, phone = pages(owner), api.new_phone()
    wrong = await mine.post("/seats/offer", data=form(firm=firm_id, role="accountant", phone="12"))
    assert wrong.status_code == 422 and "请填 11 位手机号" in wrong.text
    assert (await mine.post("/seats/offer", data=form(firm=firm_id, role="accountant", phone=phone))).status_code == 303
    theirs = pages(await api.owner(phone))
    assert (await theirs.get("/progress")).headers["location"] == "/seats", "somebody who only has a seat is led to it"
    [seat] = re.findall(r"/seats/([0-9a-f-]{36})/enter", (await theirs.get("/seats")).text)
    assert (await theirs.post(f"/seats/{seat}/enter", data=form())).headers["location"] == "/firm"
    home = (await theirs.get("/firm")).text
    assert "您正以财务席位查看" in home and "还缺：您在哪里做生意" in home and "/messages" not in home
    here = f"/firm/{application_id}"
    paper = await theirs.post(here, data=form(item="trade_proof"), files=files(("摊位.jpg", photo("red"))))
    bill = await theirs.post(here, data=form(item="bills"), files=files(("微信.csv", BILL * 40)))
    assert (paper.status_code, bill.status_code) == (303, 303)
    assert "摊位.jpg" in (await mine.get("/apply/flows")).text
    for path in ("/loans", "/papers"):
        assert (await theirs.get(path)).status_code == 200
    for path in ("/me", "/privacy", "/apply/flows", "/lines", "/seats", f"/progress/{application_id}"):
        assert (await theirs.get(path)).status_code == 404, path
    told = {"zh_CN": "您给了席位的财务（139 •••• ", "en": "The accountant whom you gave a seat (139 •••• "}
    for locale, words in told.items():
        mine.cookies.set("lang", locale)
        assert words in (await mine.get("/privacy")).text
    assert (await mine.post(f"/seats/{seat}/revoke", data=form())).status_code == 303
    assert (await theirs.get("/firm")).headers["location"] == "/progress", "at home again, and nothing of the firm"
    assert (await theirs.get(here)).status_code == 404
