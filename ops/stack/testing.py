"""Real servers for tests: each in a folder of its own, on random ports, gone with the test run however that ends."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from infra.settings import Profile, Settings
from ops.stack import plan, probes, secrets
from ops.stack.binaries import program_path
from ops.stack.engine import Engine
from ops.stack.ports import HOST, Ports, answers
from ops.stack.postgres import APP, OWNER, Passwords, PostgresServer
from ops.stack.prepare import MODEL_CACHE
from ops.stack.programs import Program
from ops.stack.s3 import ADMIN_GRPC_ABOVE, S3Server
from ops.stack.s3 import PORTS as S3_PORTS
from ops.stack.temporal import TemporalServer

PREFIX = "huoshui-test-"
TEMPLATE = "huoshui_template"
# The memory file system of Linux; a container may have but 64 MB there, a run of all tests needs some 2 GB.
MEMORY, ROOMY = Path("/dev/shm"), 4 << 30  # noqa: S108 - each folder in it is made by mkdtemp


@contextmanager
def folder(*, durable: bool = False) -> Iterator[Path]:
    """A folder that ends with the block; those of test runs that were killed are swept first.

    In memory where there is enough, unless ``durable``: on some disks a database is copied ten times slower.
    Not pytest's own: that is closed to other users, and PostgreSQL runs as one when we are root.
    """
    place = Path(tempfile.gettempdir()) if durable else _place()
    for old in place.glob(f"{PREFIX}*"):
        if old.is_dir() and not psutil.pid_exists(int(old.name.removeprefix(PREFIX).split("-")[0])):
            shutil.rmtree(old, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _place() -> Path:
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOMY
    return MEMORY if roomy and "TMPDIR" not in os.environ else Path(tempfile.gettempdir())


@contextmanager
def running(*programs: Program) -> Iterator[Engine]:
    """Programs for the length of a block."""
    engine = Engine(programs, restart=False)
    try:
        engine.start()
        yield engine
    finally:
        engine.stop(5)


@dataclass(frozen=True, slots=True)
class Database:
    """One database of the test server: migrated, empty, nobody else's."""

    name: str
    url: str = field(repr=False)  # as the application role
    owner_url: str = field(repr=False)
    server: PostgresServer = field(repr=False)

    def execute(self, *statements: str) -> None:
        """Statements as the superuser, past all walls: to look, or to do harm on purpose."""
        self.server.execute(*statements, database=self.name)


class Databases:
    """A PostgreSQL server and databases on it, each a copy of one that was migrated once."""

    def __init__(self, server: PostgresServer, engine: Engine) -> None:
        self.server = server
        self._engine = engine
        self._made = 0
        self._template_ready = False

    def fresh(self) -> Database:
        """A migrated database, copied from the template in some 100 ms."""
        self._migrate_template()
        return self._create(self._like(TEMPLATE))

    def copy(self, database: Database) -> Database:
        """Another one with the same rows; nobody may be connected to the first."""
        return self._create(self._like(database.name))

    def empty(self) -> Database:
        """A database without any table, for tests of the migrations."""
        return self._create(f"owner {OWNER}")

    def drop(self, database: Database) -> None:
        self.server.execute(f"drop database {database.name} with (force)")

    def kill(self) -> None:
        """SIGKILL; ``start`` brings it back on the same port."""
        self._engine.kill("postgres")

    def start(self) -> None:
        self._engine.launch("postgres")
        self._engine.wait_ready("postgres")

    def _create(self, how: str) -> Database:
        self._made += 1
        name = f"test_{self._made}"
        self.server.execute(f"create database {name} {how}", f"alter database {name} owner to {OWNER}")
        self.server.execute(f"alter schema public owner to {OWNER}", database=name)
        return Database(name, self.server.url(APP, name), self.server.url(OWNER, name), self.server)

    @staticmethod
    def _like(name: str) -> str:
        # Through the log, as is the default, a copy costs four times as much.
        return f"template {name} strategy file_copy"

    def _migrate_template(self) -> None:
        if self._template_ready:
            return
        from db.migrate import upgrade

        self.server.execute(f"create database {TEMPLATE} owner {OWNER}")
        self.server.execute(f"alter schema public owner to {OWNER}", database=TEMPLATE)
        upgrade(self.server.url(OWNER, TEMPLATE))
        self._template_ready = True


