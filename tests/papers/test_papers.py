"""The printed papers: one page, the same bytes, an archival file, and nothing that a borrower typed is ever markup."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from activities.papers.certificate import Settlement, certificate_values, print_certificate
from activities.papers.clauses import LAYOUT
from activities.papers.contract import ContractDraft, Evidence, chinese_number, contract_values, print_contract
from activities.papers.key_facts import TooLongForOnePage, page_values, pages, print_key_facts
from activities.papers.sheet import KeyFactsSheet
from infra import i18n
from infra.papers.glyphs import covered, printable
from lending.products import Product
from lending.terms import canonical, terms_of

MakeSheet = Callable[..., KeyFactsSheet]
SIGNED_AT = datetime(2026, 11, 21, 6, 2, tzinfo=UTC)

# Each would stop the press, or change the page, if a template ever read it as markup.
HOSTILE = [
    '#import "@preview/evil:1.0.0"',
    '#panic("read as code")',
    "#{ while true {} }",
    "$ sum_(i=0)^n x $ $",
    "[[[ ]( *bold _it",
    "</text> & <image href='x'>",
    "\\ // comment /* open",
    '"quoted\\" \\u{41} `raw` @ref <label>',
    "{amount_minor} {0} {{x}} %s",
]


@pytest.fixture(scope="module")
def draft(make_sheet: MakeSheet, product: Product) -> ContractDraft:
    return ContractDraft(
        number="HS-2026-1042",
        sheet=make_sheet(),
        terms=terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12")),
        policy_version="9f2c11ab00112233",
    )


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence(
        signed_at=SIGNED_AT,
        code_id="5b0d2f2e-7a5c-4f5e-9a70-3c1d55b0a9d2",
        key_facts_opened_at=datetime(2026, 11, 21, 6, 0, tzinfo=UTC),
        shown_sha256=sha256(b"the paper that was shown").hexdigest(),
    )


@pytest.fixture(scope="module")
def settlement(draft: ContractDraft) -> Settlement:
    return Settlement(
        number="JQ-2026-1042",
        contract_number=draft.number,
        sheet=draft.sheet,
        credited_on=date(2026, 11, 21),
        closed_on=date(2027, 11, 6),
        principal_paid_minor=8_000_000,
        interest_paid_minor=282_933,
    )


def words_of(pdf: bytes, folder: Path) -> str:
    """The text of a PDF as another program reads it, without line breaks."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (Debian: poppler-utils) reads the paper back; it is not on this machine")
    file = folder / "paper.pdf"
    file.write_bytes(pdf)
    read = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True, timeout=30)
    return re.sub(r"\s", "", read.stdout.decode())  # a line may break anywhere


# --- one page, same bytes, archival -----------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_the_key_facts_are_one_page_even_for_the_longest_names_and_path(make_sheet: MakeSheet, locale: str) -> None:
    longest = make_sheet(
        amount_minor=30_000_000,
        months=24,
        share=Decimal("0.2"),
        late_factor=Decimal("1.5"),
        name="阿卜杜拉·麦麦提·" * 6,
        firm_name="杭州市西湖区文三路一百零一号小梅餐饮店" * 5,
    )
    assert len(longest.path) == 12, "three years (P14)"
    assert pages(print_key_facts(longest, locale)) == 1
    assert pages(print_key_facts(make_sheet(coupon_minor=2_000), locale)) == 1
    assert pages(print_key_facts(make_sheet(), locale)) == 1


def test_key_facts_that_cannot_be_read_on_one_page_are_refused(make_sheet: MakeSheet) -> None:
    with pytest.raises(TooLongForOnePage, match="A-1042"):
        print_key_facts(make_sheet(firm_name="很长的名字" * 2000), "zh_CN")


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_the_same_paper_has_the_same_bytes(
    draft: ContractDraft, evidence: Evidence, settlement: Settlement, locale: str
) -> None:
    signed = replace(draft, evidence=evidence)
    assert print_key_facts(draft.sheet, locale) == print_key_facts(draft.sheet, locale)
    assert print_contract(signed, locale) == print_contract(signed, locale)
    assert print_certificate(settlement, locale) == print_certificate(settlement, locale)
    assert print_contract(draft, locale) != print_contract(signed, locale)


