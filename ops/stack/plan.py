"""What one machine runs: which programs, on which ports, with which settings, in which order."""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ops import demo_staff
from ops.stack import probes, secrets
from ops.stack.ports import HOST, Ports
from ops.stack.postgres import OWNER, Passwords, PostgresServer
from ops.stack.programs import Program
from ops.stack.s3 import ADMIN_GRPC_ABOVE, S3Server
from ops.stack.s3 import PORTS as S3_PORTS
from ops.stack.temporal import TemporalServer

ROOT = Path(__file__).resolve().parents[2]
WISHED = {
    "web": 8000,
    "simulators": 8100,
    "temporal-ui": 8233,
    "temporal": 7233,
    "postgres": 54329,
    "s3": 8333,
    "s3-admin": 8343,
}
WORLDLY = {"HUOSHUI_PUBLIC_URL", "HUOSHUI_REVENUE_WEBHOOK_SECRET", "HUOSHUI_MESSAGES_WEBHOOK_SECRET"}
# Our processes are many and the machine is small: one arena and one numeric thread each cost no measured speed.
FRUGAL = {
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "",  # our own modules are compiled at the first start, not at each
}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How this stack differs from the usual one."""

    data: Path
    profile: str = "embedded"
    speed: int = 1  # business seconds a real second, once the clock is let go
    firms_trade: bool = True  # simulated firms post their sales each business day
    ports: Mapping[str, int] = field(default_factory=lambda: WISHED)
    temporal_ui: bool = True
    durable: bool = True  # False only where a power cut loses nothing of worth
    prompt_timers: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)  # more HUOSHUI_* settings
    announce: Callable[[str], None] = lambda told: None


@dataclass(frozen=True, kw_only=True)
class Plan:
    wish: Wish
    ports: Ports
    environment: Mapping[str, str] = field(repr=False)  # what our own processes get
    addresses: Mapping[str, str]
    postgres: PostgresServer = field(repr=False)
    programs: tuple[Program, ...] = field(repr=False)

    def environment_file(self) -> Path:
        """The settings as a file for ``HUOSHUI_ENV_FILE``, so that commands beside the stack can use it."""
        path = self.wish.data / "stack.env"
        ours = {name: value for name, value in self.environment.items() if name.startswith("HUOSHUI_")}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in ours.items())
        return path


def make(wish: Wish) -> Plan:
    """Chooses ports, makes or reads the secrets, and lays out all programs; starts nothing."""
    data = wish.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    ports = Ports(wish.ports)
    kept = secrets.keep(data)
    logs, run = data / "logs", data / "run"
    run.mkdir(exist_ok=True)

    postgres = PostgresServer(
        folder=data / "postgres",
        log=logs / "postgres.log",
        port=ports.get("postgres"),
        passwords=Passwords(
            superuser=kept["STACK_POSTGRES_PASSWORD"],
            owner=kept["STACK_POSTGRES_OWNER_PASSWORD"],
            app=kept["STACK_POSTGRES_APP_PASSWORD"],
        ),
        durable=wish.durable,
        announce=wish.announce,
    )
    temporal = TemporalServer(
        folder=data / "temporal",
        log=logs / "temporal.log",
        port=ports.get("temporal"),
        ui_port=ports.get("temporal-ui") if wish.temporal_ui else None,
        http_port=ports.get("temporal-http"),
        metrics_port=ports.get("temporal-metrics"),
        prompt_timers=wish.prompt_timers,
    )
    s3 = S3Server(
        folder=data / "s3",
        log=logs / "s3.log",
        port=ports.get("s3", S3_PORTS),
        admin_port=ports.get("s3-admin", above=ADMIN_GRPC_ABOVE),
        access_key=kept["HUOSHUI_S3_ACCESS_KEY"],
        secret_key=kept["HUOSHUI_S3_SECRET_KEY"],
        encryption_key=kept["STACK_S3_SSE_KEK"],
    )
    addresses = {"web": f"http://{HOST}:{ports.get('web')}", "simulators": f"http://{HOST}:{ports.get('simulators')}"}
    if temporal.ui_port is not None:
        addresses["temporal-ui"] = f"http://{HOST}:{temporal.ui_port}"
    environment = {
        **os.environ,
        **FRUGAL,
        **_settings(wish, kept, postgres, temporal, s3, addresses, ports),
        **wish.extra,
        "HUOSHUI_SIMULATORS_DATA": str(data / "simulators"),
    }
    # What only the preparing job needs: it ends before anybody can knock.
    owner_only = {
        "HUOSHUI_DATABASE_OWNER_URL": postgres.url(OWNER),
        demo_staff.PASSWORD: kept["STACK_DEMO_PASSWORD"],
        demo_staff.SEED: kept["STACK_DEMO_TOTP_SEED"],
    }
    programs = (
        postgres.program(),
        temporal.program(),
        s3.program(),
        *_ours(environment, owner_only, logs, run, ports),
    )
    return Plan(
        wish=wish, ports=ports, environment=environment, addresses=addresses, postgres=postgres, programs=programs
    )


def with_environment(program: Program, more: Mapping[str, str]) -> Program:
    """The same program with more settings."""
    return replace(program, env={**program.env, **more})


def _settings(
    wish: Wish,
    kept: Mapping[str, str],
    postgres: PostgresServer,
    temporal: TemporalServer,
    s3: S3Server,
    addresses: Mapping[str, str],
    ports: Ports,
) -> dict[str, str]:
    simulators = addresses["simulators"]
    return {
        **{name: value for name, value in kept.items() if name.startswith("HUOSHUI_")},
        "HUOSHUI_PROFILE": wish.profile,
        "HUOSHUI_DATABASE_URL": postgres.url(),
        "HUOSHUI_TEMPORAL_ADDRESS": temporal.address,
        **({"HUOSHUI_TEMPORAL_UI_URL": addresses["temporal-ui"]} if "temporal-ui" in addresses else {}),
        "HUOSHUI_S3_ENDPOINT": s3.endpoint,
        "HUOSHUI_RAIL_URL": f"{simulators}/rail",
        "HUOSHUI_IDENTITY_URL": f"{simulators}/identity",
        "HUOSHUI_BUREAU_URL": f"{simulators}/bureau",
        "HUOSHUI_COURTS_URL": f"{simulators}/courts",
        "HUOSHUI_REGISTRY_URL": f"{simulators}/registry",
        "HUOSHUI_TAX_URL": f"{simulators}/tax",
        "HUOSHUI_PLEDGES_URL": f"{simulators}/pledges",
        "HUOSHUI_ESTATES_URL": f"{simulators}/estates",
        "HUOSHUI_PATENTS_URL": f"{simulators}/patents",
        "HUOSHUI_VEHICLES_URL": f"{simulators}/vehicles",
        "HUOSHUI_FIELDS_URL": f"{simulators}/fields",
        "HUOSHUI_PLACES_URL": f"{simulators}/places",
        "HUOSHUI_LIVE_URL": f"{simulators}/live",
        "HUOSHUI_AUTHORITY_URL": f"{simulators}/authority",
        "HUOSHUI_MESSAGES_URL": f"{simulators}/messages",
        "HUOSHUI_FIRMS_URL": f"{simulators}/firms",
        "HUOSHUI_PUBLIC_URL": addresses["web"],
        "HUOSHUI_API_HOST": HOST,
        "HUOSHUI_API_PORT": str(ports.get("web")),
        "HUOSHUI_CLOCK_SPEED": str(wish.speed),
        "HUOSHUI_SIMULATORS_PORT": str(ports.get("simulators")),
        "HUOSHUI_SIMULATORS_TICK": "1" if wish.firms_trade else "0",
    }


def _ours(
    environment: Mapping[str, str], owner_only: Mapping[str, str], logs: Path, run: Path, ports: Ports
) -> tuple[Program, ...]:
    web, simulators = ports.get("web"), ports.get("simulators")
    # The simulated world is no part of the lender and gets none of its keys.
    worldly = {
        name: value
        for name, value in environment.items()
        if not name.startswith("HUOSHUI_")
        or name.startswith(("HUOSHUI_SIMULATORS_", "HUOSHUI_RAIL_"))
        or name in WORLDLY
    }

    def python(name: str, module: str, env: Mapping[str, str] = environment, **more: object) -> Program:
        ready_file, progress_file = run / f"{name}.ready", run / f"{name}.progress"
        settings = {**env, "HUOSHUI_READY_FILE": str(ready_file), "HUOSHUI_PROGRESS_FILE": str(progress_file)}
        defaults = {
            "name": name,
            "argv": (sys.executable, "-m", module),
            "env": settings,
            "log": logs / f"{name}.log",
            "cwd": ROOT,
            "before_start": lambda: ready_file.unlink(missing_ok=True),
            "ready": lambda: probes.touched(ready_file),
            "stop_signal": signal.SIGTERM,
        }
        return Program(**{**defaults, **more})  # pyright: ignore[reportArgumentType]

    return (
        python(
            "prepare",
            "ops.stack.prepare",
            {**environment, **owner_only},
            after=("postgres", "s3"),
            once=True,
            patience=180.0,
        ),
        python(
            "simulators",
            "simulators",
            worldly,
            ready=lambda: probes.http_status(simulators, "/health") == 200,
            address=f"{HOST}:{simulators}",
        ),
        python("worker", "worker", after=("prepare", "temporal", "simulators")),
        python(
            "web",
            "web",
            after=("prepare", "temporal", "simulators"),
            ready=lambda: probes.http_status(web, "/health/ready", probes.PATIENT_SECONDS) == 200,
            address=f"{HOST}:{web}",
        ),
    )
