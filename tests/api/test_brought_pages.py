"""The pages of what an applicant brings: owner and manager fill one list, a person judges, help hands over."""

import io
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image


def photo(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(out, "JPEG")
    return out.getvalue()


def form(**fields: str) -> dict[str, str]:
    return {"key": uuid4().hex, **fields}


def files(*brought: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", one) for one in brought]


@pytest.fixture
async def applicant(api: Any, begun: Any, at_stage: Any) -> tuple[Any, UUID]:
    """Somebody without a licence whose application takes papers."""
    owner, application_id = begun
    at_stage(application_id, "identity")
    said = {
        "kind": "self_employed",
        "name": "王小明",
        "id_number": "11010519491231002X",
        "account_number": "622202123456789",
    }
    assert (await owner.post(f"/v1/applications/{application_id}/identity", said)).status_code == 200
    at_stage(application_id, "evidence")
    return owner, application_id


async def test_owner_and_manager_fill_one_list_and_a_paper_opens_as_a_picture(
    api: Any, pages: Any, applicant: Any
) -> None:
    owner, application_id = applicant
    mine, theirs = pages(owner), pages(await api.staff("manager"))
    assert "您在哪里做生意" in (await mine.get("/apply/flows")).text
    brought = await mine.post("/apply/papers", data=form(item="trade_proof"), files=files(("摊位.jpg", photo("red"))))
    assert (brought.status_code, brought.headers["location"]) == (303, "/apply/flows#papers")
    here = f"/manager/customers/{application_id}/papers"
    seen = (await theirs.get(here)).text
    assert "摊位.jpg" in seen
    scanned = await theirs.post(here, data=form(item="trade_proof"), files=files(("扫描.jpg", photo("blue"))))
    assert scanned.status_code == 303
    bill = await theirs.post(
        here, data=form(item="bills"), files=files(("微信.csv", "微信支付账单明细\n".encode() * 40))
    )
    assert bill.status_code == 303
    seen = (await mine.get("/apply/flows")).text
    assert "扫描.jpg" in seen and "客户经理代传的" in seen and "微信.csv" in seen
    [first, *_] = re.findall(r"/apply/papers/([0-9a-f-]{36})", seen)
    opened = await mine.get(f"/apply/papers/{first}")
    assert (opened.headers["content-type"], opened.headers["content-disposition"]) == ("image/jpeg", "inline")
    assert "sandbox" in opened.headers["content-security-policy"]
    assert (await pages(await api.owner()).get(f"/apply/papers/{first}")).status_code == 404


async def test_what_cannot_be_taken_is_said_beside_its_item(pages: Any, applicant: Any) -> None:
    owner, _ = applicant
    page = pages(owner)
    nothing = await page.post("/apply/papers", data=form(item="trade_proof"))
    assert nothing.status_code == 422
    wrong = await page.post("/apply/papers", data=form(item="trade_proof"), files=files(("a.jpg", b"<svg>")))
    assert wrong.status_code == 422 and "不是照片" in wrong.text


async def test_a_manager_says_that_a_paper_will_not_do_and_the_owner_reads_why(
    api: Any, pages: Any, applicant: Any
) -> None:
    owner, application_id = applicant
    mine, theirs = pages(owner), pages(await api.staff("manager"))
    await mine.post("/apply/papers", data=form(item="trade_proof"), files=files(("摊位.jpg", photo("green"))))
    [paper] = re.findall(
        r"/manager/papers/([0-9a-f-]{36})", (await theirs.get(f"/manager/customers/{application_id}/papers")).text
    )
    said = await theirs.post(f"/manager/papers/{paper}", data=form(say="cut_off", words="把门头也拍进去"))
    assert (said.status_code, said.headers["location"]) == (303, "/manager")
    seen = (await mine.get("/apply/flows")).text
    assert "没拍全" in seen and "把门头也拍进去" in seen


async def test_help_hands_over_on_its_page_and_in_the_inbox(api: Any, pages: Any) -> None:
    owner = await api.owner()
    mine, theirs = pages(owner), pages(await api.staff("manager"))
    answer = await mine.get("/help", params={"q": "钱多久到账"})
    assert "risk_tiers.tiers" in answer.text and "/help/missed" in answer.text
    first = await mine.post("/help/missed", data=form(asked="钱多久到账"))
    assert first.headers["location"] == "/help?noted=1"
    second = await mine.post("/help/missed", data=form(asked="我想改扣款的卡"))
    assert second.headers["location"] == "/help"
    assert "客户经理会打给您" in (await mine.get("/help")).text
    inbox = (await theirs.get("/manager")).text
    assert "我想改扣款的卡" in inbox
    waiting = {one: (await theirs.get(one)).text for one in re.findall(r"/manager/calls/[0-9a-f-]{36}", inbox)}
    [call] = [one for one, text in waiting.items() if "我想改扣款的卡" in text]
    wrong = await theirs.post(call, data=form(outcome="", words=""))
    assert wrong.status_code == 422
    assert (await theirs.post(call, data=form(outcome="answered", words="改好授权就行"))).status_code == 303
    assert "客户经理会打给您" not in (await mine.get("/help")).text


async def test_a_refused_paper_is_brought_again_while_somebody_looks_and_no_yes_is_given_without_it(
    api: Any, pages: Any, applicant: Any, at_stage: Any, database: Any
) -> None:
    owner, application_id = applicant
    mei = await api.staff("manager")
    mine, theirs = pages(owner), pages(mei)
    await mine.post("/apply/papers", data=form(item="trade_proof"), files=files(("摊位.jpg", photo("gray"))))
    [paper] = re.findall(r"/apply/papers/([0-9a-f-]{36})", (await mine.get("/apply/flows")).text)
    await theirs.post(f"/manager/papers/{paper}", data=form(say="another_paper"))
    task = uuid4()
    person = f"(select person_id from application where id = '{application_id}')"
    database.execute(
        f"insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) values "
        f"('{task}', 'review', '{application_id}', {person}, 'manager', 'open', '{{\"reasons\": []}}', now(), "
        f"now() + interval '1 day')",
    )
    at_stage(application_id, "review")
    said = {"verdict": "approve", "reason": "流水稳定，同意"}
    assert (await mei.post(f"/v1/manager/tasks/{task}/own-view", said)).status_code == 200
    no = await mei.post(f"/v1/manager/tasks/{task}/finish", said)
    assert (no.status_code, no.json()["code"]) == (409, "papers_missing")
    for where in ("/apply/decision", "/progress"):
        assert 'href="/apply/papers"' in (await mine.get(where)).text, where
    again = await mine.post("/apply/papers", data=form(item="trade_proof"), files=files(("摊位证.jpg", photo("navy"))))
    assert (again.status_code, again.headers["location"]) == (303, "/apply/papers")
    assert 'href="/apply/papers"' not in (await mine.get("/apply/decision")).text


async def test_whoever_comes_back_to_a_draft_goes_on_from_the_first_page(api: Any, pages: Any) -> None:
    owner = await api.owner()
    page = pages(owner)
    assert "您填的还留着" not in (await page.get("/progress")).text
    assert (
        await owner.client.patch(
            "/v1/draft", json={"fields": {"amount": "50000"}}, headers={"Idempotency-Key": uuid4().hex}
        )
    ).status_code == 200
    assert "您填的还留着" in (await page.get("/progress")).text
