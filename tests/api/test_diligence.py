"""Two people, a report whose every figure has its source, and the package of what was done (P33)."""

import csv
import hashlib
import io
import json
import zipfile
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from db.tables import Audit, Staff

IDENTITY = {
    "kind": "self_employed",
    "name": "王小明",
    "id_number": "11010519491231002X",
    "account_number": "622202123456789",
}


@pytest.fixture
async def large(api: Any, listening: None, wanted: Any, at_stage: Any, database: Any) -> tuple[Any, UUID, UUID]:
    """A case above the amount that takes two people, with a visit done: (owner, application, review)."""
    owner = await api.owner()
    begun = await owner.post("/v1/applications", wanted | {"amount": {"amount": "260000.00"}, "months": 24})
    application_id = UUID(begun.json()["object_id"])
    at_stage(application_id, "identity")
    assert (await owner.post(f"/v1/applications/{application_id}/identity", IDENTITY)).status_code == 200
    review, visit = uuid4(), uuid4()
    person = f"(select person_id from application where id = '{application_id}')"
    why = json.dumps({"reasons": [{"code": "above_automatic_limit", "params": {"limit_minor": "10000000"}}]})
    gone = json.dumps({"why": "rule", "words": "", "kept_until": "x"})
    done = json.dumps({"result": "done", "way": "on_site", "words": ""})
    database.execute(
        f"insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) values "
        f"('{review}', 'review', '{application_id}', {person}, 'manager', 'open', '{why}', now(), "
        f"now() + interval '1 day')",
        f"insert into task (id, kind, application_id, person_id, role, state, params, outcome, created_at, due_at, "
        f"finished_at) values ('{visit}', 'visit', '{application_id}', {person}, 'manager', 'done', '{gone}', "
        f"'{done}', now(), now() + interval '1 day', now())",
        f"insert into decision (id, application_id, person_id, n, outcome, reasons, limit_minor, pd, grade, "
        f"confidence, features, ratios, policy_version, decided_by, decided_at) values ('{uuid4()}', "
        f"'{application_id}', {person}, 1, 'review', '[]', 26000000, 0.0312, 'B', 0.81, '{{}}', '{{}}', 'v', 'model', "
        f"now())",
        f"insert into evidence_document (id, application_id, person_id, item, channel, brought_by, name_sealed, "
        f"sha256, object_key, media_type, pages, size, state, received_at, judged_by, judged_at) values ('{uuid4()}', "
        f"'{application_id}', {person}, 'trade_proof', 'owner', 'owner', '', '{uuid4().hex}', 'k', 'image/jpeg', 1, 9, "
        f"'accepted', now(), 'staff:1', now())",
        f"update application set stage = 'review' where id = '{application_id}'",
    )
    return owner, application_id, review


async def id_of(api: Any, person: Any) -> str:
    async with api.tools.sessions.begin(scope="worker") as session:
        return str((await session.scalars(select(Staff.id).where(Staff.login == person.name))).one())


async def test_p33_a_report_is_drafted_from_the_file_and_every_figure_names_its_source(
    api: Any, large: Any, pages: Any
) -> None:
    _, application_id, review = large
    mei = await api.staff("manager")
    where = f"/v1/manager/customers/{application_id}/report"
    draft = (await mei.get(where)).json()
    assert (draft["n"], draft["sha256"]) == (0, None)
    sources = {one["id"] for one in draft["sources"]}
    assert draft["lines"] and all(one["source"] in sources for one in draft["lines"])
    assert any("260,000.00" in one["text"] for one in draft["lines"])
    assert not any(one["section"] == "judgement" for one in draft["lines"]), "no score before one's own view"
    no = await mei.post(where, {"words": {"outside": "车间里有 77 台机床"}})
    assert (no.status_code, no.json()["code"]) == (422, "figure_without_source") and "77" in no.json()["detail"]
    view = {"verdict": "approve", "amount": {"amount": "200000.00"}, "reason": "订单稳，设备是新的"}
    assert (await mei.post(f"/v1/manager/tasks/{review}/own-view", view)).status_code == 200
    kept = await mei.post(where, {"words": {"request": "要 26 万，24 个月还"}})
    assert kept.status_code == 200, kept.text
    said = kept.json()
    assert (said["n"], len(said["sha256"]), said["stale"]) == (1, 64, False)
    assert any(one["code"] == "score" for one in said["lines"])
    again = (await mei.post(where, {"words": {"request": "改过了"}})).json()
    assert again["n"] == 2 and again["sha256"] != said["sha256"]
    page = await pages(mei).get(f"/manager/customers/{application_id}/report", headers={"Accept-Language": "zh-CN"})
    assert (
        page.status_code == 200 and "改过了" in page.text and page.text.count('class="source"') == len(again["lines"])
    )
    assert (await mei.get(f"/v1/manager/customers/{application_id}/lines?month=2026-01-01")).status_code == 404


