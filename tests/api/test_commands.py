"""The path of a command: one transaction, then the workflow at once; late, refused, repeated, or killed on the way."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

NOT_A_FLOAT = {"amount": {"amount": 80000.0}, "months": 12, "share": "0.12"}


async def rows(api: Any, query: str, **params: Any) -> list[Any]:
    async with api.tools.sessions.begin(scope="worker") as session:
        return list(await session.execute(text(query), params))


async def heard(api: Any, application_id: UUID) -> list[str]:
    handle = api.tools.temporal.get_workflow_handle(f"application/{application_id}")
    return await handle.query("heard")


async def test_beginning_writes_command_key_audit_and_row_and_the_workflow_hears_it(api: Any, begun: Any) -> None:
    _, application_id = begun
    found = await rows(
        api,
        "select c.state, c.name, c.result, a.action, k.status, p.stage from command c "
        "join audit a on a.detail->>'command_id' = c.id::text "
        "join idempotency_key k on k.command_id = c.id join application p on p.id = :id "
        "where c.workflow_id = :workflow",
        id=application_id,
        workflow=f"application/{application_id}",
    )
    assert [tuple(row) for row in found] == [
        ("done", "begin", {"stage": "begin", "version": 1, "problem": None}, "owner.begin", 200, "draft")
    ]
    assert [line.split()[0] for line in await heard(api, application_id)] == ["begin"]


async def test_nothing_that_a_person_typed_crosses_to_temporal(api: Any, begun: Any, at_stage: Any) -> None:
    owner, application_id = begun
    at_stage(application_id, "identity")
    answer = await owner.post(f"/v1/applications/{application_id}/identity", IDENTITY)
    assert answer.status_code == 200, answer.text
    found = await rows(api, "select argument, detail, start from command where name = 'identify'")
    assert [set(row.argument) for row in found] == [{"command_id"}]
    assert [set(row.detail) for row in found] == [{"device", "place", "channel", "presence"}]


IDENTITY = {
    "kind": "sole_trader",
    "name": "王小明",
    "id_number": "11010519491231002X",
    "firm_name": "小明面馆",
    "licence": "91350211M000100Y46",
    "account_number": "6222021234567890128",
    "bank": "中国工商银行",
}


async def test_past_the_deadline_it_is_202_and_the_relay_delivers_the_same_act(
    api: Any, listener: Any, wanted: Any, relay: Any
) -> None:
    owner = await api.owner()
    late = await owner.post("/v1/applications", wanted)  # nobody listens
    assert late.status_code == 202
    assert late.json()["state"] == "waiting"
    assert late.headers["Retry-After"] == "1"
    where = late.headers["Location"]
    assert (await owner.get(where)).json()["state"] == "waiting"
    async with listener(api):
        for _ in range(80):
            await relay.round()
            told = (await owner.get(where)).json()
            if told["state"] != "waiting":
                break
            await asyncio.sleep(0.1)
    assert (told["state"], told["stage"]) == ("done", "begin")
    async with listener(api):
        lines = await heard(api, UUID(late.json()["object_id"]))
    assert lines == [f"begin {late.json()['command_id']}"]


async def test_a_refusal_of_the_workflow_is_a_problem_and_is_replayed_as_the_same(api: Any, begun: Any) -> None:
    owner, application_id = begun
    key = "k-refused-0001"
    first = await owner.post(f"/v1/applications/{application_id}/withdraw", key_=key)
    assert first.status_code == 200
    refused = [await owner.post(f"/v1/applications/{application_id}/review", key_="k-refused-0002") for _ in range(2)]
    assert [answer.status_code for answer in refused] == [409, 409]
    bodies = [{**answer.json(), "instance": ""} for answer in refused]
    assert bodies[0] == bodies[1]
    assert bodies[0]["code"] == "review_closed"
    state = await rows(api, "select state, refusal from command where name = 'ask_review'")
    assert ("refused", "ReviewClosed") in [tuple(row) for row in state]


async def test_an_ended_story_refuses_every_act(api: Any, begun: Any) -> None:
    owner, application_id = begun
    handle = api.tools.temporal.get_workflow_handle(f"application/{application_id}")
    await handle.execute_update("finish_story", {"command_id": "x"})
    await handle.result()
    answer = await owner.post(f"/v1/applications/{application_id}/withdraw")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_in_this_stage")


async def test_an_amount_as_a_float_is_refused_by_name(api: Any) -> None:
    owner = await api.owner()
    answer = await owner.post("/v1/applications", NOT_A_FLOAT)
    assert answer.status_code == 422
    assert ("#/amount/amount", "not_text") in [(e["pointer"], e["code"]) for e in answer.json()["errors"]]


@pytest.mark.parametrize("amount", ["80000", "80000.0", "-1.00", "1e5", "080000.00", "80000.001", "９9.00"])
async def test_api_6_amounts_have_one_form(api: Any, wanted: Any, amount: str) -> None:
    owner = await api.owner()
    answer = await owner.post("/v1/applications", {**wanted, "amount": {"amount": amount}})
    assert answer.status_code == 422, amount


async def test_a_second_open_application_is_refused(api: Any, begun: Any, wanted: Any) -> None:
    owner, _ = begun
    answer = await owner.post("/v1/applications", wanted)
    assert (answer.status_code, answer.json()["code"]) == (409, "application_open")


async def test_two_begins_at_once_make_one_application(api: Any, listening: None, wanted: Any) -> None:
    owner = await api.owner()
    answers = await asyncio.gather(*(owner.post("/v1/applications", wanted) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_what_the_product_does_not_lend_is_refused_with_the_range(api: Any, wanted: Any) -> None:
    owner = await api.owner()
    answer = await owner.post("/v1/applications", {**wanted, "amount": {"amount": "1.00"}})
    body = answer.json()
    assert (answer.status_code, body["code"]) == (422, "amount_out_of_range")
    assert "¥5,000.00" in body["detail"]
    assert set(body["messages"]) == {"zh_CN", "en"}


async def test_a_field_that_cannot_be_set_is_refused(api: Any, wanted: Any) -> None:
    owner = await api.owner()
    for name, value in (("stage", "funded"), ("person_id", "x"), ("limit", "1"), ("ammount", "1")):
        answer = await owner.post("/v1/applications", {**wanted, name: value})
        assert answer.status_code == 422, name
        assert (f"#/{name}", "unknown_field") in [(e["pointer"], e["code"]) for e in answer.json()["errors"]]


async def test_wrong_identity_fields_are_told_all_at_once_and_by_name(api: Any, begun: Any, at_stage: Any) -> None:
    owner, application_id = begun
    at_stage(application_id, "identity")
    wrong = {**IDENTITY, "name": "王\u0000", "id_number": "110105194912310021", "licence": "1", "account_number": "12"}
    answer = await owner.post(f"/v1/applications/{application_id}/identity", wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/name"
    wrong["name"] = "…"
    answer = await owner.post(f"/v1/applications/{application_id}/identity", wrong)
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
        ("#/name", "not_a_name"),
        ("#/id_number", "wrong_id_number"),
        ("#/licence", "wrong_licence"),
        ("#/account_number", "wrong_account_number"),
    ]


async def test_identity_is_sealed_and_found_by_its_keyed_hash(api: Any, begun: Any, at_stage: Any) -> None:
    owner, application_id = begun
    at_stage(application_id, "identity")
    assert (await owner.post(f"/v1/applications/{application_id}/identity", IDENTITY)).status_code == 200
    found = await rows(
        api,
        "select p.name_sealed, p.id_number_sealed, p.id_number_index, f.name_sealed as firm, b.number_sealed, b.masked "
        "from application a join person p on p.id = a.person_id join firm f on f.id = a.firm_id "
        "join bank_account b on b.id = a.bank_account_id where a.id = :id",
        id=application_id,
    )
    row = found[0]
    everything = b"".join(bytes(part) for part in row[:5])
    for secret in ("王小明", "11010519491231002X", "小明面馆", "6222021234567890128"):
        assert secret.encode() not in everything
    assert row.masked == "•••• 0128"
    assert bytes(row.id_number_index) == api.tools.vault.blind_index("person.id_number", "11010519491231002x")
    shown = (await owner.get(f"/v1/applications/{application_id}/identity")).json()
    assert shown["name"] == "王小明"
    assert shown["id_number_masked"] == "11" + "•" * 14 + "2X"
    assert "11010519491231002X" not in str(shown)
