"""The key-facts sheet: what it must say, whose figures it shows, and that one stored sheet speaks both languages."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from activities.papers.clauses import clauses
from activities.papers.key_facts import page_values
from activities.papers.renewal import RenewalLine
from activities.papers.sheet import KeyFactsSheet, key_facts
from activities.papers.subsidy import SubsidyLine
from activities.papers.words import Words, say
from infra import i18n
from lending.products import Product
from lending.projection import project, three_weathers
from lending.terms import terms_hash, terms_of

ON = date(2026, 11, 21)
MakeSheet = Callable[..., KeyFactsSheet]


def all_texts(value: object) -> list[str]:
    """Every finished text of a page, however deep."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in all_texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in all_texts(part)]
    return []


def test_a_stored_sheet_comes_back_equal(make_sheet: MakeSheet) -> None:
    sheet = make_sheet(release_delay=timedelta(hours=2), withdrawal_days=7, firm_name=None)
    stored = json.loads(json.dumps(sheet.to_json()))
    assert KeyFactsSheet.from_json(stored) == sheet


@pytest.mark.parametrize("missing", ["terms_hash", "costs", "nothing_else", "lender"])
def test_a_stored_sheet_with_a_part_missing_is_refused(make_sheet: MakeSheet, missing: str) -> None:
    stored = make_sheet().to_json()
    del stored[missing]
    with pytest.raises(ValidationError, match=missing):
        KeyFactsSheet.from_json(stored)


def test_the_sheet_names_each_cost_the_yearly_total_and_that_nothing_else_is_charged(make_sheet: MakeSheet) -> None:
    texts = all_texts(page_values(make_sheet(), "zh_CN"))
    page = "\n".join(texts)
    assert "除以上明示外，不再收取任何贷款相关息费。" in texts
    for name in ("评估费", "登记费", "担保费", "保险费", "公证费"):
        assert texts[texts.index(name) + 1] == "¥0.00"
    assert "年化综合融资成本（单利）" in texts
    assert "每天剩余本金 × 7.3% ÷ 365" in page
    assert "手续费、管理费、账户费、放款费、提前还款费" in page
    assert "人民币捌万元整" in texts
    assert "12378" in page


def test_a_loan_by_the_day_has_one_rate_and_three_finishing_days(make_sheet: MakeSheet) -> None:
    sheet = make_sheet()
    assert sheet.annual_total_rate == sheet.annual_rate == Decimal("0.073")
    assert len({one.finish_on for one in sheet.estimates}) == 3
    assert not any("rate" in name for one in sheet.to_json()["estimates"] for name in one)


def test_the_interest_shown_is_what_the_engine_of_the_ledger_projects(make_sheet: MakeSheet, product: Product) -> None:
    sheet = make_sheet(usual_minor=6_000_000)
    terms = terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))
    usual = project(terms, 6_000_000, ON)
    shown = {one.weather: one for one in sheet.estimates}
    assert shown["usual"].total_interest_minor == usual.total_interest_minor
    assert shown["usual"].finish_on == usual.finish_on
    assert shown["good"].total_interest_minor < shown["usual"].total_interest_minor < shown["slow"].total_interest_minor
    assert all(one.total_minor == 8_000_000 + one.total_interest_minor for one in sheet.estimates)


def test_i3_a_coupon_is_a_line_of_its_own_and_makes_no_figure_of_the_sheet_worse(make_sheet: MakeSheet) -> None:
    without, with_one = make_sheet(), make_sheet(coupon_minor=2_000)
    (line,) = [cost for cost in with_one.costs if cost.name == "papers.cost.coupon"]
    assert line.amount_minor == -2_000
    assert "−¥20.00" in "".join(all_texts(page_values(with_one, "zh_CN"))).replace("-¥", "−¥")
    plain, given = without.to_json(), with_one.to_json()
    changed = {name for name in plain if plain[name] != given[name]}
    assert changed == {"costs", "estimates"}, "rate, path, lateness, hash of the terms: all as without"
    for mine, theirs in zip(with_one.estimates, without.estimates, strict=True):
        assert mine.total_minor < theirs.total_minor
        assert mine.total_interest_minor <= theirs.total_interest_minor
        assert mine.finish_on is None or theirs.finish_on is None or mine.finish_on <= theirs.finish_on
        assert mine.total_minor == 8_000_000 + mine.total_interest_minor - 2_000


def test_i4_a_renewal_says_what_ends_the_old_loan_and_what_is_paid_out_on_sheet_and_contract(
    make_sheet: MakeSheet,
) -> None:
    line = RenewalLine(1_001, 2_000_000, 12_345, 0, 2_012_345, 5_987_655)
    sheet = make_sheet(renewal=line)
    page = "\n".join(all_texts(page_values(sheet, "zh_CN")))
    for text in ("借新还旧", "A-1001", "¥20,123.45", "¥20,000.00", "¥123.45", "¥59,876.55", "没有未到期的费用"):
        assert text in page
    assert KeyFactsSheet.from_json(sheet.to_json()).renewal == line
    said = "\n".join(str(one) for one in clauses(sheet, purpose="p", court="c", address="a"))
    assert "papers.payment.renewal" in said
    assert "papers.payment.own_account" not in said
    assert sheet.terms_hash == make_sheet().terms_hash, "the price of the new loan is not touched"
    assert make_sheet().renewal is None


