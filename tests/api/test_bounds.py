"""API-1, 2, 9, 10, 12: every no has one shape; nothing that comes in can surprise what is behind."""

import json
import re
from typing import Any

import pytest
from fastapi import FastAPI

from api import fields
from api.problem_words import detail_key, title_key, told
from api.problems import ALL_PROBLEMS, STATUS
from infra import i18n
from lending.refusals import type_of

REFUSALS = tuple(type_of.values())


def test_the_table_of_refusals_is_complete() -> None:
    missing = set(REFUSALS) - set(STATUS)
    assert not missing, f"api/problems.py STATUS has no row for {sorted(kind.__name__ for kind in missing)}"
    assert set(STATUS) <= set(REFUSALS)


@pytest.mark.parametrize("code", sorted({kind.code for kind in REFUSALS} | set(ALL_PROBLEMS)))
def test_every_no_has_words_in_both_languages(code: str) -> None:
    for key in (title_key(code), detail_key(code)):
        assert i18n.known(key), key


@pytest.mark.parametrize("kind", REFUSALS)
@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_refusal_can_be_told(kind: type, locale: str) -> None:
    samples: dict[str, int | str] = {
        "wait_minutes": 5,
        "currency": "CNY",
        "check": "network",
        "purpose": "bureau_query",
        "stage": "offered",
    }
    samples |= {"on": "2027-03-02", "until_at": "2027-03-02T01:00:00+00:00", "item": "trade_proof"}
    endings = {"on": samples["on"], "at": samples["until_at"]}
    params = {name: samples.get(name, endings.get(name.rpartition("_")[2], 3)) for name in kind.params_needed}
    words = told(kind(**params), locale)
    assert words.detail
    assert "{" not in words.detail


async def test_every_answer_carries_a_request_id_and_takes_a_good_one(api: Any) -> None:
    client = api.client()
    assert len((await client.get("/v1/clock")).headers["Request-Id"]) == 32
    kept = await client.get("/v1/nowhere", headers={"Request-Id": "abc_DEF-12345678"})
    assert kept.headers["Request-Id"] == "abc_DEF-12345678"
    assert kept.json()["instance"] == "abc_DEF-12345678"


@pytest.mark.parametrize("bad", ["short", "x" * 65, "has space in it", "x" * 4096, "evil\u00e9vil1"])
async def test_api_2_a_bad_request_id_is_replaced(api: Any, bad: str) -> None:
    answer = await api.client().get("/v1/clock", headers=[(b"Request-Id", bad.encode("latin-1"))])
    assert answer.headers["Request-Id"] != bad


async def test_security_headers_and_a_fresh_nonce_on_every_answer(api: Any) -> None:
    answers = [await api.client().get(path) for path in ("/v1/clock", "/v1/clock", "/v1/nowhere")]
    policies = [answer.headers["Content-Security-Policy"] for answer in answers]
    assert len(set(policies)) == 3
    for answer in answers:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"


async def test_every_answer_of_the_api_names_its_version_and_pages_do_not(api: Any) -> None:
    client = api.client()
    for path in ("/v1/clock", "/v1/nowhere"):
        assert (await client.get(path)).headers["Api-Version"] == api.app.version
    assert "Api-Version" not in (await client.get("/health/live")).headers


