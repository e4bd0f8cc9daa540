"""What an applicant brings: one list for all channels, each paper drawn anew, the same bytes once, and judged."""

import io
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import text

from api import checklist
from api.caller import Caller, Principal
from api.hands import Hand
from api.owner.uploading import Upload
from lending.application_steps import Channel

PURPOSE = "trade_proof"


def photo(colour: str, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 400), colour).save(out, "JPEG", comment=comment)
    return out.getvalue()


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
    answer = await owner.post(f"/v1/applications/{application_id}/identity", said)
    assert answer.status_code == 200, answer.text
    at_stage(application_id, "evidence")
    return owner, application_id


async def bring(
    who: Any, where: str, fresh_key: Any, data: bytes, *, item: str = PURPOSE, name: str = "摊位.jpg"
) -> Any:
    return await who.client.post(f"{where}/documents?item={item}", files={"file": (name, data)}, headers=fresh_key())


def item_of(seen: Any, name: str = PURPOSE) -> dict[str, Any]:
    return next(one for one in seen.json()["items"] if one["id"] == name)


async def test_the_list_says_what_why_and_how_and_what_is_missing(applicant: Any) -> None:
    owner, application_id = applicant
    seen = await owner.get(f"/v1/applications/{application_id}/checklist")
    assert [one["id"] for one in seen.json()["items"]] == ["id_card", "bills", "trade_proof"]
    asked = item_of(seen)
    assert (asked["title"], asked["need"], asked["state"]) == ("您在哪里做生意", "required", "missing")
    assert asked["why"] and asked["how"] and asked["sample"]
    assert seen.json()["missing"] == ["trade_proof"]


async def test_a_paper_is_drawn_anew_sealed_and_opened_by_its_owner_alone(
    api: Any, applicant: Any, fresh_key: Any
) -> None:
    owner, application_id = applicant
    where = f"/v1/applications/{application_id}"
    sent = photo("blue", b"<script>alert(1)</script>")
    seen = await bring(owner, where, fresh_key, sent)
    assert seen.status_code == 200, seen.text
    [file] = item_of(seen)["files"]
    assert (file["name"], file["channel"], file["state"], file["pages"]) == ("摊位.jpg", "owner", "received", 1)
    assert seen.json()["missing"] == []
    async with api.tools.sessions.begin(scope="worker") as session:
        row = (await session.execute(text("select * from evidence_document where id = :id"), {"id": file["id"]})).one()
    assert b"JFIF" not in await api.tools.storage.get(row.object_key)
    opened = await owner.get(f"/v1/documents/{file['id']}/file")
    assert opened.headers["content-type"] == "image/jpeg"
    assert b"script" in sent and b"script" not in opened.content
    assert Image.open(io.BytesIO(opened.content)).size == (640, 400)
    assert (await (await api.owner()).get(f"/v1/documents/{file['id']}/file")).status_code == 404


async def test_page_manager_and_partner_bring_into_one_list_and_the_same_bytes_are_one(
    api: Any, applicant: Any, fresh_key: Any, database: Any
) -> None:
    owner, application_id = applicant
    mei = await api.staff("manager")
    await bring(owner, f"/v1/applications/{application_id}", fresh_key, photo("red"))
    customer = f"/v1/manager/customers/{application_id}"
    again = await bring(mei, customer, fresh_key, photo("red"))
    assert len(item_of(again)["files"]) == 1
    await bring(mei, customer, fresh_key, photo("green"), name="扫描.jpg")
    tools = api.tools
    async with tools.sessions.begin(scope="worker") as session:
        person = await session.scalar(
            text("select person_id from application where id = :id"), {"id": str(application_id)}
        )
    erp = Caller(tools, Principal("machine"), "r-erp", "zh_CN", "10.9.9.0/24", "erp", "", "", channel="partner")

    async def chunks() -> Any:
        yield photo("yellow")

    hand = Hand(Channel.PARTNER, UUID(str(person)), "staff")
    await checklist.bring(
        erp, hand, application_id, PURPOSE, Upload("erp.jpg", chunks()), fresh_key()["Idempotency-Key"]
    )
    seen = await owner.get(f"/v1/applications/{application_id}/checklist")
    assert [file["channel"] for file in item_of(seen)["files"]] == ["owner", "manager", "partner"]
    looks = (await owner.get("/v1/privacy")).json()["reads"]
    assert any(look["what"] == "papers" for look in looks)


async def test_a_bill_that_the_manager_scans_stands_in_the_same_list(api: Any, applicant: Any, fresh_key: Any) -> None:
    owner, application_id = applicant
    mei = await api.staff("manager")
    answer = await mei.client.post(
        f"/v1/manager/customers/{application_id}/statements",
        files={"file": ("微信.csv", "微信支付账单明细\n".encode() * 100)},
        headers=fresh_key(),
    )
    assert answer.status_code == 200, answer.text
    seen = await owner.get(f"/v1/applications/{application_id}/checklist")
    [bill] = item_of(seen, "bills")["files"]
    assert (bill["channel"], bill["state"]) == ("manager", "reading")


async def test_a_refused_paper_says_why_and_is_missing_again(
    api: Any, applicant: Any, fresh_key: Any, database: Any
) -> None:
    owner, application_id = applicant
    seen = await bring(owner, f"/v1/applications/{application_id}", fresh_key, photo("black"))
    [file] = item_of(seen)["files"]
    mei = await api.staff("manager")
    where = f"/v1/manager/documents/{file['id']}/judge"
    unknown = await mei.post(where, {"accepted": False, "refusal": "ugly"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "#/refusal")
    answer = await mei.post(where, {"accepted": False, "refusal": "unreadable", "words": "对着窗户再拍"})
    assert answer.status_code == 200, answer.text
    assert (await mei.post(where, {"accepted": True})).status_code == 409
    seen = await owner.get(f"/v1/applications/{application_id}/checklist")
    [file] = item_of(seen)["files"]
    assert file["refused"]["text"] == "拍得不清楚，看不出字。请放平、对好焦再拍一张"
    assert (file["words"], item_of(seen)["state"], seen.json()["missing"]) == (
        "对着窗户再拍",
        "refused",
        ["trade_proof"],
    )
    told = (await owner.get("/v1/messages")).json()["items"]
    assert any("您在哪里做生意要重新交" in message["text"] for message in told)


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"<svg onload=alert(1)>", "a.png", "paper_not_a_picture"),
        (b"%PDF-1.7 nothing", "a.pdf", "paper_broken"),
        (b"", "a.jpg", "empty_file"),
        (photo("red"), "a.exe", "not_a_photo"),
    ],
)
async def test_a_file_that_cannot_be_drawn_leaves_nothing(
    api: Any, applicant: Any, fresh_key: Any, data: bytes, name: str, code: str
) -> None:
    owner, application_id = applicant
    answer = await bring(owner, f"/v1/applications/{application_id}", fresh_key, data, name=name)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    seen = await owner.get(f"/v1/applications/{application_id}/checklist")
    assert item_of(seen)["files"] == []


async def test_nothing_is_brought_for_an_item_that_is_not_asked_for_nor_after_the_end(
    applicant: Any, fresh_key: Any, at_stage: Any
) -> None:
    owner, application_id = applicant
    where = f"/v1/applications/{application_id}"
    assert (await bring(owner, where, fresh_key, photo("red"), item="tax_record")).status_code == 422
    at_stage(application_id, "funded")
    assert (await bring(owner, where, fresh_key, photo("red"))).json()["code"] == "not_in_this_stage"
