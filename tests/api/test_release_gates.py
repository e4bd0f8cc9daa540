"""P34: each line of the release desk says what the money hangs on, and a button is there when it would be taken."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from db import collateral
from db.collateral import Thing
from db.tables import Application
from tests.api.test_collateral import change
from tests.api.test_credit_desk import paper
from tests.api.test_releasing import awaited, large, says, the_case

__all__ = ["large"]

GO = 'name="say" value="release"'


def condition(database: Any, application_id: UUID) -> UUID:
    asked = uuid4()
    database.execute(
        "insert into loan_condition (id, application_id, person_id, decision_id, n, kind, words, owner, state,"
        f" asked_by, asked_at, due_at) select '{asked}', id, person_id, '{uuid4()}', 1, 'insured', '保到 2028 年',"
        " 'customer', 'open', 'staff:1', now() - interval '1 hour', now() + interval '5 days'"
        f" from application where id = '{application_id}'"
    )
    return asked


async def piece(api: Any, application_id: UUID) -> UUID:
    """A workshop in the signed contract whose number has not come."""
    made, thing = uuid4(), Thing("一号厂房", f"苏(2026)第{made_no()}号", "昆山市玉山镇 8 号", "王小明")
    async with api.tools.sessions.begin(scope="worker") as session:
        application = await session.get_one(Application, application_id)
        now = datetime.now(UTC)
        row = {
            "id": made, "application_id": application_id, "person_id": application.person_id, "kind": "real_estate",
            "ownership": "own", "facts": {}, "currency": "CNY", "created_at": now, "changed_at": now, "version": 1,
        }  # fmt: skip
        assert await collateral.offer(session, api.tools.vault, thing, row)
    late = datetime.now(UTC) + timedelta(days=20)
    await change(api, made, state="securing", value_minor=90_000_000, ours_minor=25_000_000, register_by=late)
    return made


def made_no() -> str:
    return uuid4().hex[:12]


def of(seen: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(one for one in seen["gates"] if one["kind"] == kind)


async def test_p34_a_release_shows_every_gate_and_its_button_only_when_it_would_be_taken(
    api: Any, large: Any, database: Any, pages: Any
) -> None:
    _, application_id, payout_id = large
    approver, checker = await api.staff("officer"), await api.staff("officer")
    awaited(database, payout_id, approver)
    asked, workshop = condition(database, application_id), await piece(api, application_id)

    seen = await the_case(checker, payout_id)
    assert [one["kind"] for one in seen["gates"]] == ["approval", "condition", "registration", "people"]
    assert of(seen, "approval")["state"] == "met" and seen["approval_hash"][:16] in of(seen, "approval")["text"]
    assert of(seen, "condition")["state"] == "open" and "客户来办" in of(seen, "condition")["text"]
    assert of(seen, "registration")["state"] == "open" and "一号厂房" in of(seen, "registration")["title"]
    assert seen["refused"] == "conditions_open"
    page = (await pages(checker).get("/desk/releases")).text
    assert GO not in page and "the button is here once it is met" in page
    assert f"/desk/cases/{application_id}#terms-title" in page and f"/manager/collateral/{workshop}" in page
    assert (await says(checker, payout_id, "release")).json()["code"] == "conditions_open"

    proof = str(paper(database, application_id))
    met = await approver.post(f"/v1/desk/conditions/{asked}/meet", {"proof": "document", "proof_id": proof})
    assert met.status_code == 200, met.text
    seen = await the_case(checker, payout_id)
    assert of(seen, "condition")["state"] == "met" and "客户材料" in of(seen, "condition")["text"]
    assert seen["refused"] == "not_secured_yet"
    no = await says(checker, payout_id, "release")
    assert (no.status_code, no.json()["code"], no.json()["params"]) == (
        409,
        "not_secured_yet",
        {"piece": "real_estate"},
    )
    assert "“不动产”还没有登记号" in no.json()["detail"]

    now = datetime.now(UTC)
    await change(
        api, workshop, state="registered", registration_no="苏(2026)证明第0099号", registered_at=now, searched_at=now
    )
    seen = await the_case(checker, payout_id)
    assert "苏(2026)证明第0099号" in of(seen, "registration")["text"] and of(seen, "search")["state"] == "met"
    await change(api, workshop, searched_at=now - timedelta(days=30))
    assert of(await the_case(checker, payout_id), "search")["state"] == "later", "the payout searches anew by itself"
    assert (await the_case(checker, payout_id))["refused"] is None
    assert GO in (await pages(checker).get("/desk/releases")).text

    own = await the_case(approver, payout_id)
    assert own["refused"] == "needs_two_people" and "员工" in of(own, "people")["text"]
    assert own["who_can"], "it says who can"
    assert GO not in (await pages(approver).get("/desk/releases")).text
    assert (await says(checker, payout_id, "release")).status_code in (200, 202)


async def test_p34_a_contract_of_other_terms_and_a_voter_are_said_before_anybody_presses(
    api: Any, large: Any, database: Any, pages: Any
) -> None:
    _, _, payout_id = large
    voter, checker = await api.staff("officer", employee="zhao-7"), await api.staff("operations")
    awaited(database, payout_id, await api.staff("officer"))
    database.execute(f"update payout_release set approvers = array['zhao-7'] where payout_id = '{payout_id}'")
    seen = await the_case(voter, payout_id)
    assert (seen["mine"], seen["refused"]) == (False, "needs_two_people")
    assert "员工" in of(seen, "people")["text"]
    page = (await pages(voter).get("/desk/releases")).text
    assert GO not in page and "somebody else lets it go" in page
    assert (await the_case(checker, payout_id))["refused"] is None
    database.execute(f"update payout set amount_minor = amount_minor + 1 where id = '{payout_id}'")
    changed = await the_case(checker, payout_id)
    assert (changed["state"], changed["refused"], of(changed, "approval")["state"]) == ("void", "approval_void", "open")
