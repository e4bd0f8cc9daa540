"""P34: the credit desk through the API: the queue, one case, what changed, who may say yes, conditions and release."""

import asyncio
import json
import re
from datetime import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from infra.phrases import notice
from tests.api.test_releasing import awaited, paying, says
from tests.api.test_signing import offered
from worker.background.reminder import Reminder

VIEW = {"verdict": "approve", "reason": "流水稳定，店里看过"}
YES = {"verdict": "approve", "reason": "流水稳定，可以做"}


@pytest.fixture
async def case(api: Any, begun: Any, at_stage: Any, database: Any) -> tuple[Any, UUID, UUID]:
    """A case that waits for a person: (owner, application, task)."""
    owner, application_id = begun
    return owner, application_id, await waiting(owner, application_id, at_stage, database)


async def waiting(
    owner: Any, application_id: UUID, at_stage: Any, database: Any, *, amount_minor: int = 8_000_000, grade: str = "B"
) -> UUID:
    """An identified applicant whose case the machine referred, with a paper that was accepted."""
    at_stage(application_id, "identity")
    said = {
        "kind": "self_employed",
        "name": "王小明",
        "id_number": "11010519491231002X",
        "account_number": "622202123456789",
    }
    assert (await owner.post(f"/v1/applications/{application_id}/identity", said)).status_code == 200
    task = uuid4()
    person = f"(select person_id from application where id = '{application_id}')"
    why = json.dumps([{"code": "above_automatic_limit", "params": {"limit_minor": "10000000"}}])
    reasons = json.dumps({"reasons": json.loads(why)})
    facts = json.dumps({"monthly_net_revenue_minor": 9_000_000, "months_of_history": 14, "group_minor": 0})
    database.execute(
        f"insert into decision (id, application_id, person_id, n, outcome, reasons, limit_minor, pd, grade, confidence,"
        f" features, ratios, policy_version, decided_by, decided_at) values ('{uuid4()}', '{application_id}', {person},"
        f" 1, 'review', '{why}', {amount_minor}, 0.0312, '{grade}', 0.81, '{{}}', '{facts}', 'v', 'model', now())",
        f"insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) values "
        f"('{task}', 'review', '{application_id}', {person}, 'manager', 'open', '{reasons}', now(),"
        f" now() + interval '1 day')",
        "insert into evidence_document (id, application_id, person_id, item, channel, brought_by, name_sealed, sha256,"
        " object_key, media_type, pages, size, state, received_at) select gen_random_uuid(), id, person_id,"
        f" 'trade_proof', 'owner', 'owner', '', 'ab12cd34', id::text, 'image/jpeg', 1, 1, 'accepted', now()"
        f" from application where id = '{application_id}'",
        f"update application set stage = 'review', amount_minor = {amount_minor} where id = '{application_id}'",
    )
    return task


async def queued(someone: Any, application_id: UUID) -> dict[str, Any]:
    cards = (await someone.get("/v1/desk/cases")).json()["items"]
    return next(card for card in cards if card["application_id"] == str(application_id))


# --- the queue --------------------------------------------------------------------------------------------------------


async def test_p34_the_queue_says_why_each_case_came_its_clock_and_who_has_it(
    api: Any, case: Any, database: Any
) -> None:
    _, application_id, task = case
    li = await api.staff("officer")
    card = await queued(li, application_id)
    assert (card["came"], card["holder"], card["role"]) == (["referred"], None, "manager")
    assert card["why"][0]["text"] == "申请额超过自动审批上限 ¥100,000.00"
    assert (card["late"], card["amount"]["amount"]) == (False, "80000.00")
    codes = ("asked_by_owner", "flows_to_explain")
    reasons = json.dumps({"reasons": [{"code": code, "params": {}} for code in codes]})
    database.execute(f"update task set params = '{reasons}', due_at = now() - interval '1 hour' where id = '{task}'")
    card = await queued(li, application_id)
    assert (card["came"], card["late"]) == (["review_asked", "exception"], True)


async def test_p34_two_take_one_case_at_once_and_one_has_it(api: Any, case: Any) -> None:
    _, application_id, _ = case
    officers = [await api.staff("officer") for _ in range(3)]
    path = f"/v1/desk/cases/{application_id}"
    answers = await asyncio.gather(*(one.post(f"{path}/take") for one in officers))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "case_held"}
    holder = officers[[answer.status_code for answer in answers].index(200)]
    other = next(one for one in officers if one is not holder)
    assert (await queued(holder, application_id))["mine"]
    assert (await queued(other, application_id))["holder"] == "员工"
    assert (await other.post(f"{path}/give-back")).json()["code"] == "case_held", "nobody gives back another's"
    assert (await holder.post(f"{path}/take")).status_code == 200, "to take what one has is no mistake"
    assert (await holder.post(f"{path}/give-back")).status_code == 200
    assert (await other.post(f"{path}/take")).status_code == 200


