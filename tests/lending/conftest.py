"""The product and policy that the lending tests speak of: built here, so that policy files do not move them."""

from decimal import Decimal

import pytest

from lending.products import AmountRange, MinimumPath, MonthsRange, PriceTerms, Product, RepaymentKind, ShareRange
from lending.rates import DayCount
from lending.verdicts import GradeRule, Outcome, Policy


def _product() -> Product:
    return Product(
        id="revenue_linked_working_capital",
        version="2026.1",
        repayment=RepaymentKind.REVENUE_SHARE,
        amounts=AmountRange(500_000, 30_000_000, 10_000),
        months=MonthsRange(3, 24),
        share=ShareRange(Decimal("0.05"), Decimal("0.20"), Decimal("0.005")),
        minimum_path=MinimumPath(3, Decimal(2), 3),
        price=PriceTerms(Decimal("0.073"), DayCount.ACT_365, Decimal(1)),
        offer_valid_days=7,
    )


def _policy(product: Product) -> Policy:
    return Policy(
        version="2026.1",
        product=product,
        months_of_history=3,
        current_overdue_up_to_minor=0,
        overdue_months_24_up_to=5,
        enquiries_90d_up_to=10,
        debt_service_up_to=Decimal("0.30"),
        confidence_at_least=Decimal("0.40"),
        automatic_limit_minor=10_000_000,
        grades=(
            GradeRule("A", Decimal("0.02"), Decimal(3), Outcome.APPROVE),
            GradeRule("B", Decimal("0.05"), Decimal("2.5"), Outcome.APPROVE),
            GradeRule("C", Decimal("0.10"), Decimal("1.5"), Outcome.APPROVE),
            GradeRule("D", Decimal("0.18"), Decimal(1), Outcome.REVIEW),
            GradeRule("E", Decimal(1), Decimal(0), Outcome.DECLINE),
        ),
    )


@pytest.fixture(scope="module")
def module_product() -> Product:
    return _product()


@pytest.fixture(scope="module")
def module_policy() -> Policy:
    return _policy(_product())


@pytest.fixture
def product() -> Product:
    return _product()


@pytest.fixture
def policy(product: Product) -> Policy:
    return _policy(product)