def test_p6_a_subsidy_stands_on_the_sheet_and_makes_no_figure_of_it_other(make_sheet: MakeSheet) -> None:
    line = SubsidyLine("small_shops", Decimal("0.01"), 12, 300_000, 43_210)
    sheet, without = make_sheet(subsidy=line), make_sheet()
    for locale, words in (("zh_CN", "按年化 1% 补给您，最多 ¥3,000.00"), ("en", "gives you back 1% a year")):
        page = "\n".join(all_texts(page_values(sheet, locale)))
        assert words in page and "432.10" in page
    assert KeyFactsSheet.from_json(json.loads(json.dumps(sheet.to_json()))).subsidy == line
    assert (sheet.terms_hash, sheet.estimates, sheet.costs) == (without.terms_hash, without.estimates, without.costs)
    assert without.subsidy is None


def test_a_loan_that_slow_sales_never_repay_says_so(make_sheet: MakeSheet) -> None:
    sheet = make_sheet(usual_minor=1_200_000)
    assert sheet.estimates[2].finish_on is None
    assert "五年内还不清" in all_texts(page_values(sheet, "zh_CN"))


def test_the_minimum_path_falls_to_nothing_by_its_last_check_day(make_sheet: MakeSheet) -> None:
    sheet = make_sheet()
    assert len(sheet.path) == sheet.windows == 8
    assert [point.on for point in sheet.path[:2]] == [date(2027, 2, 21), date(2027, 5, 21)]
    assert all(point.repaid_minor + point.left_minor == sheet.amount_minor for point in sheet.path)
    assert sheet.path[-1].left_minor == 0
    assert [point.repaid_minor for point in sheet.path] == sorted({point.repaid_minor for point in sheet.path})


def test_lateness_costs_nothing_in_grace_and_then_only_what_the_factor_adds(make_sheet: MakeSheet) -> None:
    # ¥10,000 overdue at 7.3 %: ¥2 a day of ordinary interest, and ¥1 a day on top at one and a half times the rate.
    sheet = make_sheet(late_factor=Decimal("1.5"))
    assert [(one.days, one.ordinary_minor, one.late_minor) for one in sheet.late_examples] == [
        (1, 200, 0),
        (7, 1400, 700),
        (30, 6000, 3000),
    ]
    assert sheet.late_examples[0].overdue_minor == 1_000_000
    assert sheet.late_annual_rate == Decimal("0.1095")
    assert "7.3% × 1.5 = 10.95%" in "\n".join(say(words, "zh_CN") for words in sheet.late_words)


def test_a_product_without_late_interest_says_that_lateness_adds_nothing(make_sheet: MakeSheet) -> None:
    sheet = make_sheet(late_factor=Decimal(1))
    assert all(one.late_minor == 0 for one in sheet.late_examples)
    assert any("逾期也不加收罚息" in say(words, "zh_CN") for words in sheet.late_words)


def test_a_payout_that_waits_may_be_cancelled_for_as_long_as_it_waits(make_sheet: MakeSheet) -> None:
    waiting = [say(words, "zh_CN") for words in make_sheet(release_delay=timedelta(hours=2)).freedom_words]
    at_once = [say(words, "zh_CN") for words in make_sheet(release_delay=timedelta(0)).freedom_words]
    assert any("签署后 2 小时才放款" in text for text in waiting)
    assert any("签署后即刻放款" in text for text in at_once)


def test_a_right_to_hand_the_loan_back_is_shown_only_where_the_product_gives_it(make_sheet: MakeSheet) -> None:
    given = [say(words, "zh_CN") for words in make_sheet(withdrawal_days=7).freedom_words]
    none = [say(words, "zh_CN") for words in make_sheet().freedom_words]
    assert any("到账后 7 天内可以反悔" in text for text in given)
    assert any("本产品不设反悔期" in text for text in none)


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_text_of_the_page_is_finished(make_sheet: MakeSheet, locale: str) -> None:
    for sheet in (make_sheet(), make_sheet(late_factor=Decimal("1.5"), withdrawal_days=1, firm_name=None)):
        texts = all_texts(
            {name: value for name, value in page_values(sheet, locale).items() if not name.endswith("_head")}
        )
        assert all(text.strip() for text in texts)
        assert not any("{" in text or "papers." in text for text in texts)


def test_the_english_page_has_the_figures_of_the_chinese_one(make_sheet: MakeSheet) -> None:
    stored = make_sheet().to_json()
    chinese = page_values(KeyFactsSheet.from_json(stored), "zh_CN")
    english = page_values(KeyFactsSheet.from_json(stored), "en")
    for figure in ("principal", "rate", "fingerprint"):
        assert chinese[figure] == english[figure]
    assert [row[2:] for row in chinese["estimates"]] == [row[2:] for row in english["estimates"]]
    assert [row[1:] for row in chinese["late"]] == [row[1:] for row in english["late"]]
    assert not any("\u4e00" <= character <= "\u9fff" for words in english["late_words"] for character in words)


def test_a_rate_is_never_rounded_to_look_simpler() -> None:
    words = Words("papers.clause.price.rate", {"annual_rate": "0.034567", "total_rate": "0.034567"})
    assert "年利率为 3.4567%" in say(words, "zh_CN")


def test_a_sheet_never_mixes_two_offers(make_sheet: MakeSheet, product: Product) -> None:
    sheet = make_sheet()
    terms = terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))
    parts = {"borrower": sheet.borrower, "lender": sheet.lender, "number": "A-1"}
    dearer = three_weathers(replace(terms, annual_rate=Decimal("0.1")), 6_000_000, ON)
    with pytest.raises(ValueError, match="other terms"):
        key_facts(terms, dearer, product, on=ON, purpose="stock", **parts)
    with pytest.raises(ValueError, match="another day"):
        key_facts(terms, three_weathers(terms, 6_000_000, ON), product, on=date(2026, 11, 22), purpose="stock", **parts)
    with pytest.raises(ValueError, match="lent for"):
        key_facts(terms, three_weathers(terms, 6_000_000, ON), product, on=ON, purpose="shares", **parts)
    assert sheet.terms_hash == terms_hash(terms)