async def test_p34_nobody_decides_a_case_that_somebody_else_has(api: Any, case: Any) -> None:
    _, application_id, task = case
    holder, other = await api.staff("officer"), await api.staff("officer")
    assert (await holder.post(f"/v1/desk/cases/{application_id}/take")).status_code == 200
    no = await other.post(f"/v1/manager/tasks/{task}/own-view", VIEW)
    assert (no.status_code, no.json()["code"]) == (409, "case_held"), "nor says a view on it"
    assert (await holder.post(f"/v1/manager/tasks/{task}/own-view", VIEW)).json()["score"]["grade"] == "B"
    await holder.post(f"/v1/desk/cases/{application_id}/give-back")
    await other.post(f"/v1/manager/tasks/{task}/own-view", VIEW)
    await holder.post(f"/v1/desk/cases/{application_id}/take")
    assert (await other.post(f"/v1/manager/tasks/{task}/finish", YES)).json()["code"] == "case_held"
    assert (await holder.post(f"/v1/manager/tasks/{task}/finish", YES)).status_code == 202


# --- one case, and what changed ---------------------------------------------------------------------------------------


async def test_p34_a_case_shows_what_changed_since_its_reader_first_saw_it_field_by_field(
    api: Any, case: Any, database: Any
) -> None:
    _, application_id, _ = case
    li, wang = await api.staff("officer"), await api.staff("officer")
    path = f"/v1/desk/cases/{application_id}"
    first = (await li.get(path)).json()
    assert first["looked"]["changed"] == []
    assert first["looked"]["sha256"] == first["looked"]["now"]
    database.execute(
        f"update application set amount_minor = 9000000 where id = '{application_id}'",
        f"update evidence_document set state = 'refused' where application_id = '{application_id}'",
    )
    later = (await li.get(path)).json()["looked"]
    assert [(one["name"], one["before"], one["after"]) for one in later["changed"]] == [
        ("申请金额", "¥80,000.00", "¥90,000.00"),
        ("材料：您在哪里做生意", "没问题", "要重新交"),
    ]
    assert later["sha256"] != later["now"]
    assert (await li.get(path)).json()["looked"]["changed"] == later["changed"], "looking again changes nothing"
    assert (await wang.get(path)).json()["looked"]["changed"] == [], "another person sees it for the first time"
    stale = await li.post(f"{path}/looked", {"seen_hash": later["sha256"]})
    assert stale.json()["code"] == "case_changed"
    seen = (await li.post(f"{path}/looked", {"seen_hash": later["now"]})).json()["looked"]
    assert (seen["changed"], seen["n"]) == ([], 2)


async def test_p34_what_the_score_says_stays_shut_in_the_changes_until_ones_own_view(
    api: Any, case: Any, database: Any
) -> None:
    _, application_id, task = case
    li = await api.staff("officer")
    path = f"/v1/desk/cases/{application_id}"
    assert (await li.get(path)).json()["task"]["score"] is None
    database.execute(f"update decision set grade = 'D', pd = 0.15 where application_id = '{application_id}'")
    assert (await li.get(path)).json()["looked"]["changed"] == []
    await li.post(f"/v1/manager/tasks/{task}/own-view", VIEW)
    seen = (await li.get(path)).json()
    assert [one["field"] for one in seen["looked"]["changed"]] == ["verdict.grade", "verdict.pd"]
    assert (seen["looked"]["changed"][0]["before"], seen["looked"]["changed"][0]["after"]) == ("B", "D")
    assert (seen["task"]["score"]["grade"], [one["by"] for one in seen["views"]]) == ("D", ["员工"])


async def test_p34_a_verdict_on_a_case_that_changed_since_it_was_seen_is_refused_by_name(
    api: Any, case: Any, database: Any
) -> None:
    _, application_id, task = case
    li = await api.staff("officer")
    await li.post(f"/v1/manager/tasks/{task}/own-view", VIEW)
    seen = (await li.get(f"/v1/desk/cases/{application_id}")).json()["looked"]["now"]
    database.execute(f"update application set months = 6 where id = '{application_id}'")
    no = await li.post(f"/v1/manager/tasks/{task}/finish", {**YES, "seen_hash": seen})
    assert (no.status_code, no.json()["code"]) == (409, "case_changed")
    now = (await li.get(f"/v1/desk/cases/{application_id}")).json()["looked"]["now"]
    assert (await li.post(f"/v1/manager/tasks/{task}/finish", {**YES, "seen_hash": now})).status_code == 202


