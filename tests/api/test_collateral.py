"""Collateral through the API: one's own alone, refused before anything starts, its value written down by a manager."""

import json
import re
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from activities.valuing import OF_THE_REPORT
from api.securing import carried
from db import clocks, collateral, offline, people, receivables
from db.offline import New
from db.tables import Application, Collateral, Command, Receivable, Staff, Task
from lending.calendars import Jurisdiction, business_date
from lending.collateral import CollateralKind
from lending.known_by import as_written
from lending.refusals import CollateralNotValued, CollateralShort
from tests.api.conftest import WANTED
from tests.api.test_commands import IDENTITY
from tests.api.test_lines import Make, line
from tests.api.test_offline import photo
from tests.api.test_receivables import offer as offer_invoice
from tests.api.test_receivables import secured

__all__ = ["line", "secured"]

YUAN = {"currency": "CNY"}
PAPER = "premises"  # asked of a firm above ¥100,000; it raises and is not required
WORKSHOP = {
    "kind": "real_estate", "label": "一号厂房", "title": "苏(2019)昆山不动产权第0012345号", 
    "place": "昆山市玉山镇 8 号", "area_m2": 1_000, "use": "workshop",
}  # fmt: skip


@pytest.fixture
async def applicant(api: Any, at_stage: Any, database: Any, listening: None) -> tuple[Any, UUID]:
    """(owner, application) for a loan against collateral, past identity and consent."""
    owner = await api.owner()
    application_id = UUID((await owner.post("/v1/applications", WANTED)).json()["object_id"])
    at_stage(application_id, "identity")
    assert (await owner.post(f"/v1/applications/{application_id}/identity", IDENTITY)).status_code == 200
    at_stage(application_id, "evidence")
    database.execute(
        "update collateral set state = 'lapsed'",  # what other tests of this database hold
        "update application set product_id = 'collateral_backed', amount_minor = 320000000 "
        f"where id = '{application_id}'",
    )
    return owner, application_id


async def offer(who: Any, application_id: UUID, **changed: Any) -> Any:
    return await who.post(f"/v1/applications/{application_id}/collateral", {**WORKSHOP, **changed})


async def change(api: Any, collateral_id: UUID, **values: Any) -> None:
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(update(Collateral).where(Collateral.id == collateral_id).values(**values))


async def test_a_workshop_is_offered_once_and_the_page_says_what_is_taken_and_what_it_carries(
    api: Any, applicant: Any
) -> None:
    owner, application_id = applicant
    first = await offer(owner, application_id)
    assert first.status_code in (200, 202), first.text
    again = await offer(owner, application_id, title="苏（2019）昆山不动产权第 0012345 号")
    assert (again.status_code, again.json()["code"]) == (409, "collateral_own")
    seen = (await owner.get(f"/v1/applications/{application_id}/collateral")).json()
    [one] = seen["pieces"]
    assert (one["label"], one["name"], one["state"], one["ownership"]) == (
        "一号厂房", "不动产（厂房、商铺、住房）", "offered", "own",
    )  # fmt: skip
    assert {kind["kind"] for kind in seen["kinds"]} == {kind.value for kind in CollateralKind}
    assert all(kind["evidence"] and kind["name"] and kind["registry"] for kind in seen["kinds"])
    assert (seen["asked"]["amount"], seen["carries"]["amount"]) == ("3200000.00", "0.00")
    stranger = await api.owner()
    assert (await stranger.get(f"/v1/applications/{application_id}/collateral")).status_code == 404
    refused = await stranger.post(f"/v1/collateral/{one['id']}/withdrawal", {})
    assert refused.status_code == 404


