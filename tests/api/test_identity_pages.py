"""The identity page: photos that say otherwise, an answer at once, a draft thrown away, what a known owner types."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text, update

from api import commands
from db import identity_papers, intake, people
from db.identity_papers import PHOTO
from db.tables import Draft, IdentityPaper
from infra.updates import Done
from worker.background.reminder import Reminder

CARD = {"name": "王晓明", "id_number": "11010519491231002X"}
TYPED = {"name": "王小明", "id_number": "11010519491231002x", "kind": "self_employed", "amount": "50000"}


@pytest.fixture
async def owner(api: Any) -> Any:
    """Somebody who allows their face and card to be checked."""
    return await allowing(await api.owner())


async def allowing(owner: Any) -> Any:
    asked = {one["purpose"]: one for one in (await owner.get("/v1/consents")).json()["items"]}
    words = {"purpose": "identity_check", "text_hash": asked["identity_check"]["text_hash"]}
    assert (await owner.post("/v1/consents", words)).status_code == 200
    return owner


async def person_of(api: Any, owner: Any) -> UUID:
    async with api.tools.sessions.begin(scope="worker") as session:
        found = await people.find_by_phone(session, api.tools.vault, owner.name)
    assert found is not None
    return found


async def photographed(api: Any, owner: Any, said: dict[str, str]) -> tuple[UUID, str]:
    """A card that was brought just now and read; its id and where it lies."""
    person, tools, paper_id = await person_of(api, owner), api.tools, uuid4()
    async with tools.sessions.begin(scope="worker") as session:
        key = await people.key_of(session, tools.vault, person)
        at = f"identity-papers/{paper_id}"
        await tools.storage.put(at, tools.vault.seal_file(key, PHOTO, paper_id, b"a card"), "application/octet-stream")
        now = datetime.now(UTC)
        await identity_papers.add(
            session, paper_id=paper_id, person_id=person, size=6, sha256=paper_id.hex * 2, object_key=at, now=now
        )
        row = await identity_papers.of(session, paper_id)
        assert row is not None
        fields = [{"name": name, "value": value, "sure": 0.99, "checked": None} for name, value in said.items()]
        identity_papers.keep(row, tools.vault, key, {"kind": "id_card", "fields": fields}, now)
    return paper_id, at


def hidden(page: str) -> dict[str, str]:
    form = re.search(r'<form id="identity".*?</form>', page, re.DOTALL)
    assert form is not None
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form.group()))


async def test_a_photo_that_says_otherwise_is_shown_field_by_field_and_the_owner_chooses(
    api: Any, owner: Any, pages: Any
) -> None:
    page = pages(owner)
    assert (await page.post("/apply/draft", data={"key": uuid4().hex, **TYPED})).status_code == 303
    paper, _ = await photographed(api, owner, CARD)
    seen = (await page.get("/apply/identity")).text
    assert "1 处和您填的不一样" in seen and "已填到下面" not in seen
    assert "王小明" in seen and "王晓明" in seen  # the small x of the number is no difference
    assert f'value="{paper}.id_number.photo"' not in seen
    mine = {**hidden(seen), **TYPED, "choose": f"{paper}.name.mine"}
    assert (await page.post("/apply/identity/choose", data=mine)).status_code == 303
    seen = (await page.get("/apply/identity")).text
    assert "照片上是“王晓明”" in seen and "按您填的办" in seen and 'value="王小明"' in seen
    theirs = {**hidden(seen), **TYPED, "bank": "中国银行", "choose": f"{paper}.name.photo"}
    assert (await page.post("/apply/identity/choose", data=theirs)).status_code == 303
    seen = (await page.get("/apply/identity")).text
    assert 'value="王晓明"' in seen and "已填到下面" in seen
    assert 'value="中国银行"' in seen, "what was typed and not kept yet went with the tap"
    foreign = {**hidden(seen), "choose": f"{paper}.name.photo"}
    assert (await pages(await api.owner()).post("/apply/identity/choose", data=foreign)).status_code == 404


async def test_a_photo_is_taken_in_and_answered_before_anybody_reads_it(
    api: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []

    async def deliver(*_: Any) -> Done:
        happened.append("read")
        return Done({"stage": "read", "version": 0})

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                happened.append("answered")

        await api.app(scope, receive, sending)

    monkeypatch.setattr(commands, "_deliver", deliver)
    client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=watched), base_url="http://testserver")
    headers = {"Authorization": f"Bearer {owner.token}", "Idempotency-Key": uuid4().hex}
    answer = await client.post("/v1/identity-papers", files={"file": ("card.png", b"a picture")}, headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert happened == ["answered", "read"]


async def test_the_page_of_a_photo_that_is_being_read_looks_again_by_itself_with_a_script_and_without(
    api: Any, owner: Any, pages: Any
) -> None:
    person, paper_id = await person_of(api, owner), uuid4()
    async with api.tools.sessions.begin(scope="worker") as session:
        await identity_papers.add(
            session,
            paper_id=paper_id,
            person_id=person,
            size=6,
            sha256=paper_id.hex * 2,
            object_key=f"identity-papers/{paper_id}",
            now=datetime.now(UTC),
        )
    seen = (await pages(owner).get("/apply/identity")).text
    assert 'data-poll="2"' in seen and '<meta http-equiv="refresh" content="2">' in seen
    assert "正在识别 1 张照片" in seen and 'data-stage="reading"' in seen


async def test_a_draft_is_thrown_away_after_asking_back_once_and_its_photos_with_it(
    api: Any, owner: Any, pages: Any
) -> None:
    page = pages(owner)
    old, old_at = await photographed(api, owner, CARD)
    assert (await page.post("/apply/draft", data={"key": uuid4().hex, **TYPED})).status_code == 303
    photo, at = await photographed(api, owner, CARD)
    seen = (await page.get("/apply/identity")).text
    asked = re.search(r"<details[^>]*><summary>不要这份草稿了</summary>.*?</details>", seen, re.DOTALL)
    assert asked is not None and "照片" in asked.group() and "确定删掉" in asked.group()
    assert (await page.post("/apply/draft/away", data={"key": uuid4().hex})).status_code == 303
    async with api.tools.sessions.begin(scope="worker") as session:
        assert await identity_papers.of(session, photo) is None
        assert await identity_papers.of(session, old) is not None, "an earlier application's photo stays with it"
        detail = await session.scalar(
            text("select detail from audit where action = 'draft.throw_away' order by id desc limit 1")
        )
    assert detail["photos"] == 1
    kept = [key for key in (at, old_at) if await _there(api, key)]
    assert kept == [old_at]
    assert 'value="王小明"' not in (await page.get("/apply/identity")).text


async def test_a_draft_that_nobody_came_back_to_takes_its_photos_along(api: Any, owner: Any, wired: Any) -> None:
    """After 35 days, as when it is thrown away; the photo of an earlier application stays with it."""
    (old, old_at), (photo, at) = [await photographed(api, owner, CARD) for _ in range(2)]
    kept = await owner.client.patch("/v1/draft", json={"fields": TYPED}, headers={"Idempotency-Key": uuid4().hex})
    assert kept.status_code == 200, kept.text
    left = timedelta(days=36)
    async with api.tools.sessions.begin(scope="worker") as session:
        begun = {"changed_at": Draft.changed_at - left, "begun_at": Draft.begun_at - left}
        await session.execute(update(Draft).where(Draft.id == UUID(kept.json()["id"])).values(begun))
        brought = update(IdentityPaper).values(received_at=IdentityPaper.received_at - 2 * left)
        await session.execute(brought.where(IdentityPaper.id == old))
    await Reminder(wired, (time(21), time(9))).round()
    async with api.tools.sessions.begin(scope="worker") as session:
        assert await session.get(Draft, UUID(kept.json()["id"])) is None
        assert [await identity_papers.of(session, one) is not None for one in (old, photo)] == [True, False]
    assert [key for key in (at, old_at) if await _there(api, key)] == [old_at]


async def _there(api: Any, key: str) -> bool:
    try:
        await api.tools.storage.get(key)
    except Exception as gone:
        assert type(gone).__name__ == "ObjectMissing"
        return False
    return True


async def test_an_earlier_step_is_looked_at_again_and_reopened_with_its_data_until_it_is_signed(
    api: Any, begun: Any, at_stage: Any, pages: Any
) -> None:
    owner, application_id = begun
    at_stage(application_id, "identity")
    said = {"kind": "self_employed", "name": "王小明", "id_number": "11010519491231002X"}
    identity = {**said, "account_number": "622202123456789", "bank": "中国银行"}
    assert (await owner.post(f"/v1/applications/{application_id}/identity", identity)).status_code == 200
    page = pages(owner)
    at_stage(application_id, "evidence")
    flows = (await page.get("/apply/flows")).text
    assert 'href="/apply/identity?look=1"' in flows and 'href="/apply/consents?look=1"' in flows
    seen = (await page.get("/apply/identity?look=1")).text
    assert "王小明" in seen and "11010519491231002X" not in seen
    for told in ("只重做和改动有关的", "给过的都在", "同一家店的都留着", "作废"):
        assert told in seen, "what hangs on it is said before the tap"
    assert (await page.post("/apply/identity/reopen", data={"key": uuid4().hex})).status_code == 303
    at_stage(application_id, "identity")
    await allowing(owner)
    async with api.tools.sessions.begin(scope="worker") as session:  # as the story leaves it behind
        reopened = text("update application set note = '{\"reopened\": true}' where id = :id")
        await session.execute(reopened, {"id": application_id})
    again = (await page.get("/apply/identity")).text
    assert 'value="王小明"' in again and 'value="中国银行"' in again and "上次填的是 •••• 6789" in again
    at_stage(application_id, "deciding")
    assert "/apply/identity/reopen" not in (await page.get("/apply/identity?look=1")).text


async def test_a_known_owner_is_asked_for_a_tap_and_no_number_twice(api: Any, owner: Any, pages: Any) -> None:
    person, tools, now = await person_of(api, owner), api.tools, datetime.now(UTC)
    async with tools.sessions.begin(scope="worker") as session:
        await people.set_identity(session, tools.vault, person, name="王小明", id_number="11010519491231002X")
        firm = await people.know_firm(
            session, tools.vault, person, kind="self_employed", name="王小明", licence=None, trade=None, now=now
        )
        account = await people.know_account(
            session, tools.vault, person, number="6222021234567894", bank="中国银行", now=now
        )
        await session.execute(text("update bank_account set proven_at = now() where id = :id"), {"id": account})
        application = uuid4()
        await intake.add_application(
            session,
            application_id=application,
            person_id=person,
            product_id="business",
            policy_version="x",
            channel="owner",
            amount_minor=5_000_000,
            currency="CNY",
            months=12,
            share="0.12",
            declared_revenue_minor=None,
            purpose="stock",
            renews_loan_id=None,
            now=now,
            due_at=now,
        )
        await session.execute(
            text("update application set firm_id = :f, bank_account_id = :a, stage = 'funded' where id = :id"),
            {"f": firm, "a": account, "id": application},
        )
    page = pages(owner)
    seen = (await page.get("/apply/identity")).text
    assert "上次填的是 •••• 7894" in seen and "上次填的是 11" in seen
    assert "6222021234567894" not in seen and "11010519491231002X" not in seen
    assert re.search(r'name="purpose" value="stock" checked', seen)
    chosen = dict(re.findall(r'type="radio" name="(\w+)" value="(\w+)" checked', seen))
    filled = dict(re.findall(r'<input id="f-(\w+)" name="\w+" type="text" value="([^"]*)"', seen))
    answer = await page.post("/apply/identity", data={**hidden(seen), **filled, **chosen})
    assert "wrong" not in re.findall(r'class="field ?(\w*)"', answer.text), "nothing had to be typed"
    async with tools.sessions.begin(scope="worker") as session:
        rows = await session.execute(
            text("select bank_account_id from application where person_id = :p order by number"), {"p": person}
        )
        assert len(rows.all()) == 2
