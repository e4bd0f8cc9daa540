"""Bills on their way in: whole or not at all, once, and never larger than agreed."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

BILL = "微信支付账单明细\n".encode() * 100


@pytest.fixture
async def applicant(api: Any, begun: Any, at_stage: Any, database: Any) -> tuple[Any, UUID]:
    """An owner whose application takes bills."""
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


async def upload(
    owner: Any, application_id: UUID, fresh_key: Any, data: bytes, name: str = "微信.csv", **headers: str
) -> Any:
    return await owner.client.post(
        f"/v1/applications/{application_id}/statements",
        files={"file": (name, data, "text/csv")},
        headers={**fresh_key(), **headers},
    )


async def files(api: Any) -> list[Any]:
    async with api.tools.sessions.begin(scope="worker") as session:
        return list(await session.execute(text("select * from statement_file")))


async def test_a_bill_is_stored_sealed_hashed_and_told_to_the_workflow(
    api: Any, applicant: Any, fresh_key: Any
) -> None:
    owner, application_id = applicant
    answer = await upload(owner, application_id, fresh_key, BILL, "微信支付账单(20260101-20260401).csv")
    assert answer.status_code == 200, answer.text
    row = next(row for row in await files(api) if row.application_id == application_id)
    assert await api.tools.storage.get(row.object_key) == BILL
    assert "微信" not in row.object_key
    assert "微信".encode() not in bytes(row.name_sealed)
    shown = (await owner.get(f"/v1/applications/{application_id}/evidence")).json()
    assert [(one["name"], one["state"], one["size"]) for one in shown["files"]] == [
        ("微信支付账单(20260101-20260401).csv", "received", len(BILL))
    ]
    handle = api.tools.temporal.get_workflow_handle(f"application/{application_id}")
    assert [line.split()[0] for line in await handle.query("heard")][-1] == "add_statement"


async def test_the_same_bytes_are_the_same_file(api: Any, applicant: Any, fresh_key: Any) -> None:
    owner, application_id = applicant
    for name in ("a.csv", "b.csv"):
        assert (await upload(owner, application_id, fresh_key, BILL, name)).status_code == 200
    assert len([row for row in await files(api) if row.application_id == application_id]) == 1


async def test_a_repeated_upload_is_replayed(api: Any, applicant: Any, fresh_key: Any) -> None:
    owner, application_id = applicant
    one_key = fresh_key()
    first = await upload(owner, application_id, lambda: one_key, BILL)
    again = await upload(owner, application_id, lambda: one_key, BILL)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json()["command_id"] == again.json()["command_id"]
    other = await upload(owner, application_id, lambda: one_key, BILL + b"x")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_fifty_megabytes_are_refused_and_nothing_is_stored(api: Any, applicant: Any, fresh_key: Any) -> None:
    owner, application_id = applicant
    before = len(await files(api))
    answer = await upload(owner, application_id, fresh_key, b"x" * 50 * 1024 * 1024)
    assert answer.status_code == 413
    assert answer.json()["code"] in ("file_too_large", "too_large")
    assert len(await files(api)) == before


async def test_one_byte_too_many_says_how_much_is_taken(api: Any, applicant: Any, fresh_key: Any) -> None:
    owner, application_id = applicant
    limit = api.settings.upload_limit_bytes
    answer = await upload(owner, application_id, fresh_key, b"x" * (limit + 1))
    assert (answer.status_code, answer.json()["code"], answer.json()["params"]) == (
        413,
        "file_too_large",
        {"limit_mb": limit // 2**20},
    )


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("bill.pdf.exe", BILL, "not_a_bill_file"),
        ("bill", BILL, "not_a_bill_file"),
        ("empty.csv", b"", "empty_file"),
        ("a\u202ecsv.exe", BILL, "control_characters"),
        ("x" * 300 + ".csv", BILL, "too_long"),
    ],
)
async def test_what_is_no_bill_is_named_before_it_is_read(
    api: Any, applicant: Any, fresh_key: Any, name: str, data: bytes, code: str
) -> None:
    owner, application_id = applicant
    answer = await upload(owner, application_id, fresh_key, data, name)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("#/file", code)]


async def test_a_name_with_a_path_keeps_only_its_last_part(api: Any, applicant: Any, fresh_key: Any) -> None:
    owner, application_id = applicant
    assert (await upload(owner, application_id, fresh_key, BILL, "../../etc/passwd/..\\bill.csv")).status_code == 200
    shown = (await owner.get(f"/v1/applications/{application_id}/evidence")).json()
    assert [one["name"] for one in shown["files"]] == ["bill.csv"]


async def test_without_the_store_nothing_is_written_and_it_can_be_tried_again(
    api: Any, applicant: Any, fresh_key: Any, monkeypatch: Any
) -> None:
    from infra.storage import StorageUnavailable

    owner, application_id = applicant

    async def away(*_: Any) -> None:
        raise StorageUnavailable("away")

    one_key = fresh_key()
    with monkeypatch.context() as patched:
        patched.setattr(type(api.tools.storage), "put", away)
        answer = await upload(owner, application_id, lambda: one_key, BILL)
    assert (answer.status_code, answer.json()["params"]) == (503, {"party": "storage"})
    assert not [row for row in await files(api) if row.application_id == application_id]
    again = await upload(owner, application_id, lambda: one_key, BILL)
    assert again.status_code == 200


async def test_before_the_identity_no_bill_is_taken(api: Any, begun: Any, fresh_key: Any) -> None:
    owner, application_id = begun
    answer = await upload(owner, application_id, fresh_key, BILL)
    assert (answer.status_code, answer.json()["code"]) == (409, "identity_not_proven")


async def test_a_form_without_a_file_says_so(api: Any, applicant: Any, fresh_key: Any) -> None:
    owner, application_id = applicant
    path = f"/v1/applications/{application_id}/statements"
    answer = await owner.client.post(path, files={"other": ("a.csv", b"x")}, headers=fresh_key())
    assert answer.json()["errors"][0]["pointer"] == "#/file"
    broken = await owner.client.post(
        path, content=b"not a form", headers={**fresh_key(), "Content-Type": "multipart/form-data; boundary=x"}
    )
    assert broken.status_code in (400, 422)


async def test_an_unreadable_bill_can_be_put_away_and_comes_back_with_its_bytes(
    api: Any, applicant: Any, fresh_key: Any, database: Any
) -> None:
    owner, application_id = applicant
    assert (await upload(owner, application_id, fresh_key, BILL)).status_code == 200
    (row,) = [row for row in await files(api) if row.application_id == application_id]
    where = f"/v1/applications/{application_id}/statements/{row.id}/dismiss"
    assert (await owner.post(where)).status_code == 404, "a bill that may yet be read stays"
    database.execute(f"update statement_file set state = 'refused', problem = 'broken' where id = '{row.id}'")
    assert (await owner.post(where)).json()["files"] == []
    evidence = (await owner.get(f"/v1/applications/{application_id}/evidence")).json()
    assert evidence["files"] == []
    assert (await upload(owner, application_id, fresh_key, BILL)).status_code == 200
    evidence = (await owner.get(f"/v1/applications/{application_id}/evidence")).json()
    assert len(evidence["files"]) == 1
    assert (await (await api.owner()).post(where)).status_code == 404, "it is another owner's"


async def test_p24_a_file_with_a_password_asks_for_it_and_is_stored_without(
    api: Any, applicant: Any, fresh_key: Any
) -> None:
    import io

    import pyzipper

    owner, application_id = applicant
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"123456")
        archive.writestr("bill.csv", BILL)

    async def sent(**fields: str) -> Any:
        return await owner.client.post(
            f"/v1/applications/{application_id}/statements",
            files={"file": ("bill.zip", out.getvalue(), "application/zip")},
            data=fields,
            headers=fresh_key(),
        )

    for fields, code in (({}, "file_needs_password"), ({"password": "654321"}, "file_password_wrong")):
        answer = await sent(**fields)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert "654321" not in answer.text
    assert not [row for row in await files(api) if row.application_id == application_id]
    assert (await sent(password="123456")).status_code == 200
    row = next(row for row in await files(api) if row.application_id == application_id)
    stored = await api.tools.storage.get(row.object_key)
    assert b"bill.csv" in stored
    with pyzipper.AESZipFile(io.BytesIO(stored)) as archive:
        assert archive.read("bill.csv") == BILL


async def test_a_list_of_invoices_is_stored_with_what_was_said_of_it_and_its_side_may_be_said_later(
    api: Any, applicant: Any, fresh_key: Any, database: Any
) -> None:
    owner, application_id = applicant
    path, key = f"/v1/applications/{application_id}/invoices", fresh_key()

    async def bring(side: str, headers: dict[str, str]) -> Any:
        said = {"columns": "buyer=甲"} | ({"side": side} if side else {})
        return await owner.client.post(path, files={"file": ("应收.parquet", b"x" * 40)}, params=said, headers=headers)

    assert (await bring("", key)).status_code == 200
    assert (await bring("", key)).json()["command_id"] == (await bring("", key)).json()["command_id"]
    assert (await bring("sideways", fresh_key())).status_code == 422
    row = next(row for row in await files(api) if row.application_id == application_id)
    assert (row.holds, row.hints, row.state) == ("invoices", {"mapping": ["buyer=甲"]}, "received")
    database.execute(f"update statement_file set state='refused', problem='side_unknown' where id='{row.id}'")
    said = await owner.post(f"/v1/applications/{application_id}/statements/{row.id}/side", {"side": "sale"})
    assert said.status_code == 200, said.text
    row = next(row for row in await files(api) if row.application_id == application_id)
    assert (row.hints, row.state, row.problem) == ({"mapping": ["buyer=甲"], "side": "sale"}, "received", None)
    wrong = await owner.post(f"/v1/applications/{application_id}/statements/{row.id}/side", {"side": "up"})
    assert wrong.status_code == 422