async def test_a_limited_route_says_what_is_left(api: Any, fresh_key: Any) -> None:
    client, phone = api.client(), api.new_phone()
    left: list[int] = []
    for _ in range(6):
        answer = await client.post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key())
        assert answer.headers["RateLimit-Policy"] == '"code";q=5;w=300'
        found = re.fullmatch(r'"code";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
        assert found is not None
        left.append(int(found[1]))
    assert left == [4, 3, 2, 1, 0, 0]
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 61
    assert "RateLimit" not in (await client.get("/v1/clock")).headers, "what is not limited says nothing"


async def test_an_edit_of_a_draft_that_changed_meanwhile_is_refused(api: Any, begun: Any) -> None:
    owner, application_id = begun
    path = f"/v1/applications/{application_id}"
    tag = (await owner.get(path)).headers["ETag"]
    assert re.fullmatch(r'"v\d+"', tag)
    terms = {"amount": {"amount": "50000.00", "currency": "CNY"}, "months": 12, "share": "0.12"}
    stale = await owner.post(f"{path}/submit", {"terms": terms}, headers={"If-Match": '"v9999"'})
    is_problem(stale, 412, "stale")
    assert (await owner.get(path)).headers["ETag"] == tag
    is_problem(await owner.post(f"{path}/submit", {}, headers={"If-Match": "yesterday"}), 400, "bad_request")
    fresh = await owner.post(f"{path}/submit", {}, headers={"If-Match": tag})
    assert fresh.status_code != 412


def is_problem(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert {"type", "title", "detail", "instance", "messages"} <= set(body)
    assert set(body["messages"]) == {"zh_CN", "en"}


async def test_api_1_every_kind_of_no_has_one_shape(api: Any, fresh_key: Any) -> None:
    owner, client = await api.owner(), api.client()
    nobody = "00000000-0000-0000-0000-000000000000"
    is_problem(await owner.client.post("/v1/applications", json={}, headers={}), 400, "key_missing")
    is_problem(await owner.post("/v1/applications", {}), 422, "bad_fields")
    is_problem(await client.get("/v1/applications"), 401, "not_signed_in")
    is_problem(await owner.get(f"/v1/applications/{nobody}"), 404, "not_found")
    is_problem(await owner.get("/v1/applications/not-an-id"), 422, "bad_fields")
    is_problem(await client.delete("/v1/clock"), 405, "method_not_allowed")
    is_problem(await client.post("/v1/simulations", content=b"x" * 300_000), 413, "too_large")
    json_kind = {"Content-Type": "application/json", **fresh_key()}
    is_problem(await owner.client.post("/v1/applications", content=b"{", headers=json_kind), 400, "bad_json")
    not_a_file = await owner.post(f"/v1/applications/{nobody}/statements", {"file": "x"})
    is_problem(not_a_file, 415, "wrong_type")


async def test_a_fault_of_ours_tells_nothing_and_has_an_id(api: Any, monkeypatch: Any) -> None:
    from api.owner import shopping

    async def broken(*_: Any) -> None:
        raise ValueError("select * from person where phone = '13800000000'")

    monkeypatch.setattr(shopping, "simulate", broken)
    body = {"amount": {"amount": "1.00"}, "months": 1, "share": "0.1", "monthly_revenue": {"amount": "1.00"}}
    answer = await api.client().post("/v1/simulations", json=body)
    is_problem(answer, 500, "internal")
    assert answer.headers["Request-Id"] == answer.json()["instance"]
    assert "select" not in answer.text
    assert "13800000000" not in answer.text


async def test_the_type_of_a_problem_can_be_followed(api: Any) -> None:
    client = api.client()
    kind = (await client.get("/v1/nowhere")).json()["type"]
    meaning = (await client.get(kind.removeprefix("http://testserver"))).json()
    assert (meaning["code"], meaning["status"]) == ("not_found", 404)


async def test_the_reader_s_language_is_spoken(api: Any) -> None:
    client = api.client()
    zh = (await client.get("/v1/nowhere", headers={"Accept-Language": "zh-CN"})).json()
    en = (await client.get("/v1/nowhere", headers={"Accept-Language": "en-GB,en;q=0.9"})).json()
    assert (zh["title"], en["title"]) == ("没有找到", "Not found")


@pytest.mark.parametrize(
    ("body", "status", "place"),
    [
        ('{"phone": "a\\u0000b"}', 422, "#/phone"),
        ('{"phone": "\\ud800"}', 422, "#/phone"),
        ('{"phone": 99999999999999999999}', 422, "#/phone"),
        ('{"phone": NaN}', 400, None),
        ('{"phone": Infinity}', 400, None),
        ("[" * 200 + "]" * 200, 400, None),
        ("[" * 100_000 + "]" * 100_000, 400, None),
        ('{"a": ' * 21 + "1" + "}" * 21, 400, None),
        ("\xff\xfe", 400, None),
        ("", 422, None),
    ],
)
async def test_api_9_a_body_is_clean_before_anything_reads_it(
    api: Any, fresh_key: Any, body: str, status: int, place: str | None
) -> None:
    headers = {"Content-Type": "application/json", **fresh_key()}
    answer = await api.client().post("/v1/sign-in/code", content=body.encode("latin-1"), headers=headers)
    assert answer.status_code == status, answer.text
    if place:
        assert [error["pointer"] for error in answer.json()["errors"]] == [place]


@pytest.mark.parametrize(
    "path", ["/v1/problems/%00", "/v1/problems/%ff%fe", "/v1/clock?x=%00", "/v1/problems/%ed%a0%80"]
)
async def test_api_9_addresses_are_clean_too(api: Any, path: str) -> None:
    answer = await api.client().get(path)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"


async def test_a_body_is_counted_while_it_streams(api: Any, fresh_key: Any) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while True:
            sent += 65_536
            yield b" " * 65_536

    answer = await api.client().post(
        "/v1/sign-in/code", content=endless(), headers={"Content-Type": "application/json", **fresh_key()}
    )
    assert answer.status_code == 413
    assert sent < 2**20


async def test_api_10_allow_names_every_method_of_the_path(api: Any) -> None:
    owner = await api.owner()
    answer = await owner.client.put("/v1/profile", json={})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, PATCH"
    both = await owner.client.delete("/v1/applications")
    assert both.headers["Allow"] == "GET, HEAD, POST"


async def test_head_answers_like_get_without_a_body(api: Any) -> None:
    answer = await api.client().head("/v1/clock")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_liveness_needs_nothing_and_readiness_tells_what_is_there(api: Any) -> None:
    client = api.client()
    assert (await client.get("/health/live")).json() == {"state": "live"}
    ready = await client.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json() == {"state": "ready", "database": True, "temporal": True, "storage": True, "events": True}


async def test_api_12_without_postgres_it_is_503_within_three_seconds(
    api: Any, another_api: Any, settings_for: Any
) -> None:
    import time

    from api.app import create_app

    lonely: FastAPI = create_app(settings_for(public_url="http://testserver"))
    async with lonely.router.lifespan_context(lonely):
        import httpx2

        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=lonely), base_url="http://testserver")
        for path in ("/v1/clock", "/health/ready"):
            begun = time.monotonic()
            answer = await client.get(path)
            assert time.monotonic() - begun < 3
            assert answer.status_code == 503
            assert answer.headers["Retry-After"]
        assert (await client.get("/health/live")).status_code == 200
        body = (await client.get("/v1/clock")).json()
        assert (body["code"], body["params"]) == ("unavailable", {"party": "database"})


