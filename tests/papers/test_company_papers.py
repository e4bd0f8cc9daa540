"""A company borrows itself: the papers name it, its credit code and who signs for it, and pay its own account (P2)."""

import json
from decimal import Decimal
from typing import Any

import pytest

from activities.papers.contract import ContractDraft, contract_values
from activities.papers.key_facts import page_values
from activities.papers.sheet import KeyFactsSheet
from lending.products import Product
from lending.terms import terms_of

FIRM, CODE = "临沂恒泰精密配件有限公司", "91430104M5U3F41109"
COMPANY = {"name": FIRM, "id_masked": CODE, "firm_name": FIRM, "speaker": "宋建华", "capacity": "legal_representative"}


@pytest.fixture(scope="module")
def sheet(make_sheet: Any) -> KeyFactsSheet:
    return make_sheet(**COMPANY)


def test_p2_key_facts_and_contract_of_a_company_name_it_and_who_signs_for_it(
    sheet: KeyFactsSheet, product: Product
) -> None:
    terms = terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))
    facts = page_values(sheet, "zh_CN")
    assert ["借款人", FIRM] in facts["parties"]
    assert ["证件号码", CODE] in facts["parties"]
    assert ["法定代表人", "宋建华"] in facts["parties"]
    contract = contract_values(ContractDraft(number="HS-1042", sheet=sheet, terms=terms, policy_version="v"), "zh_CN")
    assert contract["borrower_sign"][0] == f"{FIRM} · 法定代表人 宋建华"
    told = json.dumps([facts, contract], ensure_ascii=False, default=str)
    assert "借款公司自己的对公账户" in told
    assert "您本人名下" not in told


def test_a_sheet_that_was_stored_before_companies_borrowed_is_read_as_it_was(make_sheet: Any) -> None:
    stored = make_sheet().to_json()
    for name in ("speaker", "capacity"):
        del stored["borrower"][name]
    read = KeyFactsSheet.from_json(stored)
    assert read == make_sheet()
    assert ["经营主体", read.borrower.firm_name] in page_values(read, "zh_CN")["parties"]