async def test_one_that_lapsed_and_is_offered_again_stands_there_once_and_another_over_one_stays_to_be_seen(
    api: Any, applicant: Any
) -> None:
    owner, application_id = applicant
    first = UUID((await offer(owner, application_id)).json()["object_id"])
    await change(api, first, state="lapsed", due_at=None)
    other = UUID((await offer(owner, application_id, title="苏(2022)昆山不动产权第0055555号")).json()["object_id"])
    await change(api, other, state="refused", due_at=None)
    again = UUID((await offer(owner, application_id, title="苏（2019）昆山不动产权第 0012345 号")).json()["object_id"])
    seen = (await owner.get(f"/v1/applications/{application_id}/collateral")).json()["pieces"]
    assert [(one["id"], one["state"]) for one in seen] == [(str(other), "refused"), (str(again), "offered")]


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"kind": "yacht"}, "kind"),
    ({"ownership": "somebody"}, "ownership"),
    ({"ownership": "third_party"}, "owner"),
    ({"title": "1"}, "title"),
    ({"area_m2": None}, "area_m2"),
    ({"use": "palace"}, "use"),
    ({"kind": "equipment"}, "bought"),
    ({"kind": "equipment", "bought": {"amount": "1.00", **YUAN}, "bought_on": "2026-02-30"}, "bought_on"),
    ({"kind": "equipment", "bought": {"amount": "1.00", **YUAN}, "bought_on": "2099-01-01"}, "bought_on"),
    ({"kind": "vehicle", "bought": {"amount": "1.00", **YUAN}, "bought_on": "1926-02-01"}, "bought_on"),
    ({"kind": "crop"}, "parcel"),
    ({"kind": "crop", "parcel": [["1", "2"], ["3", "4"], ["5", "200"]]}, "parcel"),
    ({"kind": "inventory", "quantity": 0, "unit": {"amount": "3.00", **YUAN}}, "quantity"),
)


async def test_what_cannot_be_collateral_is_said_by_its_field(applicant: Any) -> None:
    for changed, field in WRONG:
        refused = await offer(*applicant, **changed)
        assert refused.status_code == 422, refused.text
        assert field in {one["pointer"].removeprefix("#/") for one in refused.json()["errors"]}, changed


async def test_an_unsecured_loan_takes_no_collateral_and_a_signed_one_no_more(
    applicant: Any, at_stage: Any, database: Any
) -> None:
    owner, application_id = applicant
    at_stage(application_id, "paying")
    late = await offer(owner, application_id)
    assert (late.status_code, late.json()["code"]) == (409, "not_in_this_stage")
    product = "revenue_linked_working_capital"
    database.execute(f"update application set product_id = '{product}' where id = '{application_id}'")
    refused = await offer(owner, application_id)
    assert refused.json()["code"] == "outside_policy"


async def test_b8_a_piece_is_added_to_a_loan_that_is_short_by_a_code_of_its_own_and_to_no_other(
    api: Any, applicant: Any, at_stage: Any, pages: Any
) -> None:
    owner, application_id = applicant
    first = UUID((await offer(owner, application_id)).json()["object_id"])
    registered = {"state": "registered", "value_minor": 400_000_000, "registration_no": "B-1", "due_at": None}
    await change(api, first, **registered)
    at_stage(application_id, "funded")
    other = {"title": "苏(2020)昆山不动产权第0099999号"}
    assert (await offer(owner, application_id, **other)).json()["code"] == "not_in_this_stage", "nothing is short"
    await change(api, first, short_minor=60_000_000, cure_on=date.today())
    assert (await owner.get(f"/v1/applications/{application_id}/collateral")).json()["may_offer"]
    theirs = await offer(owner, application_id, **other, ownership="third_party", owner="王五")
    assert [one["pointer"] for one in theirs.json()["errors"]] == ["#/ownership"], "nobody else's: they would sign too"
    piece = UUID((await offer(owner, application_id, **other)).json()["object_id"])
    path = f"/v1/collateral/{piece}"
    assert (await owner.post(f"{path}/addition-code")).json()["code"] == "not_in_this_stage", "not valued yet"
    await change(api, piece, state="valued", value_minor=100_000_000, due_at=None)
    stranger = await api.owner()
    assert (await stranger.post(f"{path}/addition-code")).status_code == 404
    assert (await owner.post(f"{path}/addition-code")).status_code == 200
    text = next(order.text for order in reversed(api.phones.messages) if order.phone == owner.name)
    assert "600,000.00" in text, "for what is short and not more"
    wrong = await owner.post(f"{path}/addition", {"code": "000000"})
    assert wrong.status_code == 422, wrong.text
    page = await pages(owner).get(f"/collateral/{application_id}?code={piece}")
    assert f"/collateral/{application_id}/{piece}/add" in page.text
    code = re.findall(r"\d{6}", text)[0]
    said = await owner.post(f"{path}/addition", {"code": code})
    assert said.status_code == 202, said.text
    await change(api, first, short_minor=0)
    assert (await owner.post(f"{path}/addition-code")).json()["code"] == "collateral_not_short"


