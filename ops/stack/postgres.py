"""PostgreSQL from its wheel: a cluster of our own with checksums, passwords, and TCP on the loopback address only."""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ops.stack.binaries import postgres_folder
from ops.stack.ports import HOST
from ops.stack.programs import Program, SystemUser

SUPERUSER = "postgres"
OWNER = "huoshui_owner"
APP = "huoshui_app"
DATABASE = "huoshui"
SYSTEM_USER = "huoshui-postgres"  # for starts as root, which PostgreSQL refuses to run as

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "80",
    "max_wal_size": "8GB",  # a close of a million loans must not be cut up by checkpoints
    "min_wal_size": "128MB",
    "checkpoint_timeout": "15min",
    "io_method": "sync",  # three workers less on a small machine
    # A disk without a head reads a page anywhere as fast as the next one: otherwise a shard of two thousand loans
    # is joined by reading the balances of the whole book.
    "random_page_cost": "1.1",
    "jit": "off",  # our queries are short; compiling them costs more than it saves
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Nothing private in the log: no statements, no parameters, no DETAIL lines with the values of a row.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %u@%d %e ",
    "idle_in_transaction_session_timeout": "60s",
}


class InitFailed(Exception):
    """initdb did not make a cluster; the message says what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passwords:
    superuser: str
    owner: str
    app: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    folder: Path
    log: Path
    port: int
    passwords: Passwords
    shared_buffers: str = "160MB"
    durable: bool = True  # tests kill processes, not machines, and may do without fsync
    announce: Callable[[str], None] = print

    def url(self, role: str = APP, database: str = DATABASE, driver: str = "postgresql+psycopg") -> str:
        """A connection URL for one of the three roles."""
        password = {SUPERUSER: self.passwords.superuser, OWNER: self.passwords.owner, APP: self.passwords.app}[role]
        return f"{driver}://{role}:{quote(password, safe='')}@{HOST}:{self.port}/{database}"

    def program(self) -> Program:
        user = system_user() if os.geteuid() == 0 else None
        options = {**SETTINGS, "port": str(self.port), "shared_buffers": self.shared_buffers}
        if not self.durable:
            options |= {"fsync": "off", "full_page_writes": "off"}
        flags = (part for name, value in options.items() for part in ("-c", f"{name}={value}"))
        return Program(
            name="postgres",
            argv=(str(postgres_folder() / "bin" / "postgres"), "-D", str(self.folder), *flags),
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PGTZ": "UTC"},
            log=self.log,
            cwd=Path("/"),
            ready=self._ready,
            on_ready=self.create_roles,
            before_start=lambda: self._prepare(user),
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
            user=user,
            address=f"{HOST}:{self.port}",
        )

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Runs statements as the superuser, each in its own transaction."""
        import psycopg

        url = self.url(SUPERUSER, database, driver="postgresql")
        with psycopg.connect(url, autocommit=True, connect_timeout=3) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def create_roles(self) -> None:
        """The two roles and the database, if they are not there; their passwords are those of the secrets file."""
        from psycopg import sql

        for role, password in ((OWNER, self.passwords.owner), (APP, self.passwords.app)):
            literal = sql.Literal(password).as_string()
            self.execute(
                f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') "
                f"then create role {role} login; end if; end $$",
                f"alter role {role} with login nosuperuser nocreatedb nocreaterole nobypassrls password {literal}",
            )
        if not self._database_exists():
            self.execute(f"create database {DATABASE} owner {OWNER}")
        # The application uses what the migrations grant it, and makes nothing of its own.
        self.execute(
            f"revoke all on database {DATABASE} from public",
            f"grant connect, temporary on database {DATABASE} to {APP}",
        )
        self.execute(
            "revoke all on schema public from public", f"alter schema public owner to {OWNER}", database=DATABASE
        )

    def _database_exists(self) -> bool:
        import psycopg

        with psycopg.connect(self.url(SUPERUSER, "postgres", driver="postgresql"), connect_timeout=3) as connection:
            return connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone() is not None

    def _ready(self) -> bool:
        import psycopg

        try:
            self.execute("select 1")
        except psycopg.OperationalError:
            return False
        return True

    def _prepare(self, user: SystemUser | None) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if user is not None:
            for told in open_way(self.folder.parent, user) + open_way(postgres_folder() / "bin", user):
                self.announce(told)
        if not (self.folder / "PG_VERSION").exists():
            self._init(user)

    def _init(self, user: SystemUser | None) -> None:
        """Makes the cluster beside and moves it into place, so that a killed first start leaves no half of one."""
        beside = self.folder.with_name(self.folder.name + ".new")
        for leftover in (beside, self.folder):
            shutil.rmtree(leftover, ignore_errors=True)
        beside.mkdir(parents=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", suffix=".pw") as password:
            password.write(self.passwords.superuser)
            password.flush()
            if user is not None:
                os.chown(beside, user.uid, user.gid)
                os.chown(password.name, user.uid, user.gid)
            made = subprocess.run(
                (
                    str(postgres_folder() / "bin" / "initdb"),
                    *("-D", str(beside), "-U", SUPERUSER, f"--pwfile={password.name}", "-A", "scram-sha-256"),
                    *("--data-checksums", "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                    *("--locale=C", "--no-instructions", *(() if self.durable else ("--no-sync",))),
                ),
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                cwd="/",
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
                capture_output=True,
                text=True,
                check=False,
            )
        if made.returncode != 0:
            raise InitFailed(f"initdb ended with {made.returncode}: {made.stderr.strip()[-400:]}")
        beside.rename(self.folder)


def system_user() -> SystemUser:
    """The user that PostgreSQL runs as when we are root; made once, or ``nobody`` where users cannot be made.

    One process at a time: ``useradd`` run twice at once makes the user twice, and the first number is then nobody's.
    """
    accounts = os.open("/etc", os.O_RDONLY)  # its lock is everybody's, and no file of ours has to lie about
    try:
        fcntl.flock(accounts, fcntl.LOCK_EX)
        try:
            entry = pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            try:
                command = ("useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", SYSTEM_USER)
                subprocess.run((*command, "--shell", "/usr/sbin/nologin"), check=True, capture_output=True)
                entry = pwd.getpwnam(SYSTEM_USER)
            except (OSError, subprocess.CalledProcessError, KeyError):
                entry = pwd.getpwnam("nobody")
    finally:
        os.close(accounts)
    return SystemUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def open_way(folder: Path, user: SystemUser) -> list[str]:
    """Lets ``user`` pass through ``folder`` and those above it (pass, not read); tells each that had to be changed."""
    told: list[str] = []
    for part in (folder, *folder.parents):
        if not part.exists():
            continue
        found = part.stat()
        passes = (
            found.st_mode & 0o100
            if found.st_uid == user.uid
            else found.st_mode & (0o010 if found.st_gid == user.gid else 0o001)
        )
        if not passes:
            part.chmod(found.st_mode & 0o7777 | 0o011)
            told.append(f"{part}: {user.name} may pass (not read)")
    return told
