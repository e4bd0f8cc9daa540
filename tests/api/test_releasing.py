"""Money that waits, through the API: two factors, two persons, and the question whether it is you."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from lending.release import approval_hash, loan_id_of, payout_id_of
from tests.api.test_signing import coded, offered

HIGH = 25_000_000


@pytest.fixture
async def rich(api: Any, begun: Any, database: Any) -> tuple[Any, UUID, str]:
    """An owner who is about to sign for ¥250,000: (owner, application, terms hash)."""
    owner, application_id = begun
    return owner, application_id, await offered(api, database, application_id, HIGH)


@pytest.fixture
async def signed(api: Any, begun: Any, database: Any, payouts: Any) -> AsyncIterator[tuple[Any, UUID, UUID]]:
    """An owner whose signed ¥80,000 leave in two hours: (owner, application, payout)."""
    owner, application_id = begun
    hash_ = await offered(api, database, application_id)
    yield owner, application_id, await paying(api, database, application_id, hash_, payouts)


async def paying(
    api: Any, database: Any, application_id: UUID, hash_: str, payouts: Any, *, tier: str = "delayed", hours: int = 2
) -> UUID:
    """The rows that a signature leaves, and a workflow that listens."""
    loan_id = loan_id_of(application_id)
    payout_id = payout_id_of(loan_id)
    async with api.tools.sessions.begin(scope="worker") as session:
        row = (
            await session.execute(
                text(
                    "select a.person_id, a.amount_minor, b.id as account, b.number_index from application a "
                    "join bank_account b on b.id = a.bank_account_id where a.id = :id"
                ),
                {"id": application_id},
            )
        ).one()
    approved = approval_hash(
        loan_id=loan_id, terms_hash=hash_, amount_minor=row.amount_minor, currency="CNY", account_id=row.account,
        account_index=row.number_index,
    )  # fmt: skip
    firm = uuid4()
    database.execute(
        f"insert into firm (id, person_id, kind, name_sealed, created_at) values "
        f"('{firm}', '{row.person_id}', 'self_employed', '', now())",
        f"insert into loan (id, application_id, person_id, firm_id, product_id, policy_version, jurisdiction, "
        f"currency, principal_minor, annual_rate, day_count, share, months, terms, terms_hash, rate_units, "
        f"units_per_minor, share_ppm, window_months, windows, grace_days, shard, account_id, account_index, state, "
        f"created_at) values "
        f"('{loan_id}', '{application_id}', '{row.person_id}', '{firm}', 'p', 'v', 'CN', 'CNY', {row.amount_minor}, "
        f"0.073, 'ACT/365', 0.1, 12, '{{}}', '{hash_}', 1, 1, 1, 3, 8, 3, 0, '{row.account}', "
        f"'\\x{row.number_index.hex()}', 'pending', now())",
        f"insert into payout (id, application_id, person_id, loan_id, end_to_end_id, amount_minor, currency, "
        f"account_id, approval_hash, tier, state, pay_at, created_at) values ('{payout_id}', '{application_id}', "
        f"'{row.person_id}', '{loan_id}', 'HS{payout_id.hex}', {row.amount_minor}, 'CNY', '{row.account}', "
        f"'{approved}', '{tier}', 'scheduled', now() + interval '{hours} hours', now())",
        f"update application set stage = 'paying' where id = '{application_id}'",
    )
    await payouts(payout_id)
    return payout_id


def proven(database: Any, application_id: UUID, outcome: str = "match") -> None:
    """The provider answers every proof that was asked for."""
    database.execute(
        f"update step_up set outcome = '{outcome}', answered_at = now(), expires_at = now() + interval '10 minutes' "
        f"where application_id = '{application_id}' and outcome = 'asked'"
    )


async def asks_for_proof(owner: Any, path: str) -> None:
    """Nobody works on proofs here: the command waits, its row is there."""
    answer = await owner.post(f"{path}/step-up", {"method": "liveness"})
    assert answer.status_code in (200, 202), answer.text


# --- two factors ------------------------------------------------------------------------------------------------------


async def test_before_signing_the_api_tells_how_the_money_will_leave(api: Any, rich: Any) -> None:
    owner, application_id, _ = rich
    seen = (await owner.get(f"/v1/applications/{application_id}/release")).json()
    assert (seen["tier"], seen["factors"], seen["second_person"], seen["state"]) == ("high", 2, True, "planned")
    assert seen["delay_seconds"] == 7_200
    assert seen["step_up"] == {
        "needed": True, "proven": False, "methods": ["liveness", "bank_card"], "last": None, "until": None,
    }  # fmt: skip


async def test_the_largest_payouts_take_two_factors_of_their_owner(api: Any, rich: Any, database: Any) -> None:
    owner, application_id, hash_ = rich
    code = await coded(api, owner, application_id, database)
    body = {"code": code, "terms_hash": hash_}
    alone = await owner.post(f"/v1/applications/{application_id}/signature", body)
    assert (alone.status_code, alone.json()["code"]) == (409, "step_up_needed")
    await asks_for_proof(owner, f"/v1/applications/{application_id}")
    assert (await owner.post(f"/v1/applications/{application_id}/signature", body)).json()["code"] == "step_up_needed"
    proven(database, application_id, "mismatch")
    assert (await owner.post(f"/v1/applications/{application_id}/signature", body)).json()["code"] == "step_up_needed"
    await asks_for_proof(owner, f"/v1/applications/{application_id}")
    proven(database, application_id)
    both = await owner.post(f"/v1/applications/{application_id}/signature", body)
    assert both.status_code == 200, both.text


@pytest.mark.parametrize("changed", ["payee", "amount", "time"])
async def test_the_proof_is_bound_to_amount_and_payee_and_lasts_ten_minutes(
    api: Any, rich: Any, database: Any, changed: str
) -> None:
    owner, application_id, _ = rich
    await asks_for_proof(owner, f"/v1/applications/{application_id}")
    proven(database, application_id)
    path = f"/v1/applications/{application_id}/release"
    assert (await owner.get(path)).json()["step_up"]["proven"]
    account = f"(select bank_account_id from application where id = '{application_id}')"
    database.execute(
        {
            "payee": f"update bank_account set number_index = '\\x{uuid4().hex}' where id = {account}",
            "amount": f"update offer set terms = jsonb_set(terms, '{{amount_minor}}', '24000000') "
            f"where application_id = '{application_id}'",
            "time": "update step_up set expires_at = now()",
        }[changed]
    )
    assert not (await owner.get(path)).json()["step_up"]["proven"]


async def test_the_code_names_amount_and_payee_and_is_void_for_another_account(
    api: Any, begun: Any, database: Any
) -> None:
    owner, application_id = begun
    hash_ = await offered(api, database, application_id)
    code = await coded(api, owner, application_id, database)
    words = next(order.text for order in reversed(api.phones.messages) if order.phone == owner.name)
    assert "80,000" in words
    assert "0128" in words
    account = f"(select bank_account_id from application where id = '{application_id}')"
    database.execute(f"update bank_account set number_index = '\\x{uuid4().hex}' where id = {account}")
    answer = await owner.post(f"/v1/applications/{application_id}/signature", {"code": code, "terms_hash": hash_})
    assert (answer.status_code, answer.json()["code"]) == (410, "code_expired")


async def test_a_method_that_nobody_offers_is_refused(rich: Any) -> None:
    owner, application_id, _ = rich
    answer = await owner.post(f"/v1/applications/{application_id}/step-up", {"method": "horoscope"})
    assert answer.status_code == 422


# --- the countdown ----------------------------------------------------------------------------------------------------


async def test_a7_the_countdown_and_the_way_out_are_on_the_api(signed: Any) -> None:
    owner, application_id, _ = signed
    seen = (await owner.get(f"/v1/applications/{application_id}/release")).json()
    assert (seen["state"], seen["waits_for"], seen["cancellable"]) == ("scheduled", "hour", True)
    assert 7_100 < seen["seconds_left"] <= 7_200
    payout = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["payout"]
    assert payout["delay_seconds"] == 7_200
    assert (payout["waits_for"], payout["cancellable"]) == ("hour", True)


# --- is it you? -------------------------------------------------------------------------------------------------------


async def guess(api: Any, phone: str, fresh_key: Any, times: int = 5) -> None:
    """Somebody types wrong codes at the door."""
    client = api.client()
    sent = await client.post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key())
    assert sent.status_code == 200, sent.text
    wrong = f"{(int(api.phones.code(phone)) + 1) % 10**6:06d}"
    for _ in range(times):
        await client.post("/v1/sign-in", json={"phone": phone, "code": wrong})


async def the_hold(owner: Any) -> dict[str, Any]:
    found = (await owner.get("/v1/holds")).json()["items"]
    return found[0] if found else {}


async def test_p15_repeated_wrong_codes_freeze_the_money_within_a_second_and_its_owner_is_asked(
    api: Any, signed: Any, fresh_key: Any
) -> None:
    owner, application_id, payout_id = signed
    await guess(api, owner.name, fresh_key, 4)
    assert await the_hold(owner) == {}
    client = api.client()
    begun = time.monotonic()
    await client.post("/v1/sign-in", json={"phone": owner.name, "code": "000000"})
    async with api.tools.sessions.begin(scope="worker") as session:
        frozen = await session.scalar(
            text("select h.state from money_hold h join payout p using (person_id) where p.id = :id"), {"id": payout_id}
        )
        notice = await session.scalar(
            text("select kind from notice where application_id = :id"), {"id": application_id}
        )
    assert time.monotonic() - begun < 1
    assert (frozen, notice) == ("asked", "payout_held")
    hold = await the_hold(owner)
    assert [sign["code"] for sign in hold["signs"]] == ["wrong_tries"]
    assert hold["amount"]["amount"] == "80000.00"
    seen = (await owner.get(f"/v1/applications/{application_id}")).json()
    assert seen["to_do"] == "answer_hold"
    story = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()
    assert story["happened"][-1]["kind"] == "payout_held"
    assert story["payout"]["waits_for"] == "owner"


async def test_p15_wrong_codes_freeze_nothing_where_no_money_leaves(api: Any, begun: Any, fresh_key: Any) -> None:
    owner, _ = begun
    await guess(api, owner.name, fresh_key)
    assert await the_hold(owner) == {}


async def test_p15_a_large_signature_on_a_new_device_is_asked_about_with_the_signature(
    api: Any, begun: Any, database: Any
) -> None:
    owner, application_id = begun
    hash_ = await offered(api, database, application_id)
    other = await api.owner(owner.name)  # a second browser, which this owner never used
    code = await coded(api, other, application_id, database)
    answer = await other.post(f"/v1/applications/{application_id}/signature", {"code": code, "terms_hash": hash_})
    assert answer.status_code == 200, answer.text
    hold = await the_hold(owner)
    assert (hold["state"], [sign["code"] for sign in hold["signs"]]) == ("asked", ["new_device"])


async def test_p15_yes_takes_a_fresh_proof_and_the_code_and_then_the_money_goes_on(
    api: Any, signed: Any, database: Any, fresh_key: Any
) -> None:
    owner, application_id, payout_id = signed
    await guess(api, owner.name, fresh_key)
    hold = f"/v1/holds/{(await the_hold(owner))['id']}"
    assert (await owner.post(f"{hold}/code")).status_code == 200
    words = next(order.text for order in reversed(api.phones.messages) if order.phone == owner.name)
    assert "80,000" in words
    yes = {"mine": True, "code": api.phones.code(owner.name)}
    assert (await owner.post(f"{hold}/answer", yes)).json()["code"] == "step_up_needed"
    await asks_for_proof(owner, hold)
    proven(database, application_id)
    wrong = {"mine": True, "code": f"{(int(yes['code']) + 1) % 10**6:06d}"}
    assert (await owner.post(f"{hold}/answer", wrong)).json()["code"] == "wrong_code"
    answer = await owner.post(f"{hold}/answer", yes, key_="k-it-is-me-1")
    assert answer.status_code == 200, answer.text
    assert (await owner.post(f"{hold}/answer", yes, key_="k-it-is-me-1")).json()["replayed"] is not None
    assert (await the_hold(owner))["state"] == "released"
    assert (await owner.post(f"{hold}/answer", yes)).json()["code"] == "hold_answered"
    heard = await api.tools.temporal.get_workflow_handle(f"payout/{payout_id}").query("heard")
    assert "look_again" in heard


async def test_p15_no_freezes_it_opens_a_call_and_loses_no_request(
    api: Any, signed: Any, database: Any, fresh_key: Any
) -> None:
    owner, application_id, _ = signed
    await guess(api, owner.name, fresh_key)
    hold = f"/v1/holds/{(await the_hold(owner))['id']}"
    answer = await owner.post(f"{hold}/answer", {"mine": False})
    assert answer.status_code == 200, answer.text
    seen = await the_hold(owner)
    assert seen["state"] == "blocked"
    assert seen["call_by"]
    assert (await owner.post(f"{hold}/answer", {"mine": True, "code": "123456"})).json()["code"] == "hold_answered"
    application = (await owner.get(f"/v1/applications/{application_id}")).json()
    assert application["stage"] == "paying"
    officer, manager = await api.staff("officer"), await api.staff("manager")
    calls = (await officer.get("/v1/desk/call-backs")).json()["items"]
    call = next(one for one in calls if one["application_id"] == str(application_id))
    assert (call["phone"], call["owner_said"]) == (owner.name, "no")
    inbox = (await manager.get("/v1/manager/inbox")).json()["items"]
    assert all(one["id"] != call["task_id"] for one in inbox)
    assert (await manager.get(f"/v1/manager/tasks/{call['task_id']}")).status_code == 404
    told = await officer.post(
        f"/v1/desk/call-backs/{call['task_id']}/answer", {"theirs": False, "words": "本人说没有申请"}
    )
    assert told.status_code in (200, 202), told.text
    readings = (await owner.get("/v1/privacy")).json()["reads"]
    assert any(one["what"] == "phone" for one in readings)


async def test_p15_others_questions_are_not_there(api: Any, signed: Any, fresh_key: Any) -> None:
    owner, _, _ = signed
    await guess(api, owner.name, fresh_key)
    hold = (await the_hold(owner))["id"]
    stranger = await api.owner()
    assert (await stranger.get("/v1/holds")).json()["items"] == []
    assert (await stranger.post(f"/v1/holds/{hold}/answer", {"mine": False})).status_code == 404
    assert (await stranger.post(f"/v1/holds/{hold}/code")).status_code == 404


# --- two persons ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def large(api: Any, begun: Any, database: Any, payouts: Any) -> tuple[Any, UUID, UUID]:
    """A signed ¥250,000 that a second person must let go: (owner, application, payout)."""
    owner, application_id = begun
    hash_ = await offered(api, database, application_id, HIGH)
    database.execute(f"update application set amount_minor = {HIGH} where id = '{application_id}'")
    return owner, application_id, await paying(api, database, application_id, hash_, payouts, tier="high", hours=0)


def awaited(database: Any, payout_id: UUID, maker: Any = None) -> None:
    """The row that the signature leaves, approved by this login's employee or by the model."""
    person = f"(select employee from staff where login = '{maker.name}')" if maker else "null"
    login = f"(select 'staff:' || id from staff where login = '{maker.name}')" if maker else "null"
    database.execute(
        f"insert into payout_release (payout_id, person_id, approval_hash, state, maker, maker_by, made_at, "
        f"created_at, due_at) select id, person_id, approval_hash, 'waiting', {person}, {login}, now(), now(), "
        f"now() + interval '3 days' from payout where id = '{payout_id}'"
    )


