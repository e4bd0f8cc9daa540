"""Mails with bills: kept whole, told by a signed callback, fetched by number, never twice under one id."""

import base64
from typing import Any
from uuid import uuid4


def mail(mail_id: str, *files: tuple[str, bytes], sender: str = "wx@tencent.com") -> dict[str, Any]:
    return {
        "mail_id": mail_id,
        "recipient": "a1042k7xqd@bills.huoshui.example",
        "sender": sender,
        "files": [{"name": name, "content": base64.b64encode(data).decode()} for name, data in files],
    }


async def test_a_mail_is_kept_told_and_fetched(http: Any, receiver: Any) -> None:
    mail_id = uuid4().hex
    sent = await http.post("/messages/mails", json=mail(mail_id, ("bill.zip", b"PK\x03\x04"), ("note.txt", b"")))
    assert (sent.status_code, sent.json()) == (202, {"mail_id": mail_id, "files": 2})
    await receiver.until(lambda: bool(receiver.about(mail_id)))
    [delivery] = receiver.about(mail_id)
    told = delivery.content
    assert delivery.path == "/v1/hooks/mail"
    assert (told["mail_id"], told["sender"], told["proven"]) == (mail_id, "wx@tencent.com", True)
    held = (await http.get(f"/messages/mails/{mail_id}")).json()["files"]
    assert held == [{"n": 0, "name": "bill.zip", "size": 4}, {"n": 1, "name": "note.txt", "size": 0}]
    assert (await http.get(f"/messages/mails/{mail_id}/files/0")).content == b"PK\x03\x04"
    assert (await http.get(f"/messages/mails/{mail_id}/files/7")).status_code == 404
    assert (await http.get("/messages/mails/unknown")).json()["code"] == "unknown_mail"


async def test_the_same_mail_twice_is_one_and_another_under_its_id_is_refused(http: Any, receiver: Any) -> None:
    mail_id = uuid4().hex
    for _ in range(2):
        assert (await http.post("/messages/mails", json=mail(mail_id, ("a.csv", b"1")))).status_code == 202
    other = await http.post("/messages/mails", json=mail(mail_id, ("a.csv", b"2")))
    assert (other.status_code, other.json()["code"]) == (409, "mail_id_taken")
    broken = mail(uuid4().hex)
    broken["files"] = [{"name": "a.csv", "content": "***"}]
    assert (await http.post("/messages/mails", json=broken)).status_code == 422
