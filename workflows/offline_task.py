"""A step that needs a person: reminded at 75 % of its time, handed up at 100 %, kept open as long as its kind says.

Somebody who goes out has a slot that the customer chose, and a pack that is built a day before it.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import CancelledError, ChildWorkflowError, FailureError, is_cancelled_exception

from activities.ports.offline import Booked, Offline, SlotWanted
from activities.ports.tasks import TaskCase, TaskDone, Tasks
from activities.ports.visiting import RecordingWanted, Visiting
from lending.refusals import RecordingNotReady, Refusal, ReviewClosed
from workflows.acts import ClockMoved, FinishTask, Progress, StartTask
from workflows.calls import ours, outside
from workflows.offline_acts import AgreeToRecording, BookSlot, TakeRecording
from workflows.waiting import BusinessClock

# An escalated task that nobody touches for this long ends the application: the bills are too old to lend on by then.
KEPT_OPEN = timedelta(days=60)
# One call outside for a visit, and how long it is tried: nobody's clock waits for a service that finds addresses.
A_CALL, TRIED_FOR = timedelta(seconds=30), timedelta(minutes=5)
# Stories from before were reminded once, also while somebody outside had the case.
ARMED_ANEW = "armed-anew"
# Somebody waits before a page for a recording.
RECORDING_FOR = timedelta(seconds=20)


@workflow.defn(failure_exception_types=[Refusal])
class OfflineTask:
    """``task/{id}``, a child of an application."""

    @workflow.init
    def __init__(self, start: StartTask) -> None:
        self._id = start.task_id
        self._case = TaskCase(task_id=self._id, cause=self._id)
        self._clock = BusinessClock(start.clock_id)
        self._finishing: FinishTask | None = None
        self._answer: Progress | Refusal | None = None
        self._pack_at: datetime | None = None
        self._looks_again = False
        self._unprepared = False

    @workflow.run
    async def run(self, start: StartTask) -> str:
        """Wait for the person; returns ``done``, ``cancelled`` or ``unanswered``."""
        try:
            end = await self._work()
        except (asyncio.CancelledError, FailureError) as stop:
            if not is_cancelled_exception(stop):
                raise
            end = "cancelled"
        if end != "done":
            await ours(Tasks.cancel_task, self._case)
            self._answer = ReviewClosed()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return end

    async def _work(self) -> str:
        while await self._wait_for_the_person():
            if await self._finish():
                return "done"
        return "unanswered"

    async def _finish(self) -> bool:
        """Commit what the person decided; a decision that the rules refuse is told, and another is awaited."""
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

    async def _wait_for_the_person(self) -> bool:
        plan = await ours(Tasks.plan_task, self._case)
        while plan.remind_in is not None:  # else reminded before, in an earlier round
            if await self._asked(until=plan.remind_at, seconds=plan.remind_in):
                return True
            await ours(Tasks.remind_task, self._case)
            plan = await ours(Tasks.plan_task, self._case)
            # Somebody outside has it, so that our time stands: the clock is set anew, for as long as that is.
            if plan.remind_in is None or not workflow.patched(ARMED_ANEW):
                break
        while plan.escalate_in is not None:
            if await self._asked(until=plan.escalate_at, seconds=plan.escalate_in):
                return True
            standing = await ours(Tasks.escalate_task, self._case)
            if not standing.again:
                break
            plan = await ours(Tasks.plan_task, self._case)
        last = plan.kept_until or plan.escalate_at + KEPT_OPEN
        return await self._asked(until=last, seconds=(await self._clock.left(last)).seconds)

    async def _asked(self, *, until: datetime, seconds: float) -> bool:
        """True as soon as the person has decided, False at ``until``; a pack due by then is built on the way."""
        pack_at: datetime | None = None
        self._looks_again = self._pack_at is not None or self._unprepared
        while not await self._clock.wait(self._called, until=pack_at or until, seconds=seconds) or not self._finishing:
            if not self._looks_again and pack_at is None:
                return False
            if not self._looks_again:
                self._pack_at = None
                await ours(Offline.build_pack, self._case)
            self._looks_again = False
            if self._unprepared:
                await self._prepare()
            pack_at = self._pack_at if self._pack_at is not None and self._pack_at < until else None
            seconds = (await self._clock.left(pack_at or until)).seconds
        return True

    async def _prepare(self) -> None:
        """Find the address or open the room; where nobody answers, it is tried again later, and nobody waits."""
        self._unprepared = False
        try:
            await outside(Visiting.prepare_visit, self._case, within=A_CALL, try_for=TRIED_FOR)
        except FailureError as failure:
            if is_cancelled_exception(failure):
                raise
            self._unprepared = True

    def _called(self) -> bool:
        return self._finishing is not None or self._looks_again

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
    async def book(self, act: BookSlot) -> Progress:
        """Somebody chose when a person comes; chosen anew, the later choice counts."""
        if self._finishing is not None or self._answer is not None:
            raise ReviewClosed()
        booked: Booked = await ours(Offline.book_slot, SlotWanted(task_id=self._id, command_id=act.command_id))
        self._pack_at, self._looks_again, self._unprepared = booked.pack_at, True, True
        return Progress(stage=booked.stage, version=booked.version)

    @workflow.update
    async def agree(self, act: AgreeToRecording) -> Progress:
        """The customer agreed to be recorded: said to whoever has the room."""
        self._looks_again = self._unprepared = True
        return Progress(stage="agreed", version=0)

    @workflow.update
    async def take_recording(self, act: TakeRecording) -> Progress:
        """The live video is over."""
        if self._finishing is not None or self._answer is not None:
            raise ReviewClosed()
        wanted = RecordingWanted(task_id=self._id, command_id=act.command_id)
        try:
            standing = await outside(Visiting.take_recording, wanted, within=A_CALL, try_for=RECORDING_FOR)
        except FailureError as failure:
            if is_cancelled_exception(failure):
                raise
            raise RecordingNotReady() from None
        return Progress(stage=standing.stage, version=standing.version)

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed."""
        self._clock.move()


Running = workflow.ChildWorkflowHandle[OfflineTask, str]


async def ask(task_id: UUID, clock_id: str) -> Running:
    """Start a task as a child of the story that asks for it."""
    return await workflow.start_child_workflow(
        OfflineTask.run, StartTask(task_id=task_id, clock_id=clock_id), id=f"task/{task_id}"
    )


async def let_go(tasks: Sequence[Running]) -> None:
    """Nobody needs to act any more; wait until each has said so."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(ChildWorkflowError, CancelledError):
            await task
