import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending.offers import Shape, choose, make_offers, most_that_fits, share_for
from lending.products import Product
from lending.projection import project
from lending.refusals import (
    AmountOutOfRange,
    MonthsOutOfRange,
    OfferExpired,
    OfferUnknown,
    OutsidePolicy,
    ShareOutOfRange,
)
from lending.terms import NotTerms, canonical, terms_from, terms_hash, terms_of
from lending.verdicts import Outcome, Request, Verdict

AS_OF = date(2026, 11, 21)
YES = Verdict(Outcome.APPROVE, (), 13_000_000, None, "A", "2026.1")


def test_three_plans_side_by_side(product: Product) -> None:
    offers = make_offers(product, YES, Request(8_000_000, 12), 6_000_000, AS_OF)
    seen = [(o.number, o.shape, o.terms.share, o.terms.months) for o in offers]
    assert seen == [
        (1, Shape.AS_ASKED, Decimal("0.120"), 12),
        (2, Shape.QUICKER, Decimal("0.180"), 8),
        (3, Shape.LIGHTER, Decimal("0.085"), 17),
    ]
    asked, quicker, lighter = (o.normal for o in offers)
    assert quicker.total_interest_minor < asked.total_interest_minor < lighter.total_interest_minor
    assert len({o.terms_hash for o in offers}) == 3
    # Seven days from today, to the end of the seventh day in Beijing.
    assert {o.expires_at for o in offers} == {datetime(2026, 11, 28, 16, tzinfo=UTC)}


@settings(max_examples=30, deadline=None)
@given(st.integers(50, 1300), st.integers(3, 24), st.integers(1_000_000, 40_000_000))
def test_whatever_is_offered_can_be_signed(hundreds: int, months: int, revenue: int) -> None:
    product = PRODUCT[0]
    try:
        offers = make_offers(product, YES, Request(hundreds * 10_000, months), revenue, AS_OF)
    except OutsidePolicy as refusal:
        assert refusal.params == {"rule": "no_plan_fits"}
        fits = terms_of(product, amount_minor=hundreds * 10_000, months=24, share=product.share.highest)
        finish = project(fits, revenue, AS_OF)
        assert finish.finish_on is None or finish.months > 24
        return
    assert 1 <= len(offers) <= 3
    assert len({o.terms_hash for o in offers}) == len(offers)
    for offer in offers:
        product.share.require(offer.terms.share)
        product.months.require(offer.terms.months)
        product.amounts.require(offer.terms.amount_minor, "CNY")
        assert offer.normal.months <= offer.terms.months
        assert offer.normal == project(offer.terms, revenue, AS_OF)


@settings(max_examples=20, deadline=None)
@given(st.integers(100_000, 12_000_000))
def test_where_no_plan_fits_the_most_that_does_is_found_to_the_step(revenue: int) -> None:
    product = PRODUCT[0]
    most = most_that_fits(product, YES, revenue, AS_OF)

    def offered(amount_minor: int) -> bool:
        try:
            return bool(make_offers(product, YES, Request(amount_minor, 12), revenue, AS_OF))
        except OutsidePolicy:
            return False

    def repaid(amount_minor: int) -> bool:
        longest = terms_of(product, amount_minor=amount_minor, months=24, share=product.share.highest)
        course = project(longest, revenue, AS_OF)
        return course.finish_on is not None and course.months <= 24

    if most is None:
        assert not repaid(product.amounts.lowest_minor)
        return
    assert offered(most)
    larger = most + product.amounts.step_minor
    assert larger > YES.limit_minor or not repaid(larger)


PRODUCT: list[Product] = []


@pytest.fixture(autouse=True, scope="module")
def _product_for_properties(module_product: Product) -> None:
    PRODUCT[:] = [module_product]


def test_a_strong_firm_still_sees_three_different_plans(product: Product) -> None:
    offers = make_offers(product, YES, Request(500_000, 24), 50_000_000, AS_OF)
    assert [o.terms.share for o in offers] == [Decimal("0.05"), Decimal("0.075"), Decimal("0.115")]


def test_a_weak_firm_is_shown_smaller_amounts(product: Product) -> None:
    offers = make_offers(product, YES, Request(8_000_000, 24), 1_800_000, AS_OF)
    assert [(o.shape, o.terms.amount_minor) for o in offers] == [
        (Shape.AS_ASKED, 8_000_000),
        (Shape.SMALLER, 6_400_000),
        (Shape.SMALLER, 4_800_000),
    ]


def test_the_share_is_the_smallest_that_is_in_time(product: Product) -> None:
    share = share_for(product, 8_000_000, 12, 6_000_000, AS_OF)
    assert share == Decimal("0.12")
    shorter = terms_of(product, amount_minor=8_000_000, months=12, share=share - product.share.step)
    assert project(shorter, 6_000_000, AS_OF).months > 12


def test_what_may_not_be_offered_is_refused(product: Product) -> None:
    with pytest.raises(OutsidePolicy):
        make_offers(product, replace(YES, outcome=Outcome.DECLINE), Request(8_000_000, 12), 6_000_000, AS_OF)
    with pytest.raises(AmountOutOfRange):
        make_offers(product, YES, Request(13_010_000, 12), 60_000_000, AS_OF)


def test_an_offer_ends_with_its_last_day(product: Product) -> None:
    offers = make_offers(product, YES, Request(8_000_000, 12), 6_000_000, AS_OF)
    end = offers[0].expires_at
    assert choose(offers, 2, end - timedelta(seconds=1)) is offers[1]
    with pytest.raises(OfferExpired):
        choose(offers, 2, end)
    with pytest.raises(OfferUnknown):
        choose(offers, 4, end - timedelta(days=1))


@pytest.mark.parametrize(
    ("amount", "months", "share", "refusal"),
    [
        (30_000_001, 12, "0.10", AmountOutOfRange),
        (8_000_000, 2, "0.10", MonthsOutOfRange),
        (8_000_000, 12, "0.21", ShareOutOfRange),
    ],
)
def test_sliders_beyond_their_ends_are_refused(
    product: Product, amount: int, months: int, share: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        terms_of(product, amount_minor=amount, months=months, share=Decimal(share))


def test_equal_terms_have_one_hash_and_come_back_from_their_text(product: Product) -> None:
    one = terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))
    same = terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.1200"))
    assert terms_hash(one) == terms_hash(same)
    other = replace(one, months=13)
    assert terms_hash(other) != terms_hash(one)


@given(st.integers(500_000, 30_000_000), st.integers(3, 24), st.integers(10, 40))
def test_terms_come_back_from_their_text(amount: int, months: int, half_percents: int) -> None:
    terms = terms_of(PRODUCT[0], amount_minor=amount, months=months, share=Decimal(half_percents) * Decimal("0.005"))
    back = terms_from(json.loads(canonical(terms)))
    assert back == terms
    assert terms_hash(back) == terms_hash(terms)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, "unknown keys colour"),
        ({"months": None}, "missing keys months"),
        ({"months": "12"}, "months: a whole number"),
        ({"months": True}, "months: a whole number"),
        ({"share": 0.12}, "share: a text"),
        ({"share": "much"}, "share: a number"),
        ({"day_count": "ACT/366"}, "day_count: one of ACT/365"),
    ],
)
def test_what_are_no_terms_is_said(product: Product, change: dict[str, object], said: str) -> None:
    values = json.loads(canonical(terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))))
    values.update(change)
    with pytest.raises(NotTerms, match=said):
        terms_from({key: value for key, value in values.items() if value is not None})
