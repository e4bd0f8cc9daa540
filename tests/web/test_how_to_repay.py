"""The simulator's choice of how to repay: shown by its own figures, light, and sent without a script too."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from web import rendering
from web.gallery.states import shell_of, states

NARROW = 360
DATED = ("home-equal", "home-principal", "home-seasonal", "home-interest-first")


def html_of(name: str, locale: str) -> str:
    state = states(locale)[name]
    return rendering.html(state.template, state.page, shell_of(state, locale))


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("name", DATED)
def test_a_plan_by_dates_shows_each_instalment_and_no_weather_and_no_share(name: str, locale: str) -> None:
    page, html = states(locale)[name].page, html_of(name, locale)
    assert html.count('<tr><th scope="row">') == len(page.quote.due) == 12
    assert 'id="f-share"' not in html and 'class="weathers"' not in html
    assert sum(one.interest_minor for one in page.quote.due) == page.quote.normal.interest_minor
    even = "这里先按每月一样重来算" if locale == "zh_CN" else "as if all months weighed the same"
    assert (even in html) is (name == "home-seasonal")


def test_the_choice_names_every_kind_with_its_sentence_and_marks_one() -> None:
    for locale, name in (("zh_CN", "等额分期贷"), ("en", "Equal-instalment loan")):
        html = html_of("home-equal", locale)
        assert re.findall(r'value="(\w+)" aria-pressed="true"', html) == ["equal_instalments"]
        assert len(re.findall(r'aria-pressed="false"', html)) == 4
        assert f"<b>{name}</b><small>" in html


def test_a_tap_on_a_kind_carries_what_was_typed_without_a_script(gallery: Any, visit: Any) -> None:
    page = visit(gallery.page("home"), java_script_enabled=False)
    page.fill("#f-amount", "61000")
    page.locator("details.how summary").click()
    with page.expect_request(lambda request: "how=" in request.url) as sent:
        page.locator("button[name=how][value=equal_instalments]").click()
    asked = parse_qs(urlsplit(sent.value.url).query)
    assert (asked["amount"], asked["how"][-1]) == (["61000"], "equal_instalments"), "the last of a name counts"


def test_a_narrow_phone_still_has_the_answer_and_the_button_on_its_first_screen(gallery: Any, leafing: Any) -> None:
    page = leafing(gallery.page("home-equal"), width=NARROW, height=640)
    button = page.locator(".simulator .primary").bounding_box()
    assert button is not None and button["y"] + button["height"] <= 640
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_other_terms_of_a_plan_by_dates_are_asked_for_without_a_share() -> None:
    state = states("zh_CN")["decision-approve"]
    for by_dates in (False, True):
        html = rendering.html(state.template, replace(state.page, by_dates=by_dates), shell_of(state, "zh_CN"))
        assert ('id="f-share"' in html) is not by_dates
        assert (
            '<input type="hidden" name="share"' in html.partition("data-live-form")[2].partition("</form>")[0]
        ) is by_dates