async def test_p34_every_look_at_a_case_is_on_record_for_its_customer(api: Any, case: Any) -> None:
    owner, application_id, _ = case
    await (await api.staff("officer")).get(f"/v1/desk/cases/{application_id}")
    reads = (await owner.get("/v1/privacy")).json()["reads"]
    assert ("case", "officer") in {(read["what"], read["actor"]) for read in reads}


# --- who may say yes --------------------------------------------------------------------------------------------------


async def test_p34_above_ones_authority_a_yes_is_refused_and_the_case_goes_up(
    api: Any, begun: Any, at_stage: Any, database: Any
) -> None:
    owner, application_id = begun
    task = await waiting(owner, application_id, at_stage, database, amount_minor=20_000_100)
    done(database, application_id)
    await investigated(api, database, application_id)
    mei, li = await api.staff("manager"), await api.staff("officer")
    await mei.post(f"/v1/manager/tasks/{task}/own-view", VIEW)
    no = await mei.post(f"/v1/manager/tasks/{task}/finish", YES)
    assert no.json()["code"] == "authority_exceeded"
    assert no.json()["params"] == {"exceeds": "amount", "goes_to": "officer"}
    assert "审批官" in no.json()["detail"]
    up = await mei.post(f"/v1/manager/tasks/{task}/up", {"words": "金额超权限，建议同意"})
    assert up.status_code == 200, up.text
    card = await queued(li, application_id)
    assert (card["came"], card["role"], card["holder"]) == (["authority_exceeded", "referred"], "officer", None)
    seen = (await li.get(f"/v1/desk/cases/{application_id}")).json()
    assert (seen["went_up"][0]["to"], seen["went_up"][0]["above"]) == ("officer", ["amount"])
    assert seen["went_up"][0]["words"] == "金额超权限，建议同意"
    assert (seen["authority"]["may"], seen["authority"]["role"]) == (True, "officer")
    assert (await li.post(f"/v1/manager/tasks/{task}/own-view", VIEW)).status_code == 200
    assert (await li.post(f"/v1/manager/tasks/{task}/finish", YES)).status_code == 202


def done(database: Any, application_id: UUID, by: str = "") -> None:
    """The visit that so much money takes was made."""
    outcome = json.dumps({"result": "done", **({"staff_id": by} if by else {})})
    kept = json.dumps({"why": "rule", "kept_until": "2027-01-01T00:00:00+00:00"})
    database.execute(
        "insert into task (id, kind, application_id, person_id, role, state, params, outcome, created_at, due_at,"
        f" finished_at) select gen_random_uuid(), 'visit', id, person_id, 'manager', 'done', '{kept}', '{outcome}',"
        f" now(), now(), now() from application where id = '{application_id}'"
    )


async def investigated(api: Any, database: Any, application_id: UUID) -> None:
    """Two people looked into it and signed one report, as so large a case needs."""
    two = [await staff_id(api, await api.staff("manager")) for _ in range(2)]
    for one in two:  # each went there: a signature alone is no second person
        done(database, application_id, one)
    report, of = uuid4(), f"from application where id = '{application_id}'"
    database.execute(
        f"insert into investigation (application_id, person_id, lead_id, second_id, named_at) select id, person_id,"
        f" '{two[0]}', '{two[1]}', now() {of}",
        f"insert into case_report (id, application_id, person_id, n, content_sealed, sha256, by, made_at)"
        f" select '{report}', id, person_id, 1, '', '{'c' * 64}', 'staff', now() {of}",
        *(
            f"insert into report_signature (report_id, part, application_id, person_id, staff_id, employee, sha256,"
            f" signed_at) select '{report}', '{part}', id, person_id, '{who}', (select employee from staff where id ="
            f" '{who}'), '{'c' * 64}', now() {of}"
            for part, who in zip(("lead", "second"), two, strict=True)
        ),
    )


async def staff_id(api: Any, someone: Any) -> str:
    async with api.tools.sessions.begin() as session:
        return str(await session.scalar(text("select id from staff where login = :login"), {"login": someone.name}))


async def test_p34_whoever_visited_a_case_does_not_approve_it_under_any_login(
    api: Any, case: Any, database: Any
) -> None:
    _, application_id, task = case
    mei, also_mei = await api.staff("manager", employee="mei"), await api.staff("officer", employee="mei")
    done(database, application_id, await staff_id(api, mei))
    for login in (mei, also_mei):
        await login.post(f"/v1/manager/tasks/{task}/own-view", VIEW)
        no = await login.post(f"/v1/manager/tasks/{task}/finish", YES)
        assert no.json()["code"] == "manager_of_case"
    assert (await also_mei.get(f"/v1/desk/cases/{application_id}")).json()["authority"]["refused"] == "manager_of_case"
    li = await api.staff("officer")
    await li.post(f"/v1/manager/tasks/{task}/own-view", VIEW)
    assert (await li.post(f"/v1/manager/tasks/{task}/finish", YES)).status_code == 202


