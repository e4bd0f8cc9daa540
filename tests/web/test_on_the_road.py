"""A manager's phone without a network: what it captures waits there, and is sent once, in order, when there is one."""

import io
import json
import re
from collections.abc import Callable, Sized
from typing import Any

import pytest
from PIL import Image

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


KEPT = "<!doctype html><title>kept</title>"


class Desk:
    """The other side: it answers each thing as it is told to, by what the thing says of itself."""

    def __init__(self, **answers: tuple[int, dict[str, Any]]) -> None:
        self.answers, self.sent = answers, list[str]()

    def hear(self, route: Any) -> None:
        if route.request.method != "POST":
            route.fulfill(status=200, content_type="text/html", body=KEPT)
            return
        assert "application/problem+json" in route.request.headers["accept"]
        body = (route.request.post_data_buffer or b"").decode("latin-1")
        what = said(body, "kind") or said(body, "result")
        self.sent.append(what)
        status, problem = self.answers.get(what, (200, {}))
        if problem:
            route.fulfill(status=status, content_type="application/problem+json", body=json.dumps(problem))
        else:
            route.fulfill(status=200, content_type="text/html", body=KEPT)


def heard(page: Any, things: Sized, least: int) -> None:
    """Wait until the other side has heard so many things."""
    for _ in range(200):
        if len(things) >= least:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{len(things)} of {least}")


def write(page: Any, kind: str, words: str) -> None:
    if not page.locator("#f-words").is_visible():
        page.locator("summary", has_text="写一条").click()
    page.locator("form[data-capture] label", has_text=kind).click()
    page.locator("#f-words").fill(words)
    page.locator("details[open] button", has_text="记下").click()


def test_e2_what_is_refused_stays_on_the_phone_with_why_and_the_others_go_on(
    gallery: Any, visit: Visit, shots: Callable[..., None]
) -> None:
    page = visit(gallery.page("manager-visit"))
    large = {"code": "too_large", "title": "内容太大", "detail": "最多接收 20544 KB。"}
    wrong = {
        "code": "bad_fields", "title": "有内容需要改", "detail": "有内容需要改。",
        "errors": [{"pointer": "#/words", "detail": "不能为空"}],
    }  # fmt: skip
    desk = Desk(photo=(413, large), serial=(422, wrong))
    page.route("**/manager/**", desk.hear)
    page.context.set_offline(True)
    page.locator("#f-photo").set_input_files(PHOTO)
    kept = page.locator("#kept")
    kept.get_by_text("1 项").wait_for()
    write(page, "设备编号", "CNC-2041-77")
    kept.get_by_text("2 项").wait_for()
    write(page, "记录", "店里三个人，货对得上")
    kept.get_by_text("3 项").wait_for()
    page.locator("#f-words").fill("还没写完的一句")
    page.context.set_offline(False)
    refused = kept.locator("[data-part=refused] li")
    refused.nth(1).wait_for()
    heard(page, desk.sent, 3)
    assert desk.sent == ["photo", "serial", "note"], "one that is refused keeps nobody else back"
    first, second = refused.all()
    assert "照片" in first.inner_text() and "最多接收 20544 KB" in first.inner_text()
    assert "设备编号 · CNC-2041-77" in second.inner_text() and "不能为空" in second.inner_text()
    assert kept.locator("[data-part=hint]").is_visible() and not kept.locator("[data-part=waiting]").is_visible()
    assert page.input_value("#f-words") == "还没写完的一句", "what is being written is not taken away by a fresh page"
    shots(page, "visit-refused")
    page.fill("#f-words", "")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(300)
    assert len(desk.sent) == 3, "what was refused is not sent by itself"
    first.get_by_role("button", name="从手机上删掉").click()
    kept.locator("[data-part=refused] li >> nth=1").wait_for(state="detached")
    desk.answers.clear()
    page.evaluate("window.before = 1")
    refused.first.get_by_role("button", name="再发一次").click()
    heard(page, desk.sent, 4)
    assert desk.sent[3] == "serial"
    page.wait_for_function("!window.before")  # the page is looked at anew once all of it is there
    assert kept.is_hidden()


def test_e2_what_a_colleague_captured_on_this_phone_waits_for_them(gallery: Any, visit: Visit) -> None:
    page = visit(gallery.page("manager-visit"))
    desk = Desk()
    page.route("**/manager/**", lambda route: route.abort("connectionreset"))
    page.context.set_offline(True)
    write(page, "记录", "李敏在现场记的")
    kept = page.locator("#kept")
    kept.get_by_text("1 项").wait_for()
    page.context.set_offline(False)
    # Before anything gets through somebody else signs in on the phone: the server says whose page it is.
    other = gallery.page("manager-visit")
    page.route(other, lambda route: _as_somebody_else(route))
    page.goto(other)
    kept.locator("[data-part=others]").wait_for()
    assert "1 项" in kept.locator("[data-part=others]").inner_text()
    assert not kept.locator("[data-part=waiting]").is_visible()
    page.route("**/manager/**", desk.hear)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(300)
    assert desk.sent == [], "it is not sent under another's name"
    page.unroute(other)
    page.goto(other)
    heard(page, desk.sent, 1)
    assert desk.sent == ["note"], "and goes once they are back"


def _as_somebody_else(route: Any) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('data-whose="', 'data-whose="another'))


def test_e2_a_photo_in_another_format_becomes_a_jpeg_or_is_refused_before_it_is_kept(
    gallery: Any, visit: Visit
) -> None:
    page = visit(gallery.page("manager-visit"))
    bodies: list[bytes] = []
    page.route(
        "**/manager/**", lambda route: (bodies.append(route.request.post_data_buffer), route.abort("connectionreset"))
    )
    kept = page.locator("#kept")
    heic = {"name": "IMG_0001.HEIC", "mimeType": "image/heic", "buffer": b"\x00\x00\x00\x18ftypheic" + bytes(99)}
    page.locator("#f-photo").set_input_files(heic)
    kept.locator("[data-part=unfit]").wait_for()
    assert "JPG" in kept.locator("[data-part=unfit]").inner_text()
    assert bodies == [], "what nobody can read is not kept in a queue that it would hold up"
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(out, "BMP")
    page.locator("#f-photo").set_input_files({"name": "old.bmp", "mimeType": "image/bmp", "buffer": out.getvalue()})
    kept.get_by_text("1 项").wait_for()
    assert not kept.locator("[data-part=unfit]").is_visible()
    heard(page, bodies, 1)
    assert b'filename="old.jpg"' in bodies[0] and b"\xff\xd8\xff" in bodies[0]
