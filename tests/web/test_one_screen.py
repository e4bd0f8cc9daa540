"""A case is read and decided in one screen (P34): measured in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

WIDE, TALL = 1280, 900
CASES = ("desk-case", "desk-case-first", "desk-case-secured", "desk-case-above", "desk-case-not-mine",
         "desk-case-changed", "desk-case-conditions")  # fmt: skip
# What a verdict turns on; of each part that a case has, its heading and its first words are in sight at once.
MAIN = ("changed-title", "ratio-title", "flow-title", "score-title", "security-title", "owed-title", "may-title")
SEEN = """(id) => { const one = document.getElementById(id); if (!one) return null;
  const box = one.closest("section").getBoundingClientRect();
  return {top: box.top, bottom: box.bottom}; }"""


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
@pytest.mark.parametrize("name", CASES)
def test_p34_a_case_is_one_screen_and_what_a_verdict_turns_on_is_in_it(
    gallery: Any, leafing: Callable[..., Any], name: str, lang: str
) -> None:
    page = leafing(gallery.page(name, lang), width=WIDE, height=TALL)
    assert page.evaluate("document.documentElement.scrollHeight") <= TALL
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDE
    record = page.locator(".desk-act form > button.primary")
    # Whose yes it takes is of no weight once it was given; conditions that are open stand in its place.
    parts = MAIN if record.count() else [part for part in MAIN if part != "may-title"]
    for part in parts:
        box = page.evaluate(SEEN, part)
        assert box is None or (box["top"] >= 0 and box["top"] + 60 <= TALL), (part, box)
    if record.count():
        box = record.first.bounding_box()
        assert box["y"] + box["height"] <= TALL, "what records the decision is in sight"


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_p18_p34_loan_to_value_rank_and_that_they_are_before_registration_are_in_sight(
    gallery: Any, leafing: Callable[..., Any], lang: str
) -> None:
    page = leafing(gallery.page("desk-case-secured", lang), width=WIDE, height=TALL)
    first = page.locator(".secures").first
    box = first.bounding_box()
    assert box["y"] + box["height"] <= TALL
    said = first.inner_text()
    for words in ("抵押率 60%", "第 2 顺位", "登记前") if lang == "zh_CN" else ("60%", "rank 2", "before registration"):
        assert words in said
    assert ("顺位还没查" if lang == "zh_CN" else "rank not searched") in page.locator(".secures").nth(1).inner_text()


def test_p34_what_is_folded_or_below_is_reached_and_nothing_is_cut_off(
    gallery: Any, leafing: Callable[..., Any]
) -> None:
    page = leafing(gallery.page("desk-case"), width=WIDE, height=TALL)
    for fold in page.locator(".desk-case details").all():
        fold.evaluate("one => { one.open = true }")
    assert page.evaluate("document.documentElement.scrollHeight") <= TALL, "what is opened scrolls in its column"
    for column in page.locator(".desk-col").all():
        last = column.locator(":scope > *").last
        last.scroll_into_view_if_needed()
        assert last.bounding_box()["y"] < TALL
    for height in (620, 480):
        page.set_viewport_size({"width": WIDE, "height": height})
        reached = page.evaluate("[document.documentElement.scrollHeight, innerHeight]")
        assert reached[0] >= reached[1], "a low window scrolls as any page"


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_p34_a_case_on_a_phone_is_one_column_without_sideways_scrolling(
    gallery: Any, leafing: Callable[..., Any], lang: str
) -> None:
    for name in CASES:
        page = leafing(gallery.page(name, lang), width=390, height=844)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
