"""Parties by role (P2): each invited by phone, with own sign-in, checks, consents, key facts, signature and view."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.clockwork import Clockwork
from activities.parties import Parties
from activities.private import Private
from activities.steps import Steps
from db import people
from db.sessions import Sessions
from gateways.identity import CheckOrder, CheckOutcome, CheckResult
from infra import temporal
from tests.api.conftest import WANTED, Listening, ListeningPayout
from tests.api.test_signing import coded, offered
from worker.interceptors import OurActivities
from worker.wiring import activities_of
from workflows.party import Party

ID_NUMBER = "11010519491231002X"


class Provider:
    """Matches everybody."""

    def __init__(self) -> None:
        self.asked: list[CheckOrder] = []

    async def check(self, order: CheckOrder) -> CheckResult:
        self.asked.append(order)
        at = datetime(2026, 11, 30, tzinfo=UTC)
        return CheckResult(outcome=CheckOutcome.MATCH, reference="IDV", score=Decimal("0.97"), at=at)


@pytest.fixture
async def provider(api: Any) -> AsyncIterator[Provider]:
    """A worker that plays the parties' own story, beside a listener for applications."""
    sessions, provider = Sessions(api.settings, scope="worker"), Provider()
    parties = Parties(
        Steps(sessions, api.settings.clock_id),
        Private(api.tools.vault),
        provider,
        api.tools.policies.release,
        api.tools.policies.party_checks,
    )
    verbs = activities_of(Clockwork(sessions), parties)
    async with Worker(
        await temporal.connect(api.settings),
        task_queue=api.settings.temporal_task_queue,
        workflows=[Listening, ListeningPayout, Party],
        activities=verbs,
        interceptors=[OurActivities()],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        yield provider
    await sessions.close()


@pytest.fixture
async def signing(api: Any, provider: Provider, database: Any) -> tuple[Any, UUID, str]:
    """An owner about to sign for ¥80,000: (owner, application, terms hash)."""
    owner = await api.owner()
    application_id = UUID((await owner.post("/v1/applications", WANTED)).json()["object_id"])
    return owner, application_id, await offered(api, database, application_id)


async def invite(owner: Any, application_id: UUID, to: str, **asked: Any) -> Any:
    body = {"role": "guarantor", "liability": "joint", "phone": to} | asked
    return await owner.post(f"/v1/applications/{application_id}/parties", body)


async def own_part(party: Any) -> dict[str, Any]:
    (only,) = (await party.get("/v1/parts")).json()["items"]
    return only


async def allows(party: Any, part: dict[str, Any]) -> None:
    for one in part["consents"]:
        answer = await party.post("/v1/consents", {"purpose": one["purpose"], "text_hash": one["text_hash"]})
        assert answer.status_code == 200, answer.text


async def signs(api: Any, party: Any, database: Any, part_id: str) -> Any:
    """Reads for the legal time and signs with the code that came on the party's own phone."""
    facts = (await party.post(f"/v1/parts/{part_id}/key-facts")).json()["facts"]
    early = await party.post(f"/v1/parts/{part_id}/signing-code")
    assert early.json()["code"] == "key_facts_not_opened"
    database.execute(f"update loan_party set facts_readable_from = now() where id = '{part_id}'")
    sent = await party.post(f"/v1/parts/{part_id}/signing-code")
    assert sent.status_code == 200, sent.text
    body = {"code": api.phones.code(party.name), "terms_hash": facts["terms_hash"]}
    return await party.post(f"/v1/parts/{part_id}/signature", body)


async def notices(api: Any, phone: str) -> list[str]:
    async with api.tools.sessions.begin(scope="worker") as session:
        who = await people.find_by_phone(session, api.tools.vault, phone)
        found = await session.execute(
            text("select kind from notice where person_id = :who order by created_at, kind"), {"who": who}
        )
        return [row.kind for row in found]


async def test_p2_a_guarantor_is_invited_proven_and_signs_on_their_own_phone_and_no_money_moves_before(
    api: Any, signing: Any, provider: Provider, database: Any
) -> None:
    owner, application_id, terms = signing
    phone = api.new_phone()
    asked = await invite(owner, application_id, phone, amount={"amount": "50000.00"})
    assert asked.status_code == 200, asked.text
    assert await notices(api, phone) == ["party_invited"]
    waits = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["now"]
    (part,) = (await owner.get(f"/v1/applications/{application_id}/parties")).json()["items"]
    assert (waits["who"], waits["party"], waits["due_at"]) == ("party", "guarantor", part["due_at"])
    code = await coded(api, owner, application_id, database)
    sign = {"code": code, "terms_hash": terms}
    refused = await owner.post(f"/v1/applications/{application_id}/signature", sign)
    assert (refused.status_code, refused.json()["code"]) == (409, "parties_not_signed")
    assert "保证人" in refused.json()["detail"]

    party = await api.owner(phone)
    part = await own_part(party)
    assert (part["to_do"], part["role"], part["liability"]) == ("consent", "guarantor", "joint")
    assert [one["purpose"] for one in part["consents"]] == ["party_identity", "guarantee_joint", "sharing"]
    assert "连带责任保证" in part["consents"][1]["text"]
    who = {"name": "李秀英", "id_number": ID_NUMBER}
    bare = await party.post(f"/v1/parts/{part['id']}/identity", who)
    assert bare.json()["code"] == "consent_missing"
    await allows(party, part)
    assert (await party.post(f"/v1/parts/{part['id']}/identity", who)).status_code == 200
    assert {(order.kind.value, order.name) for order in provider.asked} == {
        ("network", "李秀英"),
        ("liveness", "李秀英"),
    }
    assert (await own_part(party))["to_do"] == "read"
    signed = await signs(api, party, database, part["id"])
    assert (signed.status_code, signed.json()["stage"]) == (200, "signed"), signed.text
    seen = (await owner.get(f"/v1/applications/{application_id}/parties")).json()
    assert (seen["awaited"], seen["items"][0]["state"]) == ([], "signed")
    assert "party_has_signed" in await notices(api, owner.name)
    assert (await owner.post(f"/v1/applications/{application_id}/signature", sign)).status_code == 200


async def test_p2_a_party_sees_what_concerns_its_part_and_nothing_else_and_nobody_else_sees_it(
    api: Any, signing: Any
) -> None:
    owner, application_id, _ = signing
    party, stranger = await api.owner(), await api.owner()
    await invite(owner, application_id, party.name)
    part = await own_part(party)
    told = {"id", "role", "liability", "amount", "state", "to_do", "by_name", "invited_at", "due_at", "signed_at"}
    assert set(part) == told | {"problem", "consents", "asked", "facts", "owed"}
    for path in ("", "/identity", "/evidence", "/decision", "/offers", "/parties", "/key-facts", "/timeline"):
        assert (await party.get(f"/v1/applications/{application_id}{path}")).status_code == 404, path
    for other in (owner, stranger):
        assert (await other.get(f"/v1/parts/{part['id']}")).status_code == 404
        assert (await other.post(f"/v1/parts/{part['id']}/decline")).status_code == 404
    assert (await owner.get("/v1/consents")).json()["items"][-1]["purpose"] == "identity_check", "no words of a part"
    assert (await stranger.get(f"/v1/applications/{application_id}/parties")).status_code == 404


async def test_p2_before_any_consent_a_guarantor_sees_the_sum_the_term_and_what_they_answer_for(
    api: Any, signing: Any, pages: Any, database: Any
) -> None:
    owner, application_id, _ = signing
    for amount, minor, zh, en in (
        ({}, 8_000_000, "（全部本金）", "(the whole principal)"),
        ({"amount": {"amount": "50000.00"}}, 5_000_000, "¥50,000.00 本金", "¥50,000.00 of principal"),
    ):
        party = await api.owner()
        await invite(owner, application_id, party.name, **amount)
        part = await own_part(party)
        assert part["to_do"] == "consent" and all(one["given_at"] is None for one in part["consents"])
        assert (part["asked"]["amount"]["amount"], part["asked"]["months"]) == ("80000.00", WANTED["months"])
        assert part["asked"]["answers"]["amount"] == f"{minor // 100}.00"
        assert "没有写金额的，是全部本金" in part["consents"][1]["text"]
        theirs = pages(party)
        for locale, words in (("zh_CN", zh), ("en", en)):
            theirs.cookies.set("lang", locale)
            shown = (await theirs.get(f"/part/{part['id']}")).text
            assert words in shown and "¥80,000.00" in shown


async def test_p2_a_partys_identity_consent_names_only_its_roles_checks_and_a_wider_old_one_stays_valid(
    api: Any, signing: Any
) -> None:
    owner, application_id, _ = signing
    party, known = await api.owner(), await api.owner()
    await invite(owner, application_id, party.name)
    (identity, *_) = (await own_part(party))["consents"]
    assert identity["scope"] == ["name", "id_number", "face"]
    assert "不问我的银行账号" in identity["text"] and "营业执照" not in identity["text"]
    asked = {one["purpose"]: one for one in (await known.get("/v1/consents")).json()["items"]}["identity_check"]
    await known.post("/v1/consents", {"purpose": asked["purpose"], "text_hash": asked["text_hash"]})
    await invite(owner, application_id, known.name, role="co_borrower", liability=None)
    part = await own_part(known)
    assert [one["purpose"] for one in part["consents"] if one["given_at"] is None] == ["co_borrow", "sharing"]
    who = {"name": "李秀英", "id_number": ID_NUMBER}
    for one in part["consents"][1:]:
        await known.post("/v1/consents", {"purpose": one["purpose"], "text_hash": one["text_hash"]})
    assert (await known.post(f"/v1/parts/{part['id']}/identity", who)).status_code == 200
    assert (await own_part(known))["state"] == "proven"


async def test_p2_a_party_who_declines_ends_its_part_by_name_and_somebody_else_can_be_asked(
    api: Any, signing: Any
) -> None:
    owner, application_id, _ = signing
    party = await api.owner()
    await invite(owner, application_id, party.name, role="co_borrower", liability=None)
    part = await own_part(party)
    assert (await party.post(f"/v1/parts/{part['id']}/decline")).json()["stage"] == "declined"
    seen = (await owner.get(f"/v1/applications/{application_id}/parties")).json()
    assert (seen["awaited"], seen["items"][0]["state"], seen["items"][0]["removable"]) == ([], "declined", False)
    assert "part_declined" in await notices(api, owner.name)
    kinds = [one["kind"] for one in (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["happened"]]
    assert {"party_invited", "party_declined"} <= set(kinds)
    again = await invite(owner, application_id, api.new_phone(), role="co_borrower", liability=None)
    assert again.status_code == 200
    listed = (await owner.get(f"/v1/applications/{application_id}/parties")).json()
    other = next(one for one in listed["items"] if one["removable"])
    removed = await owner.post(f"/v1/applications/{application_id}/parties/{other['id']}/remove")
    assert removed.json()["stage"] == "removed"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"liability": None}, "liability_said"),
        ({"liability": "perhaps"}, "not_one_of_these"),
        ({"role": "king"}, "not_one_of_these"),
        ({"role": "agent", "liability": None, "amount": {"amount": "10.00"}}, "not_asked"),
        ({"phone": "12345"}, "not_a_mobile_number"),
    ],
)
async def test_a_guarantee_says_which_and_a_wrong_invitation_is_one_clear_line(
    api: Any, signing: Any, asked: dict[str, Any], code: str
) -> None:
    owner, application_id, _ = signing
    answer = await invite(owner, application_id, api.new_phone(), **asked)
    assert answer.status_code == 422
    assert code in [one["code"] for one in answer.json()["errors"]]