async def test_a_receivable_that_secures_a_loan_is_an_invoice_of_ones_line_and_nothing_else_has_it(
    api: Any, applicant: Any, secured: Make, database: Any, pages: Any
) -> None:
    owner, application_id = applicant
    bare = await owner.post(f"/v1/applications/{application_id}/collateral", {"kind": "receivable"})
    assert [one["pointer"] for one in bare.json()["errors"]] == ["#/receivable_id"]
    theirs, line_id = await secured()
    claim = UUID((await offer_invoice(theirs, line_id)).json()["object_id"])
    body = {"kind": "receivable", "receivable_id": str(claim)}
    assert (await owner.post(f"/v1/applications/{application_id}/collateral", body)).status_code == 404, "not one's own"
    mine = f"(select person_id from application where id = '{application_id}')"
    async with api.tools.sessions.begin(scope="worker") as session:
        row = await session.get_one(Receivable, claim)
        paper = await receivables.paper_of(session, api.tools.vault, row)
        key = await people.key_of(session, api.tools.vault, UUID(await person_of(session, application_id)))
        sealed = api.tools.vault.seal(key, receivables.PAPER, claim, json.dumps(asdict(paper), ensure_ascii=False))
    hex_ = sealed.hex()
    database.execute(
        f"update receivable set person_id = {mine}, paper_sealed = '\\x{hex_}' where id = '{claim}'",
    )
    asked = await owner.post(f"/v1/applications/{application_id}/collateral", body)
    assert asked.json()["code"] == "not_in_this_stage", "its buyer has not confirmed it"
    confirmed = "state = 'supported', support = 'confirmed', confirmed_minor = 9000000"
    database.execute(f"update receivable set {confirmed} where id = '{claim}'")
    page = await pages(owner).get(f"/collateral/{application_id}?kind=receivable")
    assert f'value="{claim}"' in page.text and "大润发采购有限公司" in page.text and 'name="title"' not in page.text
    linked = await owner.post(f"/v1/applications/{application_id}/collateral", body)
    assert linked.status_code in (200, 202), linked.text
    [piece] = (await owner.get(f"/v1/applications/{application_id}/collateral")).json()["pieces"]
    assert (piece["label"], piece["title"]) == ("大润发采购有限公司", "24312000000012345678/大润发采购有限公司")
    async with api.tools.sessions.begin(scope="worker") as session:
        row = await session.get_one(Collateral, UUID(piece["id"]))
        assert (row.receivable_id, row.facts) == (claim, {"face_minor": 9_000_000}), "as far as its buyer confirmed it"
        assert await collateral.is_linked(session, claim)
        assert await collateral.face_of(session, row) == 9_000_000
    database.execute(f"update receivable set disputed = true where id = '{claim}'")
    async with api.tools.sessions.begin(scope="worker") as session:
        row = await session.get_one(Collateral, UUID(piece["id"]))
        assert await collateral.face_of(session, row) == 0, "a dispute counts at the next look"
    again = await owner.post(f"/v1/applications/{application_id}/collateral", body)
    assert again.json()["code"] == "collateral_own"


async def person_of(session: Any, application_id: UUID) -> str:
    return str((await session.get_one(Application, application_id)).person_id)


async def held_by(api: Any, piece: UUID, who: Any) -> None:
    """The valuation of a piece is this person's task."""
    async with api.tools.sessions.begin(scope="worker") as session:
        row = await session.get_one(Collateral, piece)
        row.task_id = uuid4()
        owner = await session.scalar(select(Staff.id).where(Staff.login == who.name))
        now = datetime.now(UTC)
        session.add(
            Task(
                id=row.task_id,
                kind="valuation",
                application_id=row.application_id,
                person_id=row.person_id,
                role="manager",
                owner_id=owner,
                state="open",
                params={},
                created_at=now,
                due_at=now,
            )
        )


