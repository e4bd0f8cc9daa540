import os
import socket
import stat
from pathlib import Path

import psutil
import pytest

from ops.stack import plan, record, secrets
from ops.stack.ports import HOST, Ports, is_free
from ops.stack.postgres import open_way
from ops.stack.programs import SystemUser


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    first = secrets.keep(tmp_path)
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600
    assert secrets.keep(tmp_path) == first
    assert len(set(first.values())) == len(first)


def test_a_secret_that_a_newer_version_needs_is_added_and_the_others_stay(tmp_path: Path) -> None:
    first = secrets.keep(tmp_path)
    path = tmp_path / "secrets.env"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if "INDEX_KEY" not in line))
    second = secrets.keep(tmp_path)
    assert {name for name in first if first[name] != second[name]} == {"HUOSHUI_INDEX_KEY"}


def test_secrets_that_others_can_read_are_refused_with_the_cure(tmp_path: Path) -> None:
    secrets.keep(tmp_path)
    (tmp_path / "secrets.env").chmod(0o644)
    with pytest.raises(secrets.SecretsUnsafe, match="chmod 600"):
        secrets.keep(tmp_path)


def test_a_busy_port_is_avoided_and_said() -> None:
    with socket.socket() as busy:
        busy.bind((HOST, 0))
        busy.listen()
        wished = busy.getsockname()[1]
        ports = Ports({"web": wished})
        got = ports.get("web")
        assert got != wished
        assert ports.moved == {"web": (wished, got)}
        assert ports.get("web") == got, "the same name has the same port"


def test_no_port_is_handed_out_twice_and_blocks_do_not_overlap() -> None:
    ports = Ports()
    block = ports.get("s3", 10)
    others = {ports.get(f"other {n}") for n in range(50)}
    assert len(others) == 50
    assert others.isdisjoint(range(block, block + 10))
    assert is_free(block)


def test_a_process_of_the_record_is_told_from_a_later_one_with_its_number() -> None:
    me = record.Running.of(os.getpid())
    assert me.process() is not None
    assert record.Running(os.getpid(), me.created - 100).process() is None
    assert record.Running(2**22 - 1, me.created).process() is None


def test_a_folder_is_held_by_one_supervisor_only(tmp_path: Path) -> None:
    with record.lock(tmp_path), pytest.raises(record.AlreadyRunning):
        record.lock(tmp_path)
    record.lock(tmp_path).close()


def test_a_record_that_was_cut_short_counts_as_none(tmp_path: Path) -> None:
    record.Record(record.Running.of(os.getpid())).write(tmp_path)
    assert record.read(tmp_path) is not None
    (tmp_path / "stack.json").write_text('{"supervisor": {"pid": 1')
    assert record.read(tmp_path) is None


def test_leftovers_of_a_killed_supervisor_are_ended(tmp_path: Path) -> None:
    left = psutil.Popen(["sleep", "60"], start_new_session=True)
    try:
        found = record.Record(record.Running(2**22 - 1, 0.0), {"web": record.Running.of(left.pid)})
        found.write(tmp_path)
        assert record.clear_leftovers(tmp_path) == ["web"]
        assert left.wait(3) != 0
        assert record.read(tmp_path) is None
    finally:
        if left.is_running():
            left.kill()


def test_a_folder_that_is_not_ours_is_never_wiped(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(record.NotOurs):
        record.wipe(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_a_data_folder_of_ours_is_emptied(tmp_path: Path) -> None:
    secrets.keep(tmp_path)
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("18")
    record.wipe(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as another user")
def test_the_way_to_a_folder_is_opened_to_pass_and_not_to_read(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    told = open_way(closed, SystemUser("somebody", 65_000, 65_000))
    assert str(closed) in told[0]
    assert stat.S_IMODE(closed.stat().st_mode) == 0o711
    assert str(closed) not in "".join(open_way(closed, SystemUser("somebody", 65_000, 65_000)))


def test_each_process_gets_only_the_keys_that_it_needs(tmp_path: Path) -> None:
    made = plan.make(plan.Wish(data=tmp_path, ports={}))
    programs = {program.name: program for program in made.programs}
    kept = secrets.keep(tmp_path)
    values = {name: "\n".join(program.env.values()) for name, program in programs.items()}
    assert kept["STACK_POSTGRES_OWNER_PASSWORD"] in values["prepare"]
    for name in ("worker", "web", "simulators", "temporal", "s3", "postgres"):
        assert kept["STACK_POSTGRES_OWNER_PASSWORD"] not in values[name], f"{name} could alter the tables"
        assert kept["STACK_POSTGRES_PASSWORD"] not in values[name]
    for name in ("simulators", "temporal", "s3", "postgres"):
        assert kept["HUOSHUI_KEY_ENCRYPTION_KEY"] not in values[name], f"{name} could read people's data"
        assert kept["HUOSHUI_PAYLOAD_KEY"] not in values[name]
    for name, program in programs.items():
        seen = {secret for secret in kept.values() if any(secret in part for part in program.argv)}
        assert seen == set(), f"{name} shows a secret in the list of processes"


def test_the_settings_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = plan.make(plan.Wish(data=tmp_path, ports={})).environment_file()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "HUOSHUI_DATABASE_URL=" in path.read_text()
    assert "OWNER" not in path.read_text()
