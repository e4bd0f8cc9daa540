"""A manager's phone without a network, on the running service: its pack is read, and each thing comes home once."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.api.test_offline import photo
from tests.web.test_on_the_road import PHOTO
from tests.web.test_with_servers import World, wait_for, world

__all__ = ["world"]

Visit = Callable[..., Any]
NOTES = ("店里三个人，货对得上", "冷柜两台，都开着")


@pytest.mark.long
@pytest.mark.browser
def test_e2_a_phone_offline_reads_its_pack_takes_notes_and_a_photo_and_each_is_there_once_when_it_is_back(
    world: World, visit: Visit, shots: Callable[..., None], tmp_path: Path
) -> None:
    firm = world.firm(trade="parts_maker", monthly_sales_minor=30_000_000, months=14, health=0.9)
    owner = world.browser()
    owner.apply(firm, "220000", tmp_path)
    owner.until("/apply/flows", 'action="/apply/submit"')
    assert owner.press("/apply/submit", {}).status_code == 303, owner.page
    owner.until("/progress", "/visits/")
    task = re.findall(r"/visits/[^/]+/([0-9a-f-]{36})", owner.page)[0]
    manager = world.browser()
    manager.enter("manager")
    page = visit("about:blank", locale="zh-CN")
    page.context.add_cookies(
        [{"name": one.name, "value": one.value, "url": world.url} for one in manager.client.cookies.jar]
    )
    page.goto(f"{world.url}/manager/offline/{task}")
    page.locator("summary", has_text="约").first.click()
    page.fill("#f-place", "昆山市玉山镇 8 号")
    page.fill("#f-reason", "车间在这里，登记的是办公室")
    page.locator(".slots button").first.click()
    page.wait_for_load_state()
    operations = world.browser()
    operations.enter("operations")
    given = {"Idempotency-Key": f"k-{uuid4()}", "Sec-Fetch-Site": "same-origin"}
    moved = operations.client.post("/v1/desk/clock", json={"days": 1}, headers=given)
    assert moved.status_code == 200, moved.text  # the pack is built a day and a half ahead
    wait_for(page, "#pack", scripts=False)
    kept_whole = f"""caches.match('/manager/offline/{task}').then((kept) => kept && kept.text())
        .then((text) => Boolean(text) && text.includes('id="pack"'))"""
    page.wait_for_function(kept_whole)

    page.context.set_offline(True)
    page.reload()
    assert page.locator("#as-of").is_visible(), "the page says from when it is"
    assert "%as-of%" not in page.inner_text("#as-of")
    assert page.locator("section[aria-labelledby=pack] li").count() >= 5, "the pack is read where there is no network"
    shots(page, "visit-offline")
    kept = page.locator("#kept")
    for n, words in enumerate(NOTES, start=1):
        if not page.locator("#f-words").is_visible():
            page.locator("summary", has_text="写一条").click()
        page.locator("form[data-capture] label", has_text="记录").click()
        page.locator("#f-words").fill(words)
        page.locator("details[open] button", has_text="记下").click()
        kept.get_by_text(f"{n} 项").wait_for()
    page.locator("#f-photo").set_input_files({**PHOTO, "buffer": photo(placed=True)})
    kept.get_by_text("3 项").wait_for()
    shots(page, "visit-offline-kept")
    page.reload()  # the browser was closed and opened again, still without a network
    kept.get_by_text("3 项").wait_for()

    page.context.set_offline(False)
    wait_for(page, "#kept[hidden]", scripts=True)
    page.goto(f"{world.url}/manager/offline/{task}")
    assert page.locator("#as-of").is_hidden()
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(1_000)
    seen = manager.client.get(f"/v1/manager/offline/{task}").json()
    brought = [(one["kind"], one["words"]) for one in seen["evidence"]]
    assert sorted(brought) == sorted([*(("note", words) for words in NOTES), ("photo", "")]), "each exactly once"
    assert len({one["id"] for one in seen["evidence"]}) == 3
    shots(page, "visit-back")
    assert [one for one in page.complaints if "ERR_INTERNET_DISCONNECTED" not in one] == []
    assert page.evaluate("window.__violations") == []
    page.locator("form[action='/staff/sign-out'] button").click()
    page.wait_for_url("**/staff/sign-in**")
    assert page.evaluate("caches.match('/manager').then((kept) => !kept)"), "whoever signs out leaves nothing to read"
    assert page.evaluate(f"caches.match('/manager/offline/{task}').then((kept) => !kept)")