async def test_b4_a_manager_writes_a_valuers_figure_down_and_a_day_to_come_or_no_figure_is_refused(
    api: Any, applicant: Any
) -> None:
    owner, application_id = applicant
    piece = UUID((await offer(owner, application_id)).json()["object_id"])
    manager = await api.staff("manager")
    path = f"/v1/manager/collateral/{piece}"
    await change(api, piece, state="valuing", desktop_minor=400_000_000, due_at=None)
    assert piece in {UUID(one["id"]) for one in (await manager.get("/v1/manager/collateral")).json()["items"]}
    seen = (await manager.get(path)).json()
    assert (seen["state"], seen["appraise"], seen["desktop"]["amount"]) == ("valuing", True, "4000000.00")
    assert seen["customer"]
    today, number, first = business_date(datetime.now(UTC), Jurisdiction.CN), f"PG-{piece.hex[:8]}", photo(marked=True)
    offered = {one["id"] for one in seen["valuers"]}
    assert offered == {"zhongqihua", "tianjianxingye", "sunan_land"}, "who may value a building now"
    figure = {"valuer": "zhongqihua", "value": "3900000.00", "reference": number, "valued_on": today.isoformat()}

    async def valued(who: Any, said: dict[str, str], report: bytes | None) -> Any:
        files = {"file": ("report.jpg", report)} if report is not None else {"other": ("x", b"x")}
        return await who.client.post(
            f"{path}/appraisals", params=said, files=files, headers={"Idempotency-Key": f"k-{uuid4()}"}
        )

    for changed, field in (
        ({"valuer": ""}, "valuer"),
        ({"valuer": "我自己"}, "valuer"),  # nobody values by a name of their own
        ({"value": "0.00"}, "value"),
        ({"valued_on": "gestern"}, "valued_on"),
        ({"valued_on": (today - timedelta(days=400)).isoformat()}, "valued_on"),  # a wrong year
        ({"valued_on": (today + timedelta(days=9)).isoformat()}, "valued_on"),
    ):
        refused = await valued(manager, {**figure, **changed}, first)
        assert [one["pointer"] for one in refused.json()["errors"]] == [f"#/{field}"]
    bare = await valued(manager, figure, None)
    assert [one["pointer"] for one in bare.json()["errors"]] == ["#/file"], "no figure without its report"
    odd = await valued(manager, figure, b"a report, typed")
    assert [one["code"] for one in odd.json()["errors"]] == ["paper_not_a_picture"]
    keeper = await valued(manager, figure | {"valuer": "jiangnan_storage"}, first)
    assert (keeper.status_code, keeper.json()["code"]) == (422, "valuer_not_allowed"), (
        "who counts goods values no house"
    )
    await held_by(api, piece, manager)
    colleague = await valued(await api.staff("manager"), figure, first)
    assert (colleague.status_code, colleague.json()["code"]) == (409, "not_their_task")
    tapped = await valued(manager, figure, first)
    assert tapped.status_code in (200, 202), tapped.text
    command = UUID(tapped.json()["command_id"])
    async with api.tools.sessions.begin(scope="worker") as session:
        told = (await session.get_one(Command, command)).detail or {}
    assert (told["valuer"], told["valuer_id"]) == ("中企华资产评估", "zhongqihua") and told["licence"]
    assert told["report_sha256"] == sha256(first).hexdigest() and told["report_type"] == "image/jpeg"
    assert not (await api.tools.storage.get(told["report_key"])).startswith(b"\xff\xd8"), "it lies sealed"
    async with api.tools.sessions.begin(scope="worker") as session:
        row = await collateral.one(session, piece)
        assert row is not None
        of_report = {name: told[name] for name in OF_THE_REPORT}
        kept = await collateral.appraise(
            session, row, id=uuid4(), n=1, value_minor=390_000_000, valuer=told["valuer"], reference=number,
            valued_on=today, by="staff", at=datetime.now(UTC), **of_report,
        )  # fmt: skip
    [shown] = (await manager.get(path)).json()["appraisals"]
    assert (shown["valuer_id"], shown["report_sha256"]) == ("zhongqihua", told["report_sha256"])
    assert "zhongqihua" not in {one["id"] for one in (await manager.get(path)).json()["valuers"]}, "a second look"
    same = await valued(manager, figure | {"valuer": "sunan_land"}, first)
    assert same.json()["code"] == "report_used", "a second look has a report of its own"
    other = await valued(manager, figure | {"valuer": "sunan_land"}, photo(marked=True))
    assert other.status_code in (200, 202), other.text
    report = await manager.get(f"/v1/manager/collateral/appraisals/{kept.id}/report")
    assert report.content.startswith(b"\xff\xd8") and report.headers["content-type"] == "image/jpeg"
    assert (await owner.get(f"/v1/manager/collateral/appraisals/{kept.id}/report")).status_code == 404
    assert (await valued(owner, figure, first)).status_code == 404
    assert "collateral" in {one["what"] for one in (await owner.get("/v1/privacy")).json()["reads"]}


