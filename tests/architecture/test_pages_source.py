"""The pages are ours from the first byte to the last: HTML, one small module, and nobody else's host."""

import re
from pathlib import Path

import pytest

ONE_MODULE_BYTES = 7 * 1024
ROAD_BYTES = 4 * 1024  # a worker, or a module of one page
ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "web" / "templates").rglob("*.html"))


def test_there_is_one_module_of_ours_and_it_is_small() -> None:
    """Every page has this one; what works on the road has another with its worker, on two pages of the manager's
    (decisions 0126, 0150), where it tells the day's things apart by whose they are and shows what was refused; one
    page reads the code on a contract by the tablet's camera (0142), and one marks a field's corners by the phone."""
    modules = {p.name: p for p in (ROOT / "web" / "static").rglob("*") if p.suffix in (".js", ".mjs", ".wasm")}
    assert sorted(modules) == ["huoshui.js", "paper.js", "parcel.js", "road-worker.js", "road.js"]
    for name in modules:
        most = ONE_MODULE_BYTES if name in ("huoshui.js", "road.js") else ROAD_BYTES
        assert modules[name].stat().st_size <= most, "a page must be light on a slow phone"
        text = modules[name].read_text(encoding="utf-8")
        assert not re.search(r"^\s*import\b.*from\s+[\"']https?:", text, re.MULTILINE)


def test_nothing_is_built_and_no_package_manager_of_the_browser_is_needed() -> None:
    assert not [name for name in ("package.json", "node_modules", "vite.config.js") if (ROOT / name).exists()]


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda page: str(page.relative_to(ROOT / "web" / "templates")))
def test_a_template_loads_nothing_from_another_host_and_holds_no_script_of_its_own(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"<(?:script|link|img|iframe|source)[^>]*(?:src|href)=[\"']?(?:https?:)?//", text)
    assert not re.findall(r"<[a-z][^>]*\son[a-z]+=[\"']", text), "a handler in an attribute: put it into the module"
    for attributes, inner in re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL):
        assert "src=" in attributes and "nonce=" in attributes
        assert not inner.strip(), "a script in the page: put it into the module"


def test_every_form_works_without_the_module() -> None:
    """A form without an action or method, or a button outside a form, does nothing where scripts do not run."""
    wrong = [
        f"{page.name}: {form}"
        for page in TEMPLATES
        for form in re.findall(r"<form[^>]*>", page.read_text(encoding="utf-8"))
        if "method=" not in form or "action=" not in form
    ]
    assert not wrong
