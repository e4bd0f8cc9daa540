from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from lending.calendars import add_months
from lending.lateness import late_interest
from lending.minimum_path import checkpoints
from lending.products import (
    AmountRange,
    MinimumPath,
    MonthsRange,
    PriceTerms,
    Product,
    ProductError,
    SharePlan,
    ShareRange,
)
from lending.rates import DayCount, RateTooFine
from lending.terms import terms_of
from policies.book import load


@pytest.mark.parametrize(
    ("build", "names"),
    [
        (lambda: AmountRange(0, 5, 1), "amounts"),
        (lambda: AmountRange(6, 5, 1), "amounts"),
        (lambda: AmountRange(5, 10, 3), "amounts.step"),
        (lambda: MonthsRange(0, 5), "months"),
        (lambda: MonthsRange(6, 5), "months"),
        (lambda: MonthsRange(6, 361), "months"),
        (lambda: ShareRange(Decimal(0), Decimal("0.1"), Decimal("0.01")), "share"),
        (lambda: ShareRange(Decimal("0.1"), Decimal("1.1"), Decimal("0.1")), "share"),
        (lambda: ShareRange(Decimal("0.1"), Decimal("0.25"), Decimal("0.1")), "share.step"),
        (lambda: ShareRange(Decimal("0.1"), Decimal("0.2"), Decimal("0.00000005")), "share.step"),
        (lambda: SharePlan(Decimal("0.12345678")), "share"),
        (lambda: SharePlan(Decimal(0)), "share"),
        (lambda: MinimumPath(0, Decimal(2), 3), "minimum_path.window_months"),
        (lambda: MinimumPath(3, Decimal("0.9"), 3), "minimum_path.stretch"),
        (lambda: MinimumPath(3, Decimal(2), -1), "minimum_path.grace_days"),
        (lambda: MinimumPath(3, Decimal(2), 3, 61), "minimum_path.longest_months"),
        (lambda: MinimumPath(3, Decimal(2), 3, 2), "minimum_path.longest_months"),
        (lambda: PriceTerms(Decimal("1.01"), DayCount.ACT_365, Decimal(1)), "price.annual_rate"),
        (lambda: PriceTerms(Decimal("0.1"), DayCount.THIRTY_360, Decimal(1)), "price.day_count"),
        (lambda: PriceTerms(Decimal("0.1"), DayCount.ACT_365, Decimal(1), Decimal(-1)), "price.prepayment_fee_rate"),
        (lambda: PriceTerms(Decimal("0.1"), DayCount.ACT_365, Decimal("1.51")), "price.late_factor"),
        (lambda: PriceTerms(Decimal("0.1"), DayCount.ACT_365, Decimal("0.99")), "price.late_factor"),
    ],
)
def test_a_product_that_contradicts_itself_names_the_field(build, names: str) -> None:
    with pytest.raises(ProductError, match=rf"^{names}: "):
        build()


def test_a_rate_finer_than_we_can_count_is_refused() -> None:
    with pytest.raises(RateTooFine):
        PriceTerms(Decimal("0.0730000001"), DayCount.ACT_365, Decimal(1))


def test_an_offer_is_valid_for_a_day_at_least(product: Product) -> None:
    with pytest.raises(ProductError, match="offer_valid_days"):
        replace(product, offer_valid_days=0)
    with pytest.raises(ProductError, match="withdrawal_days"):
        replace(product, withdrawal_days=-1)
    with pytest.raises(ProductError, match="late_factor"):
        replace(product, price=replace(product.price, late_factor=Decimal("1.5")))
    assert product.price.day_rate == Decimal("0.0002")


@pytest.mark.parametrize(("months", "windows"), [(3, 2), (4, 3), (7, 5), (12, 8), (18, 12)])
def test_the_minimum_path_is_twice_as_long_as_usual_in_whole_windows(
    product: Product, months: int, windows: int
) -> None:
    terms = terms_of(product, amount_minor=1_000_000, months=months, share=Decimal("0.1"))
    path = checkpoints(terms, date(2026, 11, 30))
    assert len(path) == windows
    assert path[-1].principal_at_most_minor == 0
    assert all(a.principal_at_most_minor > b.principal_at_most_minor for a, b in pairwise(path))


@pytest.mark.parametrize(("months", "longest", "last_look"), [(19, 36, 36), (36, 36, 36), (36, 60, 60), (35, 37, 36)])
def test_p14_no_stretch_of_the_path_puts_the_last_look_past_the_longest_term_of_working_capital(
    product: Product, months: int, longest: int, last_look: int
) -> None:
    path = replace(product.minimum_path, longest_months=longest)
    wide = replace(product, months=replace(product.months, longest=36), minimum_path=path)
    assert path.windows(months) * path.window_months == last_look
    terms = terms_of(wide, amount_minor=1_000_000, months=months, share=Decimal("0.1"))
    assert checkpoints(terms, date(2026, 11, 30))[-1].on == add_months(date(2026, 11, 30), last_look)


def test_p14_a_product_whose_horizon_is_longer_than_its_path_may_be_is_refused(product: Product) -> None:
    with pytest.raises(ProductError, match="longest_months"):
        replace(product, months=replace(product.months, longest=48))


def test_p14_three_million_against_collateral_for_three_years_is_looked_at_last_after_three_years() -> None:
    for one in load().products.values():
        most = one.minimum_path.windows(one.months.longest) * one.minimum_path.window_months
        assert one.months.longest <= most <= 36, one.id


def test_a_path_keeps_its_day_of_the_month_and_leaves_broken_fen_to_the_owner(product: Product) -> None:
    terms = terms_of(product, amount_minor=1_000_000, months=4, share=Decimal("0.1"))
    assert [tuple(point) for point in checkpoints(terms, date(2026, 11, 30))] == [
        (1, date(2027, 2, 28), 666_667),
        (2, date(2027, 5, 30), 333_334),
        (3, date(2027, 8, 30), 0),
    ]


@pytest.mark.parametrize(("days", "fen"), [(1, 0), (3, 0), (4, 400), (30, 3_000)])
def test_p10_late_interest_is_the_part_above_the_rate_from_the_first_day_once_grace_is_over(
    product: Product, days: int, fen: int
) -> None:
    terms = replace(
        terms_of(product, amount_minor=1_000_000, months=4, share=Decimal("0.1")), late_factor=Decimal("1.5")
    )
    assert late_interest(terms, 1_000_000, days) == fen
    assert late_interest(replace(terms, late_factor=Decimal(1)), 1_000_000, days) == 0