async def test_p34_nobody_approves_a_customer_to_whom_they_are_tied(api: Any, case: Any) -> None:
    _, application_id, task = case
    li = await api.staff("officer")
    await li.post(f"/v1/desk/cases/{application_id}/take")
    told = (await li.post(f"/v1/desk/cases/{application_id}/tie")).json()
    assert (told["authority"]["refused"], told["card"]["holder"]) == ("self_approval", None)
    await li.post(f"/v1/manager/tasks/{task}/own-view", VIEW)
    assert (await li.post(f"/v1/manager/tasks/{task}/finish", YES)).json()["code"] == "self_approval"


async def test_p34_the_table_is_shown_as_the_policy_has_it(api: Any) -> None:
    rows = (await (await api.staff("officer")).get("/v1/desk/authority")).json()["items"]
    assert [(row["role"], row["unsecured"] and row["unsecured"]["amount"]) for row in rows] == [
        ("manager", "200000.00"),
        ("officer", "250000.00"),
        ("committee", None),
    ]


# --- conditions -------------------------------------------------------------------------------------------------------


async def test_p34_conditions_of_a_yes_come_from_the_catalogue_and_stay_in_the_row(
    api: Any, case: Any, database: Any
) -> None:
    _, _, task = case
    li = await api.staff("officer")
    await li.post(f"/v1/manager/tasks/{task}/own-view", VIEW)
    unknown = await li.post(f"/v1/manager/tasks/{task}/finish", {**YES, "conditions": [{"kind": "a_gift"}]})
    assert unknown.json()["errors"][0]["pointer"] == "#/conditions/0/kind"
    asked = [{"kind": "lease_renewed", "words": "续到 2028 年"}, {"kind": "register_fresh"}]
    receipt = (await li.post(f"/v1/manager/tasks/{task}/finish", {**YES, "conditions": asked})).json()
    async with api.tools.sessions.begin() as session:
        detail = await session.scalar(text("select detail from command where id = :id"), {"id": receipt["command_id"]})
    assert detail["conditions"] == [
        {"kind": "lease_renewed", "words": "续到 2028 年"},
        {"kind": "register_fresh", "words": ""},
    ]


@pytest.fixture
async def under_condition(api: Any, begun: Any, database: Any, payouts: Any) -> tuple[Any, UUID, UUID, UUID]:
    """A signed ¥250,000 under an open condition: (owner, application, payout, condition)."""
    owner, application_id = begun
    hash_ = await offered(api, database, application_id, 25_000_000)
    database.execute(f"update application set amount_minor = 25000000 where id = '{application_id}'")
    payout_id = await paying(api, database, application_id, hash_, payouts, tier="high", hours=0)
    return owner, application_id, payout_id, condition(database, application_id, "old_debt_settled")


def condition(database: Any, application_id: UUID, kind: str, by: str = "staff:x") -> UUID:
    condition_id = uuid4()
    database.execute(
        "insert into loan_condition (id, application_id, person_id, decision_id, n, kind, words, owner, state,"
        f" asked_by, asked_at, due_at) select '{condition_id}', id, person_id, gen_random_uuid(), 1, '{kind}',"
        f" '结清某银行 2 万元', 'customer', 'open', '{by}', now(), now() + interval '10 days' from application"
        f" where id = '{application_id}'"
    )
    return condition_id


def paper(database: Any, application_id: UUID, state: str = "accepted") -> UUID:
    document_id = uuid4()
    database.execute(
        "insert into evidence_document (id, application_id, person_id, item, channel, brought_by, name_sealed, sha256,"
        f" object_key, media_type, pages, size, state, received_at) select '{document_id}', id, person_id, 'premises',"
        f" 'owner', 'owner', '', '{document_id.hex}', '{document_id.hex}', 'image/jpeg', 1, 1, '{state}', now()"
        f" from application where id = '{application_id}'"
    )
    return document_id


async def test_p34_the_customer_reads_each_condition_with_what_to_do_and_by_when(under_condition: Any) -> None:
    owner, application_id, _, _ = under_condition
    (one,) = (await owner.get(f"/v1/applications/{application_id}/conditions")).json()["items"]
    assert (one["name"], one["words"], one["owner"], one["state"]) == (
        "结清指定的旧债",
        "结清某银行 2 万元",
        "customer",
        "open",
    )
    assert one["how"].startswith("还清后")
    assert one["due_at"] > one["asked_at"]
    payout = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["payout"]
    assert payout["waits_for"] == "conditions"


