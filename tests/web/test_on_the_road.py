"""A manager's phone without a network: what it captures waits there, and is sent once, in order, when there is one."""

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Visit = Callable[..., Any]
PHOTO = {"name": "shop.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0 a picture"}


def said(body: str, name: str) -> str:
    found = re.search(rf'name="{name}"\r\n\r\n([^\r]*)', body)
    return found.group(1) if found else ""


def test_e2_without_a_network_things_wait_on_the_phone_and_are_sent_in_order_under_their_own_ids(
    gallery: Any, visit: Visit
) -> None:
    page = visit(gallery.page("manager-visit"))
    sent: list[str] = []

    def heard(route: Any) -> None:
        """The other side: it hears the first thing and its answer is lost; from then on it answers."""
        if route.request.method != "POST":
            route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>there</title>")
            return
        sent.append((route.request.post_data_buffer or b"").decode("latin-1"))
        if len(sent) == 1:
            route.abort("connectionreset")
        else:
            route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>kept</title>")

    page.route("**/manager/**", heard)
    kept = page.locator("#kept")
    page.context.set_offline(True)
    page.locator("summary", has_text="写一条").click()
    page.locator("form[data-capture] label", has_text="设备编号").click()
    page.locator("#f-words").fill("CNC-2041-77")
    page.locator("details[open] button", has_text="记下").click()
    kept.get_by_text("1 项").wait_for()
    page.locator("#f-photo").set_input_files(PHOTO)
    kept.get_by_text("2 项").wait_for()
    page.locator("form[data-finish] button").click()
    kept.get_by_text("3 项").wait_for()
    assert sent == []
    page.context.set_offline(False)
    while len(sent) < 1:
        page.wait_for_timeout(50)
    assert kept.is_visible(), "an answer that was lost leaves everything where it is"
    page.evaluate("dispatchEvent(new Event('online'))")
    while len(sent) < 4:
        page.wait_for_timeout(50)
    assert [said(body, "kind") or said(body, "result") for body in sent] == ["serial", "serial", "photo", "done"]
    assert said(sent[0], "id") == said(sent[1], "id") != said(sent[2], "id"), "sent again it is the same thing"
    assert said(sent[1], "words") == "CNC-2041-77" and said(sent[1], "taken_at").endswith("Z")
    assert b"a picture" in sent[2].encode("latin-1")
    page.wait_for_url("**/manager", timeout=5_000)


def test_e2_a_standard_visit_takes_at_most_three_taps(gallery: Any, visit: Visit) -> None:
    """Open it from the inbox; take the photo, which sends itself; done."""
    page = visit(gallery.page("manager-visit"))
    seen: list[str] = []
    page.route("**/manager/**", lambda route: (seen.append(route.request.url), route.abort("connectionreset")))
    page.locator("#f-photo").set_input_files(PHOTO)  # the camera's own shutter
    page.locator("#kept").wait_for()
    while not seen:
        page.wait_for_timeout(50)
    assert seen[0].endswith("/bring"), "the photo sends itself"
    assert page.locator("form[data-finish] button").is_enabled()