async def the_case(someone: Any, payout_id: UUID) -> dict[str, Any]:
    found = (await someone.get("/v1/desk/releases")).json()["items"]
    return next(one for one in found if one["payout_id"] == str(payout_id))


async def says(someone: Any, payout_id: UUID, say: str, reason: str = "", hash_: str | None = None) -> Any:
    approved = hash_ or (await the_case(someone, payout_id))["approval_hash"]
    return await someone.post(
        f"/v1/desk/releases/{payout_id}/answer", {"say": say, "approval_hash": approved, "reason": reason}
    )


async def test_mc_1_maker_and_checker_are_two_persons_whatever_their_logins(
    api: Any, large: Any, database: Any
) -> None:
    _, application_id, payout_id = large
    maker, again = await api.staff("officer", employee="1007"), await api.staff("operations", employee="1007")
    checker = await api.staff("officer", employee="1008")
    awaited(database, payout_id, maker)
    for login in (maker, again):
        seen = await the_case(login, payout_id)
        assert seen["mine"]
        assert (await says(login, payout_id, "release")).json()["code"] == "needs_two_people"
    assert not (await the_case(checker, payout_id))["mine"]
    let_go = await says(checker, payout_id, "release")
    assert let_go.status_code == 200, let_go.text
    seen = await the_case(checker, payout_id)
    assert (seen["state"], seen["answered_by"]) == ("released", "员工")
    assert (await says(again, payout_id, "hold_back", "太晚了，已经放行")).json()["code"] == "move_closed"
    story = (await large[0].get(f"/v1/applications/{application_id}/timeline")).json()["happened"]
    assert story[-1]["kind"] == "release_given"


