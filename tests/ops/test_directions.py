"""The contracts about imports cover what is there, and find what is planted."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lines(section: str, option: str) -> set[str]:
    read = configparser.ConfigParser()
    read.read(ROOT / ".importlinter")
    return {line.strip() for line in read[section][option].splitlines() if line.strip()}


def test_no_implementation_of_an_activity_is_left_out_of_the_contract() -> None:
    there = {
        f"activities.{path.stem}"
        for path in (ROOT / "activities").iterdir()
        if path.stem not in ("__init__", "ports", "__pycache__") and (path.suffix == ".py" or path.is_dir())
    }
    listed = {
        name for name in lines("importlinter:contract:ports-only", "forbidden_modules") if name.startswith("activ")
    }
    assert listed == there


def test_every_room_is_a_root_of_the_check() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert lines("importlinter", "root_packages") == rooms - {"locales"}


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("lending/money.py", "import sqlalchemy", "The rules know nothing but the standard library"),
        ("simulators/book.py", "import lending.money", "The simulated world shares no rule"),
        ("workflows/application.py", "import db.sessions", "A workflow touches nothing itself"),
        ("api/tools.py", "import pandas", "Workflows and the API see what an activity promises"),
    ],
)
def test_a_planted_import_against_the_direction_is_found(tmp_path: Path, file: str, line: str, contract: str) -> None:
    for path in ROOT.glob("*/__init__.py"):
        shutil.copytree(path.parent, tmp_path / path.parent.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    planted = tmp_path / file
    planted.write_text(planted.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    # From the copy, not from the installed checkout.
    code = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports\n"
        "sys.exit(lint_imports(no_cache=True))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stdout + result.stderr
    assert contract in result.stdout.split("Broken contracts")[1]
