"""Report and package tell what secures a case, and no line of the list stands that the file does not bear (P33)."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from activities.valuing import OF_THE_REPORT
from db import collateral, offline
from db.tables import Application, Command, Task
from lending.calendars import Jurisdiction, business_date
from tests.api.test_collateral import applicant, change, held_by, offer, photo
from tests.api.test_credit_desk import awaited, paper, says, under_condition

__all__ = ["applicant", "under_condition"]


async def packed(who: Any, application_id: UUID) -> dict[str, bytes]:
    answer = await who.client.get(f"/v1/manager/customers/{application_id}/duties/package")
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    for line in files["MANIFEST.sha256"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    return files


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


async def lines(who: Any, application_id: UUID) -> list[str]:
    draft = (await who.get(f"/v1/manager/customers/{application_id}/report")).json()
    sources = {one["id"]: one for one in draft["sources"]}
    told = [one for one in draft["lines"] if one["section"] == "collateral"]
    assert all(one["source"] in sources for one in told), "each figure has its place"
    return [one["text"] for one in told]


async def valued(api: Any, manager: Any, piece: UUID) -> None:
    """A firm of the list said its figure, with the report that it came with."""
    number, today = f"PG-{piece.hex[:8]}", business_date(datetime.now(UTC), Jurisdiction.CN)
    said = {"valuer": "zhongqihua", "value": "3900000.00", "reference": number, "valued_on": today.isoformat()}
    tapped = await manager.client.post(
        f"/v1/manager/collateral/{piece}/appraisals",
        params=said, files={"file": ("report.jpg", photo(marked=True))}, headers={"Idempotency-Key": f"k-{uuid4()}"},
    )  # fmt: skip
    assert tapped.status_code in (200, 202), tapped.text
    async with api.tools.sessions.begin(scope="worker") as session:
        told = (await session.get_one(Command, UUID(tapped.json()["command_id"]))).detail or {}
        row = await collateral.one(session, piece)
        assert row is not None
        await collateral.appraise(
            session, row, id=uuid4(), n=1, value_minor=390_000_000, valuer=told["valuer"], reference=number,
            valued_on=today, by="staff", at=datetime.now(UTC), **{name: told[name] for name in OF_THE_REPORT},
        )  # fmt: skip


async def test_p33_report_and_package_hold_piece_value_valuer_haircut_ltv_rank_search_registration_and_pictures(
    api: Any, applicant: Any, pages: Any
) -> None:
    owner, application_id = applicant
    piece = UUID((await offer(owner, application_id)).json()["object_id"])
    manager = await api.staff("manager")
    await change(api, piece, state="valuing", desktop_minor=400_000_000, due_at=None)
    before = await lines(manager, application_id)
    assert any("还没有认定价值" in one for one in before) and any("还没查" in one for one in before)
    assert any("还没有登记" in one for one in before), "what is not there is said to be not there"
    await held_by(api, piece, manager)
    await valued(api, manager, piece)
    at = datetime.now(UTC) - timedelta(hours=2)
    await change(
        api, piece, state="registered", value_minor=390_000_000, valued_on=date.today(), ours_minor=195_000_000,
        prior_minor=39_000_000, earlier=1, searched_at=at, registration_no="苏押 2026-77", registered_at=at,
    )  # fmt: skip
    told = " | ".join(await lines(manager, application_id))
    for said in (
        "一号厂房", "中企华资产评估", "¥3,900,000.00", f"PG-{piece.hex[:8]}",
        "折扣", "抵押率 60%", "在先 ¥390,000.00", "第 2 顺位",
        "在先 1 笔", "登记证明号 苏押 2026-77",
    ):  # fmt: skip
        assert said in told, (said, told)
    page = (await pages(manager).get(f"/manager/customers/{application_id}/report")).text
    assert f"/manager/collateral/{piece}" in page and "/manager/collateral/reports/" in page
    async with api.tools.sessions.begin(scope="worker") as session:
        row = await collateral.one(session, piece)
        assert row is not None and row.task_id is not None
        task = str(row.task_id)
        sent_out = await session.get_one(Task, row.task_id)
        sent_out.params = {"why": "collateral", "kept_until": (at + timedelta(days=90)).isoformat()}
    taken = (datetime.now(UTC) - timedelta(minutes=3)).isoformat()
    sent = await manager.client.post(
        f"/v1/manager/offline/{task}/files",
        params={"kind": "photo", "latitude": "31.3846", "longitude": "120.9581", "taken_at": taken},
        files={"file": ("photo", photo(colour="gray"))}, headers={"Idempotency-Key": str(uuid4())},
    )  # fmt: skip
    assert sent.status_code == 200, sent.text
    files = await packed(manager, application_id)
    (one,) = table(files["collateral.csv"])
    assert (one["value_minor"], one["loan_to_value"], one["rank"], one["prior_minor"]) == (
        "390000000", "0.6000", "2", "39000000",
    )  # fmt: skip
    assert one["searched_at"] and one["haircut"]
    (figure,) = [one for one in table(files["valuations.csv"]) if one["n"] == "1"]
    assert (figure["valuer"], figure["report_no"]) == ("中企华资产评估", f"PG-{piece.hex[:8]}") and figure[
        "report_sha256"
    ]
    assert files[figure["file"]].startswith(b"\xff\xd8"), "the report itself"
    (number,) = table(files["registrations.csv"])
    assert number["number"] == "苏押 2026-77" and number["registered_at"]
    (brought,) = table(files["outside.csv"])
    assert (brought["latitude"], brought["longitude"]) == ("31.384600", "120.958100") and brought["taken_at"]
    assert files[brought["file"]].startswith(b"\xff\xd8") and len(brought["sha256"]) == 64
    kept = json.loads(files["collateral.json"])
    assert {line["section"] for line in kept["lines"]} == {"collateral"} and kept["sources"]
    assert "collateral.valued" in {one["act"] for one in table(files["acts.csv"])}
    reads = {one["what"] for one in (await owner.get("/v1/privacy")).json()["reads"]}
    assert {"collateral", "visit"} <= reads, "its customer sees that it was read"


async def standing(who: Any, application_id: UUID) -> dict[str, Any]:
    found = (await who.get(f"/v1/manager/customers/{application_id}/duties")).json()["lines"]
    return {one["code"]: one for one in found}


async def test_p33_seen_outside_is_not_met_while_a_valuation_is_open_or_a_piece_has_no_value(
    api: Any, applicant: Any, database: Any
) -> None:
    owner, application_id = applicant
    manager = await api.staff("manager")
    async with api.tools.sessions.begin(scope="worker") as session:
        application = await session.get_one(Application, application_id)
        for kind in ("visit", "valuation"):
            rule = api.tools.policies.offline.kind(kind)
            new = offline.New(uuid4(), kind, rule.role, rule.within, rule.kept_open, "rule")
            task = await offline.open_task(session, application, new, now=datetime.now(UTC))
            if kind == "visit":
                task.state, task.outcome = "done", {"result": "done", "way": "on_site"}
                task.finished_at = datetime.now(UTC)
    line = (await standing(manager, application_id))["seen_outside"]
    assert line["standing"] == "gap" and any("估值" in one for one in line["lacks"]), line
    database.execute(
        f"update task set state = 'done', finished_at = now(), outcome = '{{\"result\": \"not_possible\"}}'"
        f" where application_id = '{application_id}' and kind = 'valuation'"
    )
    assert (await standing(manager, application_id))["seen_outside"]["standing"] == "gap", "said to be impossible"
    database.execute(
        f'update task set outcome = \'{{"result": "done"}}\''
        f" where application_id = '{application_id}' and kind = 'valuation'"
    )
    assert (await standing(manager, application_id))["seen_outside"]["standing"] == "met"
    piece = UUID((await offer(owner, application_id)).json()["object_id"])
    assert (await standing(manager, application_id))["seen_outside"]["standing"] == "gap", "this piece has no value"
    await change(api, piece, state="valued", value_minor=390_000_000, valued_on=date.today())
    assert (await standing(manager, application_id))["seen_outside"]["standing"] == "met"
    async with api.tools.sessions.begin(scope="worker") as session:
        application = await session.get_one(Application, application_id)
        rule = api.tools.policies.offline.kind("visit")
        new = offline.New(uuid4(), "visit", rule.role, rule.within, rule.kept_open, "person")
        second = (await offline.open_task(session, application, new, now=datetime.now(UTC))).id
    assert (await standing(manager, application_id))["seen_outside"]["standing"] == "gap", "somebody is out again"
    async with api.tools.sessions.begin(scope="worker") as session:
        (await session.get_one(Task, second)).state = "cancelled"
    assert (await standing(manager, application_id))["seen_outside"]["standing"] == "met"


async def test_p33_a_permission_that_was_taken_back_and_an_override_without_a_cause_are_gaps(
    api: Any, applicant: Any, database: Any
) -> None:
    _, application_id = applicant
    manager = await api.staff("manager")
    person = f"(select person_id from application where id = '{application_id}')"
    outcome = json.dumps({"verdict": "approve", "override": True, "staff_id": str(uuid4()), "reason": "x"})
    given = json.dumps({"override": True, "cause": "seen_on_site", "verdict": "approve", "committee": "x"})
    for said in (outcome, given):
        database.execute(
            "insert into task (id, kind, application_id, person_id, role, state, params, outcome, created_at, due_at,"
            f" finished_at) values ('{uuid4()}', 'review', '{application_id}', {person}, 'manager', 'done',"
            f" '{{\"reasons\": []}}', '{said}', now(), now(), now())"
        )
    found = await standing(manager, application_id)
    assert found["override_explained"]["standing"] == "gap", "one of the two says no cause"
    assert found["own_view_first"]["standing"] == "gap", "who decided had said no view"
    consent = uuid4()
    database.execute(
        "insert into consent (id, person_id, application_id, purpose, source, scope, text_hash, locale, channel, proof,"
        f" given_at, expires_on, withdrawn_at) values ('{consent}', {person}, '{application_id}', 'bureau_query', '',"
        " '', 'x', 'zh_CN', 'owner', '{}', now(), current_date + 30, now())",
        "insert into register_answer (id, person_id, application_id, consent_id, source, reference, answer_sealed,"
        f" received_at) values ('{uuid4()}', {person}, '{application_id}', '{consent}', 'courts', 'C-1', '', now())",
    )
    lacks = (await standing(manager, application_id))["consents_given"]["lacks"]
    assert any("征信" in one for one in lacks), "what was asked was asked without a permission that stands"


async def test_p33_acts_hold_conditions_that_were_set_and_met_and_money_that_was_let_go(
    api: Any, under_condition: Any, database: Any
) -> None:
    _, application_id, payout_id, condition_id = under_condition
    approver, checker = await api.staff("officer"), await api.staff("operations")
    awaited(database, payout_id, approver)
    shown = str(paper(database, application_id))
    met = await approver.post(f"/v1/desk/conditions/{condition_id}/meet", {"proof": "document", "proof_id": shown})
    assert met.status_code == 200, met.text
    assert (await says(checker, payout_id, "release")).status_code == 200
    acts = {one["act"]: one for one in table((await packed(approver, application_id))["acts.csv"])}
    assert {"condition.set", "condition.met", "release.released"} <= set(acts)
    assert shown in acts["condition.met"]["detail"] and str(payout_id) in acts["release.released"]["object"]


async def test_p34_a_piece_that_its_owner_took_back_stands_apart_with_who_and_why_and_in_no_list_of_what_secures(
    api: Any, applicant: Any, pages: Any, database: Any
) -> None:
    owner, application_id = applicant
    manager = await api.staff("manager")
    kept = UUID((await offer(owner, application_id)).json()["object_id"])
    gone = UUID((await offer(owner, application_id, title="苏(2022)昆山不动产权第0061234号")).json()["object_id"])
    wrong = await owner.post(f"/v1/collateral/{gone}/withdrawal?reason=whim", {})
    assert [one["pointer"] for one in wrong.json()["errors"]] == ["#/reason"]
    back = await owner.post(f"/v1/collateral/{gone}/withdrawal?reason=replaced", {})
    assert back.status_code in (200, 202), back.text
    await change(api, gone, state="unwound", due_at=None)
    lost = UUID((await offer(owner, application_id, title="苏(2022)昆山不动产权第0068877号")).json()["object_id"])
    await change(api, lost, state="unwound", due_at=None)
    officer = await api.staff("officer")
    database.execute(
        "insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) "
        f"select '{uuid4()}', 'review', id, person_id, 'manager', 'open', '{{}}', "
        f"now(), now() + interval '1 day' from application where id = '{application_id}'"
    )
    seen = await officer.get(f"/v1/desk/cases/{application_id}")
    case = seen.json()["security"]
    assert {one["id"]: (one["over"], one["ended"]) for one in case} == {
        str(kept): (False, ""),
        str(gone): (True, "客户自己撤回：换了另一件"),
        str(lost): (True, "合同没有用它，已解除"),
    }
    page = (await pages(officer).get(f"/desk/cases/{application_id}")).text
    apart = page[page.index('id="security-title"') :]
    assert apart.index("<details>") < apart.index("Taken back by its owner: Another one takes its place")
    files = await packed(manager, application_id)
    assert [one["piece"] for one in table(files["collateral.csv"])] == [str(kept)]
    over = {one["piece"]: (one["ended_by"], one["ended_why"]) for one in table(files["collateral-over.csv"])}
    assert over == {str(gone): ("owner", "replaced"), str(lost): ("lender", "")}
