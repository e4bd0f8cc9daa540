from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from infra import i18n


@pytest.fixture
def fragments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "shop.yaml").write_text(
        """
        shop.greeting: {zh: "{name},您好", en: "Hello {name}"}
        shop.days: {zh: "还有 {n} 天", en: {one: "{n} day left", other: "{n} days left"}}
        shop.closed: {zh: "已关闭", en: "Closed"}
        """,
        encoding="utf-8",
    )
    monkeypatch.setattr(i18n, "FOLDER", tmp_path)
    for cached in (i18n.keys, i18n._fragments, i18n._catalogues):
        cached.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for cached in (i18n.keys, i18n._fragments, i18n._catalogues):
        cached.cache_clear()


@pytest.mark.usefixtures("fragments")
def test_a_text_is_found_in_both_languages_with_its_parameters() -> None:
    assert i18n.text("shop.greeting", "zh_CN", name="王老板") == "王老板,您好"
    assert i18n.text("shop.greeting", "en", name="Ms Wang") == "Hello Ms Wang"
    assert i18n.text("shop.closed", "en") == "Closed"


@pytest.mark.usefixtures("fragments")
def test_english_counts_in_singular_and_plural_and_chinese_does_not() -> None:
    assert [i18n.text("shop.days", "en", n=n) for n in (1, 2, 0)] == ["1 day left", "2 days left", "0 days left"]
    assert i18n.text("shop.days", "zh_CN", n=1) == "还有 1 天"


@pytest.mark.usefixtures("fragments")
def test_a_missing_parameter_is_an_error_and_not_a_brace_on_the_page() -> None:
    with pytest.raises(KeyError, match="name"):
        i18n.text("shop.greeting", "en")


@pytest.mark.usefixtures("fragments")
def test_an_unknown_key_raises_outside_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUOSHUI_PROFILE", raising=False)
    with pytest.raises(i18n.UnknownText, match=r"shop\.nothing"):
        i18n.text("shop.nothing", "zh_CN")


@pytest.mark.usefixtures("fragments")
def test_an_unknown_key_in_production_shows_itself_and_harms_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUOSHUI_PROFILE", "production")
    assert i18n.text("shop.nothing", "zh_CN") == "shop.nothing"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('shop.a: {zh: "好"}', "needs exactly zh and en"),
        ('shop.a: {zh: "好 {n}", en: "good"}', "parameters differ"),
        ('other.a: {zh: "好", en: "good"}', "must begin with 'shop'"),
        ('shop.a: {zh: "好", en: ""}', "an empty text"),
        ('shop.a: {zh: "好 {", en: "good"}', "braces do not match"),
        ('shop.a: {zh: "好", en: {one: "x"}}', "en must be a text"),
        ('shop.a: {zh: {one: "好", other: "好"}, en: "good"}', "Chinese has no plural"),
    ],
)
def test_a_bad_fragment_is_named_with_file_key_and_fault(tmp_path: Path, line: str, fault: str) -> None:
    (tmp_path / "shop.yaml").write_text(line, encoding="utf-8")
    (found,) = i18n.check(tmp_path)
    assert found.startswith(f"shop.yaml: {line.split(':')[0]}: ")
    assert fault in found


def test_a_key_in_two_files_is_a_fault(tmp_path: Path) -> None:
    for room in ("shop", "till"):
        (tmp_path / f"{room}.yaml").write_text('shop.a: {zh: "好", en: "good"}', encoding="utf-8")
    assert any("also in shop.yaml" in fault for fault in i18n.check(tmp_path))


def test_a_key_written_twice_in_one_file_is_a_fault(tmp_path: Path) -> None:
    line = 'shop.closed: {zh: "关了", en: "Closed"}\n'
    (tmp_path / "shop.yaml").write_text(line * 2, encoding="utf-8")
    assert "shop.yaml: shop.closed: written 2 times" in i18n.check(tmp_path)


def test_the_fragments_of_the_house_are_complete_in_both_languages() -> None:
    assert i18n.check() == []


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "shown"),
    [
        (8_000_000, "CNY", "zh_CN", "¥80,000.00"),
        (8_000_000, "CNY", "en", "¥80,000.00"),
        (-1, "CNY", "zh_CN", "-¥0.01"),
        (0, "CNY", "en", "¥0.00"),
        (123, "JPY", "en", "¥123"),
        (5_199_450, "USD", "zh_CN", "US$51,994.50"),
        (12_345_678_901_234_567_89, "CNY", "en", "¥12,345,678,901,234,567.89"),
    ],
)
def test_money_is_shown_to_the_cent(minor: int, currency: str, locale: str, shown: str) -> None:
    assert i18n.money(minor, currency, locale) == shown


def test_a_day_is_shown_with_its_weekday() -> None:
    assert i18n.day(date(2026, 11, 21), "zh_CN") == "2026年11月21日(周六)"
    assert i18n.day(date(2026, 11, 21), "en") == "Sat 21 Nov 2026"


def test_a_moment_is_shown_on_its_own_clock() -> None:
    instant = datetime(2026, 11, 21, 7, 40, tzinfo=UTC).astimezone(timezone(timedelta(hours=8)))
    assert i18n.moment(instant, "zh_CN") == "2026年11月21日 15:40"
    assert i18n.moment(instant, "en") == "21 Nov 2026, 15:40"
    with pytest.raises(ValueError, match="time zone"):
        i18n.moment(datetime(2026, 11, 21), "en")


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0.073", "7.3%"), ("0.12", "12%"), ("0.036525", "3.65%"), ("0", "0%"), ("-0.005", "-0.5%"), ("12.5", "1,250%")],
)
def test_a_percentage_keeps_at_most_two_decimals(value: str, shown: str) -> None:
    assert i18n.percent(Decimal(value), "zh_CN") == shown


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "zh_CN"),
        ("en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("zh-TW, en;q=0.9", "zh_CN"),
        ("fr,de;q=0.9", "zh_CN"),
        ("fr, en;q=0.2", "en"),
        ("en;q=0, zh;q=0.1", "zh_CN"),
        ("en;q=abc", "zh_CN"),
        ("," * 10_000, "zh_CN"),
    ],
)
def test_the_language_follows_the_browser(header: str | None, locale: str) -> None:
    assert i18n.negotiate(header) == locale


def test_one_of_something_is_not_many_in_english() -> None:
    said = i18n.text("lending.refusal.not_enough_history", "en", months_seen=1, months_needed=3)
    assert "1 month," in said
    assert "11 months" in i18n.text("lending.refusal.not_enough_history", "en", months_seen=11, months_needed=12)
    assert "1 try" in i18n.text("lending.refusal.wrong_code", "en", tries_left=1)


@pytest.mark.parametrize("text", ["收到了,谢谢", "利率(单利)", "哪天?都行", "{n} 笔;最晚 {on}前"])
def test_a_half_width_mark_beside_a_chinese_letter_is_a_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / "web.yaml").write_text(f'web.a: {{zh: "{text}", en: "x {{n}} {{on}}"}}' if "{" in text else
                                       f'web.a: {{zh: "{text}", en: "x"}}', encoding="utf-8")  # fmt: skip
    assert any("instead of" in fault for fault in i18n.check(tmp_path))


def test_times_and_abbreviations_keep_their_own_marks(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text('web.a: {zh: "24:00 前传 CSV (UTF-8)", en: "x"}', encoding="utf-8")
    assert i18n.check(tmp_path) == []