async def test_mc_1_the_database_itself_refuses_one_person_twice(large: Any, database: Any, api: Any) -> None:
    _, _, payout_id = large
    maker = await api.staff("officer", employee="2001")
    awaited(database, payout_id, maker)
    with pytest.raises(Exception, match="two_people"):
        database.execute(
            f"update payout_release set state = 'released', checker = maker where payout_id = '{payout_id}'"
        )


async def test_what_only_the_model_approved_takes_two_persons_at_the_desk(api: Any, large: Any, database: Any) -> None:
    _, _, payout_id = large
    first, second = await api.staff("officer"), await api.staff("operations")
    awaited(database, payout_id)
    assert (await says(first, payout_id, "release")).json()["code"] == "needs_two_people"
    assert (await says(first, payout_id, "approve")).status_code == 200
    assert (await says(first, payout_id, "release")).json()["code"] == "needs_two_people"
    assert (await says(second, payout_id, "release")).status_code == 200


async def test_mc_1_two_checkers_race_and_one_lets_it_go(api: Any, large: Any, database: Any) -> None:
    _, _, payout_id = large
    maker, checkers = await api.staff("officer"), [await api.staff("officer") for _ in range(3)]
    awaited(database, payout_id, maker)
    hash_ = (await the_case(maker, payout_id))["approval_hash"]
    answers = await asyncio.gather(*(says(one, payout_id, "release", hash_=hash_) for one in checkers))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


