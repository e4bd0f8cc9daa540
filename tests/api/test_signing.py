"""The act of signing: only what was read, only with the code that was sent for it, only once."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from infra import i18n
from lending.offers import terms_hash, terms_of
from lending.terms import canonical


@pytest.fixture
async def signer(api: Any, begun: Any, database: Any) -> tuple[Any, UUID, str]:
    """An owner with a chosen plan and its key facts: (owner, application, terms hash)."""
    owner, application_id = begun
    return owner, application_id, await offered(api, database, application_id)


async def offered(api: Any, database: Any, application_id: UUID, amount_minor: int = 8_000_000) -> str:
    product = next(iter(api.tools.policies.products.values()))
    from decimal import Decimal

    terms = terms_of(product, amount_minor=amount_minor, months=12, share=Decimal("0.12"))
    decision, offer, account = uuid4(), uuid4(), uuid4()
    person = f"(select person_id from application where id = '{application_id}')"
    projection = json.dumps({"shape": "as_asked", "monthly_net_revenue_minor": 12_000_000, "as_of": "2026-11-21"})
    database.execute(
        f"insert into decision (id, application_id, person_id, n, outcome, reasons, limit_minor, features, ratios, "
        f"policy_version, decided_by, decided_at) values ('{decision}', '{application_id}', {person}, 1, 'approve', "
        f"'[]', 10000000, '{{}}', '{{}}', 'v', 'model', now())",
        f"insert into offer (id, application_id, person_id, decision_id, n, terms, terms_hash, projection, expires_at, "
        f"chosen_at) values ('{offer}', '{application_id}', {person}, '{decision}', 1, '{canonical(terms)}', "
        f"'{terms_hash(terms)}', '{projection}', now() + interval '7 days', now())",
        f"insert into key_facts (id, application_id, person_id, offer_id, terms_hash, sheet) values "
        f"('{uuid4()}', '{application_id}', {person}, '{offer}', '{terms_hash(terms)}', '{{}}')",
        f"insert into bank_account (id, person_id, number_sealed, number_index, masked, proven_at, created_at) values "
        f"('{account}', {person}, '', '\\x{account.hex}', '•••• 0128', now(), now())",
        f"update application set stage = 'signing', offer_id = '{offer}', bank_account_id = '{account}' "
        f"where id = '{application_id}'",
    )
    return terms_hash(terms)


def read(database: Any) -> None:
    """Let the reading time pass."""
    database.execute("update key_facts set readable_from = now() - interval '1 second' where opened_at is not null")


async def coded(api: Any, owner: Any, application_id: UUID, database: Any) -> str:
    """Open, read, ask for the code; the code."""
    await owner.get(f"/v1/applications/{application_id}/key-facts")
    read(database)
    answer = await owner.post(f"/v1/applications/{application_id}/signing-code")
    assert answer.status_code == 200, answer.text
    return api.phones.code(owner.name)


async def test_the_first_look_starts_the_reading_time_and_the_second_does_not(
    api: Any, signer: Any, database: Any
) -> None:
    owner, application_id, _ = signer
    first = (await owner.get(f"/v1/applications/{application_id}/key-facts")).json()
    second = (await owner.get(f"/v1/applications/{application_id}/key-facts")).json()
    assert first["opened_at"] == second["opened_at"]
    assert first["readable_from"] == second["readable_from"]
    assert 0 < first["seconds_left"] <= api.tools.policies.key_facts_seconds


async def test_no_code_before_the_key_facts_were_read(api: Any, signer: Any, database: Any) -> None:
    owner, application_id, _ = signer
    unopened = await owner.post(f"/v1/applications/{application_id}/signing-code")
    assert (unopened.status_code, unopened.json()["code"]) == (409, "key_facts_not_opened")
    await owner.get(f"/v1/applications/{application_id}/key-facts")
    early = await owner.post(f"/v1/applications/{application_id}/signing-code")
    assert early.json()["code"] == "key_facts_not_opened"
    assert early.json()["params"]["seconds_left"] >= 1
    read(database)
    assert (await owner.post(f"/v1/applications/{application_id}/signing-code")).status_code == 200


async def test_the_right_code_signs_and_is_used_up_with_the_command(api: Any, signer: Any, database: Any) -> None:
    owner, application_id, hash_ = signer
    code = await coded(api, owner, application_id, database)
    answer = await owner.post(f"/v1/applications/{application_id}/signature", {"code": code, "terms_hash": hash_})
    assert answer.status_code == 200, answer.text
    async with api.tools.sessions.begin() as session:
        row = (
            await session.execute(
                text(
                    "select c.argument, o.used_at, o.bound_hash from command c join one_time_code o "
                    "on o.id::text = c.argument->>'code_id' where c.name = 'sign' and c.workflow_id = :w"
                ),
                {"w": f"application/{application_id}"},
            )
        ).one()
    assert row.argument["terms_hash"] == hash_
    assert row.bound_hash != hash_  # it covers amount and payee besides
    assert row.used_at is not None
    assert code not in json.dumps(row.argument)


async def test_a5_a_double_tap_with_one_key_is_one_signature(api: Any, signer: Any, database: Any) -> None:
    owner, application_id, hash_ = signer
    code = await coded(api, owner, application_id, database)
    body = {"code": code, "terms_hash": hash_}
    answers = await asyncio.gather(
        *(owner.post(f"/v1/applications/{application_id}/signature", body, key_="k-double-tap1") for _ in range(5))
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert any(answer.status_code == 200 for answer in answers)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"running"}
    assert await signatures(api, application_id) == 1


async def test_a5_two_keys_with_one_code_are_one_signature(api: Any, signer: Any, database: Any) -> None:
    owner, application_id, hash_ = signer
    code = await coded(api, owner, application_id, database)
    body = {"code": code, "terms_hash": hash_}
    answers = await asyncio.gather(
        *(owner.post(f"/v1/applications/{application_id}/signature", body) for _ in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410, 410, 410]
    assert await signatures(api, application_id) == 1


async def signatures(api: Any, application_id: UUID) -> int:
    async with api.tools.sessions.begin() as session:
        return await session.scalar(
            text("select count(*) from command where name = 'sign' and workflow_id = :w"),
            {"w": f"application/{application_id}"},
        )


async def test_a_wrong_code_is_counted_and_leaves_no_command_and_a_free_key(
    api: Any, signer: Any, database: Any
) -> None:
    owner, application_id, hash_ = signer
    code = await coded(api, owner, application_id, database)
    wrong = {"code": f"{(int(code) + 1) % 10**6:06d}", "terms_hash": hash_}
    told = [
        (await owner.post(f"/v1/applications/{application_id}/signature", wrong, key_="k-wrong-code1")).json()
        for _ in range(2)
    ]
    assert [(one["code"], one["params"]["tries_left"]) for one in told] == [("wrong_code", 4), ("wrong_code", 3)]
    assert await signatures(api, application_id) == 0
    right = await owner.post(
        f"/v1/applications/{application_id}/signature", {"code": code, "terms_hash": hash_}, key_="k-wrong-code1"
    )
    assert right.status_code == 200


async def test_five_wrong_codes_end_it(api: Any, signer: Any, database: Any) -> None:
    owner, application_id, hash_ = signer
    code = await coded(api, owner, application_id, database)
    wrong = {"code": f"{(int(code) + 1) % 10**6:06d}", "terms_hash": hash_}
    for _ in range(5):
        last = await owner.post(f"/v1/applications/{application_id}/signature", wrong)
    assert (last.status_code, last.json()["code"]) == (429, "too_many_tries")
    spent = await owner.post(f"/v1/applications/{application_id}/signature", {"code": code, "terms_hash": hash_})
    assert spent.status_code == 429


async def test_mc_3_the_code_is_good_for_these_terms_only(api: Any, signer: Any, database: Any) -> None:
    owner, application_id, hash_ = signer
    code = await coded(api, owner, application_id, database)
    other = await owner.post(f"/v1/applications/{application_id}/signature", {"code": code, "terms_hash": "0" * 64})
    assert (other.status_code, other.json()["code"]) == (409, "terms_changed")
    database.execute(f"update key_facts set terms_hash = '{'a' * 64}' where application_id = '{application_id}'")
    changed = await owner.post(f"/v1/applications/{application_id}/signature", {"code": code, "terms_hash": "a" * 64})
    assert changed.json()["code"] == "code_expired"
    assert await signatures(api, application_id) == 0
    assert hash_ != "a" * 64


async def test_the_sign_in_code_does_not_sign(api: Any, signer: Any, database: Any, fresh_key: Any) -> None:
    owner, application_id, hash_ = signer
    await coded(api, owner, application_id, database)
    await api.client().post("/v1/sign-in/code", json={"phone": owner.name}, headers=fresh_key())
    login_code = api.phones.code(owner.name)
    answer = await owner.post(f"/v1/applications/{application_id}/signature", {"code": login_code, "terms_hash": hash_})
    assert answer.json()["code"] == "wrong_code"


async def test_an_expired_code_signs_nothing(api: Any, signer: Any, database: Any) -> None:
    owner, application_id, hash_ = signer
    code = await coded(api, owner, application_id, database)
    database.execute("update one_time_code set expires_at = now() where purpose = 'sign'")
    answer = await owner.post(f"/v1/applications/{application_id}/signature", {"code": code, "terms_hash": hash_})
    assert (answer.status_code, answer.json()["code"]) == (410, "code_expired")


async def test_the_code_message_says_what_it_is_for(api: Any, signer: Any, database: Any) -> None:
    owner, application_id, hash_ = signer
    await coded(api, owner, application_id, database)
    text_ = next(order.text for order in reversed(api.phones.messages) if order.phone == owner.name)
    assert hash_[:8] in text_


async def test_b5_a_paper_with_another_hash_than_the_app_blocks_signing_with_the_reason_until_it_is_the_same(
    api: Any, signer: Any, database: Any, pages: Any
) -> None:
    owner, application_id, hash_ = signer
    code = await coded(api, owner, application_id, database)
    path = f"/v1/applications/{application_id}"
    other, same = f"HUOSHUI A-1 SHA-256 {'ab' * 32}", f"HUOSHUI A-1 SHA-256 {hash_}"
    nonsense = await owner.post(f"{path}/paper-check", {"code": "https://example.org"})
    assert [one["code"] for one in nonsense.json()["errors"]] == ["not_a_contract"]
    seen = (await owner.post(f"{path}/paper-check", {"code": other})).json()
    assert seen == {"same": False, "printed": "abababab", "shown": hash_[:8]}
    signature = {"code": code, "terms_hash": hash_}
    for act, body in (("signing-code", None), ("signature", signature)):
        blocked = await owner.post(f"{path}/{act}", body)
        assert (blocked.status_code, blocked.json()["code"]) == (409, "paper_differs")
        assert blocked.json()["params"] == {"printed": "abababab", "shown": hash_[:8]}
    manager, stranger = await api.staff("manager"), await api.owner()
    assert (await stranger.post(f"{path}/paper-check", {"code": same})).status_code == 404
    again = await manager.post(f"/v1/manager/applications/{application_id}/paper-check", {"code": same})
    assert again.json()["same"], "printed anew, and scanned by the manager's tablet"
    table, here = pages(manager), f"/manager/customers/{application_id}/paper"
    assert "data-camera" in (await table.get(here)).text
    for scanned, key in ((other, "differs"), (same, "same")):
        held = await table.post(here, data={"code": scanned, "key": uuid4().hex})
        assert held.status_code == 200 and i18n.text(f"web.paper_check.{key}", "en") in held.text
    refused = await table.post(here, data={"code": "https://example.org", "key": uuid4().hex})
    assert refused.status_code == 422 and i18n.text("api.field.not_a_contract", "en") in refused.text
    signed = await owner.post(f"{path}/signature", signature)
    assert signed.status_code == 200, signed.text


async def test_a3_the_plans_show_what_the_engine_gives_for_their_terms(api: Any, signer: Any) -> None:
    owner, application_id, hash_ = signer
    offer = (await owner.get(f"/v1/applications/{application_id}/offers")).json()["items"][0]
    body = {
        "amount": {"amount": "80000.00"},
        "months": 12,
        "share": "0.12",
        "monthly_revenue": {"amount": "120000.00"},
    }
    simulated = (await api.client().post("/v1/simulations", json=body)).json()
    assert offer["terms_hash"] == simulated["terms_hash"] == hash_
    normal = lambda one: next(w for w in one["weathers"] if w["kind"] == "normal")  # noqa: E731
    assert normal(offer["simulation"])["months"] == normal(simulated)["months"]
    assert offer["annual_rate"] == simulated["annual_rate"]


async def test_only_a_payout_that_has_not_left_can_be_cancelled(
    api: Any, begun: Any, a_payout: Any, database: Any
) -> None:
    owner, application_id = begun
    none = await owner.post(f"/v1/applications/{application_id}/payout/cancel")
    assert none.status_code == 404
    payout = a_payout("credited")
    person = f"(select person_id from application where id = '{application_id}')"
    database.execute(
        f"update payout set application_id = '{application_id}', person_id = {person} where id = '{payout}'",
        f"update bank_account set person_id = {person} "
        f"where id = (select account_id from payout where id = '{payout}')",
    )
    gone = await owner.post(f"/v1/applications/{application_id}/payout/cancel")
    assert (gone.status_code, gone.json()["code"]) == (409, "payout_not_cancellable")
    track = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["payout"]
    assert (track["state"], track["cancellable"], track["account_masked"]) == ("credited", False, "•••• 0128")


def test_a_code_lives_ten_minutes() -> None:
    from api.auth.codes import LIFETIME

    assert timedelta(minutes=10) == LIFETIME