async def test_p34_others_conditions_are_not_there(api: Any, under_condition: Any) -> None:
    stranger = await api.owner()
    assert (await stranger.get(f"/v1/applications/{under_condition[1]}/conditions")).status_code == 404


async def test_p34_a_payout_is_not_released_while_a_condition_is_open_and_its_proof_opens_it(
    api: Any, under_condition: Any, database: Any
) -> None:
    owner, application_id, payout_id, condition_id = under_condition
    approver, checker = await api.staff("officer"), await api.staff("operations")
    awaited(database, payout_id, approver)
    no = await says(checker, payout_id, "release")
    assert (no.json()["code"], no.json()["params"]) == ("conditions_open", {"condition": "old_debt_settled"})
    assert "结清指定的旧债" in no.json()["detail"]
    path = f"/v1/desk/conditions/{condition_id}"
    strange = await approver.post(f"{path}/meet", {"proof": "document", "proof_id": str(uuid4())})
    assert strange.json()["params"] == {"proof_problem": "not_there"}
    unlooked = paper(database, application_id, "received")
    early = await approver.post(f"{path}/meet", {"proof": "document", "proof_id": str(unlooked)})
    assert early.json()["params"] == {"proof_problem": "not_accepted"}
    deed = paper(database, application_id)
    database.execute(f"update evidence_document set received_at = now() - interval '1 day' where id = '{deed}'")
    old = await approver.post(f"{path}/meet", {"proof": "document", "proof_id": str(deed)})
    assert old.json()["params"] == {"proof_problem": "older"}, "a paper from before it was asked shows nothing of it"
    shown = str(paper(database, application_id))
    met = await approver.post(f"{path}/meet", {"proof": "document", "proof_id": shown})
    assert (met.json()["state"], met.json()["proof_id"]) == ("met", shown)
    again = await approver.post(f"{path}/meet", {"proof": "document", "proof_id": shown})
    assert again.json()["code"] == "condition_closed"
    story = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["happened"]
    assert story[-1]["text"] == "放款条件“结清指定的旧债”已落实"
    assert (await says(checker, payout_id, "release")).status_code == 200


async def test_p34_only_a_role_that_may_waives_a_condition_and_says_why(api: Any, under_condition: Any) -> None:
    _, _, _, condition_id = under_condition
    path = f"/v1/desk/conditions/{condition_id}/waive"
    mei, li = await api.staff("manager"), await api.staff("officer")
    no = await mei.post(path, {"why": "客户催得急"})
    assert no.json()["params"] == {"exceeds": "waiver", "goes_to": "officer"}
    assert (await li.post(path, {"why": ""})).status_code == 422
    waived = (await li.post(path, {"why": "已由抵押覆盖，不再要求"})).json()
    assert (waived["state"], waived["why"]) == ("waived", "已由抵押覆盖，不再要求")


async def test_p34_whoever_said_yes_or_asked_for_a_condition_does_not_waive_it_under_any_login(
    api: Any, under_condition: Any, database: Any
) -> None:
    _, application_id, _, condition_id = under_condition
    path = f"/v1/desk/conditions/{condition_id}/waive"
    why = {"why": "已由抵押覆盖，不再要求"}
    yes, asked, other = [await api.staff("officer", employee=f"{one}-{uuid4().hex[:6]}") for one in ("y", "a", "o")]
    async with api.tools.sessions.begin() as session:
        of = text("select employee from staff where login = :login")
        employees = {one.name: await session.scalar(of, {"login": one.name}) for one in (yes, asked)}
    twin = await api.staff("officer", employee=employees[yes.name])
    database.execute(
        "insert into decision (id, application_id, person_id, n, outcome, reasons, limit_minor, features, ratios,"
        " policy_version, decided_by, decided_at) select gen_random_uuid(), id, person_id, 9, 'approve', '[]', 0,"
        f" '{{}}', '{{}}', 'v', '{await staff_id(api, yes)}', now() from application where id = '{application_id}'",
        f"update loan_condition set asked_by = 'staff:{await staff_id(api, asked)}' where id = '{condition_id}'",
    )
    for who in (yes, twin, asked):
        no = await who.post(path, why)
        assert (no.status_code, no.json()["code"]) == (409, "waived_by_approver"), no.text
    assert (await other.post(path, why)).json()["state"] == "waived"


