"""Owners by phone and code, staff by password and authenticator; the same to everybody who may not come in."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from pyotp.totp import TOTP

PASSWORD = "correct horse battery staple"


async def test_an_unknown_phone_becomes_a_new_owner_and_a_known_one_the_same_owner(api: Any, fresh_key: Any) -> None:
    phone = api.new_phone()
    first = await api.owner(phone)
    second = await api.owner(phone)
    async with api.tools.sessions.begin() as session:
        from sqlalchemy import text

        owners = await session.scalar(
            text(
                "select count(distinct person_id) from session where kind = 'owner' and person_id = "
                "(select id from person where phone_index = :i)"
            ),
            {"i": api.tools.vault.blind_index("person.phone", phone)},
        )
    assert owners == 1
    assert first.token != second.token


async def test_authn_4_the_answer_for_an_unknown_phone_is_the_same(api: Any, fresh_key: Any) -> None:
    known = await api.owner()
    client = api.client()
    answers = [
        (await client.post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key())).json()
        for phone in (known.name, api.new_phone())
    ]
    assert [sorted(answer) for answer in answers] == [["expires_at", "phone_masked", "resend_in"]] * 2


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "missing"), ("12345", "not_a_mobile_number"), ("138 0000 000a", "not_a_mobile_number")],
)
async def test_a_wrong_phone_is_named_as_a_field(api: Any, fresh_key: Any, typed: str, code: str) -> None:
    answer = await api.client().post("/v1/sign-in/code", json={"phone": typed}, headers=fresh_key())
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("#/phone", code)]


async def test_a_phone_may_be_typed_as_people_type_it(api: Any, fresh_key: Any) -> None:
    phone = api.new_phone()
    typed = f"+86 {phone[:3]}-{phone[3:7]} {phone[7:]}"
    answer = await api.client().post("/v1/sign-in/code", json={"phone": typed}, headers=fresh_key())
    assert answer.status_code == 200
    assert api.phones.code(phone)


async def test_a_wrong_code_says_how_many_tries_are_left_and_the_fifth_ends_it(api: Any, fresh_key: Any) -> None:
    phone, client = api.new_phone(), api.client()
    await client.post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key())
    right = api.phones.code(phone)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    told = []
    for _ in range(5):
        answer = await client.post("/v1/sign-in", json={"phone": phone, "code": wrong})
        told.append((answer.status_code, answer.json()["code"], answer.json().get("params", {}).get("tries_left")))
    assert told == [(422, "wrong_code", left) for left in (4, 3, 2, 1)] + [(429, "too_many_tries", None)]
    spent = await client.post("/v1/sign-in", json={"phone": phone, "code": right})
    assert (spent.status_code, spent.json()["code"]) == (429, "too_many_tries")


async def test_parallel_guesses_do_not_get_more_than_five_tries(api: Any, fresh_key: Any) -> None:
    phone, client = api.new_phone(), api.client()
    await client.post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key())
    right = int(api.phones.code(phone))
    guesses = [f"{(right + n) % 1_000_000:06d}" for n in range(1, 10)]
    answers = await asyncio.gather(
        *(api.client().post("/v1/sign-in", json={"phone": phone, "code": guess}) for guess in guesses)
    )
    codes = [answer.json()["code"] for answer in answers]
    assert codes.count("wrong_code") == 4, codes


async def test_a_used_code_and_a_superseded_code_are_worth_nothing(api: Any, fresh_key: Any) -> None:
    phone, client = api.new_phone(), api.client()
    await client.post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key())
    first = api.phones.code(phone)
    await client.post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key())
    second = api.phones.code(phone)
    if first != second:
        superseded = await client.post("/v1/sign-in", json={"phone": phone, "code": first})
        assert superseded.json()["code"] == "wrong_code"
    assert (await client.post("/v1/sign-in", json={"phone": phone, "code": second})).status_code == 200
    again = await api.client().post("/v1/sign-in", json={"phone": phone, "code": second})
    assert (again.status_code, again.json()["code"]) == (410, "code_expired")


async def test_an_old_code_is_worth_nothing(api: Any, fresh_key: Any, database: Any) -> None:
    phone, client = api.new_phone(), api.client()
    await client.post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key())
    database.execute("update one_time_code set expires_at = now() - interval '1 second'")
    answer = await client.post("/v1/sign-in", json={"phone": phone, "code": api.phones.code(phone)})
    assert answer.json()["code"] == "code_expired"


async def test_a_repeated_request_for_a_code_sends_one_message(api: Any, fresh_key: Any) -> None:
    phone, client, one_key = api.new_phone(), api.client(), fresh_key()
    for _ in range(3):
        answer = await client.post("/v1/sign-in/code", json={"phone": phone}, headers=one_key)
        assert answer.status_code == 200
    assert len([order for order in api.phones.messages if order.phone == phone]) == 1


async def test_when_the_message_gateway_is_away_the_same_request_can_be_repeated(api: Any, fresh_key: Any) -> None:
    phone, client, one_key = api.new_phone(), api.client(), fresh_key()
    api.phones.away = True
    try:
        away = await client.post("/v1/sign-in/code", json={"phone": phone}, headers=one_key)
    finally:
        api.phones.away = False
    assert (away.status_code, away.json()["code"], away.json()["params"]) == (503, "unavailable", {"party": "messages"})
    back = await client.post("/v1/sign-in/code", json={"phone": phone}, headers=one_key)
    assert back.status_code == 200
    signed_in = await client.post("/v1/sign-in", json={"phone": phone, "code": api.phones.code(phone)})
    assert signed_in.status_code == 200


async def test_rl_1_codes_are_limited_by_phone_and_it_says_when_to_come_again(api: Any, fresh_key: Any) -> None:
    phone = api.new_phone()
    answers = [
        await api.client().post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key()) for _ in range(7)
    ]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1].json()["code"] == "too_many_requests"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61


async def test_rl_1_twenty_at_once_let_exactly_the_burst_in(api: Any, fresh_key: Any) -> None:
    phone = api.new_phone()
    answers = await asyncio.gather(
        *(api.client().post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key()) for _ in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 15


async def test_staff_need_both_factors_and_each_step_only_once(api: Any) -> None:
    mei = await api.staff("manager")
    totp = TOTP(mei.secret)
    now = datetime.now(UTC)
    used = await api.client().post(
        "/v1/staff/sign-in", json={"login": mei.name, "password": PASSWORD, "totp": totp.at(now)}
    )
    assert (used.status_code, used.json()["code"]) == (401, "wrong_password")
    next_step = totp.at(now + timedelta(seconds=30))
    wrong = await api.client().post(
        "/v1/staff/sign-in", json={"login": mei.name, "password": "wrong " * 3, "totp": next_step}
    )
    assert wrong.json()["code"] == "wrong_password"
    right = await api.client().post(
        "/v1/staff/sign-in", json={"login": mei.name, "password": PASSWORD, "totp": next_step}
    )
    assert right.status_code == 200
    earlier = await api.client().post(
        "/v1/staff/sign-in", json={"login": mei.name, "password": PASSWORD, "totp": totp.at(now)}
    )
    assert earlier.status_code == 401


async def test_an_unknown_login_is_told_exactly_what_a_wrong_password_is_told(api: Any) -> None:
    mei = await api.staff("manager")
    client = api.client()
    bodies = [
        (await client.post("/v1/staff/sign-in", json={"login": login, "password": "x" * 20, "totp": "123456"})).json()
        for login in (mei.name, "nobody-at-all")
    ]
    for body in bodies:
        body.pop("instance")
    assert bodies[0] == bodies[1]


async def test_wrong_passwords_wait_longer_each_time_but_only_for_that_login(api: Any) -> None:
    mei, lin = await api.staff("manager"), await api.staff("officer")
    client = api.client()
    statuses = []
    for _ in range(5):
        wrong = {"login": mei.name, "password": "x" * 20, "totp": "123456"}
        statuses.append((await client.post("/v1/staff/sign-in", json=wrong)).status_code)
    assert statuses[:4] == [401] * 4
    assert statuses[4] == 429
    next_step = TOTP(lin.secret).at(datetime.now(UTC) + timedelta(seconds=30))
    other = {"login": lin.name, "password": PASSWORD, "totp": next_step}
    assert (await client.post("/v1/staff/sign-in", json=other)).status_code == 200


async def test_tries_from_elsewhere_do_not_shut_the_owner_of_an_account_out(api: Any, fresh_key: Any) -> None:
    """No lock that a stranger can put on somebody else's door."""
    phone, here = api.new_phone(), api.client()
    await here.post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key())
    transport = httpx2.ASGITransport(app=api.app, client=("203.0.113.7", 4711))
    for _ in range(14):
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as elsewhere:
            last = await elsewhere.post("/v1/sign-in", json={"phone": phone, "code": "000000"})
    assert last.json()["code"] == "too_many_requests"
    mine = await here.post("/v1/sign-in", json={"phone": phone, "code": "000000"})
    assert mine.json()["code"] in ("wrong_code", "too_many_tries")  # heard, not turned away


async def test_a_disabled_member_is_out_at_once(api: Any, database: Any) -> None:
    mei = await api.staff("manager")
    assert (await mei.get("/v1/manager/inbox")).status_code == 200
    database.execute(f"update staff set disabled_at = now() where login = '{mei.name}'")
    assert (await mei.get("/v1/manager/inbox")).status_code == 401
