"""A line's agreement and sheet, and the slip of a draw: what they say, under which ids."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from activities.papers.contract import ContractDraft, contract_values
from activities.papers.sheet import Borrower, KeyFactsSheet, Lender, key_facts
from activities.papers.slip import slip_listing
from lending.line import CLAUSES
from lending.products import Product
from lending.projection import three_weathers
from lending.terms import Terms, canonical, terms_from, terms_of
from policies import load
from tests.papers.conftest import ON, USUAL_MINOR


@pytest.fixture(scope="module")
def product() -> Product:
    return load().product("revolving_line")


@pytest.fixture(scope="module")
def terms(product: Product) -> Terms:
    return terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))


def sheet_of(terms: Terms, product: Product, borrower: Borrower, lender: Lender) -> KeyFactsSheet:
    weathers = three_weathers(terms, USUAL_MINOR, ON)
    return key_facts(
        terms, weathers, product, borrower=borrower, lender=lender, number="HS-1042-1", on=ON, purpose="stock"
    )


def words(values: Any) -> str:
    """Everything that a paper says."""
    match values:
        case str():
            return values + "\n"
        case dict():
            return "".join(words(one) for one in values.values())
        case list() | tuple():
            return "".join(words(one) for one in values)
        case _:
            return ""


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_p1_p16_the_agreement_is_a_lines_and_prints_each_clause_that_may_change_it(
    terms: Terms, product: Product, borrower: Borrower, lender: Lender, locale: str
) -> None:
    sheet = sheet_of(terms, product, borrower, lender)
    values = contract_values(ContractDraft(number="HS-1042", sheet=sheet, terms=terms, policy_version="v"), locale)
    assert values["heading"] == ("额度合同" if locale == "zh_CN" else "Credit line agreement")
    said = words(values)
    assert all(f"\n{clause} " in said for clause in CLAUSES)
    assert "捌万元整" in said
    # The places that other clauses name by number: purpose 2, repayment 6, progress 7; and the sheet names 11.
    titles = [clause["title"] for clause in values["clauses"]]
    expected = {1: "用途", 5: "按收入还款", 6: "最低进度和逾期", 10: "额度的冻结、调低和终止"}
    if locale == "zh_CN":
        assert {place: titles[place] for place in expected} == expected


def test_p7_the_sheet_of_a_line_says_that_it_is_a_limit_and_what_its_figures_stand_for(
    terms: Terms, product: Product, borrower: Borrower, lender: Lender
) -> None:
    sheet = sheet_of(terms, product, borrower, lender)
    assert [one.key.rsplit(".", 1)[1] for one in sheet.line_words] == [
        "limit", "free", "draws", "restores", "example", "changes",
    ]  # fmt: skip
    assert KeyFactsSheet.from_json(sheet.to_json()) == sheet
    loan = replace(terms, line_months=0)
    assert sheet_of(loan, product, borrower, lender).line_words == ()


def test_p1_the_slip_names_line_amount_terms_and_the_tap(
    terms: Terms, product: Product, borrower: Borrower, lender: Lender
) -> None:
    sheet = sheet_of(replace(terms, line_months=0, amount_minor=2_000_000), product, borrower, lender)
    evidence = {"line_contract": "HS-1042", "command_id": "7f" * 16, "line_code_id": "x", "line_terms_hash": "y"}
    slip = slip_listing(sheet, "HS-1050", evidence, datetime(2026, 11, 21, 6, 2, tzinfo=UTC), "zh_CN")
    told = dict(fact for part in slip.parts for fact in part.facts)
    assert (slip.heading, slip.dated) == ("借据", date(2026, 11, 21))
    assert told["金额"] == "¥20,000.00"
    assert told["大写"] == "人民币贰万元整"
    assert told["额度合同编号"] == "HS-1042"
    assert told["条款指纹（SHA-256）"] == sheet.terms_hash


@pytest.mark.parametrize(("locale", "says"), [("zh_CN", "逾期超过 90 天的，还款先抵本金"), ("en", "more than 90 days")])
def test_p10_the_agreement_says_that_principal_goes_first_only_where_its_terms_do(
    terms: Terms, borrower: Borrower, lender: Lender, locale: str, says: str
) -> None:
    product = load().product("receivable_line")
    agreed = terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))
    assert agreed.principal_first_days == 90
    sheet = sheet_of(agreed, product, borrower, lender)
    said = words(contract_values(ContractDraft(number="H", sheet=sheet, terms=agreed, policy_version="v"), locale))
    assert says in said
    plain = sheet_of(terms, load().product("revolving_line"), borrower, lender)
    other = words(contract_values(ContractDraft(number="H", sheet=plain, terms=terms, policy_version="v"), locale))
    assert says not in other
    assert "principal_first" not in canonical(terms), "what was signed before keeps its hash"
    assert terms_from(json.loads(canonical(agreed))) == agreed