async def _in_valuing(api: Any, owner: Any, application_id: UUID, title: str, who: Any) -> UUID:
    piece = UUID((await offer(owner, application_id, title=title)).json()["object_id"])
    await change(api, piece, state="valuing", desktop_minor=400_000_000, due_at=None)
    await held_by(api, piece, who)
    return piece


async def _brings(who: Any, piece: UUID, number: str, on: date, report: bytes) -> Any:
    said = {"valuer": "zhongqihua", "value": "3900000.00", "reference": number, "valued_on": on.isoformat()}
    return await who.client.post(
        f"/v1/manager/collateral/{piece}/appraisals",
        params=said, files={"file": ("report.jpg", report)}, headers={"Idempotency-Key": f"k-{uuid4()}"},
    )  # fmt: skip


async def test_b4_a_report_dated_before_anybody_was_sent_or_came_is_refused(api: Any, applicant: Any) -> None:
    owner, application_id = applicant
    manager, today = await api.staff("manager"), business_date(datetime.now(UTC), Jurisdiction.CN)
    piece = await _in_valuing(api, owner, application_id, "苏(2021)昆山不动产权第0070001号", manager)
    early = await _brings(manager, piece, f"E-{uuid4()}", today - timedelta(days=1), photo(marked=True))
    assert [(one["pointer"], one["code"]) for one in early.json()["errors"]] == [("#/valued_on", "before_the_visit")]
    async with api.tools.sessions.begin(scope="worker") as session:
        task = await session.get_one(Task, (await session.get_one(Collateral, piece)).task_id)
        task.created_at, task.slot_at = task.created_at - timedelta(days=9), task.created_at
    early = await _brings(manager, piece, f"E-{uuid4()}", today - timedelta(days=1), photo(marked=True))
    assert [one["code"] for one in early.json()["errors"]] == ["before_the_visit"], "sent, and nobody had come yet"
    assert (await _brings(manager, piece, f"E-{uuid4()}", today, photo(marked=True))).status_code in (200, 202)


async def test_b4_a_figure_is_its_tasks_holders_to_enter_also_when_the_visit_is_over(api: Any, applicant: Any) -> None:
    owner, application_id = applicant
    manager, today = await api.staff("manager"), business_date(datetime.now(UTC), Jurisdiction.CN)
    piece = await _in_valuing(api, owner, application_id, "苏(2021)昆山不动产权第0070002号", manager)
    async with api.tools.sessions.begin(scope="worker") as session:
        (await session.get_one(Task, (await session.get_one(Collateral, piece)).task_id)).state = "done"
    no = await _brings(await api.staff("manager"), piece, f"E-{uuid4()}", today, photo(marked=True))
    assert (no.status_code, no.json()["code"]) == (409, "not_their_task")
    assert (await _brings(manager, piece, f"E-{uuid4()}", today, photo(marked=True))).status_code in (200, 202)


async def test_b4_one_report_by_its_file_or_its_number_serves_one_piece(api: Any, applicant: Any) -> None:
    owner, application_id = applicant
    manager, today = await api.staff("manager"), business_date(datetime.now(UTC), Jurisdiction.CN)
    one = await _in_valuing(api, owner, application_id, "苏(2021)昆山不动产权第0070003号", manager)
    other = await _in_valuing(api, owner, application_id, "苏(2021)昆山不动产权第0070004号", manager)
    report, number = photo(marked=True), f"中企华评字[{uuid4().hex[:6]}]9号"
    tapped = await _brings(manager, one, number, today, report)
    assert tapped.status_code in (200, 202), tapped.text
    async with api.tools.sessions.begin(scope="worker") as session:
        told = (await session.get_one(Command, UUID(tapped.json()["command_id"]))).detail or {}
        row = await session.get_one(Collateral, one)
        await collateral.appraise(
            session, row, id=uuid4(), n=1, value_minor=390_000_000, valuer=told["valuer"], reference=number,
            valued_on=today, by="staff", at=datetime.now(UTC), **{name: told[name] for name in OF_THE_REPORT},
        )  # fmt: skip
    for again, file in ((f"E-{uuid4()}", report), (number, photo(marked=True)), (f" {number} ", photo(marked=True))):
        no = await _brings(manager, other, again, today, file)
        assert (no.status_code, no.json()["code"]) == (409, "report_used"), again
    assert (await _brings(manager, other, f"E-{uuid4()}", today, photo(marked=True))).status_code in (200, 202)