async def test_p34_the_database_itself_sends_no_money_under_an_open_condition(
    under_condition: Any, database: Any
) -> None:
    _, _, payout_id, condition_id = under_condition
    with pytest.raises(Exception, match="a condition of this loan is open"):
        database.execute(f"update payout set state = 'submitting' where id = '{payout_id}'")
    database.execute(
        f"update loan_condition set state = 'waived', why = 'x', ended_at = now() where id = '{condition_id}'"
    )
    database.execute(f"update payout set state = 'submitting' where id = '{payout_id}'")


async def test_p34_every_open_condition_stands_at_the_desk_by_when_it_is_due(api: Any, under_condition: Any) -> None:
    _, application_id, _, _ = under_condition
    found = (await (await api.staff("officer")).get("/v1/desk/conditions")).json()["items"]
    mine = next(one for one in found if one["application_id"] == str(application_id))
    assert (mine["condition"]["kind"], mine["condition"]["late"]) == ("old_debt_settled", False)


async def test_p34_a_customer_is_reminded_once_and_by_day_of_a_condition_with_a_quarter_of_its_time_left(
    under_condition: Any, database: Any, wired: Any, api: Any
) -> None:
    condition_id = under_condition[3]
    awake, asleep = (time(0), time(0)), (time(0), time(23, 59, 59, 999_999))
    said = text("select params from notice where kind = 'condition_due' and application_id = :id")

    async def told() -> list[Any]:
        async with api.tools.sessions.begin(scope="worker") as session:
            return list(await session.scalars(said, {"id": under_condition[1]}))

    await Reminder(wired, awake).round()
    assert await told() == [], "there is time"
    row = "update loan_condition set asked_at = now() - interval '8 days', due_at = now() + interval '2 days', "
    database.execute(f"{row} owner = 'manager' where id = '{condition_id}'")
    await Reminder(wired, awake).round()
    assert await told() == [], "it is not the customer's"
    database.execute(f"{row} owner = 'customer' where id = '{condition_id}'")
    await Reminder(wired, asleep).round()
    assert await told() == [], "nobody is written to at night"
    for _ in range(2):
        await Reminder(wired, awake).round()
    (params,) = await told()
    assert params["condition"] == "old_debt_settled"
    assert "结清指定的旧债" in notice("condition_due", "zh_CN", params, "")


async def test_p34_a_condition_that_is_ours_is_a_card_with_its_clock_for_whoever_meets_it(
    api: Any, under_condition: Any, database: Any, pages: Any
) -> None:
    owner, application_id, _, condition_id = under_condition
    mei, li = await api.staff("manager"), await api.staff("officer")

    async def card(who: Any) -> Any:
        found = (await who.get("/v1/manager/clocks?whose=mine")).json()["items"]
        return next((one for one in found if one["id"] == str(condition_id)), None)

    assert await card(mei) is None and await card(li) is None, "it is the customer's: they are told and reminded"
    row = "update loan_condition set asked_at = now() - interval '8 days', due_at = now() + interval '2 days', "
    database.execute(f"{row} owner = 'manager' where id = '{condition_id}'")
    seen = await card(mei)
    assert (seen["kind"], seen["burn"]) == ("condition_manager", "remind"), "three quarters of its time are gone"
    assert "结清某银行 2 万元" in seen["why"]
    assert f"/manager/customers/{application_id}" in (await pages(mei).get("/manager")).text
    database.execute(f"update loan_condition set owner = 'desk' where id = '{condition_id}'")
    assert await card(mei) is None, "not a manager's to meet"
    assert (await card(li))["kind"] == "condition_desk"
    assert f"/desk/cases/{application_id}#terms-title" in (await pages(li).get("/manager")).text
    mine = (await owner.get(f"/v1/applications/{application_id}/conditions")).json()["items"]
    assert [one["owner"] for one in mine] == ["desk"], "and the customer reads whose it is"


async def test_p34_a_manager_meets_a_condition_of_theirs_on_the_customers_page_by_what_is_shown(
    api: Any, under_condition: Any, database: Any, pages: Any
) -> None:
    _, application_id, _, condition_id = under_condition
    mei = pages(await api.staff("manager"))
    here = f"/manager/customers/{application_id}"
    assert f"{here}/conditions/{condition_id}" not in (await mei.get(here)).text, (
        "the customer's is no manager's to end"
    )
    database.execute(f"update loan_condition set owner = 'manager' where id = '{condition_id}'")
    shown = str(paper(database, application_id))
    page = (await mei.get(here)).text
    assert f"{here}/conditions/{condition_id}" in page and f"document:{shown}" in page
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)

    async def says_so(**said: str) -> Any:
        data = {"csrf": csrf[1] if csrf else "", "key": uuid4().hex, **said}
        return await mei.post(f"{here}/conditions/{condition_id}", data=data)

    no = await says_so(say="waive", why="customer is in a hurry")
    assert no.status_code == 422 and 'role="alert"' in no.text, "a manager waives nothing"
    assert (await says_so(say="meet", proof="document:nothing")).status_code == 422
    assert (await says_so(say="meet", proof=f"document:{shown}")).status_code == 303
    assert f"{here}/conditions/{condition_id}" not in (await mei.get(here)).text


