"""Where a first visit goes: the company register says where the firm is, and whoever goes elsewhere says why."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from db import people, registers
from db.tables import Application
from tests.api.test_offline import (
    ADDRESS,
    around,
    found_on_the_map,
    its_day_comes,
    manned,
    send,
    shot,
    visit,
    write,
)
from tests.api.test_on_the_spot import another_visit

__all__ = ["around", "manned", "visit"]
REGISTERED = "上海市人民路18号"


@pytest.fixture
async def extract(api: Any, visit: Any) -> Any:
    """A visit of a firm of which the register was asked."""
    _, _, application_id, _ = visit
    answer, consent = uuid4(), uuid4()
    async with api.tools.sessions.begin(scope="worker") as session:
        application = await session.get_one(Application, application_id)
        key = await people.key_of(session, api.tools.vault, application.person_id)
        told = json.dumps({"state": "normal", "address": REGISTERED, "others": []}, ensure_ascii=False)
        await session.execute(
            text(
                "insert into consent (id, person_id, purpose, scope, text_hash, locale, channel, proof, given_at, "
                "expires_on) values (:id, :person, 'bureau_query', 'registry', repeat('a', 64), 'zh_CN', 'owner', "
                "'{}', now(), '2099-01-01')"
            ),
            {"id": consent, "person": application.person_id},
        )
        kept = registers.Answer(answer, "registry", "GS0123", api.tools.vault.seal(key, registers.ANSWER, answer, told))
        await registers.keep(
            session, [kept], person_id=application.person_id, application_id=application_id, consent_id=consent,
            at=datetime.now(UTC),
        )  # fmt: skip
    return visit


async def test_p33_the_registered_address_is_proposed_with_its_source_and_a_manager_who_goes_elsewhere_says_why(
    api: Any, extract: Any, pages: Any
) -> None:
    _, manager, _, task_id = extract
    path = f"/v1/manager/offline/{task_id}"
    seen = (await manager.get(path)).json()
    assert (seen["known_place"], seen["registered"], seen["registered_by"]) == (REGISTERED, REGISTERED, "GS0123")
    assert not seen["differs"], "nobody said otherwise yet"
    page = (await pages(manager).get(f"/manager/offline/{task_id}")).text
    assert page.count(REGISTERED) >= 2 and "Company register" in page and "GS0123" in page
    chosen = {"slot_at": seen["slots"][0], "way": "on_site", "place": ADDRESS}
    for words in ("", "..."):
        no = await manager.post(f"{path}/slot", chosen | {"reason": words})
        assert [one["pointer"] for one in no.json()["errors"]] == ["#/reason"], "another door needs a reason"
    said = "厂房去年搬到这里，租约看过"
    assert (await manager.post(f"{path}/slot", chosen | {"reason": said})).status_code == 200
    seen = (await manager.get(path)).json()
    assert (seen["differs"], seen["place_why"], seen["place"]) == (True, said, ADDRESS)
    page = (await pages(manager).get(f"/manager/offline/{task_id}")).text
    assert "is not where the firm is registered" in page and said in page


async def test_p33_the_registered_address_in_another_writing_needs_no_reason_and_an_owners_own_is_shown_to_differ(
    api: Any, extract: Any
) -> None:
    owner, manager, application_id, task_id = extract
    path = f"/v1/manager/offline/{task_id}"
    slots = (await manager.get(path)).json()["slots"]
    same = {"slot_at": slots[0], "way": "on_site", "place": "上海市 人民路１８号"}
    assert (await manager.post(f"{path}/slot", same)).status_code == 200
    assert not (await manager.get(path)).json()["differs"]
    theirs = f"/v1/applications/{application_id}/offline/{task_id}/slot"
    chosen = {"slot_at": slots[1], "way": "on_site", "place": ADDRESS}
    assert (await owner.post(theirs, chosen)).status_code == 200, "a customer says where they are without a reason"
    assert (await manager.get(path)).json()["differs"]
    again = {"slot_at": slots[2], "way": "on_site", "place": ADDRESS}
    assert (await manager.post(f"{path}/slot", again)).status_code == 200, "what the customer said needs none either"
    no = await manager.post(f"{path}/slot", again | {"slot_at": slots[3]})
    assert [one["code"] for one in no.json()["errors"]] == ["missing"], "which is the manager's own booking now"


async def test_p33_photos_from_an_address_that_is_not_the_registered_one_wait_for_another_than_whoever_arranged_it(
    api: Any, extract: Any, around: Any
) -> None:
    _, manager, application_id, task_id = extract
    path = f"/v1/manager/offline/{task_id}"
    slots = (await manager.get(path)).json()["slots"]
    chosen = {"slot_at": slots[0], "way": "on_site", "place": ADDRESS, "reason": "我顺路"}
    no = await manager.post(f"{path}/slot", chosen)
    assert [one["pointer"] for one in no.json()["errors"]] == ["#/reason"]
    lead = await api.staff("lead")
    assert (await lead.post(f"{path}/slot", chosen | {"reason": "我顺路过去"})).status_code == 200
    await its_day_comes(api, task_id)
    await found_on_the_map(api, task_id)
    for _ in range(3):
        seen = (await send(manager, task_id, shot(placed=True))).json()["evidence"][-1]
        assert (seen["counts"], seen["another"]) == (False, True) and "约的人以外" in seen["doubt"]
    assert (await write(manager, task_id, "note", "店里三个人，货对得上")).status_code == 200
    assert (await manager.post(f"{path}/finish", {"result": "done"})).json()["code"] == "evidence_missing"
    other = await another_visit(api, application_id, manager)
    known = (await manager.get(f"/v1/manager/offline/{other}")).json()["known_place"]
    assert known == REGISTERED, "a booking makes no address known"
    second = await api.staff("lead")
    for n, one in enumerate((await manager.get(path)).json()["evidence"][:3]):
        file, said = f"/v1/manager/offline/evidence/{one['id']}", {"reason": "看过照片，门头和名片都是这家"}
        assert (await lead.get(f"{file}/file")).status_code == (await second.get(f"{file}/file")).status_code == 200
        if not n:
            assert (await lead.post(f"{file}/voucher", said)).json()["code"] == "another_takes_it", "who arranged it"
        assert (await second.post(f"{file}/voucher", said)).status_code == 200
    assert (await manager.post(f"{path}/finish", {"result": "done"})).status_code in (200, 202)
    known = (await manager.get(f"/v1/manager/offline/{other}")).json()["known_place"]
    assert known == ADDRESS, "somebody was there, and another person took it"