async def test_p18_one_house_or_machine_written_in_another_form_is_one_thing_whoever_offers_it(
    api: Any, applicant: Any
) -> None:
    owner, application_id = applicant
    assert (await offer(owner, application_id, title="苏(2023)昆山不动产权第0012399号")).status_code in (200, 202)
    for title in (
        "苏2023昆山不动产权第12399号",
        "苏〔2023〕昆山不动产权第 012399 号之一",
        "证号：苏2023昆山不动产权0012399",
    ):
        no = await offer(owner, application_id, title=title)
        assert (no.status_code, no.json()["code"]) == (409, "collateral_own"), title
    machine = {"kind": "equipment", "bought": {"amount": "500000.00", **YUAN}, "bought_on": "2025-02-03"}
    assert (await offer(owner, application_id, title="KX8841-22", **machine)).status_code in (200, 202)
    for title in ("S/N KX8841-22", "No. KX8841 22", "序列号：KX8841-22"):
        no = await offer(owner, application_id, title=title, **machine)
        assert (no.status_code, no.json()["code"]) == (409, "collateral_own"), title


async def test_p18_a_thing_that_is_held_under_its_number_as_it_was_written_before_is_still_one_thing(
    api: Any, applicant: Any
) -> None:
    owner, application_id = applicant
    title = "苏(2024)昆山不动产权第0012377号"
    piece = UUID((await offer(owner, application_id, title=title)).json()["object_id"])
    before = api.tools.vault.blind_index(collateral.TITLE, f"real_estate/{as_written(title)}")
    await change(api, piece, title_key=before)
    assert (await offer(owner, application_id, title=title)).json()["code"] == "collateral_own"


async def test_a_yes_above_what_valuers_found_is_refused_with_how_far_they_carry(api: Any, applicant: Any) -> None:
    owner, application_id = applicant
    piece = UUID((await offer(owner, application_id)).json()["object_id"])
    await change(api, piece, state="valuing", desktop_minor=500_000_000)
    async with api.tools.sessions.begin(scope="worker") as session:
        application = await session.get_one(Application, application_id)
        caller = Asking(api.tools)
        with pytest.raises(CollateralNotValued):
            await carried(session, caller, application, 320_000_000)
        with pytest.raises(CollateralShort):
            await carried(session, caller, application, 360_000_000)
    today = date.today()
    await change(api, piece, state="valued", value_minor=500_000_000, valued_on=today)
    async with api.tools.sessions.begin(scope="worker") as session:
        application = await session.get_one(Application, application_id)
        await carried(session, caller, application, 320_000_000)


class Asking:
    """A caller as far as this rule asks."""

    def __init__(self, tools: Any) -> None:
        self.tools = tools


