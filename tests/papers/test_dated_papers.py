"""The papers of loans by dates: one page, four kinds, and no word of a share of sales or of a check day."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

import policies
from activities.papers.clauses import clauses
from activities.papers.contract import ContractDraft, print_contract
from activities.papers.key_facts import page_values, pages, print_key_facts
from activities.papers.sheet import Borrower, KeyFactsSheet, Lender, key_facts
from activities.papers.words import say
from infra import i18n
from lending.projection import three_weathers
from lending.terms import Terms, terms_of
from tests.papers.conftest import ON, USUAL_MINOR

BOOK = policies.load()
SEASON = (10, 10, 5, 5, 5, 8, 8, 8, 5, 5, 5, 10)
KINDS = ("equal_instalments", "equal_principal", "seasonal_instalments", "interest_first")
# What belongs to a share of sales alone.
FOREIGN = {
    "zh_CN": ("检查日", "比平常", "最低进度", "转移经营收款", "净收入"),
    "en": ("check day", "of usual", "least progress", "diverted", "net sales", "share of"),
}


def made(product_id: str, borrower: Borrower, lender: Lender, months: int) -> tuple[KeyFactsSheet, Terms]:
    product, calendar = BOOK.products[product_id], BOOK.calendars["CN"]
    weights = SEASON if product_id == "seasonal_instalments" else ()
    terms = terms_of(product, amount_minor=8_000_000, months=months, share=product.share.lowest, weights=weights)
    weathers = three_weathers(terms, USUAL_MINOR, ON, calendar=calendar)
    sheet = key_facts(
        terms, weathers, product, borrower=borrower, lender=lender, number="A-1042", on=ON,
        purpose=product.purposes[0], release_delay=timedelta(hours=2), calendar=calendar,
    )  # fmt: skip
    return sheet, terms


def texts(value: object) -> list[str]:
    """Every text in nested values."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    return [text for one in value for text in texts(one)] if isinstance(value, list | tuple) else []


@pytest.mark.parametrize("locale", i18n.LOCALES)
@pytest.mark.parametrize("product_id", KINDS)
def test_the_papers_of_a_plan_by_dates_say_nothing_of_a_share_of_sales(
    product_id: str, locale: str, borrower: Borrower, lender: Lender
) -> None:
    sheet, terms = made(product_id, borrower, lender, 12)
    page = " ".join(texts(page_values(sheet, locale)))
    contract = " ".join(
        say(part.words, locale)
        for clause in clauses(sheet, purpose="x", court="x", address="x")
        for part in clause.paragraphs
    )
    for word in FOREIGN[locale]:
        assert word not in page and word not in contract, word
    assert pages(print_key_facts(sheet, locale)) == 1
    draft = ContractDraft(number="HS-2026-1042", sheet=sheet, terms=terms, policy_version="9f2c11ab00112233")
    assert pages(print_contract(draft, locale)) <= 4


@pytest.mark.parametrize("locale", i18n.LOCALES)
@pytest.mark.parametrize("product_id", KINDS[:3])
def test_two_years_of_instalments_still_fit_the_page(
    product_id: str, locale: str, borrower: Borrower, lender: Lender
) -> None:
    sheet, _ = made(product_id, borrower, lender, 24)
    assert pages(print_key_facts(sheet, locale)) == 1


def test_no_instalment_is_called_smaller_than_the_one_before_where_its_days_are_more(
    borrower: Borrower, lender: Lender
) -> None:
    sheet, _ = made("equal_principal", borrower, lender, 24)
    asked = [point.amount_minor for point in sheet.path]
    assert any(later > earlier for earlier, later in pairwise(asked)), "33 days after 30"
    told = " ".join(texts(page_values(sheet, "en")))
    assert "smaller than" not in told and "with less interest as principal falls" in told
    assert Decimal(sum(point.interest_minor for point in sheet.path)) > 0
