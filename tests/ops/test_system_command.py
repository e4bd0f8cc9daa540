"""Commands beside a system: which one they find, and one clear line where there is none or it does not answer."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ops.cli import main
from ops.commands import model, system

CARD = {
    "id": "m",
    "origin": {"label": "taught"},
    "trained_on": "2026-11-20",
    "metrics": {"auc": 0.85, "auc_ci": [0.83, 0.87], "ks": 0.5, "brier": 0.05, "ece": 0.01, "n": 3000, "bad": 230},
    "faithfulness": {"share": None},
    "importance": {"sales_trend": 0.2},
    "slices": {
        "with invoices": {"n": 610, "bad": 44, "auc": 0.862, "auc_ci": [0.8011, 0.9127], "ece": 0.02},
        "nobody bad": {"n": 61, "bad": 0, "auc": None, "auc_ci": [None, None], "ece": 0.02},
    },
}
ASKING = (
    ("model", "list"),
    ("model", "show"),
    ("model", "propose", "m", "shadow", "--by", "officer", "--reason", "to see", "--digits", "000000"),
    ("decision", "replay", "--all"),
    ("audit", "verify"),
    ("audit", "key"),
    ("ledger", "trial"),
    ("score", "fairness"),
    ("score", "prescore", "--all"),
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder that no system runs in, and an environment that names none."""
    monkeypatch.chdir(tmp_path)
    for name in ("HUOSHUI_ENV_FILE", "HUOSHUI_DATA", "HUOSHUI_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def wrote(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("HUOSHUI_DATABASE_URL=postgresql+psycopg://nobody@127.0.0.1:1/none\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_without_a_system_one_line_says_what_to_set(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1, done.output
    assert done.stderr.count("\n") == 1
    assert "HUOSHUI_ENV_FILE" in done.stderr and "make up" in done.stderr and "HUOSHUI_DATABASE_URL" in done.stderr


def test_the_system_of_this_folder_is_found_unless_another_one_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert system.env_file() is None
    wrote(folder / ".huoshui" / "stack.env")
    assert system.env_file() == Path(".huoshui/stack.env")
    elsewhere = wrote(folder / "data" / "stack.env")
    monkeypatch.setenv("HUOSHUI_DATA", str(elsewhere.parent))
    assert system.env_file() == elsewhere
    monkeypatch.setenv("HUOSHUI_DATABASE_URL", "postgresql+psycopg://mine")
    assert system.env_file() is None, "an environment that names a database speaks for itself"
    named = wrote(folder / "named.env")
    monkeypatch.setenv("HUOSHUI_ENV_FILE", str(named))
    assert system.env_file() == named
    named.unlink()
    with pytest.raises(click.ClickException, match="there is no file"):
        system.env_file()


def test_a_slices_area_is_shown_with_its_interval_where_it_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "answered", lambda _: CARD)
    done = CliRunner().invoke(main, ["model", "show"])
    assert done.exit_code == 0, done.output
    with_invoices, nobody_bad = done.stdout.splitlines()[-2:]
    assert "AUC 0.862 (0.801 to 0.913)" in with_invoices
    assert "to" not in nobody_bad.split("AUC")[1]
