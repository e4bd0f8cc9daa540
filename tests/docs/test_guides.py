"""The guides: what they promise to be complete is complete, and what they show works as shown."""

import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from pydantic_core import PydanticUndefined

import policies
from infra import i18n
from infra.settings import Settings
from ops.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))


def text(guide: str) -> str:
    return (ROOT / "docs" / "guides" / guide).read_text(encoding="utf-8")


def blocks(guide: str) -> list[str]:
    """The YAML blocks of a guide."""
    return re.findall(r"^```yaml\n(.+?)^```", text(guide), re.MULTILINE | re.DOTALL)


def default_of(name: str) -> str:
    """A setting's default as the table writes it: – for required, none for nothing, seconds for a duration."""
    default = Settings.model_fields[name].default
    if default is PydanticUndefined:
        return "–"
    if default is None:
        return "none"
    if isinstance(default, timedelta):
        return f"`{default.total_seconds():g}`"
    if isinstance(default, dict):
        return f"`{json.dumps(default)}`"
    return f"`{default}`"


def test_the_table_of_settings_is_complete_and_tells_the_defaults() -> None:
    rows = re.findall(r"^\| `(HUOSHUI_\w+)` \| (\S+) \| (.*)\|$", text("operate.md"), re.MULTILINE)
    told = {name: default for name, default, _ in rows}
    there = {f"HUOSHUI_{name.upper()}": default_of(name) for name in Settings.model_fields}
    assert told == there
    assert [name for name, _, _ in rows] == list(there), "in the order of infra/settings.py"


def test_commands_that_the_documents_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for document in [*GUIDES, *ROOT.glob("*.md")]:
        said = document.read_text(encoding="utf-8")
        for target in re.findall(r"`make ([a-z-]+)", said):
            assert target in targets, f"{document.name}: make {target}"
        for command in re.findall(r"`huoshui ([a-z]+)", said):
            assert command in COMMANDS, f"{document.name}: huoshui {command}"


def test_modules_that_the_guide_starts_can_be_started() -> None:
    for module in re.findall(r"`python -m ([\w.]+)", text("operate.md")):
        path = ROOT / module.replace(".", "/")
        assert (path / "__main__.py").is_file() or path.with_suffix(".py").is_file(), module


def test_the_product_of_the_guide_is_one_that_could_be_lent(tmp_path: Path) -> None:
    root = tmp_path / "policies"
    shutil.copytree(ROOT / "policies", root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for block in blocks("add-a-product.md"):
        name = re.match(r"# policies/(\S+)\n", block)
        assert name, "the first line names the file"
        (root / name[1]).write_text(block, encoding="utf-8")
    book = policies.load(date(2027, 1, 1), root)
    assert book.product("seasonal_stock").withdrawal_days == 7
    assert book.policy("seasonal_stock").months_of_history == 6
    assert set(book.products) == {
        "seasonal_stock", "revenue_linked_working_capital", "revolving_line", "receivable_line", "collateral_backed",
        "equal_instalments", "equal_principal", "seasonal_instalments", "interest_first",
    }  # fmt: skip


def test_the_texts_of_the_guide_are_as_the_check_wants_them(tmp_path: Path) -> None:
    [block] = blocks("write-a-text.md")
    (tmp_path / "guide.yaml").write_text(block, encoding="utf-8")
    assert i18n.check(tmp_path) == []
    assert len(yaml.safe_load(block)) == 2


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_files_that_a_guide_names_are_there(guide: Path) -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"tests", "docs", "locales"}
    made_up = {"policies/products/seasonal_stock.yaml", "policies/underwriting_seasonal_stock.yaml"}
    named = set(re.findall(r"`([a-z_]+(?:/[\w.-]+)+)(?:: \w+)?`", guide.read_text(encoding="utf-8"))) - made_up
    missing = {path for path in named if path.partition("/")[0] in rooms and not (ROOT / path).exists()}
    assert not missing
