"""Which workshop, which machine, which invoice: every card and pack names its piece as its customer would."""

from typing import Any
from uuid import UUID, uuid4

from db import clocks, offline
from db.offline import New
from db.tables import Application
from tests.api.test_collateral import applicant, change, offer
from tests.api.test_lines import Make, line
from tests.api.test_receivables import LIMIT, secured
from tests.api.test_receivables import offer as offer_invoice

__all__ = ["applicant", "line", "secured"]

MACHINE = {
    "kind": "equipment", "label": "海天注塑机 MA1600", "title": "HT-2021-0721", "area_m2": None, "use": "",
    "bought_on": "2021-07-01", "bought": {"amount": "300000.00", "currency": "CNY"},
}  # fmt: skip
NAMES = (("一号厂房", "2345"), ("海天注塑机 MA1600", "0721"))


async def visit(api: Any, application_id: UUID, piece: UUID, slot: bool = True) -> UUID:
    """Somebody is to go and see a piece, at an hour that is arranged, with a pack."""
    kind = api.tools.policies.offline.kind("visit")
    new = New(uuid4(), "visit", kind.role, kind.within, kind.kept_open, "collateral")
    async with api.tools.sessions.begin(scope="worker") as session:
        application = await session.get_one(Application, application_id)
        now = await clocks.now(session, api.settings.clock_id)
        task = await offline.open_task(session, application, new, now=now)
        task.slot_at, task.way = now, "on_site"
        task.pack = {"known": [], "verify": [], "questions": [], "sha256": "0" * 64}
        task.pack_at = now
    await change(api, piece, state="valuing", task_id=new.id)
    return new.id


async def test_two_visits_to_two_things_are_told_apart_in_inbox_day_task_and_pack(
    api: Any, pages: Any, applicant: Any
) -> None:
    owner, application_id = applicant
    pieces: list[UUID] = []
    for changed in ({}, MACHINE):
        offered = await offer(owner, application_id, **changed)
        assert offered.status_code in (200, 202), offered.text
        pieces.append(UUID(offered.json()["object_id"]))
    tasks = [await visit(api, application_id, piece) for piece in pieces]
    manager = await api.staff("manager")
    manager.client.headers["Accept-Language"] = "zh-CN"
    clocks_ = (await manager.get("/v1/manager/clocks?whose=all")).json()["items"]
    outside = (await manager.get("/v1/manager/offline")).json()["items"]
    mine = pages(manager)
    inbox = (await mine.get("/manager?whose=all")).text
    for task_id, (label, tail) in zip(tasks, NAMES, strict=True):
        [clock] = [one for one in clocks_ if one["id"] == str(task_id)]
        [card] = [one for one in outside if one["task_id"] == str(task_id)]
        seen = (await manager.get(f"/v1/manager/offline/{task_id}")).json()
        assert seen["pack"]["known"][0]["code"] == "piece"
        for told in (clock["piece"], card["piece"], seen["card"]["piece"], seen["pack"]["known"][0]["text"]):
            assert label in told and f"尾号 {tail}" in told
            assert "0012345" not in told and "HT-2021" not in told, "four digits tell them apart; more is nobody's"
        page = (await mine.get(f"/manager/offline/{task_id}")).text
        assert f"{label} (ending {tail})" in inbox
        assert f"{label} (ending {tail})" in page


async def test_the_review_of_a_case_names_what_it_rests_on(api: Any, pages: Any, applicant: Any, database: Any) -> None:
    owner, application_id = applicant
    await offer(owner, application_id)
    task_id = uuid4()
    database.execute(
        "insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) "
        f"select '{task_id}', 'review', id, person_id, 'manager', 'open', '{{}}', now(), now() + interval '1 day' "
        f"from application where id = '{application_id}'"
    )
    manager = await api.staff("manager")
    card = (await manager.get(f"/v1/manager/tasks/{task_id}")).json()["card"]
    assert len(card["pieces"]) == 1 and "一号厂房" in card["pieces"][0] and "2345" in card["pieces"][0]
    assert "一号厂房" in (await pages(manager).get(f"/manager/tasks/{task_id}")).text
    waits = (await manager.get("/v1/manager/clocks?whose=all")).json()["items"]
    [clock] = [one for one in waits if one["id"] == str(task_id)]
    assert "一号厂房" in clock["piece"]


async def test_the_desk_names_the_invoice_that_waits_to_be_compared(
    api: Any, secured: Make, pages: Any, database: Any
) -> None:
    owner, line_id = await secured(LIMIT)
    receivable_id = (await offer_invoice(owner, line_id)).json()["object_id"]
    database.execute(f"update receivable set state = 'review', near_id = id where id = '{receivable_id}'")
    officer = await api.staff("officer", employee="3001")
    cards = (await officer.get("/v1/desk/cases")).json()["items"]
    (card,) = (one for one in cards if one["id"] == receivable_id)
    assert "大润发采购有限公司" in card["piece"] and "5678" in card["piece"] and "24312000" not in card["piece"]
    assert "大润发采购有限公司 (ending 5678)" in (await pages(officer).get("/desk/cases")).text
