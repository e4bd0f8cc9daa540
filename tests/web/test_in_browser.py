"""Every page in a real browser: within the policy, without complaint, nothing cut off, nothing jumping."""

from collections.abc import Callable
from typing import Any

import pytest

from web.gallery.states import states

pytestmark = pytest.mark.browser

NAMES = tuple(states("zh_CN"))
# The first state of each template: what people meet first is looked at by axe each time, the rest by the long tests.
TEMPLATES = {state.template: name for name, state in reversed(states("zh_CN").items())}
LOOKED_AT = tuple(
    sorted({*TEMPLATES.values(), "identity-errors", "flows-read", "decision-decline", "manager-task-scored"})
)
# The rules of WCAG 2.1 A and AA, and what is good practice besides.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"]}
# A page that arrives in pieces on a busy machine may settle by a hair; what a person notices begins at a tenth.
JUMP = 0.05
NARROW, WIDE = 360, 1280
TOUCH = 48
THUMBED = (
    "home", "sign-in-code", "identity", "consents", "flows-read", "decision-approve",
    "key-facts", "progress-scheduled", "loan", "privacy", "profile", "manager-inbox",
)  # fmt: skip
NEWER = "刚刚读懂了"
Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def axe() -> Any:
    found = pytest.importorskip("axe_playwright_python.sync_playwright")
    return found.Axe()