def test_a_paper_is_dated_by_what_it_says_and_not_by_when_it_was_printed(
    draft: ContractDraft, evidence: Evidence
) -> None:
    assert b"(D:20261121000000" in print_contract(draft, "zh_CN")
    late = replace(evidence, signed_at=datetime(2026, 11, 21, 17, 0, tzinfo=UTC))  # 01:00 of the next day in Beijing
    assert b"(D:20261122000000" in print_contract(replace(draft, evidence=late), "zh_CN")


def test_every_paper_claims_the_archival_standard_and_carries_its_only_font(
    draft: ContractDraft, settlement: Settlement
) -> None:
    for pdf in (
        print_key_facts(draft.sheet, "zh_CN"),
        print_contract(draft, "en"),
        print_certificate(settlement, "zh_CN"),
    ):
        assert b"<pdfaid:part>2</pdfaid:part>" in pdf
        assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
        fonts = set(re.findall(rb"/FontName/[A-Z]{6}\+(\w+)", pdf))
        assert fonts and all(name.startswith(b"NotoSans") for name in fonts)


# --- what a borrower typed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_a_borrower_typed_reaches_the_press_unchanged_and_does_not_stop_it(
    make_sheet: MakeSheet, draft: ContractDraft, typed: str
) -> None:
    sheet = make_sheet(name=typed, firm_name=typed)
    assert [pair[1] for pair in page_values(sheet, "zh_CN")["parties"]].count(typed) == 2
    assert pages(print_key_facts(sheet, "zh_CN")) == 1
    assert pages(print_contract(replace(draft, sheet=sheet), "zh_CN")) == pages(print_contract(draft, "zh_CN"))


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_a_borrower_typed_reads_the_same_on_paper(
    make_sheet: MakeSheet, draft: ContractDraft, tmp_path: Path, typed: str
) -> None:
    sheet = make_sheet(name=typed, firm_name=None)
    expected = re.sub(r"\s", "", typed)
    assert expected in words_of(print_key_facts(sheet, "zh_CN"), tmp_path)
    assert words_of(print_contract(replace(draft, sheet=sheet), "zh_CN"), tmp_path).count(expected) == 2


def test_a_character_without_glyph_is_printed_as_its_code_point(make_sheet: MakeSheet, draft: ContractDraft) -> None:
    assert printable("王😀") == "王[U+1F600]"
    assert printable("ئ") == "[U+0626]"
    sheet = make_sheet(name="王😀", firm_name="ᠮᠣᠩᠭᠣᠯ")
    assert pages(print_key_facts(sheet, "zh_CN")) == 1
    assert print_contract(replace(draft, sheet=sheet), "zh_CN").startswith(b"%PDF-1.7")


def test_marks_that_change_how_a_line_is_read_are_shown_and_not_obeyed() -> None:
    assert printable("小梅\u202e店\u200b\x00") == "小梅[U+202E]店[U+200B][U+0000]"
    assert printable("两行\n名字\t 在 一行") == "两行 名字 在 一行"


def test_rare_characters_of_names_have_glyphs() -> None:
    assert all(ord(character) in covered() for character in "㛃喆堃𠮷彧犇镕·")


# --- the agreement ----------------------------------------------------------------------------------------------------


def test_p11_the_agreement_prints_all_that_the_practice_asks_for(draft: ContractDraft) -> None:
    said = "\n".join(
        paragraph["text"] for clause in contract_values(draft, "zh_CN")["clauses"] for paragraph in clause["paragraphs"]
    )
    for needed in (
        "大写人民币捌万元整",
        "× 7.3% ÷ 365",
        "进货周转",
        "自主支付",
        "净收入 × 12%",
        "您授权我们通过银行或支付机构",
        "宣布借款提前到期",
        "您的送达地址",
        "人民法院",
        "除以上明示外，不再收取任何贷款相关息费。",
    ):
        assert needed in said, needed


