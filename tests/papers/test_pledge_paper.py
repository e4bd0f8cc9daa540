"""The contract of a pledge: what is pledged for what, what both sides promise, and how it ends."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from activities.papers.key_facts import pages
from activities.papers.pledge import CLAUSES, PledgePaper, pledge_listing
from activities.papers.sheet import Lender
from infra.papers.listing import print_listing


@pytest.fixture
def paper(lender: Lender) -> PledgePaper:
    return PledgePaper(
        number="HS-1042-Z5ADAF0",
        line_contract="HS-1042",
        limit_minor=10_000_000,
        currency="CNY",
        pledgor="苏州包装有限公司",
        pledgor_id="91320500MA1FL0A01J",
        lender=lender,
        buyer="江南商超采购有限公司",
        buyer_licence="91310000MA1FL0A01J",
        invoice="24312000000041230001",
        amount_minor=6_000_000,
        confirmed_minor=5_800_000,
        issued_on=date(2026, 11, 18),
        due_on=date(2027, 1, 17),
        registration_no="ZD-2026-000017",
        registered_until=date(2027, 7, 16),
        signed_at=datetime(2026, 11, 30, 17, 30, tzinfo=UTC),
        code_id="7f" * 16,
        fingerprint="ab" * 32,
        days=10,
    )


def test_the_contract_of_a_pledge_names_parties_claim_extent_and_registration(paper: PledgePaper) -> None:
    """民法典 427 asks for these; the day is Beijing's."""
    listing = pledge_listing(paper, "zh_CN")
    told = dict(fact for part in listing.parts for fact in part.facts)
    assert (listing.heading, listing.dated) == ("应收账款质押合同", date(2026, 12, 1))
    assert told["出质人"] == "苏州包装有限公司"
    assert told["额度（最高债权额）"] == "¥100,000.00"
    assert told["依据"] == "买家两人确认，确认金额 ¥58,000.00"
    assert told["登记编号"] == "ZD-2026-000017"
    assert told["指纹（SHA-256）"] == paper.fingerprint
    assert any("第 428 条" in note for note in listing.notes)
    assert any("10 个工作日内注销登记" in note for note in listing.notes)
    assert len(listing.notes) == len(CLAUSES)


def test_a_pledge_that_papers_prove_says_that_its_buyer_did_not_confirm(paper: PledgePaper) -> None:
    listing = pledge_listing(replace(paper, confirmed_minor=None), "en")
    told = dict(fact for part in listing.parts for fact in part.facts)
    assert told["Rests on"] == "order, delivery note and earlier payments; the buyer did not confirm"


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_the_contract_of_a_pledge_is_one_sheet_and_the_same_bytes_each_time(paper: PledgePaper, locale: str) -> None:
    pdf = print_listing(pledge_listing(paper, locale), locale)
    assert pdf == print_listing(pledge_listing(paper, locale), locale)
    assert pages(pdf) == 1
