"""The servers from wheels behave as the rest of the house relies on."""

import urllib.request

import psycopg
import pytest

from ops.stack import testing
from ops.stack.postgres import SUPERUSER
from ops.stack.s3 import S3Server
from ops.stack.temporal import TemporalServer


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def test_the_database_checks_its_pages_and_asks_for_passwords(postgres: testing.Databases) -> None:
    url = plain(postgres.server.url(SUPERUSER, "postgres"))
    with psycopg.connect(url) as connection:
        shown = {
            name: connection.execute(f"show {name}").fetchone()[0]  # type: ignore[index,arg-type]
            for name in ("data_checksums", "password_encryption", "listen_addresses", "unix_socket_directories")
        }
    assert shown == {
        "data_checksums": "on",
        "password_encryption": "scram-sha-256",
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
    }
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace(postgres.server.passwords.superuser, "wrong"))


def test_the_application_role_cannot_make_or_alter_tables(postgres: testing.Databases) -> None:
    database = postgres.empty()
    with psycopg.connect(plain(database.owner_url), autocommit=True) as owner:
        owner.execute("create table bill (n int)")
    with psycopg.connect(plain(database.url), autocommit=True) as app:
        for forbidden in (
            "create table mine (n int)",
            "alter table bill add m int",
            "drop table bill",
            "create role friend superuser",
            "create database mine",
            "set session authorization postgres",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)
    postgres.drop(database)


def test_a_refused_row_does_not_leave_its_values_in_the_log(postgres: testing.Databases) -> None:
    database = postgres.empty()
    with psycopg.connect(plain(database.owner_url), autocommit=True) as owner:
        owner.execute("create table person (phone text primary key)")
        owner.execute("insert into person values (%s)", ["13800138000"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute("insert into person values (%s)", ["13800138000"])
        with pytest.raises(psycopg.errors.UndefinedColumn):
            owner.execute("select canary7f3a from person where phone = '13800138000'")
    log = postgres.server.log.read_text()
    assert "duplicate key" in log
    assert "13800138000" not in log
    postgres.drop(database)


def test_what_was_committed_is_there_after_a_kill(postgres: testing.Databases) -> None:
    database = postgres.empty()
    with psycopg.connect(plain(database.owner_url), autocommit=True) as owner:
        owner.execute("create table bill (n int)")
        owner.execute("insert into bill select generate_series(1, 1000)")
    postgres.kill()
    postgres.start()
    with psycopg.connect(plain(database.owner_url)) as owner:
        assert owner.execute("select count(*) from bill").fetchone() == (1000,)
    postgres.drop(database)


def test_each_database_of_a_test_is_its_own(postgres: testing.Databases) -> None:
    one, two = postgres.empty(), postgres.empty()
    one.execute("create table mine (n int)")
    with psycopg.connect(plain(two.owner_url)) as owner, pytest.raises(psycopg.errors.UndefinedTable):
        owner.execute("select * from mine")
    postgres.drop(one)
    postgres.drop(two)


def test_the_workflow_server_knows_its_namespace(temporal_server: TemporalServer) -> None:
    url = f"http://127.0.0.1:{temporal_server.http_port}/api/v1/namespaces/default"
    with urllib.request.urlopen(url) as answer:
        assert answer.status == 200
    assert (temporal_server.folder / "temporal.db").exists()


def test_strangers_get_nothing_from_the_store(s3: S3Server) -> None:
    for path in ("/", "/huoshui", "/huoshui/anything"):
        assert testing.http_status(s3.endpoint + path) == 403


def test_the_time_skipping_server_answers(time_skipping_server: str) -> None:
    host, _, port = time_skipping_server.partition(":")
    from ops.stack.ports import answers

    assert host == "127.0.0.1"
    assert answers(int(port))