async def test_rl_2_without_postgres_nobody_signs_in(settings_for: Any, fresh_key: Any) -> None:
    import httpx2

    from api.app import create_app

    lonely: FastAPI = create_app(settings_for(public_url="http://testserver"))
    async with lonely.router.lifespan_context(lonely):
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=lonely), base_url="http://testserver")
        for path, body in (
            ("/v1/sign-in/code", {"phone": "13900000000"}),
            ("/v1/sign-in", {"phone": "13900000000", "code": "000000"}),
            ("/v1/staff/sign-in", {"login": "mei", "password": "x", "totp": "000000"}),
        ):
            answer = await client.post(path, json=body, headers=fresh_key())
            assert answer.status_code == 503, path


def test_api_11_production_publishes_no_document(settings_for: Any) -> None:
    from api.app import check, create_app

    settings = settings_for(profile="production", public_url="https://huoshui.example")
    assert "/v1/openapi.json" not in {door.path for door in check(create_app(settings))}


def test_bodies_that_are_clean_pass_unchanged() -> None:
    from api.middleware.body import check_json

    check_json(json.dumps({"a": [1, "小明", None, True, 1.5, {"b": 2**63 - 1}]}).encode())


@pytest.mark.parametrize(
    "nothing",
    ["....", "。。。。", "—— ——", "aaaa", "    ", "？！？！？！", "1111111", "同意同意", "ok ok ok", "同意同意同"],
)
def test_a_reason_of_dots_or_of_one_letter_says_nothing(nothing: str) -> None:
    with pytest.raises(fields.Wrong):
        fields.line(nothing, least=4)


@pytest.mark.parametrize("said", ["已经核对", "看过了，可以", "seen him", "A-1024", "欠 3 万元"])
def test_a_short_reason_that_says_something_is_taken(said: str) -> None:
    assert fields.line(said, least=4) == said
