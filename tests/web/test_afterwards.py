"""After the signature: the pack and where it is linked, and a payout that waits for two things at once."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from api import standing
from web import rendering
from web.gallery.states import shell_of, states
from web.owner.pack import pack_page
from web.owner.story import left_of

AT = datetime(2026, 11, 21, 6, tzinfo=UTC)


def html_of(name: str, locale: str, **changed: Any) -> str:
    state = states(locale)[name]
    return rendering.html(state.template, replace(state.page, **changed), shell_of(state, locale))


def test_the_pack_tells_signed_papers_from_those_without_a_signature() -> None:
    kinds = ("key_facts", "contract", "contract_signed", "contract_signed_en", "slip")
    papers = tuple(SimpleNamespace(id=UUID(int=n), kind=kind) for n, kind in enumerate(kinds))
    fields = ("number", "signed_at", "amount_minor", "annual_rate", "share", "account_masked", "credited_on", "pay_at")
    empty: dict[str, Any] = dict.fromkeys(fields)
    seen: Any = SimpleNamespace(**empty, days=(), ways=(), contacts=(), application_id=UUID(int=9), papers=papers)
    page = pack_page(seen)
    assert [one.label.key for one in page.papers] == [f"api.paper.{kind}" for kind in kinds[2:]]
    assert [one.label.key for one in page.others] == ["api.paper.key_facts", "api.paper.contract"]


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_the_pack_is_linked_from_the_home_page_above_its_story_and_from_the_loan(locale: str) -> None:
    home = html_of("progress-countdown", locale, pack="/pack/7")
    assert home.index('href="/pack/7"') < home.index('id="story-title"')
    assert 'href="/pack/7"' in html_of("loan", locale, pack="/pack/7")


@pytest.mark.parametrize(("locale", "held"), [("zh_CN", "还剩 1 小时 24 分钟"), ("en", "1 h 24 min left")])
def test_a_payout_that_is_held_shows_the_question_and_the_hours_that_run_on(locale: str, held: str) -> None:
    page = html_of("progress-is-it-you", locale)
    assert held in page and "/progress/hold" in page
    assert left_of(90, held=True).key == "web.payout.left_held.minutes"
    assert left_of(7_140).params == {"hours": 1, "minutes": 59}


def test_a_story_says_that_the_owner_asked_for_a_person() -> None:
    asked: Any = SimpleNamespace(
        id=1, n=1, kind="review_opened", actor="system", happened_at=AT,
        params={"reasons": ["asked_by_owner"], "due_at": AT.isoformat()},
    )  # fmt: skip
    assert standing.sentence(asked, "zh_CN").startswith("您要求由人来看")
