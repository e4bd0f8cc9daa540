"""The floor's client: what our API does when somebody asks for a decision, with nothing in it."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import uuid4

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from db.sessions import Sessions
from infra.temporal import connect
from ops.bench import floor
from ops.bench.pace import Act
from ops.stack import probes
from ops.stack.programs import Child, Program
from ops.stack.testing import RunningStack

TABLE = f"create table if not exists {floor.TABLE} (run uuid, step int, primary key (run, step))"


class Bare:
    """Makes acts against a running worker of the floor."""

    def __init__(self, client: Client, sessions: Sessions) -> None:
        self._client = client
        self._sessions = sessions

    def decision(self) -> Act:
        """A committed command, then a workflow that is started and updated in one call and answers when it is done."""
        run = uuid4()

        async def act() -> None:
            await floor.write(self._sessions, floor.Mark(run, floor.COMMAND))
            await self._decide("BenchDecision", run)

        return act

    def empty(self) -> Act:
        """A workflow with one update and nothing else."""
        run = uuid4()

        async def act() -> None:
            await self._decide("BenchEmpty", run)

        return act

    async def _decide(self, kind: str, run: object) -> None:
        start = WithStartWorkflowOperation(
            kind,
            run,
            id=f"bench/{run}",
            task_queue=floor.QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        await self._client.execute_update_with_start_workflow("decide", run, start_workflow_operation=start)


@asynccontextmanager
async def bare(stack: RunningStack) -> AsyncGenerator[Bare]:
    """A worker for the floor beside the running system, warmed up, and a client of it."""
    stack.sql(TABLE)
    stack.sql(f"grant insert on {floor.TABLE} to huoshui_app")
    ready = stack.data / "run" / "floor.ready"
    ready.unlink(missing_ok=True)
    worker = Child(
        Program(
            name="floor",
            argv=(sys.executable, "-m", "ops.bench.floor"),
            log=stack.data / "logs" / "floor.log",
            env={**stack.env, "HUOSHUI_READY_FILE": str(ready)},
        )
    )
    sessions = Sessions(stack.settings, scope="worker")
    try:
        while not probes.touched(ready):
            if not worker.alive:
                raise RuntimeError(f"the floor's worker ended: {worker.said()}")
            await asyncio.sleep(0.05)
        made = Bare(await connect(stack.settings), sessions)
        for _ in range(3):
            await made.decision()()
            await made.empty()()
        yield made
    finally:
        await sessions.close()
        worker.ask_to_stop()
        if not worker.wait(5):
            worker.kill()
