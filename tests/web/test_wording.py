"""Figures on pages: formatted by what they are called, in the reader's language, never as markup."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from markupsafe import Markup

from web import wording
from web.wording import Reader, Say

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("locale", "said"),
    [("zh_CN", "2026年11月20日(周五) 净收入 ¥2,130.00 × 12%"), ("en", "Fri 20 Nov 2026: net sales ¥2,130.00 × 12%")],
)
def test_parameters_are_formatted_by_their_names(locale: str, said: str) -> None:
    basis = Say("web.loan.basis", {"on": date(2026, 11, 20), "net_minor": 213_000, "share": Decimal("0.12")})
    with wording.reading(Reader(locale)):
        assert wording.say(basis) == said


def test_a_figure_in_a_sentence_may_be_marked_up_and_the_rest_is_escaped() -> None:
    with wording.reading(Reader("en")):
        found = wording.rich("web.home.letter", amount=Markup("<b>¥1.00</b>"), total="<script>")
    assert found == "Borrow <b>¥1.00</b>, repay &lt;script&gt; in all"


def test_what_a_person_wrote_is_shown_as_it_is() -> None:
    assert wording.say("老马家 {amount_minor} <b>") == "老马家 {amount_minor} <b>"


def test_a_moment_of_the_readers_own_day_is_told_by_its_minute_alone() -> None:
    at = datetime(2026, 11, 21, 6, 2, tzinfo=UTC)
    with wording.reading(Reader("zh_CN", today=TODAY)):
        assert wording.moment(at) == "14:02"
        assert wording.full_moment(at) == "2026年11月21日 14:02"
    with wording.reading(Reader("zh_CN", today=date(2026, 11, 22))):
        assert wording.moment(at) == "2026年11月21日 14:02"


def test_a_moment_shortly_before_beijing_midnight_belongs_to_that_day() -> None:
    with wording.reading(Reader("zh_CN", today=TODAY)):
        assert wording.moment(datetime(2026, 11, 21, 15, 59, tzinfo=UTC)) == "23:59"
        assert wording.moment(datetime(2026, 11, 21, 16, 0, tzinfo=UTC)) == "2026年11月22日 00:00"


@pytest.mark.parametrize(
    ("minor", "zh", "en"),
    [(99_900, "999", "999"), (100_000, "1,000", "1k"), (6_000_000, "6万", "60k"), (7_250_000, "7.2万", "72.5k")],
)
def test_axes_use_the_units_of_their_language(minor: int, zh: str, en: str) -> None:
    with wording.reading(Reader("zh_CN")):
        assert wording.short_yuan(minor) == zh
    with wording.reading(Reader("en")):
        assert wording.short_yuan(minor) == en


def test_a_reader_is_forgotten_after_the_page() -> None:
    with wording.reading(Reader("en")):
        assert wording.language() == "en"
    assert wording.language() == "zh-CN"


@pytest.mark.parametrize(("locale", "said"), [("zh_CN", "面馆"), ("en", "Noodle shop")])
def test_a_trade_stands_in_words_on_the_pages_of_staff_and_a_foreign_code_as_it_was_given(
    locale: str, said: str
) -> None:
    with wording.reading(Reader(locale)):
        assert wording.trade("noodle_shop") == said
        assert wording.trade("N7221") == "N7221"
