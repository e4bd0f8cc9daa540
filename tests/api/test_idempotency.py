"""One request under one key happens once (security.md 2.2)."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text


async def applications(api: Any) -> int:
    async with api.tools.sessions.begin(scope="worker") as session:
        return await session.scalar(text("select count(*) from application"))


async def test_idem_1_a_missing_or_malformed_key_is_400(api: Any, wanted: Any) -> None:
    owner = await api.owner()
    for headers in (
        {},
        {"Idempotency-Key": "short"},
        {"Idempotency-Key": "x" * 129},
        {"Idempotency-Key": "a b c d e f"},
    ):
        answer = await owner.client.post("/v1/applications", json=wanted, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "key_missing"), headers


async def test_idem_1_every_unsafe_operation_wants_a_key_or_says_why_not(api: Any) -> None:
    without = set()
    for path, operations in api.app.openapi()["paths"].items():
        for method, operation in operations.items():
            names = {p["name"].lower() for p in operation.get("parameters", [])}
            if method in ("post", "patch", "put", "delete") and "idempotency-key" not in names:
                without.add(path)
    # These change nothing (simulations, quotes, eligibility, a paper's check, a sheet that is opened), are single-use
    # by a code, a time step, an event's id, are a look of which each one is on record, or leave what one is in already.
    assert without == {
        "/v1/simulations",
        "/v1/eligibility",
        "/v1/papers/verify",
        "/v1/sign-in",
        "/v1/staff/sign-in",
        "/v1/sign-out",
        "/v1/my-seats/entered",
        "/v1/hooks/mail",
        "/v1/hooks/rail",
        "/v1/hooks/revenue",
        "/v1/revenue_batches",
        "/v1/staff/proof",
        "/v1/desk/glass/{glass_id}/look",
        "/v1/lines/{line_id}/draw-quotes",
        "/v1/parts/{party_id}/key-facts",
    }


async def test_idem_2_the_same_key_and_body_give_the_same_answer(api: Any, listening: None, wanted: Any) -> None:
    owner = await api.owner()
    first = await owner.post("/v1/applications", wanted, key_="k-same-00001")
    again = await owner.post("/v1/applications", wanted, key_="k-same-00001")
    assert (first.status_code, again.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert {**first.json(), "replayed": True} == again.json()


async def test_idem_2_the_same_body_written_differently_is_the_same_body(
    api: Any, listening: None, wanted: Any
) -> None:
    owner = await api.owner()
    first = await owner.post("/v1/applications", wanted, key_="k-spaced-0001")
    turned = "{" + ", ".join(f'"{name}" :  {_json(wanted[name])}' for name in reversed(list(wanted))) + " }"
    again = await owner.client.post(
        "/v1/applications",
        content=turned.replace('"0.12"', '"0.120"'),
        headers={"Idempotency-Key": "k-spaced-0001", "Content-Type": "application/json"},
    )
    assert again.status_code == 201, again.text
    assert again.json()["object_id"] == first.json()["object_id"]


def _json(value: Any) -> str:
    import json

    return json.dumps(value)


async def test_idem_2_the_same_key_with_another_body_is_422(api: Any, listening: None, wanted: Any) -> None:
    owner = await api.owner()
    await owner.post("/v1/applications", wanted, key_="k-other-00001")
    answer = await owner.post("/v1/applications", {**wanted, "months": 6}, key_="k-other-00001")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")


async def test_idem_2_while_the_first_runs_the_second_is_409(api: Any, wanted: Any) -> None:
    owner = await api.owner()
    first = asyncio.create_task(owner.post("/v1/applications", wanted, key_="k-running-001"))  # nobody listens: 2 s
    await asyncio.sleep(0.8)
    second = await owner.post("/v1/applications", wanted, key_="k-running-001")
    assert (second.status_code, second.json()["code"]) == (409, "running")
    assert second.headers["Retry-After"] == "1" or int(second.headers["Retry-After"]) <= 2
    assert (await first).status_code == 202
    third = await owner.post("/v1/applications", wanted, key_="k-running-001")
    assert third.status_code == 202
    assert third.json()["command_id"] == (await first).json()["command_id"]


async def test_idem_3_fifty_at_once_through_two_processes_make_one_object(
    api: Any, another_api: Any, listening: None, wanted: Any
) -> None:
    owner = await api.owner()
    before = await applications(api)
    async with another_api(api.settings) as other:
        clients = [api.client(Authorization=f"Bearer {owner.token}") for _ in range(25)]
        clients += [other.client(Authorization=f"Bearer {owner.token}") for _ in range(25)]
        headers = {"Idempotency-Key": "k-fifty-00001"}
        answers = await asyncio.gather(*(c.post("/v1/applications", json=wanted, headers=headers) for c in clients))
    assert await applications(api) == before + 1
    # On a busy machine some hear that it was taken and goes on, or "later"; nobody hears of another object.
    assert {answer.status_code for answer in answers} <= {201, 202, 409, 503}
    done = {answer.json()["object_id"] for answer in answers if answer.status_code in (201, 202)}
    assert len(done) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"running"}


async def test_idem_3_a_process_that_dies_after_its_commit_is_answered_for(
    api: Any, wanted: Any, listener: Any, relay: Any, database: Any
) -> None:
    """The rows are there, the answer never left: the repeat says "running", then what became of it."""
    owner = await api.owner()
    await owner.post("/v1/applications", wanted, key_="k-died-000001")
    database.execute("update idempotency_key set status = null, response = null where status = 202")
    running = await owner.post("/v1/applications", wanted, key_="k-died-000001")
    assert running.status_code in (202, 409)
    database.execute("update idempotency_key set status = null, response = null where status = 202")
    async with listener(api):
        for _ in range(60):
            await relay.round()
            answer = await owner.post("/v1/applications", wanted, key_="k-died-000001")
            if answer.status_code == 201:
                break
            database.execute("update idempotency_key set status = null, response = null where status = 202")
            await asyncio.sleep(0.1)
    assert answer.status_code == 201, answer.text


async def test_idem_5_the_key_of_one_client_means_nothing_to_another(api: Any, listening: None, wanted: Any) -> None:
    one, two = await api.owner(), await api.owner()
    first = await one.post("/v1/applications", wanted, key_="k-shared-0001")
    second = await two.post("/v1/applications", wanted, key_="k-shared-0001")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["object_id"] != second.json()["object_id"]
    assert "Idempotent-Replayed" not in second.headers


async def test_a_refused_request_leaves_its_key_free(api: Any, listening: None, wanted: Any) -> None:
    owner = await api.owner()
    bad = await owner.post("/v1/applications", {**wanted, "months": 999}, key_="k-free-000001")
    assert bad.status_code == 422
    good = await owner.post("/v1/applications", wanted, key_="k-free-000001")
    assert good.status_code == 201


async def test_the_stored_hash_of_a_body_cannot_be_guessed_without_our_key(
    api: Any, listening: None, wanted: Any
) -> None:
    import hashlib

    import rfc8785

    owner = await api.owner()
    await owner.post("/v1/applications", wanted, key_="k-hashed-0001")
    async with api.tools.sessions.begin() as session:
        stored = {bytes(row[0]) for row in await session.execute(text("select body_hash from idempotency_key"))}
    body = {
        "amount_minor": 8_000_000,
        "months": 12,
        "share": "0.12",
        "monthly_revenue_minor": 12_000_000,
        "product_id": None,
        "purpose": None,
    }
    assert hashlib.sha256(rfc8785.dumps(body)).digest() not in stored


@pytest.mark.parametrize("status", [200])
async def test_a_profile_change_is_replayed_too(api: Any, status: int) -> None:
    owner = await api.owner()
    for _ in range(2):
        answer = await owner.client.patch(
            "/v1/profile", json={"locale": "en"}, headers={"Idempotency-Key": "k-profile-001"}
        )
        assert (answer.status_code, answer.json()["locale"]) == (status, "en")
    other = await owner.client.patch(
        "/v1/profile", json={"locale": "zh_CN"}, headers={"Idempotency-Key": "k-profile-001"}
    )
    assert other.status_code == 422