def faults(page: Any, axe: Any = None) -> list[str]:
    """What is wrong with an open page; with ``axe`` also for those who do not see it."""
    # Pages with a stream or a poll are never idle; what is measured here has happened by then.
    page.wait_for_timeout(60)
    found = [f"complaint: {one}" for one in page.complaints]
    found += [f"policy: {one}" for one in page.evaluate("window.__violations")]
    if (shift := page.evaluate("window.__shift")) > JUMP:
        found.append(f"jumps by {shift}")
    if (over := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
        found.append(f"{over} px too wide")
    for violation in axe.run(page, options=RULES).response["violations"] if axe else ():
        where = "; ".join(str(node["target"][0]) for node in violation["nodes"][:4])
        found.append(f"axe {violation['id']}: {where}")
    return found


@pytest.mark.long
def test_every_page_on_a_narrow_phone_keeps_its_policy_and_its_place(gallery: Any, visit: Visit) -> None:
    page = visit("about:blank", width=NARROW, height=640)
    found: dict[str, list[str]] = {}
    for name in NAMES:
        page.complaints.clear()
        page.goto(gallery.page(name))
        found[name] = faults(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    "name",
    [name if name in THUMBED else pytest.param(name, marks=pytest.mark.long) for name in LOOKED_AT],
)
def test_a_page_is_for_everybody(gallery: Any, leafing: Visit, axe: Any, name: str) -> None:
    page = leafing(gallery.page(name), width=NARROW, height=640)
    assert faults(page, axe) == []


@pytest.mark.long
@pytest.mark.parametrize("lang", ["zh_CN", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, WIDE])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_sound_in_every_dress(
    gallery: Any, leafing: Visit, axe: Any, name: str, width: int, scheme: str, lang: str, shots: Callable[..., None]
) -> None:
    page = leafing(gallery.page(name, lang), width=width, height=844, color_scheme=scheme)
    assert faults(page, axe) == []
    shots(page, f"{name}-{width}-{scheme}-{lang}")


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_a_page_in_large_type_still_fits_a_narrow_phone(
    gallery: Any, leafing: Visit, axe: Any, name: str, shots: Callable[..., None]
) -> None:
    page = leafing(gallery.page(name, large=True), width=NARROW, height=640)
    assert faults(page, axe) == []
    shots(page, f"{name}-{NARROW}-large")


@pytest.mark.long
@pytest.mark.parametrize("name", ["home", "decision-approve", "progress-scheduled", "desk-book", "manager-task-scored"])
def test_dark_pages_have_contrast_too(gallery: Any, leafing: Visit, axe: Any, name: str) -> None:
    page = leafing(gallery.page(name, "en"), width=WIDE, color_scheme="dark")
    assert faults(page, axe) == []


@pytest.mark.parametrize("name", ["home", "sign-in", "identity", "flows", "key-facts", "loan", "profile"])
def test_a_page_at_twice_its_size_needs_no_sideways_scrolling(gallery: Any, leafing: Visit, name: str) -> None:
    page = leafing(gallery.page(name), width=640, height=480, device_scale_factor=2)
    page.evaluate("document.documentElement.style.fontSize = '212.5%'")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_a_managers_header_is_one_line_and_every_value_of_a_piece_is_whole_on_a_phone(
    gallery: Any, leafing: Visit, lang: str
) -> None:
    page = leafing(gallery.page("manager-piece", lang))
    ends = [page.locator(one).bounding_box() for one in (".wordmark", ".masthead-end")]
    assert abs(ends[0]["y"] - ends[1]["y"]) < ends[0]["height"], "the way out stands beside the name"
    for value in page.locator(".values li").all():
        money, card = value.locator("b").bounding_box(), page.locator(".values").bounding_box()
        assert money["x"] + money["width"] <= card["x"] + card["width"], value.inner_text()
    assert page.locator(".values .mono").count() == 1, "with the fingerprint of its report"


SMALL_TARGETS = """(least) => [...document.querySelectorAll("a, button, input, summary, select, textarea")]
  .filter((e) => e.checkVisibility() && !e.closest(".unseen") && e.type !== "hidden")
  .map((e) => [e, (e.type === "radio" || e.type === "checkbox" ? e.closest("label") : e).getBoundingClientRect()])
  .filter(([e, box]) => box.height > 0 && box.height < least - 0.5 && getComputedStyle(e).display !== "inline")
  .map(([e, box]) => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 20)} ${box.height}`)"""


@pytest.mark.parametrize("name", THUMBED)
def test_everything_to_touch_is_large_enough_for_a_thumb(gallery: Any, leafing: Visit, name: str) -> None:
    page = leafing(gallery.page(name))
    small = [one for one in page.evaluate(SMALL_TARGETS, TOUCH) if not one.startswith("INPUT") or " range" in one]
    assert small == []


def test_the_first_screen_of_a_narrow_phone_answers_what_it_costs(gallery: Any, leafing: Visit) -> None:
    page = leafing(gallery.page("home"), width=NARROW, height=640)
    for text in ("¥80,000.00", "¥82,932.06", "7.3%"):
        box = page.get_by_text(text).first.bounding_box()
        assert box is not None and box["y"] + box["height"] < 640
    button = page.locator(".simulator .primary").bounding_box()
    assert button is not None and button["y"] + button["height"] <= 640, "the one thing to do is on the first screen"


def test_the_verdict_stands_above_its_words_on_a_phone(gallery: Any, leafing: Visit) -> None:
    page = leafing(gallery.page("decision-approve"), width=NARROW, height=640)
    verdict, words = page.locator(".verdict h1").bounding_box(), page.locator(".verdict .lead").bounding_box()
    assert words["y"] >= verdict["y"] + verdict["height"]


def test_a_keyboard_reaches_the_main_thing_through_the_skip_link(gallery: Any, leafing: Visit) -> None:
    page = leafing(gallery.page("sign-in"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "f-phone"


def test_errors_are_read_first_and_lead_to_their_field(gallery: Any, leafing: Visit) -> None:
    page = leafing(gallery.page("identity-errors"))
    assert page.evaluate("document.activeElement.id") == "errors"
    page.locator("#errors a").first.click()
    assert page.evaluate("document.activeElement.id") == "f-id_number"
    described = page.locator("#f-id_number").get_attribute("aria-describedby").split()
    assert "e-id_number" in described


def test_a_slider_moves_its_number_and_a_number_moves_its_slider(gallery: Any, visit: Visit) -> None:
    page = visit(gallery.page("home"))
    page.route(
        "**/*", lambda route: None
    )  # the gallery would answer with its own amount, and on a busy machine in time
    page.locator("input[type=range][data-slider=amount]").fill("120000")
    assert page.locator("#f-amount").input_value() == "120000"
    page.fill("#f-months", "6")
    assert page.locator("input[type=range][data-slider=months]").input_value() == "6"


def test_a_pasted_code_loses_its_spaces_and_is_sent_once(gallery: Any, visit: Visit) -> None:
    page = visit(gallery.page("sign-in-code"))
    sent: list[str] = []
    page.route("**/sign-in/code", lambda route: (sent.append(route.request.post_data), route.fulfill(status=204)))
    page.evaluate("document.getElementById('f-code').value = '12 34 56'")
    with page.expect_response("**/sign-in/code"):
        page.dispatch_event("#f-code", "input")
    page.wait_for_timeout(100)  # in which a second one would come
    assert len(sent) == 1 and "code=123456" in sent[0]


def test_a_second_tap_sends_nothing(gallery: Any, visit: Visit) -> None:
    page = visit(gallery.page("decision-approve"))
    sent: list[str] = []
    page.route("**/apply/choose", lambda route: sent.append(route.request.method))  # never answered: still on its way
    with page.expect_request("**/apply/choose"):
        page.evaluate("(() => { const one = document.querySelector('.plan button'); one.click(); one.click(); })()")
    page.wait_for_timeout(200)  # in which a second one would come
    assert sent == ["POST"]


def fresher(page: Any) -> None:
    """Let a page learn that something happened: its next look at itself brings other words."""
    page.route(page.url, lambda route: route.fulfill(body=page.fresher, content_type="text/html"))
    page.fresher = page.content().replace("读懂了", NEWER)
    with page.expect_response(page.url):
        page.evaluate("void document.dispatchEvent(new Event('visibilitychange'))")


def test_what_a_finger_is_on_is_not_swapped_from_under_it(gallery: Any, visit: Visit) -> None:
    page = visit(gallery.page("flows-read"))
    page.locator("form[action='/apply/submit'] button").hover()
    page.mouse.down()
    fresher(page)
    page.wait_for_timeout(200)  # in which the new words would come
    assert NEWER not in page.inner_text("#live")
    with page.expect_request("**/apply/submit") as sent:
        page.mouse.up()
    assert sent.value.method == "POST"


def test_new_words_come_once_the_finger_has_left(gallery: Any, visit: Visit) -> None:
    page = visit(gallery.page("flows-read"))
    page.locator("#live").hover()
    page.mouse.down()
    fresher(page)
    page.mouse.up()
    page.locator("#live").get_by_text(NEWER).first.wait_for()


def test_the_key_facts_print_on_paper_without_the_page_around_them(gallery: Any, visit: Visit) -> None:
    page = visit(gallery.page("key-facts"))
    page.emulate_media(media="print")
    assert page.locator(".sheet").is_visible()
    for around in (".masthead", ".colophon", ".after-sheet", ".steps"):
        assert not page.locator(around).first.is_visible()


def test_without_scripts_everything_that_needs_a_button_has_one(gallery: Any, visit: Visit) -> None:
    page = visit(gallery.page("home"), java_script_enabled=False)
    assert page.locator(".simulator button.unscripted").is_visible()
    assert not page.locator("input[type=range]").first.is_visible()
    page = visit(gallery.page("flows"), java_script_enabled=False)
    assert page.locator("form.drop button").is_visible() and page.locator("#f-files").is_visible()


def test_nothing_is_asked_of_another_host(gallery: Any, visit: Visit) -> None:
    page = visit("about:blank")
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    for name in ("home", "decision-approve", "loan", "desk-book"):
        page.goto(gallery.page(name))
    assert hosts == {gallery.url.removeprefix("http://")}
