"""A step that needs a person: reminded at 75 % of its time, handed up at 100 %, kept until it is done."""

import asyncio

from temporalio import workflow

from activities.ports.tasks import TaskCase, TaskDone, Tasks
from lending.refusals import Refusal, ReviewClosed
from workflows.acts import ClockMoved, FinishTask, Progress, StartTask
from workflows.calls import ours
from workflows.waiting import BusinessClock


@workflow.defn(failure_exception_types=[Refusal])
class OfflineTask:
    """``task/{id}``, a child of an application."""

    @workflow.init
    def __init__(self, start: StartTask) -> None:
        self._id = start.task_id
        self._clock = BusinessClock(start.clock_id)
        self._finishing: FinishTask | None = None
        self._answer: Progress | Refusal | None = None

    @workflow.run
    async def run(self, start: StartTask) -> str:
        """Wait for the person; returns ``done`` or ``cancelled``."""
        try:
            while not await self._done():
                pass
            return "done"
        except asyncio.CancelledError:
            await asyncio.shield(ours(Tasks.cancel_task, TaskCase(task_id=self._id, cause=self._id)))
            return "cancelled"
        finally:
            await workflow.wait_condition(workflow.all_handlers_finished)

    async def _done(self) -> bool:
        await self._wait_for_the_person()
        finishing = self._finishing
        assert finishing is not None  # noqa: S101
        try:
            standing = await ours(Tasks.finish_task, TaskDone(task_id=self._id, command_id=finishing.command_id))
        except Refusal as refusal:
            self._answer = refusal
            await workflow.wait_condition(workflow.all_handlers_finished)
            self._finishing = self._answer = None
            return False
        self._answer = Progress(stage=standing.stage, version=standing.version)
        return True

    async def _wait_for_the_person(self) -> None:
        case = TaskCase(task_id=self._id, cause=self._id)
        for step in (Tasks.remind_task, Tasks.escalate_task):
            plan = await ours(Tasks.plan_task, case)
            until = plan.remind_at if step is Tasks.remind_task else plan.escalate_at
            seconds = plan.remind_in if step is Tasks.remind_task else plan.escalate_in
            if seconds is None:
                continue  # reminded before, in an earlier round
            if await self._clock.wait(lambda: self._finishing is not None, until=until, seconds=seconds):
                return
            await ours(step, case)
        await workflow.wait_condition(lambda: self._finishing is not None)

    @workflow.update
    async def finish(self, act: FinishTask) -> Progress:
        """The person has decided; the first decision counts."""
        if self._finishing is not None and self._finishing.command_id != act.command_id:
            raise ReviewClosed()
        self._finishing = act
        await workflow.wait_condition(lambda: self._answer is not None)
        if isinstance(self._answer, Refusal):
            raise self._answer
        assert self._answer is not None  # noqa: S101
        return self._answer

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed."""
        self._clock.move()