async def test_nobody_stands_beside_themselves_or_twice(api: Any, signing: Any) -> None:
    owner, application_id, _ = signing
    assert (await invite(owner, application_id, owner.name)).json()["code"] == "party_is_applicant"
    phone = api.new_phone()
    assert (await invite(owner, application_id, phone)).status_code == 200
    assert (await invite(owner, application_id, phone)).json()["code"] == "party_already_asked"


async def test_p2_the_pages_lead_a_party_from_the_invitation_to_the_signature(
    api: Any, signing: Any, pages: Any, database: Any
) -> None:
    owner, *_ = signing
    mine = pages(owner)
    asked = (await mine.get("/apply/parties")).text
    assert all(f'value="{one}"' in asked for one in ("guarantor", "co_borrower", "joint", "general"))
    phone = api.new_phone()
    bare = await mine.post("/apply/parties", data={"key": "k-page-0001", "role": "guarantor", "phone": phone})
    assert bare.status_code == 422 and 'id="e-liability"' in bare.text
    sent = {"key": "k-page-0002", "role": "guarantor", "liability": "general", "phone": phone, "amount": "50000"}
    assert (await mine.post("/apply/parties", data=sent)).status_code == 303
    assert "一般保证" in (await mine.get("/apply/parties")).text
    for locale, words in (("zh_CN", "等保证人签字"), ("en", "Waiting for the guarantor to sign")):
        mine.cookies.set("lang", locale)
        shown = (await mine.get("/progress")).text
        assert words in shown and "/apply/parties" in shown
    mine.cookies.set("lang", "zh_CN")
    party = await api.owner(phone)
    theirs = pages(party)
    assert (await theirs.get("/progress")).headers["location"] == "/part"
    at = (await theirs.get("/part")).headers["location"]
    for purpose in ("party_identity", "guarantee_general", "sharing"):
        page = (await theirs.get(at)).text
        assert f'name="purpose" value="{purpose}"' in page
        words = page.split('name="text_hash" value="')[1].split('"')[0]
        given = {"key": f"k-{purpose}", "purpose": purpose, "text_hash": words}
        assert (await theirs.post(f"{at}/allow", data=given)).status_code == 303
    who = {"key": "k-page-0003", "name": "李秀英", "id_number": ID_NUMBER}
    assert (await theirs.post(f"{at}/identity", data=who)).status_code == 303
    assert "data-wait" in (await theirs.get(at)).text
    database.execute("update loan_party set facts_readable_from = now() where facts_readable_from is not null")
    part = await own_part(party)  # the pages of this test have no phones: the code is asked for through the API
    assert (await party.post(f"/v1/parts/{part['id']}/signing-code")).status_code == 200
    signature = {"key": "k-page-0005", "code": api.phones.code(phone), "terms_hash": part["facts"]["terms_hash"]}
    assert (await theirs.post(f"{at}/sign", data=signature)).status_code == 303
    assert "您已经签字" in (await theirs.get(at)).text
    shown = await mine.get("/progress")
    assert shown.status_code == 200 and "请来的人" in shown.text and "等保证人签字" not in shown.text


async def test_p2_each_partys_checks_are_those_that_its_profile_names(
    api: Any, signing: Any, provider: Provider, database: Any
) -> None:
    owner, application_id, _ = signing
    for role, checks in api.tools.policies.party_checks.items():
        phone = api.new_phone()
        liability = "general" if role.value == "guarantor" else None
        assert (await invite(owner, application_id, phone, role=role.value, liability=liability)).status_code == 200
        party = await api.owner(phone)
        part = await own_part(party)
        await allows(party, part)
        before = len(provider.asked)
        who = {"name": "李秀英", "id_number": ID_NUMBER}
        assert (await party.post(f"/v1/parts/{part['id']}/identity", who)).status_code == 200
        assert {order.kind.value for order in provider.asked[before:]} == {check.value for check in checks}, role
    assert "register" in {order.kind.value for order in provider.asked}, "whom the register names signs for a company"
