import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops import demo_staff
from ops.cli import COMMANDS, main
from ops.stack import secrets
from ops.stack.telling import terminal_locale


def run(*words: str) -> str:
    result = CliRunner().invoke(main, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_list_of_commands_imports_none_of_them() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from ops.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        "heavy = {'rich', 'pandas', 'sqlalchemy', 'temporalio', 'boto3', 'babel', 'psutil'} & set(sys.modules)\n"
        "sys.exit(f'imported: {sorted(heavy)}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_listed_command_has_its_help() -> None:
    listed = [line.split()[0] for line in run("--help").split("Commands:")[1].splitlines() if line.strip()]
    assert {"up", "stop", "status", "code", "keys"} <= set(listed) <= set(COMMANDS)
    for name in listed:
        assert "Usage:" in run(name, "--help")


def test_a_command_that_is_not_there_is_unknown_and_not_empty() -> None:
    result = CliRunner().invoke(main, ["nonsense"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_keys_are_new_each_time_and_complete() -> None:
    first, second = (dict(line.split("=", 1) for line in run("keys").splitlines()) for _ in range(2))
    assert set(first) == set(secrets.MADE)
    assert not set(first.values()) & set(second.values())


def test_status_of_an_empty_folder_says_that_nothing_runs(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["status", "--data", str(tmp_path), "--json"])
    assert result.exit_code == 3
    assert json.loads(result.output) == {"running": False}


def test_the_code_of_a_demo_login_is_that_of_its_seed(tmp_path: Path) -> None:
    from pyotp.totp import TOTP

    kept = {demo_staff.SEED: secrets.keep(tmp_path)["STACK_DEMO_TOTP_SEED"]}
    shown = run("code", "manager", "--data", str(tmp_path)).split()
    assert TOTP(demo_staff.seed_of("manager", kept)).verify(shown[1], valid_window=1)
    seeds = {demo_staff.seed_of(player.login, kept) for player in demo_staff.PLAYERS}
    assert len(seeds) == len(demo_staff.PLAYERS), "two logins share a second factor"


def test_what_needs_two_people_can_be_played_with_the_demo_logins() -> None:
    from policies import book

    grants = book.load().roles
    for one, other in (("model.propose", "model.approve"), ("glass.ask", "glass.answer")):
        asking, answering = (
            {player.login for player in demo_staff.PLAYERS if any(right in grants[role] for role in player.roles)}
            for right in (one, other)
        )
        assert asking, one
        assert all(answering - {login} for login in asking), f"nobody may answer {one} of another"
    assert len({player.name for player in demo_staff.PLAYERS}) == len(demo_staff.PLAYERS)


def test_a_code_for_an_unknown_login_names_the_known_ones(tmp_path: Path) -> None:
    secrets.keep(tmp_path)
    result = CliRunner().invoke(main, ["code", "nobody", "--data", str(tmp_path)], env={"LANG": "en_US.UTF-8"})
    assert result.exit_code == 1
    assert "manager" in result.output


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"HUOSHUI_LOCALE": "zh_CN", "LC_ALL": "C"}, "zh_CN"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_terminal_speaks_the_language_of_its_person(environment: dict[str, str], locale: str) -> None:
    assert terminal_locale(environment) == locale