async def test_p33_the_report_shows_first_what_a_verdict_turns_on_and_folds_the_rest_with_every_figure_linked(
    api: Any, large: Any, pages: Any
) -> None:
    _, application_id, review = large
    mei = await api.staff("manager")
    at = f"/manager/customers/{application_id}/report"
    view = {"verdict": "approve", "amount": {"amount": "200000.00"}, "reason": "订单稳，设备是新的"}
    assert (await mei.post(f"/v1/manager/tasks/{review}/own-view", view)).status_code == 200
    page = (await pages(mei).get(at)).text
    first = page[page.index('id="first-title"') : page.index('id="r-applicant"')]
    assert "260,000.00" in first and "200,000.00" in first, "what is asked, and one's own view"
    assert 'href="#duties"' in first and 'href="#two"' in first, "gaps and signatures are one tap away"
    assert first.count("<li>") == first.count("<a class"), "each of its figures leads to its source"
    assert "<details open" not in page[page.index('id="r-applicant"') : page.index('id="sources"')]
    assert page.count("<details><summary><h2") == 9, "eight parts and the sources are folded"
    wrong = await pages(mei).post(at, data={"key": uuid4().hex, "outside": "车间里有 77 台机床"})
    assert wrong.status_code == 422 and "77" in wrong.text


async def test_p33_the_report_shows_everybodys_own_view_with_whose_it_is_and_not_the_first_alone(
    api: Any, large: Any
) -> None:
    _, application_id, review = large
    mei, lan = await api.staff("manager"), await api.staff("officer")
    yes, no = {"verdict": "approve", "reason": "订单稳，设备是新的"}, {"verdict": "decline", "reason": "账期太长"}
    for who, view in ((mei, yes), (lan, no)):
        assert (await who.post(f"/v1/manager/tasks/{review}/own-view", view)).status_code == 200
    draft = (await mei.get(f"/v1/manager/customers/{application_id}/report")).json()
    said = [one for one in draft["lines"] if one["code"].startswith("own_view")]
    assert ["不同意" in one["text"] for one in said] == [False, True]
    assert len({one["source"] for one in said}) == 2, "each with its own place"
    duties = (await mei.get(f"/v1/manager/customers/{application_id}/duties")).json()["lines"]
    (views_first,) = [one for one in duties if one["code"] == "own_view_first"]
    assert len(views_first["proofs"]) == 2


async def test_p33_two_different_people_sign_the_same_report_before_a_yes(api: Any, large: Any) -> None:
    _, application_id, review = large
    mei, lan = await api.staff("manager", employee="mei"), await api.staff("manager", employee="lan")
    twin, other = await api.staff("manager", employee="mei"), await api.staff("manager")
    here = f"/v1/manager/customers/{application_id}"
    view = {"verdict": "approve", "reason": "订单稳，设备是新的"}
    await mei.post(f"/v1/manager/tasks/{review}/own-view", view)
    yes = {"verdict": "approve", "reason": "两个人都看过了"}
    no = await mei.post(f"/v1/manager/tasks/{review}/finish", yes)
    assert (no.status_code, no.json()["code"]) == (409, "investigation_incomplete"), no.text
    same = await mei.post(f"{here}/investigation", {"second_id": await id_of(api, twin)})
    assert same.json()["code"] == "needs_two_people", "two logins of one person are one person"
    named = (await mei.post(f"{here}/investigation", {"second_id": await id_of(api, lan)})).json()
    assert (named["asked"], named["my_part"], named["complete"]) == (True, "lead", False)
    digest = (await mei.post(f"{here}/report", {"words": {}})).json()["sha256"]
    assert (await other.post(f"{here}/investigation/sign", {"sha256": digest})).status_code == 404
    stale = await mei.post(f"{here}/investigation/sign", {"sha256": "0" * 64})
    assert stale.json()["code"] == "case_changed"
    assert (await mei.post(f"{here}/investigation/sign", {"sha256": digest})).status_code == 200
    one = await mei.post(f"/v1/manager/tasks/{review}/finish", yes)
    assert one.json()["code"] == "investigation_incomplete", "one signature is not two"
    up = await mei.post(f"/v1/manager/tasks/{review}/up", {"words": "金额超出我的权限"})
    assert up.json()["code"] == "investigation_incomplete", "nothing goes to the desk before both"
    newer = (await lan.post(f"{here}/report", {"words": {"judgement": "补一句"}})).json()
    assert newer["investigation"]["lead_at"] is None, "what was signed before does not count for another version"
    await lan.post(f"/v1/manager/tasks/{review}/own-view", {"verdict": "approve", "reason": "我另去看过，设备在开"})
    for who in (mei, lan):
        signed = (await who.post(f"{here}/investigation/sign", {"sha256": newer["sha256"]})).json()
    assert signed["complete"] and signed["lead_at"] and signed["second_at"]
    up = await mei.post(f"/v1/manager/tasks/{review}/up", {"words": "金额超出我的权限"})
    assert up.status_code == 200, up.text


