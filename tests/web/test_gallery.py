"""Every page in its main states and both languages: well-formed, named, guarded, light."""

import gzip
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from web import rendering
from web.assets import assets
from web.gallery.states import shell_of, states

LANGUAGES = ("zh_CN", "en")
NAMES = tuple(states("zh_CN"))
FIRST_LOAD = 60 * 1024
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SVG_VOID = {"path", "line", "circle", "rect", "polyline", "polygon"}


class Outline(HTMLParser):
    """What of a page a machine can check: nesting, ids, names, headings, labels."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.broken: list[str] = []
        self.ids: Counter[str] = Counter()
        self.labels: set[str] = set()
        self.named: list[dict[str, str | None]] = []
        self.headings: list[int] = []
        self.references: set[str] = set()
        self.links: list[str] = []
        self.primary = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID and tag not in SVG_VOID:
            self.open.append(tag)
        if given.get("id"):
            self.ids[str(given["id"])] += 1
        if tag == "label" and given.get("for"):
            self.labels.add(str(given["for"]))
        if tag in ("input", "textarea", "select") and given.get("type") not in ("hidden", "radio", "checkbox"):
            self.named.append(given)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name in ("aria-labelledby", "aria-describedby"):
            self.references |= set(str(given.get(name) or "").split())
        if tag == "a":
            self.links.append(str(given.get("href")))
        self.primary += "primary" in str(given.get("class", "")).split()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID and tag not in SVG_VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in SVG_VOID or tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.broken.append(f"</{tag}> closes <{self.open[-1] if self.open else 'nothing'}>")
        else:
            self.open.pop()


def outline(name: str, language: str) -> tuple[str, Outline]:
    state = states(language)[name]
    html = rendering.html(state.template, state.page, shell_of(state, language, simulated=True))
    parser = Outline()
    parser.feed(html)
    return html, parser


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_well_formed_and_everything_in_it_has_a_name(name: str, language: str) -> None:
    html, page = outline(name, language)
    assert not page.broken and not page.open
    assert [one for one, times in page.ids.items() if times > 1] == []
    assert page.headings.count(1) == 1, "one first heading"
    assert page.references <= set(page.ids), page.references - set(page.ids)
    for field in page.named:
        assert field.get("aria-label") or field.get("id") in page.labels, field
    assert page.primary <= 1, "one thing to do"
    assert all(link.startswith(("/", "#", "tel:", "?", "http://")) for link in page.links), page.links
    assert f'<html lang="{"zh-CN" if language == "zh_CN" else "en"}"' in html
    assert not re.search(r"\b(True|False|Undefined)\b|Say\(", re.sub(r"<[^>]*>", " ", html))


@pytest.mark.parametrize("name", NAMES)
def test_english_pages_have_no_chinese_words_but_names(name: str) -> None:
    html, _ = outline(name, "en")
    text = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", html, flags=re.DOTALL)
    lines = [line for line in text.splitlines() if re.search(r"[\u4e00-\u9fff]", line)]
    own = re.compile(
        r"中文|金规〔2024〕11号|陈小满|小满面馆|随收贷|工商银行|巴音郭楞|微信支付账单|采购合同|林经理|周良|艾则孜"
    )
    assert [line for line in lines if not own.search(line)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_first_load_is_light(name: str) -> None:
    html, _ = outline(name, "zh_CN")
    ours = sum(len(assets()[file].packed) for file in ("huoshui.css", "huoshui.js", "mark.svg"))
    assert len(gzip.compress(html.encode(), 4)) + ours <= FIRST_LOAD


@pytest.mark.parametrize("name", NAMES)
def test_forms_that_change_something_carry_a_token_and_a_key(name: str) -> None:
    html, _ = outline(name, "zh_CN")
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", html, re.DOTALL):
        assert 'name="csrf" value="c' in form
        action = re.search(r'action="([^"]+)"', form)
        assert action and action.group(1).startswith("/")
        if action.group(1) not in ("/language", "/sign-out", "/staff/sign-out", "/seats/leave"):  # twice is once
            assert re.search(r'name="key" value="[^"]{8,}"', form), action.group(1)


def test_every_template_is_shown_in_the_gallery() -> None:
    shown = {state.template for state in states("zh_CN").values()}
    pages = {
        str(path.relative_to(rendering.FOLDER))
        for path in rendering.FOLDER.rglob("*.html")
        if "parts" not in path.parts and path.name not in ("page.html", "sheet.html")
    }
    assert pages == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_models_page_says_each_slices_interval_and_the_cards_known_phrases_in_the_readers_words(
    language: str,
) -> None:
    [html] = [html for name in NAMES if (html := outline(name, language)[0]) and "region of the north" in html][:1]
    table = html[html.index('id="slices-title"') : html.index('id="watch-title"')]
    to = "到" if language == "zh_CN" else "to"
    for low, high in (("0.731", "0.866"), ("0.821", "0.876"), ("0.801", "0.913"), ("0.787", "0.887")):
        assert f"{low} {to} {high}" in table
    raw = ("history under", "history from", "with invoices", "without invoices", "trade garage", "5-fold, ")
    assert [phrase for phrase in (*raw, "default within") if phrase in html] == []
    if language == "zh_CN":
        assert all(said in table for said in ("流水不足 6 个月", "有发票", "没有发票", "行业：汽修店"))
        assert "12 个月内违约" in html