async def test_b1_neither_the_customer_nor_the_manager_enters_again_what_the_other_has(
    api: Any, applicant: Any, pages: Any
) -> None:
    owner, application_id = applicant
    manager = await api.staff("manager")
    piece = UUID((await offer(owner, application_id)).json()["object_id"])
    seen = (await manager.get(f"/v1/manager/collateral/{piece}")).json()
    assert {name: seen[name] for name in ("label", "title", "place")} == {
        name: WORKSHOP[name] for name in ("label", "title", "place")
    }, "what the owner said of it stands at the manager's"
    # A paper that the manager scans at the branch is brought for the owner too, and brought again it is the same one.
    scan = photo(colour="ivory")
    path = f"/documents?item={PAPER}"
    for who, where in ((manager, "/v1/manager/customers"), (owner, "/v1/applications")):
        key = {"Idempotency-Key": uuid4().hex}
        done = await who.client.post(f"{where}/{application_id}{path}", files={"file": ("x.jpg", scan)}, headers=key)
        assert done.status_code == 200, done.text
    listed = (await owner.get(f"/v1/applications/{application_id}/checklist")).json()
    [files] = [one["files"] for one in listed["items"] if one["id"] == PAPER]
    assert [file["channel"] for file in files] == ["manager"]
    # Where the thing is stands in the form that asks when its valuer may come.
    # The number of the report that somebody brought home stands in the form for its figure.
    kind = api.tools.policies.offline.kind("valuation")
    new = New(uuid4(), "valuation", kind.role, kind.within, kind.kept_open, "collateral")
    async with api.tools.sessions.begin(scope="worker") as session:
        application = await session.get_one(Application, application_id)
        now = await clocks.now(session, api.settings.clock_id)
        task = await offline.open_task(session, application, new, now=now)
        task.owner_id = await session.scalar(select(Staff.id).where(Staff.login == manager.name))
    brought = await manager.post(
        f"/v1/manager/offline/{new.id}/words", {"kind": "reference", "words": "PG-2026-77"}, key_=str(uuid4())
    )
    assert brought.status_code == 200, brought.text
    await change(api, piece, state="valuing", task_id=new.id)
    [step] = (await owner.get(f"/v1/applications/{application_id}/offline")).json()["items"]
    assert step["known_place"] == WORKSHOP["place"]
    asking = await pages(owner).get(f"/visits/{application_id}/{new.id}")
    assert f'value="{WORKSHOP["place"]}"' in asking.text
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(update(Task).where(Task.id == new.id).values(state="done"))
    await change(api, piece, state="valuing", desktop_minor=400_000_000, task_id=new.id)
    page = await pages(manager).get(f"/manager/collateral/{piece}")
    assert 'value="PG-2026-77"' in page.text
    asked = (await owner.get(f"/v1/applications/{application_id}/collateral")).json()["pieces"]
    assert [one["reference"] for one in asked] == [None], "the lender's number is not the owner's to see"


async def test_the_pages_of_owner_and_manager_offer_show_and_write_down(api: Any, applicant: Any, pages: Any) -> None:
    owner, application_id = applicant
    room = pages(owner)
    home = await room.get("/?on=collateral")
    assert 'name="on" value="collateral"' in home.text
    here = f"/collateral/{application_id}"
    assert here in (await room.get("/progress")).text
    assert (await room.get(here)).text.count("?kind=") == len(CollateralKind)
    page = await room.get(f"{here}?kind=real_estate")
    assert 'name="area_m2"' in page.text and 'name="bought"' not in page.text
    typed = {**WORKSHOP, "area_m2": "1,000", "title": "苏(2021)昆山不动产权第0077777号", "ownership": "own"}
    wrong = await room.post(here, data={**typed, "area_m2": "viel", "key": uuid4().hex})
    assert wrong.status_code == 422 and "一号厂房" in wrong.text, "what was typed stays"
    assert (await room.post(here, data={**typed, "key": uuid4().hex})).status_code == 303
    [one] = (await owner.get(f"/v1/applications/{application_id}/collateral")).json()["pieces"]
    await change(api, UUID(one["id"]), state="valuing", desktop_minor=400_000_000)
    manager = await api.staff("manager")
    office = pages(manager)
    assert f"/manager/collateral/{one['id']}" in (await office.get("/manager/collateral")).text
    piece = await office.get(f"/manager/collateral/{one['id']}")
    assert "一号厂房" in piece.text and 'name="valuer"' in piece.text
    empty = {"valuer": "", "value": "1", "reference": "x", "key": uuid4().hex}
    refused = await office.post(f"/manager/collateral/{one['id']}", data=empty)
    assert refused.status_code == 422 and 'href="#f-report"' in refused.text, "and no figure without its report"


