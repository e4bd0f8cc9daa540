"""One loan as the papers see it: ¥80,000 over a year of usual sales, by hand where a figure is expected."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from activities.papers.renewal import RenewalLine
from activities.papers.sheet import Borrower, KeyFactsSheet, Lender, key_facts
from activities.papers.subsidy import SubsidyLine
from lending.products import (
    AmountRange,
    MinimumPath,
    MonthsRange,
    PriceTerms,
    Product,
    RepaymentKind,
    ShareRange,
)
from lending.projection import three_weathers
from lending.rates import DayCount
from lending.terms import terms_of

ON = date(2026, 11, 21)
USUAL_MINOR = 6_000_000  # ¥60,000 of net revenue a month


@pytest.fixture(scope="session")
def product() -> Product:
    return Product(
        id="revenue_linked_working_capital",
        version="2026.1",
        repayment=RepaymentKind.REVENUE_SHARE,
        amounts=AmountRange(500_000, 30_000_000, 10_000),
        months=MonthsRange(3, 24),
        share=ShareRange(Decimal("0.05"), Decimal("0.20"), Decimal("0.005")),
        minimum_path=MinimumPath(3, Decimal(2), 3),
        price=PriceTerms(Decimal("0.073"), DayCount.ACT_365, late_factor=Decimal(1)),
        offer_valid_days=7,
        purposes=("stock", "payroll", "rent", "equipment", "repairs"),
    )


@pytest.fixture(scope="session")
def borrower() -> Borrower:
    return Borrower(
        name="王小梅",
        id_masked="3301**********1428",
        firm_name="杭州市西湖区小梅餐饮店(个体工商户)",
        account_masked="招商银行 尾号 6225",
        phone_masked="138****0001",
    )


@pytest.fixture(scope="session")
def lender() -> Lender:
    return Lender(
        name="活水银行股份有限公司(演示)",
        name_en="Huoshui Bank Co., Ltd. (demonstration)",
        registration="91330100MA2HUOSH0X",
        address="浙江省杭州市西湖区文三路 1 号",
        address_en="1 Wensan Road, Xihu District, Hangzhou, Zhejiang",
        service_phone="400-000-1042",
        complaint_phone="400-000-1043",
        email="service@huoshui.example",
        court="杭州市西湖区人民法院",
        court_en="Xihu District People's Court, Hangzhou",
        regulator_phone="12378",
    )


MakeSheet = Callable[..., KeyFactsSheet]


@pytest.fixture(scope="session")
def make_sheet(product: Product, borrower: Borrower, lender: Lender) -> MakeSheet:
    """A sheet; name what differs from the usual one, the borrower's fields included."""

    def make(
        *,
        amount_minor: int = 8_000_000,
        months: int = 12,
        share: Decimal = Decimal("0.12"),
        usual_minor: int = USUAL_MINOR,
        late_factor: Decimal = Decimal(1),
        withdrawal_days: int = 0,
        release_delay: timedelta = timedelta(hours=2),
        coupon_minor: int = 0,
        renewal: RenewalLine | None = None,
        subsidy: SubsidyLine | None = None,
        **typed: str | None,
    ) -> KeyFactsSheet:
        terms = replace(
            terms_of(product, amount_minor=amount_minor, months=months, share=share), late_factor=late_factor
        )
        return key_facts(
            terms,
            three_weathers(terms, usual_minor, ON, coupon_minor=coupon_minor),
            replace(product, withdrawal_days=withdrawal_days),
            borrower=replace(borrower, **typed),
            lender=lender,
            number="A-1042",
            on=ON,
            purpose="stock",
            release_delay=release_delay,
            coupon_minor=coupon_minor,
            renewal=renewal,
            subsidy=subsidy,
        )

    return make
