"""SESS-1: opaque tokens, only their hashes kept, new at each sign-in, ended at once."""

import hashlib
from typing import Any

from sqlalchemy import text

ORIGIN = {"Origin": "http://testserver"}


async def signed_in(api: Any, fresh_key: Any, client: Any, phone: str) -> str:
    await client.post("/v1/sign-in/code", json={"phone": phone}, headers={**fresh_key(), **ORIGIN})
    answer = await client.post("/v1/sign-in", json={"phone": phone, "code": api.phones.code(phone)}, headers=ORIGIN)
    assert answer.status_code == 200, answer.text
    return answer.json()["token"]


async def test_only_the_hash_of_a_token_is_stored(api: Any, fresh_key: Any) -> None:
    owner = await api.owner()
    async with api.tools.sessions.begin() as session:
        hashes = {bytes(row[0]) for row in await session.execute(text("select token_hash from session"))}
    assert hashlib.sha256(owner.token.encode()).digest() in hashes
    assert len(owner.token) >= 43  # 256 bits in base64


async def test_the_cookie_says_what_a_cookie_of_ours_must_say(api: Any, fresh_key: Any) -> None:
    phone, client = api.new_phone(), api.client()
    await client.post("/v1/sign-in/code", json={"phone": phone}, headers={**fresh_key(), **ORIGIN})
    answer = await client.post("/v1/sign-in", json={"phone": phone, "code": api.phones.code(phone)}, headers=ORIGIN)
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("sid="))
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}


async def test_over_https_the_cookie_is_bound_to_the_host(api: Any, another_api: Any, fresh_key: Any) -> None:
    secure = api.settings.model_copy(update={"public_url": "https://testserver"})
    async with another_api(secure) as other:
        phone = api.new_phone()
        client = other.client()
        client.base_url = "https://testserver"
        await client.post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key())
        answer = await client.post(
            "/v1/sign-in",
            json={"phone": phone, "code": other.phones.code(phone)},
            headers={"Origin": "https://testserver"},
        )
        cookie = next(value for value in answer.headers.get_list("set-cookie") if "sid=" in value)
        assert cookie.startswith("__Host-sid=")
        assert "Secure" in cookie
        assert "Domain" not in cookie
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert (await client.get("/v1/session")).status_code == 200


async def test_a_planted_cookie_does_not_survive_the_sign_in(api: Any, fresh_key: Any) -> None:
    client = api.client()
    client.cookies.set("sid", "planted" * 7)
    token = await signed_in(api, fresh_key, client, api.new_phone())
    assert client.cookies.get("sid", domain="testserver.local") or token
    assert (await api.client(Authorization="Bearer " + "planted" * 7).get("/v1/session")).status_code == 401


async def test_the_old_token_is_401_after_a_new_sign_in_but_reads_on_their_way_pass(
    api: Any, fresh_key: Any, database: Any
) -> None:
    client, phone = api.client(), api.new_phone()
    old = await signed_in(api, fresh_key, client, phone)
    new = await signed_in(api, fresh_key, client, phone)
    assert old != new
    with_old = api.client(Authorization=f"Bearer {old}")
    assert (await with_old.get("/v1/session")).status_code == 200  # within the grace
    assert (await with_old.patch("/v1/profile", json={"locale": "en"}, headers=fresh_key())).status_code == 401
    database.execute("update session set expires_at = now() where ended_at is not null")
    assert (await with_old.get("/v1/session")).status_code == 401
    assert (await api.client(Authorization=f"Bearer {new}").get("/v1/session")).status_code == 200


async def test_signing_out_ends_it_at_once_and_twice_is_harmless(api: Any, fresh_key: Any) -> None:
    owner = await api.owner()
    for _ in range(2):
        assert (await owner.client.post("/v1/sign-out", headers=fresh_key())).status_code == 204
    assert (await owner.get("/v1/session")).status_code == 401


async def test_idle_and_absolute_ends(api: Any, database: Any) -> None:
    idle, old = await api.owner(), await api.owner()
    sha = lambda token: hashlib.sha256(token.encode()).hexdigest()  # noqa: E731
    database.execute(
        f"update session set last_seen_at = now() - interval '31 minutes' where token_hash = '\\x{sha(idle.token)}'"
    )
    database.execute(
        f"update session set expires_at = now() - interval '1 second' where token_hash = '\\x{sha(old.token)}'"
    )
    assert (await idle.get("/v1/session")).status_code == 401
    assert (await old.get("/v1/session")).status_code == 401


async def test_staff_sessions_idle_sooner(api: Any, database: Any) -> None:
    mei = await api.staff("manager")
    sha = hashlib.sha256(mei.token.encode()).hexdigest()
    database.execute(f"update session set last_seen_at = now() - interval '16 minutes' where token_hash = '\\x{sha}'")
    assert (await mei.get("/v1/session")).status_code == 401


async def test_one_sees_and_ends_ones_own_sessions_and_nobody_elses(api: Any, fresh_key: Any) -> None:
    phone = api.new_phone()
    here, there, stranger = await api.owner(phone), await api.owner(phone), await api.owner()
    sessions = (await here.get("/v1/profile")).json()["sessions"]
    assert sorted(one["current"] for one in sessions) == [False, True]
    other = next(one["id"] for one in sessions if not one["current"])
    foreign = await stranger.client.delete(f"/v1/profile/sessions/{other}", headers=fresh_key())
    assert foreign.status_code == 404
    assert (await there.get("/v1/session")).status_code == 200
    assert (await here.client.delete(f"/v1/profile/sessions/{other}", headers=fresh_key())).status_code == 204
    assert (await there.get("/v1/session")).status_code == 401
