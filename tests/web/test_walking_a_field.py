"""A field's corners on the owner's phone: one tap at each corner, in the browser, where the phone stands."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

HERE = {"latitude": 31.38, "longitude": 120.95, "accuracy": 4}
THERE = {"latitude": 31.3809, "longitude": 120.951052, "accuracy": 4}


def test_each_tap_writes_the_corner_where_the_phone_stands_and_typed_ones_stay(
    gallery: Any, visit: Callable[..., Any]
) -> None:
    page = visit(gallery.page("collateral-field"), geolocation=HERE, permissions=["geolocation"])
    corners, mark = page.locator("#f-parcel"), page.locator("[data-mark]")
    corners.fill("120.940000,31.380000")
    mark.click()
    page.get_by_text("2 · ±4 m").wait_for()
    page.context.set_geolocation(THERE)
    mark.click()
    page.get_by_text("3 · ±4 m").wait_for()
    assert corners.input_value().split("\n") == [
        "120.940000,31.380000", "120.950000,31.380000", "120.951052,31.380900",
    ]  # fmt: skip
    assert page.complaints == []


def test_without_leave_to_know_where_it_is_the_page_leaves_typing_and_the_file(
    gallery: Any, visit: Callable[..., Any]
) -> None:
    page = visit(gallery.page("collateral-field"), permissions=[])
    page.locator("[data-mark]").click()
    page.locator("[data-mark]").wait_for(state="hidden")
    assert page.locator("#f-parcel").is_visible() and page.locator("#f-border").is_visible()