@pytest.mark.parametrize("what", ["amount", "payee", "terms"])
async def test_an_approval_is_void_once_amount_payee_or_terms_change_and_says_so(
    api: Any, large: Any, database: Any, what: str
) -> None:
    _, _, payout_id = large
    maker, checker = await api.staff("officer"), await api.staff("officer")
    awaited(database, payout_id, maker)
    hash_ = (await the_case(checker, payout_id))["approval_hash"]
    loan = f"(select loan_id from payout where id = '{payout_id}')"
    account = f"(select account_id from payout where id = '{payout_id}')"
    database.execute(
        {
            "amount": f"update payout set amount_minor = amount_minor + 1 where id = '{payout_id}'",
            "payee": f"update bank_account set number_index = '\\x{uuid4().hex}' where id = {account}",
            "terms": f"update loan set terms_hash = '{'c' * 64}' where id = {loan}",
        }[what]
    )
    answer = await says(checker, payout_id, "release", hash_=hash_)
    assert (answer.status_code, answer.json()["code"]) == (409, "approval_void")
    assert "作废" in answer.json()["detail"] or "void" in answer.json()["detail"]
    assert (await the_case(checker, payout_id))["state"] == "void"


async def test_the_hash_that_a_checker_saw_is_the_one_that_they_let_go(api: Any, large: Any, database: Any) -> None:
    _, _, payout_id = large
    maker, checker = await api.staff("officer"), await api.staff("officer")
    awaited(database, payout_id, maker)
    stale = await says(checker, payout_id, "release", hash_="d" * 64)
    assert (stale.status_code, stale.json()["code"]) == (409, "approval_void")


async def test_holding_back_takes_a_reason_and_can_still_be_let_go(api: Any, large: Any, database: Any) -> None:
    _, _, payout_id = large
    maker, checker = await api.staff("officer"), await api.staff("officer")
    awaited(database, payout_id, maker)
    assert (await says(checker, payout_id, "hold_back")).status_code == 422
    assert (await says(checker, payout_id, "hold_back", "账户要再核一遍")).status_code == 200
    seen = await the_case(maker, payout_id)
    assert (seen["state"], seen["reason"]) == ("held_back", "账户要再核一遍")
    assert (await says(checker, payout_id, "release")).status_code == 200


async def test_a_release_takes_the_second_factor_of_a_moment_ago(api: Any, large: Any, database: Any) -> None:
    _, _, payout_id = large
    maker, checker = await api.staff("officer"), await api.staff("officer")
    awaited(database, payout_id, maker)
    hash_ = (await the_case(checker, payout_id))["approval_hash"]
    database.execute("update session set proven_at = now() - interval '1 hour', created_at = now() - interval '1 hour'")
    assert (await says(checker, payout_id, "release", hash_=hash_)).json()["code"] == "proof_stale"
