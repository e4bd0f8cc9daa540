"""``huoshui score``: bad lists get one clear line and nothing half done."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli import main


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no firm in it"),
        (b"licence\n\n", "no firm in it"),
        (b"licence\n91440300MA5ABCDE12\nnot a firm\n", "line 3: neither a licence number"),
        (b"\xff\xfe\x00", "not a text file"),
    ],
)
def test_a_list_that_is_none_is_refused_by_its_first_wrong_line(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "firms.csv"
    file.write_bytes(content)
    done = CliRunner().invoke(main, ["score", "prescore", str(file)])
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_list_and_everybody_exclude_each_other() -> None:
    done = CliRunner().invoke(main, ["score", "prescore"])
    assert done.exit_code == 2 and "--all" in done.stderr


def test_a_store_is_not_written_where_no_folder_is(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["score", "store", "export", "--out", str(tmp_path / "nowhere" / "x.jsonl")])
    assert done.exit_code == 2 and "no such folder" in done.stderr


def test_a_model_file_that_is_not_its_cards_is_no_candidate(tmp_path: Path) -> None:
    file, card = tmp_path / "model.ubj", tmp_path / "card.json"
    file.write_bytes(b"other bytes")
    card.write_text('{"id": "m", "model_sha256": "00"}', encoding="utf-8")
    done = CliRunner().invoke(main, ["model", "register", str(file), str(card)])
    assert done.exit_code == 2 and "SHA-256 differs" in done.stderr
    card.write_text("[]", encoding="utf-8")
    assert CliRunner().invoke(main, ["model", "register", str(file), str(card)]).exit_code == 2
