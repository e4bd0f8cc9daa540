"""A decision that was asked for while the system is busy: the page waits, and never for ever."""

import time
from typing import Any

import pytest


async def test_after_a_late_submit_the_page_waits_and_looks_again_by_itself(
    pages: Any, begun: Any, at_stage: Any
) -> None:
    owner, application_id = begun
    at_stage(application_id, "evidence")  # the command was stored, the story has not taken it up
    page = await pages(owner).get(f"/apply/decision?asked={int(time.time())}")
    assert page.status_code == 200
    assert "正在算" in page.text
    assert 'http-equiv="refresh"' in page.text or "data-live" in page.text, "nobody has to press anything"
    assert 'action="/apply/submit"' not in page.text, "nothing asks to be sent again"


async def test_after_a_late_choice_the_page_waits_for_the_papers_and_not_for_ever(
    pages: Any, begun: Any, at_stage: Any
) -> None:
    owner, application_id = begun
    at_stage(application_id, "offered")  # the choice was stored, the story has not taken it up
    mine = pages(owner)
    page = await mine.get(f"/apply/key-facts?asked={int(time.time())}")
    assert page.status_code == 200
    assert 'http-equiv="refresh"' in page.text or "data-live" in page.text
    late = await mine.get(f"/apply/key-facts?asked={int(time.time()) - 31}")
    assert (late.status_code, late.headers["location"]) == (303, "/apply/decision")


@pytest.mark.parametrize("ago", [31, -60, None], ids=["long ago", "in times to come", "never"])
async def test_who_asked_long_ago_or_never_is_led_to_what_is_to_do(
    pages: Any, begun: Any, at_stage: Any, ago: int | None
) -> None:
    owner, application_id = begun
    at_stage(application_id, "evidence")
    asked = "x" if ago is None else str(int(time.time()) - ago)
    answer = await pages(owner).get(f"/apply/decision?asked={asked}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/apply/flows"