async def test_p34_a_paper_from_before_a_condition_is_not_offered_as_its_proof(
    api: Any, under_condition: Any, database: Any
) -> None:
    _, application_id, _, condition_id = under_condition
    database.execute(
        "insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) select"
        f" gen_random_uuid(), 'review', id, person_id, 'manager', 'open', '{{}}', now(), now() + interval '1 day'"
        f" from application where id = '{application_id}'"
    )
    li = await api.staff("officer")
    old, new = paper(database, application_id), paper(database, application_id)
    database.execute(f"update evidence_document set received_at = now() - interval '9 days' where id = '{old}'")
    offered = (await li.get(f"/v1/desk/cases/{application_id}")).json()["proofs"]
    assert [(one["id"], one["fits"]) for one in offered] == [(str(new), [str(condition_id)])]
    second = condition(database, application_id, "contract_shown")
    fits = {one["id"]: set(one["fits"]) for one in (await li.get(f"/v1/desk/cases/{application_id}")).json()["proofs"]}
    assert fits == {str(new): {str(condition_id)}}, "what proves the one is older than the other"
    await li.post(f"/v1/desk/conditions/{condition_id}/meet", {"proof": "document", "proof_id": str(new)})
    assert (await li.get(f"/v1/desk/cases/{application_id}")).json()["proofs"] == [], "what is over asks for nothing"
    assert second


async def test_p34_the_customer_reads_in_the_thread_when_a_condition_was_set_met_and_ended_with_what_to_do(
    api: Any, under_condition: Any, database: Any, pages: Any
) -> None:
    owner, application_id, _, condition_id = under_condition
    thread = f"/v1/applications/{application_id}/thread"

    async def said() -> list[str]:
        lines = (await owner.get(thread)).json()["messages"]
        assert all(one["author"] == "system" and not one["mine"] for one in lines)
        return [one["text"] for one in lines]

    (first,) = await said()
    assert "结清指定的旧债" in first and "结清某银行 2 万元" in first and "还清后" in first and "最迟" in first
    chief = await api.staff("officer")
    proof = str(paper(database, application_id))
    met = await chief.post(f"/v1/desk/conditions/{condition_id}/meet", {"proof": "document", "proof_id": proof})
    assert met.status_code == 200, met.text
    assert ["已落实" in one for one in await said()] == [False, True]
    other = condition(database, application_id, "insured")
    database.execute(f"update loan_condition set state = 'replaced', ended_at = now() where id = '{other}'")
    assert [one for one in await said() if "随新的决定作废" in one and "投保" in one]
    mei = await api.staff("manager")
    seen = (await mei.get(f"/v1/manager/customers/{application_id}/thread")).json()["messages"]
    assert [one["text"] for one in seen] == await said(), "both sides read the same"
    assert "还清后" in (await pages(owner).get(f"/thread/{application_id}")).text


async def test_x2_each_time_that_slips_is_told_once_with_a_new_one(
    case: Any, database: Any, wired: Any, api: Any, pages: Any
) -> None:
    owner, application_id, task = case
    awake = (time(0), time(0))
    late = text("select params from notice where kind = 'review_late' and application_id = :id order by created_at")

    async def told() -> list[Any]:
        async with api.tools.sessions.begin(scope="worker") as session:
            return list(await session.scalars(late, {"id": application_id}))

    database.execute(f"update application set due_at = now() + interval '1 hour' where id = '{application_id}'")
    await Reminder(wired, awake).round()
    assert await told() == [], "there is time"
    for slips in (1, 2):
        database.execute(f"update application set due_at = now() - interval '1 minute' where id = '{application_id}'")
        for _ in range(2):
            await Reminder(wired, awake).round()
        assert len(await told()) == slips, "once for each time that slipped"
    now = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["now"]
    assert (now["late"], now["due_at"][:16]) == (True, (await told())[-1]["due_at"][:16]), "the new time"
    database.execute(f"delete from evidence_document where application_id = '{application_id}'")  # no name in it
    assert "我们比答应的晚了" in (await pages(owner).get("/progress")).text
    database.execute(
        "insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) select"
        " gen_random_uuid(), 'valuation', id, person_id, 'manager', 'open',"
        """ '{"why": "collateral", "kept_until": "2030-01-01T00:00:00+00:00"}', now(), now() + interval '6 days'"""
        f" from application where id = '{application_id}'",
        f"update task set escalated_at = null where id = '{task}'",
        f"update application set due_at = now() - interval '1 minute' where id = '{application_id}'",
    )
    await Reminder(wired, awake).round()
    assert len(await told()) == 2, "a valuer has it: our time stands, and nothing of ours slips"
    moved = (await owner.get(f"/v1/applications/{application_id}")).json()["due_at"]
    assert moved > now["due_at"]


