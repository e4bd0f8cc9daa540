"""Drafts on the pages: kept at every field, gone on with, told apart from what a manager typed meanwhile."""

from typing import Any
from uuid import uuid4

from db import people


def form(**fields: str) -> dict[str, str]:
    return {"key": uuid4().hex, **fields}


async def allowed(owner: Any) -> Any:
    """An owner who lets themselves be checked: the form is shown to nobody else."""
    asked = {one["purpose"]: one["text_hash"] for one in (await owner.get("/v1/consents")).json()["items"]}
    words = {"purpose": "identity_check", "text_hash": asked["identity_check"]}
    assert (await owner.post("/v1/consents", words)).status_code == 200
    return owner


async def test_what_was_typed_stands_there_again_and_may_be_kept_without_any_script(api: Any, pages: Any) -> None:
    owner = await allowed(await api.owner())
    page = pages(owner)
    kept = await page.post("/apply/draft", data=form(amount="50000", name="陈小满", bank="工商银行", draft_version="0"))
    assert (kept.status_code, kept.headers["location"]) == (303, "/apply/identity?kept=1")
    seen = (await page.get(kept.headers["location"])).text
    assert 'value="陈小满"' in seen and 'value="工商银行"' in seen
    assert '<input type="hidden" name="amount" value="50000">' in seen
    assert '<input type="hidden" name="draft_version" value="1">' in seen
    assert (await page.post("/apply/draft/reminders", data=form())).status_code == 303
    assert (await owner.get("/v1/draft")).json()["reminders"] is False
    assert (await page.post("/apply/draft/away", data=form())).status_code == 303
    assert (await owner.get("/v1/draft")).status_code == 404


async def test_a_field_that_was_left_is_kept_alone_and_answers_with_the_next_version(api: Any, pages: Any) -> None:
    page = pages(await api.owner())
    first = await page.post("/apply/draft", data=form(name="陈", draft_version="0"), headers={"X-Keep": "1"})
    again = await page.post("/apply/draft", data=form(name="陈小满", draft_version="1"), headers={"X-Keep": "1"})
    assert (first.status_code, first.headers["etag"]) == (204, '"v1"')
    assert again.headers["etag"] == '"v2"'
    late = await page.post("/apply/draft", data=form(name="陈大满", draft_version="1"), headers={"X-Keep": "1"})
    assert late.status_code == 412


async def test_a_manager_fills_in_by_phone_and_the_owner_sees_both_texts_before_one_is_chosen(
    api: Any, pages: Any
) -> None:
    owner, manager = await allowed(await api.owner()), await api.staff("manager")
    mine, theirs = pages(owner), pages(manager)
    await mine.post("/apply/draft", data=form(name="陈小满", bank="工商银行", draft_version="0"))
    assert (await theirs.get("/manager/drafts")).status_code == 200
    opened = await theirs.post("/manager/drafts", data=form(phone=owner.name))
    assert opened.status_code == 200 and 'value="工商银行"' in opened.text
    changed = form(phone=owner.name, opened="1", draft_version="1", bank="农业银行", name="陈小满")
    assert (await theirs.post("/manager/drafts", data=changed)).status_code == 200
    second = await mine.post("/apply/draft", data=form(name="陈小满", bank="建设银行", draft_version="1"))
    assert second.status_code == 422
    assert "农业银行" in second.text and 'value="建设银行"' in second.text
    assert '<input type="hidden" name="draft_version" value="2">' in second.text
    chosen = await mine.post("/apply/draft", data=form(name="陈小满", bank="建设银行", draft_version="2"))
    assert chosen.status_code == 303
    late = await theirs.post("/manager/drafts", data={**changed, "key": uuid4().hex, "bank": "招商银行"})
    assert late.status_code == 412 and "建设银行" in late.text and 'value="招商银行"' in late.text


async def test_whoever_a_manager_keeps_a_draft_for_hears_of_it_once_a_day(api: Any, pages: Any) -> None:
    owner, theirs = await api.owner(), pages(await api.staff("manager"))
    for version, bank in enumerate(("农业银行", "招商银行")):
        kept = form(phone=owner.name, opened="1", draft_version=str(version), bank=bank)
        assert (await theirs.post("/manager/drafts", data=kept)).status_code == 200
    heard = (await owner.get("/v1/messages")).json()["items"]
    assert [one["kind"] for one in heard] == ["draft_kept"]
    assert "客户经理帮您存了一份申请草稿" in heard[0]["text"]


async def test_a_number_that_is_none_is_said_beside_its_field(api: Any, pages: Any) -> None:
    page = pages(await api.staff("manager"))
    answer = await page.post("/manager/drafts", data=form(phone="12345"))
    assert answer.status_code == 422 and 'id="e-phone"' in answer.text


async def test_whoever_applied_before_finds_the_form_filled_with_what_is_known(api: Any, pages: Any) -> None:
    owner = await allowed(await api.owner())
    tools = api.tools
    async with tools.sessions.begin(scope="worker") as session:
        who = await people.find_by_phone(session, tools.vault, owner.name)
        assert who is not None
        now = tools.wall_now()
        await people.set_identity(session, tools.vault, who, name="陈小满", id_number="440106198503120020")
        firm = {"kind": "sole_trader", "name": "小满面馆", "licence": "92440106MA5CJ7TX3L", "trade": None}
        await people.know_firm(session, tools.vault, who, **firm, now=now)
        await people.know_account(session, tools.vault, who, number="6222000000000417", bank="工商银行", now=now)
    seen = (await pages(owner).get("/apply/identity")).text
    for value in ("陈小满", "小满面馆", "工商银行"):
        assert f'value="{value}"' in seen
    assert 'value="sole_trader" checked' in seen
    assert "440106198503120020" not in seen and "6222000000000417" not in seen