async def test_p33_the_second_person_does_not_only_click_and_neither_does_whoever_names_the_one_who_worked(
    api: Any, large: Any
) -> None:
    _, application_id, review = large
    mei, lan = await api.staff("manager", employee="mei3"), await api.staff("manager", employee="lan3")
    here = f"/v1/manager/customers/{application_id}"
    view = {"verdict": "approve", "reason": "订单稳，设备是新的"}
    await mei.post(f"/v1/manager/tasks/{review}/own-view", view)
    await mei.post(f"{here}/investigation", {"second_id": await id_of(api, lan)})
    digest = (await mei.post(f"{here}/report", {"words": {}})).json()["sha256"]
    assert (await mei.post(f"{here}/investigation/sign", {"sha256": digest})).status_code == 200
    no = await lan.post(f"{here}/investigation/sign", {"sha256": digest})
    assert (no.status_code, no.json()["code"]) == (409, "second_did_nothing"), no.text
    assert "意见" in no.json()["detail"] and "走访" in no.json()["detail"], "it says what is missing"

    async def gap() -> list[str]:
        lines = (await mei.get(f"{here}/duties")).json()["lines"]
        (line,) = [one for one in lines if one["code"] == "two_people"]
        return [str(one) for one in line["lacks"]]

    (lack,) = await gap()
    assert "亲自" in lack
    await lan.post(f"/v1/manager/tasks/{review}/own-view", {**view, "reason": " 订单稳，设备 是新的"})
    again = await lan.post(f"{here}/investigation/sign", {"sha256": digest})
    assert again.json()["code"] == "second_did_nothing", "the lead's sentence said again is no view of one's own"
    await lan.post(f"{here}/investigation", {"second_id": await id_of(api, mei)})
    turned = await lan.post(f"{here}/investigation/sign", {"sha256": digest})
    assert turned.json()["code"] == "second_did_nothing", "nor does whoever clicks become the lead"


async def test_p33_a_finished_visit_of_the_second_person_is_an_act_of_their_own(
    api: Any, large: Any, database: Any
) -> None:
    _, application_id, review = large
    mei, lan = await api.staff("manager", employee="mei4"), await api.staff("manager", employee="lan4")
    here = f"/v1/manager/customers/{application_id}"
    await mei.post(f"/v1/manager/tasks/{review}/own-view", {"verdict": "approve", "reason": "订单稳，设备是新的"})
    await mei.post(f"{here}/investigation", {"second_id": await id_of(api, lan)})
    digest = (await mei.post(f"{here}/report", {"words": {}})).json()["sha256"]
    outcome = {"result": "not_possible", "staff_id": await id_of(api, lan)}
    database.execute(
        f"update task set outcome = '{json.dumps(outcome)}' where kind = 'visit'"
        f" and application_id = '{application_id}'"
    )
    no = await lan.post(f"{here}/investigation/sign", {"sha256": digest})
    assert no.json()["code"] == "second_did_nothing", "nobody was met"
    outcome["result"] = "done"
    database.execute(
        f"update task set outcome = '{json.dumps(outcome)}' where kind = 'visit'"
        f" and application_id = '{application_id}'"
    )
    assert (await lan.post(f"{here}/investigation/sign", {"sha256": digest})).status_code == 200


