"""The owner's decision: the offer, its cost, what happens next and the button come first, the rest is folded."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

PHONE, SCREEN = 390, 844
ONE_AND_A_HALF = SCREEN * 3 // 2


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
@pytest.mark.parametrize("name", ["decision-secured", "decision-approve", "decision-approved-by-person"])
def test_offer_cost_what_comes_next_and_the_button_are_on_one_and_a_half_screens(
    gallery: Any, leafing: Callable[..., Any], name: str, lang: str
) -> None:
    page = leafing(gallery.page(name, lang), width=PHONE, height=SCREEN)
    for part in ("h1", "tr.choose .button.primary, .plan.first .button.primary", ".what-next"):
        box = page.locator(part).first.bounding_box()
        assert box is not None and box["y"] + box["height"] <= ONE_AND_A_HALF, (part, box)
    assert page.locator(".what-next li").count() == 3
    assert page.locator(".button.primary:visible").count() == 1, "one thing to do"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_a_secured_loan_says_that_money_waits_for_the_register_and_another_does_not(
    gallery: Any, leafing: Callable[..., Any]
) -> None:
    page = leafing(gallery.page("decision-secured"), width=PHONE, height=SCREEN)
    assert "抵押登记" in page.inner_text(".what-next")
    page = leafing(gallery.page("decision-approve"), width=PHONE, height=SCREEN)
    assert "登记" not in page.inner_text(".what-next")


def test_what_is_folded_opens_and_each_plan_can_be_chosen_from_its_details_too(
    gallery: Any, leafing: Callable[..., Any]
) -> None:
    page = leafing(gallery.page("decision-secured"), width=PHONE, height=SCREEN)
    plans = page.locator("details.plan")
    assert [one.get_attribute("open") for one in plans.all()] == [None] * plans.count()
    for one in plans.all():
        one.locator("summary").click()
        assert one.locator(".button").is_visible()