@contextmanager
def databases(*, durable: bool = False) -> Iterator[Databases]:
    """A PostgreSQL server for a test session; ``durable`` where what a commit costs is measured."""
    with folder(durable=durable) as data:
        kept = secrets.keep(data)
        server = PostgresServer(
            folder=data / "postgres",
            log=data / "postgres.log",
            port=Ports().get("postgres"),
            passwords=Passwords(
                superuser=kept["STACK_POSTGRES_PASSWORD"],
                owner=kept["STACK_POSTGRES_OWNER_PASSWORD"],
                app=kept["STACK_POSTGRES_APP_PASSWORD"],
            ),
            shared_buffers="64MB",
            durable=durable,
            announce=lambda told: None,
        )
        with running(server.program()) as engine:
            yield Databases(server, engine)


@contextmanager
def temporal_server() -> Iterator[TemporalServer]:
    """Temporal's development server for a test session, with timers that do not wait for company."""
    with folder() as data:
        ports = Ports()
        server = TemporalServer(
            folder=data / "temporal",
            log=data / "temporal.log",
            port=ports.get("temporal"),
            ui_port=None,
            http_port=ports.get("http"),
            metrics_port=ports.get("metrics"),
            prompt_timers=True,
        )
        with running(server.program()):
            yield server


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """An S3 store for a test session."""
    with folder() as data:
        kept, ports = secrets.keep(data), Ports()
        server = S3Server(
            folder=data / "s3",
            log=data / "s3.log",
            port=ports.get("s3", S3_PORTS),
            admin_port=ports.get("s3-admin", above=ADMIN_GRPC_ABOVE),
            access_key=kept["HUOSHUI_S3_ACCESS_KEY"],
            secret_key=kept["HUOSHUI_S3_SECRET_KEY"],
            encryption_key=kept["STACK_S3_SSE_KEK"],
        )
        with running(server.program()):
            yield server


@contextmanager
def time_skipping_server() -> Iterator[str]:
    """The address of a server on which months pass in a moment; its clock is one for all, so one server per test."""
    with folder() as data:
        number = Ports().get("time-skipping")
        program = Program(
            name="time-skipping",
            argv=(str(program_path("temporal-test-server")), str(number)),
            env={"PATH": "/usr/bin:/bin", "HOME": str(data)},
            log=data / "time-skipping.log",
            ready=lambda: answers(number),
        )
        with running(program):
            yield f"{HOST}:{number}"


