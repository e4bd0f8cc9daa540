"""CSRF-1: an unsafe request must come from our own page, by the browser's word or by our token."""

from typing import Any

import pytest

SAME, CROSS, SITE, NONE = "same-origin", "cross-site", "same-site", "none"
OURS, EVIL = "http://testserver", "https://evil.example"
JSON, PLAIN, FORM, MULTI = (
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
)


@pytest.fixture(scope="module")
async def browser(api: Any, fresh_key: Any) -> Any:
    """A browser that is signed in by cookie; its CSRF token in ``token``."""
    phone, client = api.new_phone(), api.client()
    await client.post("/v1/sign-in/code", json={"phone": phone}, headers=fresh_key())
    answer = await client.post("/v1/sign-in", json={"phone": phone, "code": api.phones.code(phone)})
    assert answer.status_code == 200
    client.token = answer.json()["csrf"]
    return client


async def send(browser: Any, fresh_key: Any, **headers: str | None) -> int:
    """An unsafe request under these headers; anything but 403 means that it was let through."""
    given = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    answer = await browser.post("/v1/eligibility", content=b"{}", headers={**given, **fresh_key()})
    if answer.status_code == 403:
        assert answer.json()["code"] == "csrf"
    return answer.status_code


@pytest.mark.parametrize("kind", [JSON, PLAIN, FORM, MULTI])
@pytest.mark.parametrize(
    ("site", "origin", "allowed"),
    [
        (SAME, None, True),
        (NONE, None, True),
        (CROSS, None, False),
        (SITE, None, False),
        (CROSS, OURS, False),  # the browser's own word counts more than a header that a proxy may have touched
        (None, OURS, True),
        (None, EVIL, False),
        (None, "null", False),
        (None, OURS + ".evil.example", False),
        (None, None, False),
    ],
)
async def test_csrf_1_matrix(
    browser: Any, fresh_key: Any, kind: str, site: str | None, origin: str | None, allowed: bool
) -> None:
    status = await send(browser, fresh_key, content_type=kind, sec_fetch_site=site, origin=origin)
    assert (status != 403) == allowed


async def test_without_both_headers_the_token_in_a_header_decides(browser: Any, fresh_key: Any) -> None:
    assert await send(browser, fresh_key, content_type=JSON, x_csrf_token="0" * 64) == 403
    assert await send(browser, fresh_key, content_type=JSON, x_csrf_token=browser.token) == 422


async def test_without_both_headers_the_hidden_field_decides(browser: Any, fresh_key: Any) -> None:
    wrong = await browser.post("/v1/eligibility", data={"csrf": "0" * 64}, headers=fresh_key())
    assert wrong.status_code == 403
    right = await browser.post("/v1/eligibility", data={"csrf": browser.token}, headers=fresh_key())
    assert right.status_code == 422  # let through to the route, which takes JSON


async def test_a_multipart_form_carries_the_token_in_its_first_field(browser: Any, fresh_key: Any) -> None:
    path = "/v1/applications/00000000-0000-0000-0000-000000000000/statements"
    file = ("bill.csv", b"x" * 50_000, "text/csv")
    refused = await browser.post(path, data={"csrf": "0" * 64}, files={"file": file}, headers=fresh_key())
    assert refused.status_code == 403
    passed = await browser.post(path, data={"csrf": browser.token}, files={"file": file}, headers=fresh_key())
    assert (passed.status_code, passed.json()["code"]) == (404, "not_found")


async def test_the_token_of_another_session_is_worth_nothing(api: Any, browser: Any, fresh_key: Any) -> None:
    other = await api.owner()
    theirs = (await other.get("/v1/session")).json()["csrf"]
    assert await send(browser, fresh_key, content_type=JSON, x_csrf_token=theirs) == 403


async def test_somebody_who_is_not_signed_in_has_a_token_of_their_browser(api: Any, fresh_key: Any) -> None:
    """A form of another site cannot sign a visitor in as somebody else."""
    client = api.client()
    form = {"Content-Type": FORM}
    first = await client.post("/v1/sign-in/code", content=b"phone=1", headers={**form, **fresh_key()})
    assert first.status_code == 403
    assert "did" in client.cookies


async def test_a_bearer_and_a_plain_client_need_no_token(api: Any, fresh_key: Any) -> None:
    owner = await api.owner()
    assert (await owner.client.post("/v1/sign-out", headers=fresh_key())).status_code == 204
    answer = await api.client().post("/v1/eligibility", json={})
    assert answer.status_code == 422


async def test_get_changes_nothing_and_needs_nothing(browser: Any) -> None:
    assert (await browser.get("/v1/session", headers={"Sec-Fetch-Site": CROSS})).status_code == 200