def test_clauses_that_are_named_by_number_stand_at_that_number() -> None:
    names = [name for name, _ in LAYOUT]
    assert names.index("purpose") + 1 == 2
    assert names.index("repayment") + 1 == 6
    assert names.index("path") + 1 == 7


def test_paragraphs_that_weigh_on_the_borrower_stand_in_bold(draft: ContractDraft) -> None:
    bold = [
        paragraph["text"]
        for clause in contract_values(draft, "zh_CN")["clauses"]
        for paragraph in clause["paragraphs"]
        if paragraph["bold"]
    ]
    for needed in ("年利率为", "您授权我们", "宣布借款提前到期", "送达地址", "报送", "逾期"):
        assert any(needed in text for text in bold), needed


def test_the_line_in_the_annex_hashes_to_the_fingerprint(draft: ContractDraft, tmp_path: Path) -> None:
    values = contract_values(draft, "zh_CN")
    assert sha256(values["terms_text"].encode()).hexdigest() == values["fingerprint"] == draft.sheet.terms_hash
    read = words_of(print_contract(draft, "zh_CN"), tmp_path)
    assert canonical(draft.terms) in read
    assert draft.sheet.terms_hash in read


def test_an_unsigned_agreement_says_so_and_a_signed_one_carries_its_evidence(
    draft: ContractDraft, evidence: Evidence
) -> None:
    before = contract_values(draft, "zh_CN")
    after = contract_values(replace(draft, evidence=evidence), "zh_CN")
    assert before["draft_line"] and before["borrower_sign"][1] == []
    assert after["draft_line"] is None
    lines = dict(after["borrower_sign"][1])
    assert lines["签署时间"] == "2026年11月21日 14:02（北京时间）"
    assert lines["验证码凭证"] == evidence.code_id
    assert after["shown"] == evidence.shown_sha256


def test_an_agreement_over_other_terms_than_its_key_facts_cannot_be_made(draft: ContractDraft) -> None:
    with pytest.raises(ValueError, match="other terms"):
        replace(draft, terms=replace(draft.terms, amount_minor=9_000_000))


def test_the_english_agreement_says_that_the_chinese_text_governs(draft: ContractDraft) -> None:
    english, chinese = contract_values(draft, "en"), contract_values(draft, "zh_CN")
    assert "Chinese text governs" in english["translation"]
    assert chinese["translation"] is None
    count = [len(clause["paragraphs"]) for clause in english["clauses"]]
    assert count == [len(clause["paragraphs"]) for clause in chinese["clauses"]]


def test_clause_numbers_are_written_as_contracts_write_them() -> None:
    assert [chinese_number(number) for number in (1, 10, 11, 14, 19)] == ["一", "十", "十一", "十四", "十九"]
    with pytest.raises(ValueError, match="20"):
        chinese_number(20)


# --- the certificate --------------------------------------------------------------------------------------------------


def test_the_certificate_tells_what_was_paid_and_that_nothing_is_owed(settlement: Settlement) -> None:
    values = certificate_values(settlement, "zh_CN")
    assert values["paid"] == ["¥80,000.00", "¥2,829.33", "¥0.00", "¥82,829.33"]
    assert "2027年11月6日全部结清" in values["body"]
    assert "均无拖欠" in values["body"]


def test_no_certificate_is_made_for_a_loan_that_is_not_repaid(settlement: Settlement) -> None:
    with pytest.raises(ValueError, match="not repaid in full"):
        replace(settlement, principal_paid_minor=7_999_999)
    with pytest.raises(ValueError, match="before it was credited"):
        replace(settlement, closed_on=date(2026, 11, 20))
