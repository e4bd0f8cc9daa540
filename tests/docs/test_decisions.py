"""The decision pages: numbered, short, complete, and each names a test or check that stands."""

import ast
import configparser
import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
HEADINGS = ["Context", "Decision", "Consequences", "Enforced by"]
ONE_PAGE = 60  # lines
# `tests/…/test_x.py::test_y` · `import-linter: name` · `make check: tool` · `file: text that stands in it`
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
NAMED_CONTRACT = re.compile(r"`import-linter: ([^`]+)`")
NAMED_CHECK = re.compile(r"`make check: ([^`]+)`")
# `room/file.py`, or `room/file.py: name_in_it`
NAMED_FILE = re.compile(r"`([a-z_]+(?:/[\w.-]+)+)(?:: (\w+))?`")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def sections(page: Path) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@lru_cache(maxsize=256)
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def contracts() -> set[str]:
    read = configparser.ConfigParser()
    read.read(ROOT / ".importlinter", encoding="utf-8")
    return {read[section]["name"] for section in read.sections() if section.startswith("importlinter:contract:")}


def checks() -> str:
    """What `make check` runs, as the Makefile says it."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return makefile.split("\ncheck:", 1)[1].split("\n\n", 1)[0]


def test_decisions_are_numbered_and_no_number_is_used_twice() -> None:
    numbers = [page.name[:4] for page in PAGES]
    assert all(number.isdigit() for number in numbers) and len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_is_one_page_with_its_four_parts(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {page.name[:4]} ")
    assert re.fullmatch(r"\*\d{4}-\d{2}-\d{2}( · replaces \[\d{4}\]\([\w-]+\.md\))?\*", lines[2]), lines[2]
    assert list(sections(page)) == HEADINGS
    assert all(text.strip() for text in sections(page).values())
    assert len(lines) <= ONE_PAGE, f"{len(lines)} lines: a decision is one page"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_names_what_enforces_it_and_that_stands(page: Path) -> None:
    named = sections(page)["Enforced by"]
    tests, rules, tools = NAMED_TEST.findall(named), NAMED_CONTRACT.findall(named), NAMED_CHECK.findall(named)
    assert tests or rules or tools, "name at least one test or check, in backquotes"
    for file, function in tests:
        assert (ROOT / file).is_file(), f"no such file: {file}"
        assert function in functions(ROOT / file), f"no such test in {file}: {function}"
    for rule in rules:
        assert rule in contracts(), f".importlinter has no contract named {rule!r}"
    for tool in tools:
        assert tool in checks(), f"`make check` does not run {tool!r}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_that_a_decision_names_are_there(page: Path) -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    wrong: list[str] = []
    for path, symbol in NAMED_FILE.findall(page.read_text(encoding="utf-8")):
        if path.partition("/")[0] not in rooms:
            continue
        if not (ROOT / path).exists():
            wrong.append(f"no such file: {path}")
        elif symbol and symbol not in (ROOT / path).read_text(encoding="utf-8"):
            wrong.append(f"{path} has no {symbol}")
    assert not wrong


def test_the_index_lists_every_decision_with_its_title() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        title = page.read_text(encoding="utf-8").splitlines()[0].removeprefix(f"# {page.name[:4]} ")
        assert f"| [{page.name[:4]}]({page.name}) | {title} |" in index
    assert len(re.findall(r"^\| \[\d{4}\]", index, re.MULTILINE)) == len(PAGES)


def test_relative_links_in_the_documents_resolve() -> None:
    documents = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents
        for target in LINK.findall(document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert not broken
