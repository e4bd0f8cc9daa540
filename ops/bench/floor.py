"""The least that durable work costs on the same servers: the kinds of activities of a decision with nothing in them.

``python -m ops.bench.floor`` is a worker of its own with the settings of the running system.
"""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from temporalio import activity, workflow
from temporalio.worker import Worker

if TYPE_CHECKING:  # a workflow's module loads nothing that its sandbox would have to load again
    from httpx2 import AsyncClient

    from db.sessions import Sessions
    from infra.settings import Settings

QUEUE = "bench-floor"
TABLE = "bench_floor"
# The command, as the API writes one before it speaks to a workflow; then the four activities.
COMMAND, FIRST, SECOND, ASKED, LAST = range(5)
WITHIN = timedelta(seconds=10)


@dataclass(frozen=True)
class Mark:
    """One thing to write down."""

    run: UUID
    step: int


class Marks:
    """Activities that commit one row, and one that asks outside before it does."""

    def __init__(self, sessions: "Sessions", outside: "AsyncClient") -> None:
        self._sessions = sessions
        self._outside = outside

    @activity.defn(name="bench_commit")
    async def commit(self, mark: Mark) -> int:
        """One transaction."""
        await write(self._sessions, mark)
        return mark.step

    @activity.defn(name="bench_ask")
    async def ask(self, mark: Mark) -> int:
        """One call outside with an empty body, one transaction."""
        (await self._outside.get("/health")).raise_for_status()
        await write(self._sessions, mark)
        return mark.step


async def write(sessions: "Sessions", mark: Mark) -> None:
    """One row, committed."""
    from sqlalchemy import text

    async with sessions.begin() as session:
        await session.execute(
            text(f"insert into {TABLE} (run, step) values (:run, :step)"),  # noqa: S608 (our own name)
            {"run": mark.run, "step": mark.step},
        )


@workflow.defn(name="BenchDecision")
class BenchDecision:
    """Waits to be asked once, as an application waits for its submission."""

    def __init__(self) -> None:
        self._asked = False
        self._answered = False

    @workflow.run
    async def run(self, run: UUID) -> None:
        """Two local activities with one commit each, one that asks outside, one more local one; then the answer."""
        await workflow.wait_condition(lambda: self._asked)
        for step in (FIRST, SECOND):
            await workflow.execute_local_activity("bench_commit", Mark(run, step), start_to_close_timeout=WITHIN)
        await workflow.execute_activity("bench_ask", Mark(run, ASKED), start_to_close_timeout=WITHIN)
        await workflow.execute_local_activity("bench_commit", Mark(run, LAST), start_to_close_timeout=WITHIN)
        self._answered = True
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def decide(self, run: UUID) -> bool:
        """Answers when all is committed."""
        self._asked = True
        await workflow.wait_condition(lambda: self._answered)
        return True


@workflow.defn(name="BenchEmpty")
class BenchEmpty:
    """One update and no activity."""

    def __init__(self) -> None:
        self._told = False

    @workflow.run
    async def run(self, run: UUID) -> None:
        """Until it was told."""
        await workflow.wait_condition(lambda: self._told)
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def decide(self, run: UUID) -> bool:
        """Answers at once."""
        self._told = True
        return True


@asynccontextmanager
async def serving(chosen: "Settings") -> AsyncGenerator[Worker]:
    """The floor's worker for the length of a block."""
    from db.sessions import Sessions
    from infra import http
    from infra.temporal import connect
    from worker import sandbox

    sessions = Sessions(chosen, scope="worker")
    world = chosen.rail_url.removesuffix("/").removesuffix("/rail")
    try:
        async with http.client(world) as outside:
            marks = Marks(sessions, outside)
            worker = Worker(
                await connect(chosen),
                task_queue=QUEUE,
                workflows=[BenchDecision, BenchEmpty],
                activities=[marks.commit, marks.ask],
                workflow_runner=sandbox.runner(),
            )
            async with worker:
                yield worker
    finally:
        await sessions.close()


async def main() -> None:
    """Serves until it is told to stop."""
    from infra import logs
    from infra.settings import settings

    chosen = settings()
    logs.configure(chosen, "bench-floor")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serving(chosen):
        if chosen.ready_file:
            chosen.ready_file.touch()
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
