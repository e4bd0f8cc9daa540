"""Temporal's development server, with its database in a file and its web pages."""

from dataclasses import dataclass
from pathlib import Path

from ops.stack.binaries import program_path
from ops.stack.ports import HOST
from ops.stack.probes import http_status
from ops.stack.programs import Program

# start-dev has one history shard and polls seldom; these cut the latency of a step to a third (measured).
TUNED = (
    "history.transferProcessorMaxPollRPS=2000",
    "history.timerProcessorMaxPollRPS=2000",
    "history.visibilityProcessorMaxPollRPS=2000",
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
)
# Timers under a second fire up to one second late without this; only tests and the demo have such timers.
PROMPT_TIMERS = 'history.timerProcessorMaxTimeShift="10ms"'
MEMORY_LIMIT = "400MiB"  # where Go's collector begins to work harder; at rest it holds 140


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporalServer:
    folder: Path
    log: Path
    port: int
    ui_port: int | None
    http_port: int
    metrics_port: int
    prompt_timers: bool = False

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def program(self) -> Program:
        flags = TUNED + ((PROMPT_TIMERS,) if self.prompt_timers else ())
        ui = ("--headless",) if self.ui_port is None else ("--ui-port", str(self.ui_port), "--ui-disable-news-fetch")
        return Program(
            name="temporal",
            argv=(
                str(program_path("temporal")),
                *("server", "start-dev", "--ip", HOST, "--port", str(self.port), "--http-port", str(self.http_port)),
                *("--metrics-port", str(self.metrics_port), "--log-level", "warn", "--log-format", "json"),
                *("--db-filename", str(self.folder / "temporal.db")),
                *("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal"),
                *(part for flag in flags for part in ("--dynamic-config-value", flag)),
                *ui,
            ),
            env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "GOMEMLIMIT": MEMORY_LIMIT},
            log=self.log,
            cwd=self.folder,
            ready=lambda: http_status(self.http_port, "/api/v1/namespaces/default") == 200,
            before_start=lambda: self.folder.mkdir(parents=True, exist_ok=True),
            address=self.address,
        )