# --- release by another person ----------------------------------------------------------------------------------------


async def test_p34_nobody_who_approved_lets_the_money_go_and_the_database_refuses_it_too(
    api: Any, begun: Any, database: Any, payouts: Any
) -> None:
    _, application_id = begun
    hash_ = await offered(api, database, application_id, 25_000_000)
    database.execute(f"update application set amount_minor = 25000000 where id = '{application_id}'")
    payout_id = await paying(api, database, application_id, hash_, payouts, tier="high", hours=0)
    chair = await api.staff("officer", employee="chair")
    member, member_elsewhere = (
        await api.staff("officer", employee="zhao"),
        await api.staff("operations", employee="zhao"),
    )
    awaited(database, payout_id, chair)
    database.execute(f"update payout_release set approvers = array['chair', 'zhao'] where payout_id = '{payout_id}'")
    for login in (chair, member, member_elsewhere):
        assert (await says(login, payout_id, "release")).json()["code"] == "needs_two_people"
    with pytest.raises(Exception, match="not_by_an_approver"):
        database.execute(
            f"update payout_release set state = 'released', checker = 'zhao' where payout_id = '{payout_id}'"
        )
    assert (await says(await api.staff("operations"), payout_id, "release")).status_code == 200


# --- a person looks again at a machine's no ---------------------------------------------------------------------------


async def test_p34_a_review_that_the_owner_asked_for_has_one_clock_on_both_sides(
    api: Any, case: Any, database: Any
) -> None:
    owner, application_id, task = case
    reasons = json.dumps({"reasons": [{"code": "asked_by_owner", "params": {}}]})
    database.execute(
        f"update task set params = '{reasons}' where id = '{task}'",
        f"update application set due_at = (select due_at from task where id = '{task}') where id = '{application_id}'",
    )
    li = await api.staff("officer")
    card = await queued(li, application_id)
    mine = (await owner.get(f"/v1/applications/{application_id}")).json()
    assert card["came"] == ["review_asked"]
    assert mine["due_at"] == card["due_at"]


async def test_p34_a_persons_no_is_looked_at_again_once_and_by_somebody_else(
    api: Any, case: Any, database: Any
) -> None:
    owner, application_id, task = case
    mei, also_mei = await api.staff("manager", employee="mei-2"), await api.staff("officer", employee="mei-2")
    li = await api.staff("officer")
    no_of(database, application_id, 2, await staff_id(api, mei))
    for login in (mei, also_mei, li):
        assert (await login.post(f"/v1/manager/tasks/{task}/own-view", VIEW)).status_code == 200
    for login in (mei, also_mei):
        no = await login.post(
            f"/v1/manager/tasks/{task}/finish", {**YES, "verdict": "decline", "cause": "seen_on_site"}
        )
        assert (no.status_code, no.json()["code"]) == (409, "needs_two_people")
    assert (await li.post(f"/v1/manager/tasks/{task}/finish", YES)).status_code == 202

    async def asked() -> tuple[str, int]:
        """What the owner hears, and how often their wish went on to the application."""
        answer = await owner.post(f"/v1/applications/{application_id}/review")
        said = text("select count(*) from command where name = 'ask_review' and workflow_id = :id")
        async with api.tools.sessions.begin() as session:
            return answer.json()["code"], await session.scalar(said, {"id": f"application/{application_id}"})

    assert (await asked())[1] == 1, "a person's no may be looked at again"
    no_of(database, application_id, 3, await staff_id(api, li))
    assert await asked() == ("review_closed", 1), "but not without end"


def no_of(database: Any, application_id: UUID, n: int, by: str) -> None:
    """A person said no."""
    database.execute(
        "insert into decision (id, application_id, person_id, n, outcome, reasons, limit_minor, features, ratios,"
        f" policy_version, decided_by, decided_at) select gen_random_uuid(), id, person_id, {n}, 'decline', '[]', 0,"
        f" '{{}}', '{{}}', 'v', '{by}', now() from application where id = '{application_id}'"
    )
