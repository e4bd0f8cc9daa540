"""Whose row of the training store it is: one asks, another allows, for an hour, and the owner reads who looked."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from db import permissions, store
from db.store import StoreKeys


@pytest.fixture
async def row(api: Any, begun: Any) -> tuple[Any, UUID, str]:
    """An owner's application in the store."""
    owner, application_id = begun
    key = StoreKeys(api.settings).of(application_id)
    async with api.tools.sessions.begin(scope="worker") as session:
        facts = {"month": "2027-01", "features": {}, "facts": {}, "outcome": "unknown"}
        await store.put(session, [(key, facts)], datetime.now(UTC))
    return owner, application_id, key.hex()


async def asked(officer: Any, key: str) -> dict[str, Any]:
    wish = {"store_key": key, "purpose": "data_error", "words": "特征全为空，要查原件"}
    answer = await officer.post("/v1/desk/glass", wish)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"][0]


async def test_two_people_open_it_for_an_hour_and_the_owner_reads_who_looked_and_why(
    api: Any, row: Any, database: Any
) -> None:
    owner, application_id, key = row
    first, second = await api.staff("officer"), await api.staff("officer")
    wish = await asked(first, key)
    where = f"/v1/desk/glass/{wish['id']}"
    assert (await first.post(f"{where}/look")).json()["code"] == "glass_shut"
    assert (await first.post(f"{where}/answer", {"allow": True})).json()["code"] == "needs_two_people"
    allowed = await second.post(f"{where}/answer", {"allow": True})
    assert allowed.status_code == 200, allowed.text
    assert (await second.post(f"{where}/look")).json()["code"] == "glass_shut"  # only whoever asked
    seen = await first.post(f"{where}/look")
    assert seen.json()["application_id"] == str(application_id)
    reads = (await owner.get("/v1/privacy")).json()["reads"]
    assert [(one["actor"], one["what"], one["purpose"]) for one in reads if one["what"] == "training_row"] == [
        ("officer", "training_row", "glass_data_error")
    ]
    over = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    database.execute(f"update glass_break set open_until = '{over}' where id = '{wish['id']}'")
    assert (await first.post(f"{where}/look")).json()["code"] == "glass_shut"


async def test_a_wish_needs_a_purpose_of_the_list_a_row_that_exists_and_a_fresh_proof(
    api: Any, row: Any, database: Any
) -> None:
    _, _, key = row
    officer = await api.staff("officer")
    curious = {"store_key": key, "purpose": "curiosity", "words": "想看看是谁"}
    assert (await officer.post("/v1/desk/glass", curious)).status_code == 422
    nothing = {"store_key": "0" * 32, "purpose": "data_error", "words": "查一下这一条"}
    assert (await officer.post("/v1/desk/glass", nothing)).status_code == 404
    stale = (datetime.now(UTC) - timedelta(minutes=11)).isoformat()
    database.execute(f"update session set created_at = '{stale}' where kind = 'staff'")
    late = await officer.post("/v1/desk/glass", {**nothing, "store_key": key})
    assert late.json()["code"] == "proof_stale"
    assert (await (await api.staff("manager")).get("/v1/desk/glass")).status_code == 404


async def test_the_page_shows_rows_without_names_and_a_name_once_after_two_people_agreed(
    api: Any, row: Any, pages: Any
) -> None:
    _, application_id, key = row
    first, second = await api.staff("officer"), await api.staff("officer")
    asks, answers = pages(first), pages(second)
    seen = await asks.get(f"/desk/glass?row={key}")
    assert seen.status_code == 200 and f'value="{key}"' in seen.text and str(application_id) not in seen.text
    wish = {"key": uuid4().hex, "store_key": key, "purpose": "data_error", "words": "every feature is empty"}
    wrong = await asks.post("/desk/glass", data={**wish, "store_key": "9f1c"})
    assert wrong.status_code == 422 and "A row has 32 digits" in wrong.text
    assert (await asks.post("/desk/glass", data=wish)).status_code == 303
    (made,) = [one for one in (await first.get("/v1/desk/glass")).json()["items"] if one["store_key"] == key]
    here = f"/desk/glass/{made['id']}"
    assert "a colleague must allow it" in (await asks.get("/desk/glass")).text
    early = await asks.post(f"{here}/look", data={"key": uuid4().hex})
    assert early.status_code == 422 and "not allowed" in early.text
    allowed = await answers.post(f"{here}/answer", data={"key": uuid4().hex, "say": "allow"})
    assert allowed.status_code == 303
    seen_as = (await first.post(f"/v1{here}/look")).json()["number"]
    number = f"A-{seen_as}"
    assert number not in (await asks.get("/desk/glass")).text
    looked = await asks.post(f"{here}/look", data={"key": uuid4().hex})
    assert looked.status_code == 200 and number in looked.text and "On record" in looked.text
    assert number not in (await asks.get("/desk/glass")).text and "looked at 2 times" in looked.text


async def test_a_consent_taken_back_takes_the_row_out_at_once(api: Any, row: Any) -> None:
    owner, application_id, key = row
    sheet = (await owner.get(f"/v1/applications/{application_id}/consents")).json()["items"]
    wanted = next(one for one in sheet if one["purpose"] == "model_training")
    assert not wanted["needed"]
    async with api.tools.sessions.begin(scope="worker") as session:
        consent_id = UUID(int=int(key, 16))
        application = await store.whose(session, StoreKeys(api.settings), bytes.fromhex(key))
        assert application is not None
        await permissions.add(
            session,
            consent_id=consent_id,
            person_id=application.person_id,
            application_id=application_id,
            purpose="model_training",
            scope="features,outcome",
            text_hash=wanted["text_hash"],
            locale="zh_CN",
            channel="api",
            proof={},
            given_at=datetime.now(UTC) - timedelta(days=1),
            expires_on=datetime.now(UTC).date() + timedelta(days=900),
        )
    taken = await owner.post(f"/v1/consents/{consent_id}/revoke")
    assert taken.status_code == 200, taken.text
    async with api.tools.sessions.begin(scope="worker") as session:
        assert bytes.fromhex(key) not in {one.key for one in await store.everything(session)}
