"""What must not stand in the source of pages: words outside the catalogue, styles and handlers, other hosts."""

import ast
import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from infra import i18n

WEB = Path(__file__).resolve().parents[2] / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
SOURCES = sorted(path for path in WEB.rglob("*.py") if "gallery" not in path.parts)
HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
SHOWN_ATTRIBUTES = ("alt", "aria-label", "label", "placeholder", "title", "content")
MODULE_LIMIT = 7 * 1024
# Expressions, and the block that names the width of the page: none of them is read by anybody.
JINJA = re.compile(r"{% block width %}.*?{% endblock %}|{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)
# Words of the pages' own machinery, which nobody reads: they stand in attributes that are not shown.
NOT_WORDS = re.compile(r"^[\W\d_]*$")


class Visible(HTMLParser):
    """Collects what a reader would see or hear of a template once its expressions are taken out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._quiet += 1
        given = dict(attrs)
        technical = tag in ("meta", "link") and given.get("name") != "description"
        for name in SHOWN_ATTRIBUTES:
            if (value := given.get(name)) and not technical:
                self.found.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._quiet -= 1

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.found.append(data)


def seen_in(template: str) -> list[str]:
    """The words of a template that do not come from the catalogue."""
    parser = Visible()
    parser.feed(JINJA.sub("", template))
    # A macro that writes attributes has them as its text.
    return [text.strip() for text in parser.found if not NOT_WORDS.match(text) and not text.strip().startswith("aria-")]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_no_word_stands_in_a_template(path: Path) -> None:
    assert seen_in(path.read_text(encoding="utf-8")) == [], (
        f'{path}: write t("web.…") and put the words into locales/web.yaml'
    )


@pytest.mark.parametrize(
    "planted", ["<p>Pay now</p>", "<p>还款</p>", '<img alt="a loan">', '<input placeholder="Phone">']
)
def test_a_planted_word_would_be_found(planted: str) -> None:
    assert seen_in("{% block main %}" + planted + "{{ t('web.x') }}{% endblock %}")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(WEB)))
def test_no_chinese_stands_in_code_but_in_its_comments_and_descriptions(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    described = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in described
        and HAN.search(node.value)
    ]
    # What a person types in Chinese is read by asking.py: 8万 is 80,000 and 元 is dropped.
    allowed = {r"[\s,¥%元]", "万"} if path.name == "asking.py" else set()
    assert set(found) <= allowed, f"{path}: words a person reads belong into locales/web.yaml"


def keys_named() -> tuple[set[str], set[str]]:
    """(whole keys, beginnings of keys that are put together) named in templates and code."""
    whole: set[str] = set()
    begun: set[str] = set()
    for path in [*TEMPLATES, *SOURCES]:
        text = path.read_text(encoding="utf-8")
        for key in re.findall(r"[\"'](web\.[\w.]+)[\"']", text):
            (begun if key.endswith(".") else whole).add(key)
        begun |= {f"{key}." for key in re.findall(r"[\"'](web\.[\w.]*\w)[\"'] ~", text)}
        begun |= set(re.findall(r"f[\"'](web\.[\w.]+){", text))
    return whole, begun


def test_every_key_that_is_named_has_words() -> None:
    whole, begun = keys_named()
    known = i18n.keys()
    assert not {key for key in whole if key not in known and f"{key}." not in begun and not key.endswith("_minor")}
    assert not {start for start in begun if not any(key.startswith(start) for key in known)}


def test_every_text_of_the_pages_is_used_somewhere() -> None:
    whole, begun = keys_named()
    unused = {
        key
        for key in sorted(i18n.keys())
        if key.startswith("web.") and key not in whole and not any(key.startswith(start) for start in begun)
    }
    assert not unused, "delete these from locales/web.yaml"


def test_chinese_sentences_take_chinese_stops_and_nobody_shouts() -> None:
    for key in sorted(i18n.keys()):
        if key.startswith("web."):
            chinese = i18n.text(key, "zh_CN") if not i18n.parameters(key) else _raw(key)
            assert not re.search(r"[\u4e00-\u9fff][,;:?!]", chinese), key
            assert "！" not in chinese and "恭喜" not in chinese, key


def _raw(key: str) -> str:
    return i18n.text(key, "zh_CN", **{name: f"〈{name}〉" for name in i18n.parameters(key)})


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_markup_has_no_style_no_handler_and_no_other_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"(https?:)?//[a-z]", text, re.IGNORECASE)
    assert "|safe" not in text.replace("icons[name]|safe", "")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_changes_something_carries_its_guard(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL):
        first = re.search(r"<input|{{ forms\.guard\(", form)
        assert first and ("csrf" in form[first.start() : first.start() + 60] or "guard" in first.group()), form[:200]


def test_our_module_is_small_and_asks_nobody_else() -> None:
    module = (WEB / "static" / "huoshui.js").read_bytes()
    assert len(module) <= MODULE_LIMIT
    assert not re.search(rb"https?://|eval\(|innerHTML\s*=[^=]|localStorage|document\.cookie", module)
    assert len(gzip.compress(module)) <= 3 * 1024


@pytest.mark.parametrize("name", ["road.js", "road-worker.js"])
def test_the_module_for_the_road_is_small_and_asks_nobody_else(name: str) -> None:
    module = (WEB / "static" / name).read_bytes()
    assert len(module) <= MODULE_LIMIT
    assert not re.search(rb"https?://|eval\(|innerHTML\s*=[^=]|localStorage|document\.cookie", module)


def test_styles_use_the_tokens_and_load_nothing() -> None:
    css = (WEB / "static" / "huoshui.css").read_text(encoding="utf-8")
    after = css[css.index("--- the sheet of paper ---") : css.index("--- on paper:")]
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", after), "colours are tokens, so that dark and print have them too"
    assert "url(" not in css and "@import" not in css
    assert not re.search(r"\.\d+s\b", after.replace(".12s", "").replace(".15s", "")), "nothing moves longer than 200 ms"


def test_dark_has_every_colour_that_light_has() -> None:
    css = (WEB / "static" / "huoshui.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")[:2]
    colours = set(re.findall(r"(--[\w-]+): #", light))
    assert colours == set(re.findall(r"(--[\w-]+): #", dark.split("/* ---")[0]))


def test_no_page_reaches_past_the_uses_to_the_database() -> None:
    for path in SOURCES:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not re.match(r"(from|import) (db|workflows|activities|worker|scoring|imports|sqlalchemy)\b", line), (
                f"{path}: {line}"
            )
