"""What plans are called beside each other, an error away from its field, and why a person looks."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

import policies
from api.owner.repaying import forecast_of
from infra import i18n
from lending.terms import terms_of
from web import rendering, wording
from web.gallery.states import shell_of, states
from web.owner import dress
from web.views import owner
from web.wording import Reader, Say

TODAY = date(2026, 11, 21)


def named(*plans: tuple[str, str, int]) -> tuple[owner.Plan, ...]:
    """Plans as they are called when 12 % and 12 months were asked for; each is (shape, share, months)."""
    one = states("zh_CN")["decision-approve"].page.plans[0]
    made = (replace(one, shape=shape, share=Decimal(share), months=months) for shape, share, months in plans)
    return dress.named(made, share=Decimal("0.12"), months=12)


@pytest.mark.parametrize(
    ("share", "months", "shape"),
    [("0.12", 12, "as_asked"), ("0.12", 10, "as_asked"), ("0.18", 11, "in_time"), ("0.085", 12, "in_time"),
     ("0.30", 15, "nearest")],
)  # fmt: skip
def test_a_plan_is_called_as_asked_only_with_the_share_and_in_the_time_that_were_asked_for(
    share: str, months: int, shape: str
) -> None:
    (one,) = named(("as_asked", share, months))
    assert one.shape == shape
    with wording.reading(Reader("zh_CN")):
        line = wording.say(one.line)
    assert shape == "as_asked" or (wording.percent(Decimal(share)) in line and "12" in line)
    assert shape != "in_time" or "您说每天还 12%" in line


def test_no_two_plans_side_by_side_have_one_name() -> None:
    twice = named(("as_asked", "0.12", 12), ("quicker", "0.18", 8), ("quicker", "0.27", 6))
    assert [one.shape for one in twice] == ["as_asked", "quicker", "quickest"]
    small = named(("as_asked", "0.3", 12), ("smaller", "0.3", 10), ("smaller", "0.3", 8))
    assert [one.shape for one in small] == ["in_time", "smaller", "smallest"]


def page_of(name: str, locale: str) -> str:
    state = states(locale)[name]
    return rendering.html(state.template, state.page, shell_of(state, locale))


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_plans_are_compared_in_one_table_first_and_what_they_share_is_told_once(locale: str) -> None:
    html = page_of("decision-approve", locale)
    table = re.search(r'<section class="card compare".*?</table>', html, re.DOTALL)
    assert table is not None and html.index('class="card compare"') < html.index('id="plans"')
    assert len(re.findall(r'<th scope="col">', table.group())) == 3
    assert table.group().count('name="offer_id"') == 3, "each can be chosen there"
    assert table.group().count("¥80,000.00") == 1
    assert len(re.findall(r"<details class=\"card plan[^>]*>", html)) == 3


def test_an_error_away_from_its_field_names_it_once() -> None:
    with wording.reading(Reader("zh_CN")):
        assert wording.of_field(Say("api.field.missing"), "capacity") == "您在公司的身份：这里还没填"
        assert wording.of_field(Say("api.field.wrong_id_number"), "id_number").count("身份证号") == 1
        assert wording.of_field("什么都不对", "") == "什么都不对"
    for locale in ("zh_CN", "en"):
        html = page_of("identity-errors", locale)
        links = re.findall(r'<a href="#f-(\w+)">([^<]+)</a>', html)
        assert links
        for name, said in links:
            with wording.reading(Reader(locale)):
                assert wording.t(wording.FIELD_LABELS[name]).lower() in said.lower()
            assert f'id="f-{name}"' in html


@pytest.mark.parametrize(("locale", "first", "behind"), [
    ("zh_CN", "按您的要求，由人来看", "机器上次为什么没通过"),
    ("en", "A person is looking, as you asked", "Why the machine said no"),
])  # fmt: skip
def test_a_review_that_the_owner_asked_for_says_so_first_and_the_machines_reason_behind_it(
    locale: str, first: str, behind: str
) -> None:
    html = page_of("decision-review-asked", locale)
    assert html.index(first) < html.index(behind)
    assert "<details" in html[: html.index(behind)].rsplit("<section", 1)[-1]


@pytest.mark.parametrize(("locale", "said"), [("zh_CN", "您给的账单里"), ("en", "In the bills you gave")])
def test_what_the_bills_do_not_show_is_never_said_to_be_none(locale: str, said: str) -> None:
    for name in ("few_other_loans", "better_lenders", "better_loans_taken_recent", "better_loan_repayments"):
        for key in (f"scoring.reason.{name}", f"scoring.reason.{name}.none"):
            assert said in i18n.text(key, locale, figure="1")
    assert {"zh_CN": "不等于没有", "en": "unknown here"}[locale] in i18n.text("web.health.hint", locale, on="x")


def test_what_is_left_of_a_coupon_is_in_the_forecast_of_the_end() -> None:
    terms = terms_of(
        policies.load().product("revenue_linked_working_capital"),
        amount_minor=8_000_000,
        months=12,
        share=Decimal("0.12"),
    )
    position = SimpleNamespace(principal_minor=8_000_000)
    sales = [
        SimpleNamespace(on_date=TODAY - timedelta(days=28), sales_minor=5_600_000, refunds_minor=0, chargebacks_minor=0)
    ]
    without: Any = forecast_of(terms, position, sales, TODAY)  # pyright: ignore[reportArgumentType]
    left: Any = forecast_of(terms, position, sales, TODAY, coupon_minor=20_000)  # pyright: ignore[reportArgumentType]
    saved = without.interest_to_come_minor - left.interest_to_come_minor
    assert saved >= 20_000, "the coupon pays its sum, and principal falls sooner"
    assert left.middle_on <= without.middle_on and left.late_on <= without.late_on
