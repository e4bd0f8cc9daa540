"""The manager: an inbox, one's own view before the score, a verdict, and every look on record."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from db import people, reading
from tests.api.test_brought_pages import form


@pytest.fixture
async def case(api: Any, begun: Any, at_stage: Any, database: Any) -> tuple[Any, UUID, UUID]:
    """A customer with a case to decide: (owner, application, task)."""
    owner, application_id = begun
    at_stage(application_id, "identity")
    said = {
        "kind": "self_employed",
        "name": "王小明",
        "id_number": "11010519491231002X",
        "account_number": "622202123456789",
    }
    assert (await owner.post(f"/v1/applications/{application_id}/identity", said)).status_code == 200
    task, decision = uuid4(), uuid4()
    person = f"(select person_id from application where id = '{application_id}')"
    reasons = json.dumps([{"code": "above_automatic_limit", "params": {"limit_minor": "10000000"}}])
    why = json.dumps({"reasons": json.loads(reasons)})
    database.execute(
        f"insert into decision (id, application_id, person_id, n, outcome, reasons, limit_minor, pd, grade, "
        f"confidence, features, ratios, policy_version, decided_by, decided_at) "
        f"values ('{decision}', '{application_id}', {person}, 1, 'review', '{reasons}', 15000000, 0.0312, "
        f"'B', 0.81, '{{}}', "
        f"'{json.dumps({'monthly_net_revenue_minor': 9_000_000, 'months_of_history': 14})}', 'v', 'model', now())",
        f"insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) values "
        f"('{task}', 'review', '{application_id}', {person}, 'manager', 'open', '{why}', now(), "
        f"now() + interval '1 day')",
        f"update application set stage = 'review' where id = '{application_id}'",
    )
    return owner, application_id, task


async def test_the_inbox_says_who_why_and_by_when(api: Any, case: Any) -> None:
    mei = await api.staff("manager")
    cards = (await mei.get("/v1/manager/inbox")).json()["items"]
    card = next(card for card in cards if card["id"] == str(case[2]))
    assert (card["customer"], card["firm"], card["amount"]) == (
        "王小明",
        "王小明",
        {"amount": "80000.00", "currency": "CNY"},
    )
    assert card["why"][0]["text"] == "申请额超过自动审批上限 ¥100,000.00"
    assert card["due_at"] > card["created_at"]


async def test_the_score_is_hidden_until_ones_own_view_is_on_record(api: Any, case: Any) -> None:
    mei = await api.staff("manager")
    where = f"/v1/manager/tasks/{case[2]}"
    before = (await mei.get(where)).json()
    assert before["score"] is None
    early = await mei.post(f"{where}/finish", {"verdict": "approve", "reason": "流水稳定,同意"})
    assert (early.status_code, early.json()["code"]) == (422, "reason_missing")
    view = {"verdict": "approve", "amount": {"amount": "70000.00"}, "reason": "去过店里,生意稳定"}
    after = (await mei.post(f"{where}/own-view", view)).json()
    assert after["own_view"]["reason"] == "去过店里,生意稳定"
    assert (after["score"]["pd"], after["score"]["grade"]) == ("0.0312", "B")
    assert after["score"]["ratios"]["monthly_net_revenue"] == {"amount": "90000.00", "currency": "CNY"}
    changed = await mei.post(f"{where}/own-view", {**view, "verdict": "decline"})
    assert (changed.status_code, changed.json()["code"]) == (409, "review_closed"), "the first view stays"
    same = await mei.post(f"{where}/own-view", view)
    assert (same.status_code, same.json()["own_view"]["verdict"]) == (200, "approve")
    lan = await api.staff("manager")
    other = (await lan.get(where)).json()
    assert (other["own_view"], other["score"], other["leaning"]) == (None, None, None), "another's view opens nothing"
    late = await lan.post(f"{where}/finish", {"verdict": "decline", "reason": "流水不稳定"})
    assert (late.status_code, late.json()["code"]) == (422, "reason_missing")
    hers = (await lan.post(f"{where}/own-view", {"verdict": "decline", "reason": "看着不太稳"})).json()
    assert (hers["own_view"]["verdict"], hers["score"]["grade"]) == ("decline", "B")
    assert (await mei.get(where)).json()["own_view"]["verdict"] == "approve", "neither is lost"


SLIP = {"verdict": "decline", "amount": None, "reason": "按错了一个字"}
MEANT = {"verdict": "approve", "amount": {"amount": "70000.00"}, "reason": "去过店里,生意稳定"}


async def test_b7_a_slip_in_ones_own_view_is_corrected_before_the_look_and_both_are_kept(api: Any, case: Any) -> None:
    mei = await api.staff("manager")
    where = f"/v1/manager/tasks/{case[2]}"
    early = await mei.post(f"{where}/own-view/corrections", {**MEANT, "why": "按错了按钮"})
    assert (early.status_code, early.json()["code"]) == (409, "review_closed"), "nothing was said yet"
    assert (await mei.post(f"{where}/own-view/open")).status_code == 422, "the score opens to whoever said a view"
    said = (await mei.post(f"{where}/own-view", {**SLIP, "opens": False})).json()
    assert (said["own_view"]["verdict"], said["score"], said["leaning"], said["opened"]) == (
        "decline",
        None,
        None,
        False,
    )
    for _ in range(2):
        assert (await mei.get(where)).json()["score"] is None, "looking at the case is no look at the score"
    bare = await mei.post(f"{where}/own-view/corrections", {**MEANT, "why": "…"})
    assert [one["pointer"] for one in bare.json()["errors"]] == ["#/why"], "dots are no reason"
    mended = (await mei.post(f"{where}/own-view/corrections", {**MEANT, "why": "按错了按钮"})).json()
    assert (mended["own_view"]["verdict"], mended["score"]) == ("approve", None)
    [was] = mended["own_view"]["corrected"]
    assert (was["verdict"], was["reason"], was["why"], was["after_look"]) == (
        "decline",
        SLIP["reason"],
        "按错了按钮",
        False,
    )
    assert was["turned"] and was["given_at"] < was["at"] == mended["own_view"]["given_at"], (
        "a no became a yes, and when"
    )
    opened = (await mei.post(f"{where}/own-view/open")).json()
    assert (opened["score"]["grade"], opened["opened"]) == ("B", True)


async def test_b7_after_the_score_a_correction_is_a_remark_that_changes_nothing_and_is_marked(
    api: Any, case: Any, pages: Any
) -> None:
    mei, lan = await api.staff("manager"), await api.staff("manager")
    where = f"/v1/manager/tasks/{case[2]}"
    await mei.post(f"{where}/own-view", MEANT)  # the score opens at once
    after = (await mei.post(f"{where}/own-view/corrections", {**SLIP, "why": "看了评分，改主意了"})).json()
    assert (after["own_view"]["verdict"], after["own_view"]["amount"]["amount"]) == ("approve", "70000.00")
    [remark] = after["own_view"]["corrected"]
    assert (remark["verdict"], remark["after_look"], remark["turned"]) == ("decline", True, True)
    page = (await pages(mei).get(f"/manager/tasks/{case[2]}")).text
    assert "A remark after the look, which is no view" in page
    hers = await lan.post(f"{where}/own-view/corrections", {**SLIP, "why": "我来替她更正"})
    assert hers.status_code == 409, "nobody corrects another's"
    async with api.tools.sessions.begin(scope="staff") as session:
        kept = await session.scalar(text("select own_view from task where id = :id"), {"id": case[2]})
    assert (kept["verdict"], len(kept["corrected"])) == ("approve", 1)


@pytest.mark.parametrize("door", ["finish", "report", "package"])
async def test_b7_every_door_to_the_score_is_a_look(api: Any, case: Any, door: str) -> None:
    _, application_id, task = case
    mei = await api.staff("manager")
    where = f"/v1/manager/tasks/{task}"
    await mei.post(f"{where}/own-view", {**SLIP, "opens": False})
    match door:
        case "finish":  # that a cause is missing tells where the score leans
            await mei.post(f"{where}/finish", {"verdict": "decline", "reason": "流水不稳定，先不做"})
        case "report":
            assert (await mei.get(f"/v1/manager/customers/{application_id}/report")).status_code == 200
        case _:
            assert (await mei.get(f"/v1/manager/customers/{application_id}/duties/package")).status_code == 200
    after = (await mei.post(f"{where}/own-view/corrections", {**MEANT, "why": "其实不是这个意思"})).json()
    assert after["own_view"]["verdict"] == "decline" and after["own_view"]["corrected"][-1]["after_look"]


async def test_b7_the_page_keeps_the_score_shut_between_the_view_and_the_look(api: Any, case: Any, pages: Any) -> None:
    mei = pages(await api.staff("manager"))
    here = f"/manager/tasks/{case[2]}"
    typed = form(verdict="decline", reason=SLIP["reason"])
    assert (await mei.post(f"{here}/view", data=typed)).status_code == 303
    shut = (await mei.get(here)).text
    assert "Chance of default" not in shut and f'action="{here}/open"' in shut and f'action="{here}/correct"' in shut
    empty = await mei.post(f"{here}/correct", data=form(verdict="approve", reason="去过店里,生意稳定", why=""))
    assert (empty.status_code, 'id="errors"' in empty.text) == (422, True)
    meant = form(verdict="approve", amount="70000", reason="去过店里,生意稳定", why="按错了按钮")
    assert (await mei.post(f"{here}/correct", data=meant)).status_code == 303
    assert "Before the correction:" in (await mei.get(here)).text
    assert (await mei.post(f"{here}/open", data=form())).status_code == 303
    assert "Chance of default" in (await mei.get(here)).text


async def test_az_3_a_manager_does_not_see_whole_numbers_nor_an_owner_the_score(api: Any, case: Any) -> None:
    owner, application_id, task = case
    mei = await api.staff("manager")
    seen = (await mei.get(f"/v1/manager/tasks/{task}")).text
    assert "11010519491231002X" not in seen
    assert "622202123456789" not in seen
    assert owner.name not in seen
    decision = (await owner.get(f"/v1/applications/{application_id}/decision")).json()
    assert not {"pd", "grade", "confidence", "features", "ratios", "model_id"} & set(decision)


async def test_a_verdict_needs_a_reason_and_an_amount_that_the_product_lends(api: Any, case: Any) -> None:
    mei = await api.staff("manager")
    where = f"/v1/manager/tasks/{case[2]}"
    wrong = await mei.post(f"{where}/finish", {"verdict": "maybe", "reason": " "})
    assert [(e["pointer"], e["code"]) for e in wrong.json()["errors"]] == [
        ("#/verdict", "not_one_of_these"),
        ("#/reason", "missing"),
    ]
    await mei.post(f"{where}/own-view", {"verdict": "approve", "reason": "生意稳定"})
    much = {"verdict": "approve", "amount": {"amount": "900000.00"}, "reason": "生意稳定"}
    answer = await mei.post(f"{where}/finish", much)
    assert answer.json()["code"] == "amount_out_of_range"


async def test_the_reason_stays_in_the_row_and_only_the_id_crosses(api: Any, case: Any, database: Any) -> None:
    from sqlalchemy import text

    mei = await api.staff("manager")
    where = f"/v1/manager/tasks/{case[2]}"
    database.execute(
        "insert into evidence_document (id, application_id, person_id, item, channel, brought_by, name_sealed, sha256,"
        " object_key, media_type, pages, size, state, received_at) select gen_random_uuid(), id, person_id,"
        " 'trade_proof', 'manager', 'staff', '', 'x', 'x', 'image/jpeg', 1, 1, 'accepted', now()"
        f" from application where id = '{case[1]}'"
    )
    await mei.post(f"{where}/own-view", {"verdict": "approve", "reason": "生意稳定"})
    verdict = {"verdict": "approve", "amount": {"amount": "60000.00"}, "reason": "生意稳定,少一点", "guarantor": True}
    receipt = (await mei.post(f"{where}/finish", verdict)).json()
    assert receipt["state"] == "waiting"  # the task's workflow is not there in this test
    async with api.tools.sessions.begin() as session:
        row = (
            await session.execute(
                text("select argument, detail, workflow_id from command where id = :id"), {"id": receipt["command_id"]}
            )
        ).one()
    assert row.argument == {"command_id": receipt["command_id"]}
    assert {name: row.detail[name] for name in ("verdict", "amount_minor", "reason", "guarantor")} == {
        "verdict": "approve",
        "guarantor": True,
        "amount_minor": 6_000_000,
        "reason": "生意稳定,少一点",
    }
    assert row.workflow_id == f"task/{case[2]}"


async def test_az_6_every_look_is_on_record_with_its_purpose_and_the_customer_sees_it(api: Any, case: Any) -> None:
    owner, application_id, task = case
    mei = await api.staff("manager")
    for _ in range(3):
        await mei.get(f"/v1/manager/tasks/{task}")
    await mei.get(f"/v1/manager/customers/{application_id}")
    await mei.get(f"/v1/manager/customers/{application_id}/timeline")
    reads = (await owner.get("/v1/privacy")).json()["reads"]
    assert sorted((read["what"], read["actor"]) for read in reads) == [
        ("case", "manager"),
        ("contact", "manager"),
        ("timeline", "manager"),
    ]
    assert all(read["purpose"].startswith("application ") for read in reads)


async def test_owner_and_manager_see_the_same_story(api: Any, case: Any) -> None:
    owner, application_id, _ = case
    mei = await api.staff("manager")
    theirs = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()
    ours = (await mei.get(f"/v1/manager/customers/{application_id}/timeline")).json()
    for story in (theirs, ours):
        story.pop("business_now")
    assert theirs == ours
    assert (theirs["now"]["what"], theirs["now"]["who"]) == ("review", "manager")
    assert [one["what"] for one in theirs["next"]] == ["offered", "signing", "paying", "funded"]


async def test_a_missing_task_is_404(api: Any) -> None:
    mei = await api.staff("manager")
    for answer in (
        await mei.get(f"/v1/manager/tasks/{uuid4()}"),
        await mei.post(f"/v1/manager/tasks/{uuid4()}/finish", {"verdict": "decline", "reason": "没有这件"}),
        await mei.get(f"/v1/manager/customers/{uuid4()}"),
    ):
        assert answer.status_code == 404


async def test_the_customers_list_shows_names_and_stages(api: Any, case: Any) -> None:
    mei = await api.staff("manager")
    rows = (await mei.get("/v1/manager/customers")).json()["items"]
    row = next(row for row in rows if row["application_id"] == str(case[1]))
    assert (row["customer"], row["stage"]) == ("王小明", "review")


async def test_what_model_and_bureau_say_opens_with_ones_own_view(api: Any, case: Any, database: Any) -> None:
    _, application_id, task = case
    tools, report, consent = api.tools, uuid4(), uuid4()
    reasons = [
        {"code": "above_automatic_limit", "params": {"limit_minor": "10000000"}},
        {"code": "grade_needs_a_person", "params": {}},
        {"code": "sales_falling", "params": {"figure": "-31%"}},
    ]
    database.execute(f"update task set params = '{json.dumps({'reasons': reasons})}' where id = '{task}'")
    said = {"outstanding_minor": 3_000_000, "monthly_instalments_minor": 260_000, "current_overdue_minor": 0}
    said |= {"overdue_months_24": 1, "enquiries_90d": 4, "dishonest": False}
    async with tools.sessions.begin(scope="worker") as session:
        application = await reading.application(session, application_id)
        assert application is not None
        key = await people.key_of(session, tools.vault, application.person_id)
        sealed = tools.vault.seal(key, people.BUREAU_REPORT, report, json.dumps(said))
    person = f"(select person_id from application where id = '{application_id}')"
    database.execute(
        f"insert into consent (id, person_id, purpose, scope, text_hash, locale, channel, proof, given_at, expires_on) "
        f"values ('{consent}', {person}, 'bureau_query', '', 'h', 'zh_CN', 'api', '{{}}', now(), current_date + 90)",
        f"insert into bureau_report (id, person_id, application_id, consent_id, reference, report_sealed, received_at) "
        f"values ('{report}', {person}, '{application_id}', '{consent}', 'B-1', '\\x{sealed.hex()}', now())",
    )
    mei = await api.staff("manager")
    where = f"/v1/manager/tasks/{task}"
    shut = (await mei.get(where)).json()
    assert [one["code"] for one in shut["card"]["why"]] == ["above_automatic_limit", "model_asks"]
    assert (shut["bureau"], shut["score"], shut["registers"]) == (None, None, [])
    inbox = (await mei.get("/v1/manager/inbox")).json()["items"]
    card = next(card for card in inbox if card["id"] == str(task))
    assert "sales_falling" not in [one["code"] for one in card["why"]]
    opened = (await mei.post(f"{where}/own-view", {"verdict": "approve", "reason": "去过店里，生意稳定"})).json()
    assert [one["code"] for one in opened["card"]["why"]] == [one["code"] for one in reasons]
    assert opened["bureau"]["monthly_instalments"] == {"amount": "2600.00", "currency": "CNY"}
    assert opened["bureau"]["enquiries_90d"] == 4
    told = {one["source"]: one for one in opened["registers"]}
    assert {"bureau", "courts"} <= set(told)
    assert (told["bureau"]["reference"], told["courts"]["received_at"]) == ("B-1", None)
    facts = {fact["name"]: fact for fact in told["bureau"]["facts"]}
    assert facts["monthly_instalments"]["amount"] == {"amount": "2600.00", "currency": "CNY"}
    assert (facts["enquiries_90d"]["number"], facts["dishonest"]["yes"]) == (4, False)