async def test_p18_whoever_looks_at_a_building_copies_its_certificate_and_at_a_machine_its_plate(
    api: Any, applicant: Any, pages: Any
) -> None:
    _, application_id = applicant
    manager = await api.staff("manager")
    kind = api.tools.policies.offline.kind("valuation")
    for of, code, words in (
        ("real_estate", "certificate", "title certificate number"),
        ("equipment", "serial", "serial"),
    ):
        number = api.tools.policies.collateral.types[CollateralKind(of)].number
        new = New(uuid4(), "valuation", kind.role, kind.within, kind.kept_open, "collateral", number=number)
        async with api.tools.sessions.begin(scope="worker") as session:
            application = await session.get_one(Application, application_id)
            now = await clocks.now(session, api.settings.clock_id)
            task = await offline.open_task(session, application, new, now=now)
            task.owner_id = await session.scalar(select(Staff.id).where(Staff.login == manager.name))
        seen = (await manager.get(f"/v1/manager/offline/{new.id}")).json()
        assert seen["number"] == code and code in seen["card"]["needs"]
        page = (await pages(manager).get(f"/manager/offline/{new.id}")).text
        assert words in page and ("serial number" in page) == (of == "equipment")
        said = {"kind": "serial", "words": "苏(2019)0012345"}
        brought = await manager.post(f"/v1/manager/offline/{new.id}/words", said, key_=str(uuid4()))
        assert code not in brought.json()["card"]["needs"]


CROP = {"kind": "crop", "label": "东塘稻田", "title": "320583200201J00012", "area_m2": None, "use": ""}
WALK = [
    ["120.950000", "31.380000"],
    ["120.951052", "31.380000"],
    ["120.951052", "31.380899"],
    ["120.950000", "31.380899"],
]


def border_file(kind: str) -> bytes:
    ring = [*WALK, WALK[0]]
    if kind == "kml":
        points = " ".join(f"{x},{y},0" for x, y in ring)
        ring_of = f"<LinearRing><coordinates>{points}</coordinates></LinearRing>"
        return f"<kml><Polygon><outerBoundaryIs>{ring_of}</outerBoundaryIs></Polygon></kml>".encode()
    shape = {"type": "Polygon", "coordinates": [[[float(x), float(y)] for x, y in ring]]}
    feature = {"type": "Feature", "properties": {}, "geometry": shape}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


@pytest.mark.parametrize("kind", ["geojson", "kml"])
async def test_a_fields_border_comes_from_a_file_without_a_script_and_is_looked_at_before_it_is_offered(
    pages: Any, applicant: Any, kind: str
) -> None:
    owner, application_id = applicant
    mine, at = pages(owner), f"/collateral/{application_id}"
    typed = {"key": uuid4().hex, "kind": "crop", "label": CROP["label"], "title": CROP["title"], "place": "昆山"}
    files = [("border", (f"field.{kind}", border_file(kind)))]
    read = await mine.post(f"{at}/parcel", data=typed, files=files)
    assert read.status_code == 200, read.text
    corners = "\n".join(f"{x},{y}" for x, y in WALK)
    assert corners in read.text and CROP["label"] in read.text, "the corners stand in the form, and what was typed"
    assert (await owner.get(f"/v1/applications/{application_id}/collateral")).json()["pieces"] == []
    sent = {**typed, "key": uuid4().hex, "ownership": "own", "place": "昆山市东塘村", "parcel": corners}
    assert (await mine.post(at, data=sent)).status_code == 303
    [piece] = (await owner.get(f"/v1/applications/{application_id}/collateral")).json()["pieces"]
    assert (piece["kind"], piece["label"]) == ("crop", CROP["label"])
    for name, data in (("field.geojson", b"{}"), ("field.kml", b"<kml/>"), ("field.pdf", b"%PDF-")):
        refused = await mine.post(f"{at}/parcel", data=typed, files=[("border", (name, data))])
        assert refused.status_code == 422 and "GEOJSON" in refused.text.upper(), name


async def test_a_border_that_crosses_itself_or_is_no_size_of_a_field_is_refused_with_its_reason(applicant: Any) -> None:
    crossed = [WALK[0], WALK[2], WALK[1], WALK[3]]
    tiny = [["120.950000", "31.380000"], ["120.950010", "31.380000"], ["120.950010", "31.380010"]]
    vast = [["120.0", "31.0"], ["121.0", "31.0"], ["121.0", "32.0"]]
    for corners, code in ((crossed, "parcel_crosses"), (tiny, "parcel_too_small"), (vast, "parcel_too_large")):
        refused = await offer(*applicant, **CROP, parcel=corners)
        assert refused.status_code == 422, refused.text
        [told] = refused.json()["errors"]
        assert (told["pointer"], told["code"]) == ("#/parcel", code)