class RunningStack:
    """The whole system as processes: servers, simulators, worker, API and pages."""

    def __init__(self, made: plan.Plan, engine: Engine) -> None:
        self.plan = made
        self.engine = engine
        self.env: Mapping[str, str] = made.environment
        self.data = made.wish.data
        self.url = made.addresses["web"]
        self.simulators_url = made.addresses["simulators"]
        self.owner_url = made.postgres.url(OWNER)
        self.settings = settings_from(self.env)

    def kill(self, name: str) -> None:
        """SIGKILL to ``postgres``, ``temporal``, ``s3``, ``simulators``, ``worker`` or ``web``; it stays down."""
        self.engine.kill(name)

    def start(self, name: str, seconds: float = 60.0, **env: str) -> None:
        """Starts a part again and waits until it is ready; ``env`` adds settings to this and its later starts."""
        self.launch(name, **env)
        self.engine.wait_ready(name, seconds)

    def launch(self, name: str, **env: str) -> None:
        """Starts a part and does not wait."""
        part = self.engine.parts[name]
        if env:
            part.program = plan.with_environment(part.program, env)
        self.engine.launch(name)

    def wait_ready(self, name: str, seconds: float = 60.0) -> None:
        self.engine.wait_ready(name, seconds)

    def alive(self, name: str) -> bool:
        return name in self.engine.alive()

    def mend(self) -> list[str]:
        """Starts each part that a test left down, what lies under others first; their names."""
        down = [name for name, part in self.engine.parts.items() if not part.program.once and not self.alive(name)]
        for name in down:
            if name in ("worker", "web"):
                self.start(name, HUOSHUI_FAILPOINT="")
            else:
                self.start(name)
        return down

    def freeze(self, name: str) -> None:
        """Stops a part without closing its connections, as a hung machine would."""
        os.kill(self.engine.alive()[name].pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        os.kill(self.engine.alive()[name].pid, signal.SIGCONT)

    def log(self, name: str) -> str:
        return (self.data / "logs" / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Rows of a query, as the superuser."""
        import psycopg

        url = self.plan.postgres.url("postgres", driver="postgresql")
        with psycopg.connect(url, autocommit=True, connect_timeout=3) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []


@contextmanager
def stack(
    *, extra: Mapping[str, str] | None = None, speed: int = 1, firms_trade: bool = False
) -> Iterator[RunningStack]:
    """The whole system on random ports for the length of a block."""
    with folder() as data:
        made = plan.make(
            plan.Wish(
                data=data,
                profile="test",
                speed=speed,
                firms_trade=firms_trade,
                ports={},
                temporal_ui=False,
                durable=False,
                prompt_timers=True,
                # The rail's word "not found" is final after its cut-off: tests need not wait half an hour for it.
                extra={
                    "HUOSHUI_RAIL_CUTOFF": "PT2S",
                    "HUOSHUI_RAIL_CUTOFF_SECONDS": "2",
                    MODEL_CACHE: str(model_cache()),
                    **(extra or {}),
                },
            )
        )
        engine = Engine(made.programs, restart=False)
        try:
            engine.start()
            yield RunningStack(made, engine)
        finally:
            for child in engine.alive().values():  # a frozen one would not hear its signal
                with suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGCONT)
            engine.stop(8)


def model_cache() -> Path:
    """One folder for all stacks of a user: a model is trained once for a source, not once for a test session."""
    made = Path(tempfile.gettempdir()) / f"huoshui-models-{os.getuid()}"
    made.mkdir(mode=0o700, exist_ok=True)
    if made.stat().st_uid != os.getuid():
        raise PermissionError(f"{made} belongs to somebody else")
    return made


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Settings out of a mapping of ``HUOSHUI_*`` names, whatever this process's own environment says."""
    names = {name.removeprefix("HUOSHUI_").lower(): value for name, value in environment.items()}
    return Settings.model_validate({name: names[name] for name in Settings.model_fields if name in names})


def settings_for(
    *,
    database: Database | None = None,
    temporal: TemporalServer | None = None,
    s3: S3Server | None = None,
    **more: object,
) -> Settings:
    """Settings for a test of one part: what is not given points to a port where nobody answers."""
    nobody = f"http://{HOST}:1"
    made = {name.removeprefix("HUOSHUI_").lower(): make() for name, make in secrets.MADE.items()}
    values: dict[str, object] = {
        **{name: value for name, value in made.items() if name in Settings.model_fields},
        "profile": Profile.TEST,
        "database_url": database.url if database else f"postgresql+psycopg://nobody:none@{HOST}:1/none",
        "database_owner_url": database.owner_url if database else None,
        "temporal_address": temporal.address if temporal else f"{HOST}:1",
        "s3_endpoint": s3.endpoint if s3 else nobody,
        **({"s3_access_key": s3.access_key, "s3_secret_key": s3.secret_key} if s3 else {}),
        "rail_url": f"{nobody}/rail",
        "identity_url": f"{nobody}/identity",
        "bureau_url": f"{nobody}/bureau",
        "courts_url": f"{nobody}/courts",
        "registry_url": f"{nobody}/registry",
        "tax_url": f"{nobody}/tax",
        "pledges_url": f"{nobody}/pledges",
        "estates_url": f"{nobody}/estates",
        "patents_url": f"{nobody}/patents",
        "vehicles_url": f"{nobody}/vehicles",
        "fields_url": f"{nobody}/fields",
        "places_url": f"{nobody}/places",
        "live_url": f"{nobody}/live",
        "authority_url": f"{nobody}/authority",
        "messages_url": f"{nobody}/messages",
        "public_url": f"http://{HOST}:8000",
        **more,
    }
    return Settings.model_validate(values)


def http_status(url: str, seconds: float = probes.PATIENT_SECONDS) -> int:
    """The status of a GET to a URL on this machine; 0 when nobody answers."""
    _, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    return probes.http_status(int(host.rpartition(":")[2]), f"/{path}", seconds)
