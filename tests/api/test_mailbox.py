"""The bill mailbox through the API: an address of one's own, proven senders alone, a password used once."""

import io
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import pyzipper
from sqlalchemy import text

from db import people
from gateways.webhooks import new_headers

CSV = "微信支付账单明细\n".encode() * 100


@pytest.fixture
async def applicant(api: Any, begun: Any, at_stage: Any) -> tuple[Any, UUID]:
    """An owner whose application takes bills."""
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


async def came(
    api: Any, applier: Any, recipient: str, sender: str = "wx@tencent.com", proven: bool = True
) -> str | None:
    """A mail was told by the gateway; the problem that it was applied with."""
    mail_id = uuid4().hex
    body = {
        "type": "mail.received",
        "mail_id": mail_id,
        "recipient": recipient,
        "sender": sender,
        "proven": proven,
    }
    raw = json.dumps(body).encode()
    secret = api.settings.messages_webhook_secret.get_secret_value()
    signed = new_headers(secret, message_id=f"mail-{mail_id}", at=datetime.now(UTC), body=raw)
    headers = {"Content-Type": "application/json", **signed}
    answer = await api.client().post("/v1/hooks/mail", content=raw, headers=headers)
    assert answer.status_code == 202, answer.text
    while await applier.round():
        pass
    async with api.tools.sessions.begin(scope="worker") as session:
        found = await session.execute(
            text("select problem, body::text from inbound_event where event_id = :id"), {"id": f"mail-{mail_id}"}
        )
        problem, kept = found.one()
    assert "wx@" not in kept, "of a sender only the domain is kept"
    return problem


async def taken(api: Any, application_id: UUID) -> int:
    async with api.tools.sessions.begin(scope="worker") as session:
        found = await session.scalar(
            text("select count(*) from command where workflow_type = 'BillMail' and start->>'application_id' = :id"),
            {"id": str(application_id)},
        )
    return int(found)


async def test_p25_each_application_has_a_mailbox_that_proven_wallets_alone_reach(
    api: Any, applicant: Any, applier: Any, at_stage: Any
) -> None:
    owner, application_id = applicant
    box = (await owner.get(f"/v1/applications/{application_id}/mailbox")).json()
    assert box["open"] is True
    assert await came(api, applier, box["address"].upper()) is None
    assert await taken(api, application_id) == 1
    assert await came(api, applier, box["address"], "a@evil.example") == "sender_not_known"
    assert await came(api, applier, box["address"], proven=False) == "sender_not_proven"
    local, domain = box["address"].split("@")
    assert await came(api, applier, f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}") == "unknown_mailbox"
    assert await came(api, applier, f"{local}@elsewhere.example") == "unknown_mailbox"
    at_stage(application_id, "review")
    assert await came(api, applier, box["address"]) == "mailbox_closed"
    assert await taken(api, application_id) == 1
    told = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()
    assert "没法确认真是它们寄的" in json.dumps(told, ensure_ascii=False)
    stranger = await api.owner()
    assert (await stranger.get(f"/v1/applications/{application_id}/mailbox")).status_code == 404


async def locked(api: Any, application_id: UUID, data: bytes) -> UUID:
    """A bill that came by mail with a password."""
    file_id = uuid4()
    await api.tools.storage.put(f"statements/{file_id}", data, "application/octet-stream")
    vault = api.tools.vault
    async with api.tools.sessions.begin(scope="worker") as session:
        owner = "select person_id from application where id = :id"
        person = await session.scalar(text(owner), {"id": application_id})
        name = vault.seal(await people.key_of(session, vault, person), people.FILE_NAME, file_id, "微信.zip")
        await session.execute(
            text(
                "insert into statement_file (id, application_id, person_id, firm_id, name_sealed, size, sha256,"
                " object_key, state, channel, received_at) select :id, id, person_id, firm_id, :name, 1, :sha, :key,"
                " 'locked', 'mailbox', now() from application where id = :application"
            ),
            {
                "id": file_id,
                "name": name,
                "sha": file_id.hex,
                "key": f"statements/{file_id}",
                "application": application_id,
            },
        )
    return file_id


def sealed_zip() -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"482913")
        archive.writestr("微信支付账单.csv", CSV)
    return out.getvalue()


async def test_p25_the_password_opens_a_bill_once_and_is_kept_nowhere(api: Any, applicant: Any, pages: Any) -> None:
    owner, application_id = applicant
    file_id = await locked(api, application_id, sealed_zip())
    page = await pages(owner).get("/apply/flows")
    assert page.status_code == 200 and "/apply/flows/unlock" in page.text and "等密码" in page.text
    listed = (await owner.get(f"/v1/applications/{application_id}/checklist")).json()["items"]
    assert next(one for one in listed if one["id"] == "bills")["state"] == "locked"
    where = f"/v1/applications/{application_id}/statements/{file_id}/unlock"
    wrong = await owner.post(where, {"password": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "file_password_wrong")
    stranger = await api.owner()
    assert (await stranger.post(where, {"password": "482913"})).status_code == 404
    right = await owner.post(where, {"password": "482913"})
    assert right.status_code == 200, right.text
    async with api.tools.sessions.begin(scope="worker") as session:
        row = (await session.execute(text("select * from statement_file where id = :id"), {"id": file_id})).one()
        rows = await session.execute(text("select argument::text, detail::text from command"))
        audits = await session.execute(text("select detail::text from audit"))
        everything = f"{row} {list(rows)} {list(audits)}"
    assert row.state == "received"
    assert "482913" not in everything
    assert b"482913" not in await api.tools.storage.get(row.object_key)
    assert (await owner.post(where, {"password": "482913"})).status_code == 404
    handle = api.tools.temporal.get_workflow_handle(f"application/{application_id}")
    assert [line.split()[0] for line in await handle.query("heard")][-1] == "add_statement"


async def test_a_bill_that_was_brought_before_is_not_needed_again(api: Any, applicant: Any, fresh_key: Any) -> None:
    owner, application_id = applicant
    opened: list[bytes] = []
    first = await locked(api, application_id, sealed_zip())
    where = f"/v1/applications/{application_id}/statements"
    assert (await owner.post(f"{where}/{first}/unlock", {"password": "482913"})).status_code == 200
    async with api.tools.sessions.begin(scope="worker") as session:
        key = await session.scalar(text("select object_key from statement_file where id = :id"), {"id": first})
    opened.append(await api.tools.storage.get(key))
    second = await locked(api, application_id, opened[0])
    again = await owner.post(f"{where}/{second}/unlock", {"password": "482913"})
    assert (again.status_code, again.json()["code"]) == (409, "bill_known")