async def test_p33_the_package_shows_gaps_before_a_yes_and_holds_what_was_done_with_times_and_hashes(
    api: Any, large: Any, pages: Any
) -> None:
    _, application_id, review = large
    mei, lan = await api.staff("manager", employee="m2"), await api.staff("manager", employee="l2")
    here = f"/v1/manager/customers/{application_id}"
    before = (await mei.get(f"{here}/duties")).json()
    standing = {one["code"]: one["standing"] for one in before["lines"]}
    assert standing["two_people"] == standing["report_kept"] == standing["own_view_first"] == "gap"
    assert standing["override_explained"] == "not_asked" and standing["seen_outside"] == "met"
    assert before["gaps"] == sum(one == "gap" for one in standing.values())
    await mei.post(f"/v1/manager/tasks/{review}/own-view", {"verdict": "decline", "reason": "货少了一半"})
    await lan.post(f"/v1/manager/tasks/{review}/own-view", {"verdict": "decline", "reason": "我也点过，仓库半空"})
    await mei.post(f"{here}/investigation", {"second_id": await id_of(api, lan)})
    digest = (await mei.post(f"{here}/report", {"words": {}})).json()["sha256"]
    for who in (mei, lan):
        await who.post(f"{here}/investigation/sign", {"sha256": digest})
    answer = await mei.client.get(f"{here}/duties/package")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    for line in files["MANIFEST.sha256"].decode().splitlines():
        digest_of, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest_of
    duties = json.loads(files["duties.json"])
    state = {one["code"]: one for one in duties["duties"]}
    assert state["two_people"]["standing"] == state["own_view_first"]["standing"] == "met"
    assert {one["sha256"] for one in state["two_people"]["proofs"]} == {digest}
    assert "two_people" not in duties["gaps"] and duties["list"][0] == "identity_proven"
    assert hashlib.sha256(files["report.json"]).hexdigest() == digest, "the report that both signed, byte for byte"
    acts = list(csv.DictReader(io.StringIO(files["acts.csv"].decode("utf-8-sig"))))
    assert {"report.kept", "report.signed", "investigation.named", "manager.own_view"} <= {one["act"] for one in acts}
    looks = list(csv.DictReader(io.StringIO(files["looks.csv"].decode("utf-8-sig"))))
    assert looks and all(one["at"] and one["who"] for one in looks)
    async with api.tools.sessions.begin(scope="worker") as session:
        row = (await session.scalars(select(Audit).where(Audit.action == "duties.package"))).all()[-1]
    assert row.detail["sha256"] == hashlib.sha256(answer.content).hexdigest()
    page = await pages(mei).get(f"/manager/customers/{application_id}/report")
    assert f"/manager/customers/{application_id}/package" in page.text


async def test_p33_the_gaps_stand_beside_the_verdict_before_a_yes_each_linked_to_where_it_is_mended(
    api: Any, large: Any, pages: Any, database: Any
) -> None:
    _, application_id, review = large
    database.execute(
        f"delete from evidence_document where application_id = '{application_id}'"
    )  # it has no name to open
    mei, chen = await api.staff("manager"), await api.staff("officer")
    where, customer = f"/v1/manager/tasks/{review}", f"/manager/customers/{application_id}"
    view = {"verdict": "approve", "reason": "生意稳定"}
    before = (await mei.get(where)).json()["duties"]
    assert "own_view_first" in {one["code"] for one in before["lines"] if one["standing"] == "gap"}
    assert (await mei.post(f"{where}/own-view", view)).status_code == 200
    duties = (await mei.get(where)).json()["duties"]
    open_ = [one["code"] for one in duties["lines"] if one["standing"] == "gap"]
    assert {"report_kept", "two_people"} <= set(open_) and "own_view_first" not in open_
    assert duties["gaps"] == len(open_)
    page = (await pages(mei).get(f"/manager/tasks/{review}")).text
    assert "owed-title" in page and "decide-title" in page
    beside = page[page.index('id="owed-title"') : page.index('id="decide-title"')]
    assert f'href="{customer}/report"' in beside and f'href="{customer}/report#two"' in beside
    assert 'href="#registers-title"' in beside, "asked of the registers: on this page"
    desk = (await pages(chen).get(f"/desk/cases/{application_id}")).text
    assert 'id="owed-title"' in desk and f'href="{customer}/report#two"' in desk
    room = (await pages(mei).get(f"{customer}/report")).text
    assert "recalled from 金规〔2024〕11号" in room, "its words were not looked up, and the page says so"


async def test_p33_the_second_person_says_their_view_of_a_case_that_the_first_has_and_nobody_else_does(
    api: Any, large: Any, database: Any
) -> None:
    _, application_id, review = large
    mei, lan, other = [await api.staff("manager", employee=f"{name}5") for name in ("mei", "lan", "wei")]
    await mei.post(f"/v1/manager/tasks/{review}/own-view", {"verdict": "approve", "reason": "订单稳，设备是新的"})
    await mei.post(f"/v1/manager/customers/{application_id}/investigation", {"second_id": await id_of(api, lan)})
    database.execute(f"update task set owner_id = '{await id_of(api, mei)}' where id = '{review}'")
    view = {"verdict": "approve", "reason": "流水和发票我另外核过"}
    said = [await who.post(f"/v1/manager/tasks/{review}/own-view", view) for who in (lan, other)]
    assert [answer.status_code for answer in said] == [200, 409]
    assert said[1].json()["code"] == "case_held"
