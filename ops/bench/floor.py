"""The least that a durable decision can cost here: its transactions and its call outside, with nothing in them.

``python -m ops.bench.floor`` is a worker of its own with the settings of the running system.
"""

import asyncio
import signal
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from temporalio import activity, workflow
from temporalio.worker import Worker

QUEUE = "bench-floor"
TABLE = "bench_floor"


@dataclass(frozen=True)
class Mark:
    """One thing to write down."""

    run: UUID
    step: int


class Marks:
    """Activities that commit one row, and one that asks outside before it does."""

    def __init__(self, sessions: object, outside: object) -> None:
        self._sessions = sessions
        self._outside = outside

    @activity.defn(name="bench_commit")
    async def commit(self, mark: Mark) -> int:
        """One transaction."""
        await write(self._sessions, mark)
        return mark.step

    @activity.defn(name="bench_ask")
    async def ask(self, mark: Mark) -> int:
        """One call outside, one transaction."""
        (await self._outside.get("/health")).raise_for_status()  # type: ignore[attr-defined]
        await write(self._sessions, mark)
        return mark.step


async def write(sessions: object, mark: Mark) -> None:
    """One row, committed."""
    from sqlalchemy import text

    async with sessions.begin() as session:  # type: ignore[attr-defined]
        await session.execute(
            text(f"insert into {TABLE} (run, step) values (:run, :step)"),  # noqa: S608 (our own name)
            {"run": mark.run, "step": mark.step},
        )


@workflow.defn(name="BenchFloor")
class BenchFloor:
    """Waits to be asked once, as an application waits for its submission."""

    def __init__(self) -> None:
        self._asked = False
        self._answered = False

    @workflow.run
    async def run(self, run: UUID) -> None:
        """Commit, ask outside, commit, answer: the kinds of activities of a decision."""
        await workflow.wait_condition(lambda: self._asked)
        within = timedelta(seconds=10)
        await workflow.execute_local_activity("bench_commit", Mark(run, 1), start_to_close_timeout=within)
        await workflow.execute_activity("bench_ask", Mark(run, 2), start_to_close_timeout=within)
        await workflow.execute_local_activity("bench_commit", Mark(run, 3), start_to_close_timeout=within)
        self._answered = True
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def decide(self, run: UUID) -> bool:
        """Answers when all is committed."""
        self._asked = True
        await workflow.wait_condition(lambda: self._answered)
        return True


async def main() -> None:
    """Serves until it is told to stop."""
    from db.sessions import Sessions
    from infra import http, logs
    from infra.settings import settings
    from infra.temporal import connect
    from worker import sandbox

    chosen = settings()
    logs.configure(chosen, "bench-floor")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    sessions = Sessions(chosen, scope="worker")
    world = chosen.rail_url.removesuffix("/").removesuffix("/rail")
    async with http.client(world) as outside:
        marks = Marks(sessions, outside)
        worker = Worker(
            await connect(chosen),
            task_queue=QUEUE,
            workflows=[BenchFloor],
            activities=[marks.commit, marks.ask],
            workflow_runner=sandbox.runner(),
        )
        async with worker:
            if chosen.ready_file:
                chosen.ready_file.touch()
            await stop.wait()
    await sessions.close()


if __name__ == "__main__":
    asyncio.run(main())
