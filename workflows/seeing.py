"""A person asked to be seen by a manager instead of a camera: a task with a slot, and what came of it."""

from temporalio import workflow

from activities.ports.seeing import SeeingDone, Seeings
from lending.refusals import Refusal
from workflows.acts import ClockMoved, Progress, SeePerson, StartSeeing, StartTask
from workflows.calls import ours
from workflows.offline_task import OfflineTask
from workflows.waiting import BusinessClock


@workflow.defn(failure_exception_types=[Refusal])
class Seeing:
    """``seeing/{task_id}``: as long as its task."""

    @workflow.init
    def __init__(self, start: StartSeeing) -> None:
        self._clock = BusinessClock(start.clock_id)
        self._begun = False

    @workflow.run
    async def run(self, start: StartSeeing) -> str:
        """Returns ``match``, ``mismatch`` or ``not_seen``."""
        task = await workflow.start_child_workflow(
            OfflineTask.run, StartTask(task_id=start.task_id, clock_id=start.clock_id), id=f"task/{start.task_id}"
        )
        self._begun = True
        seen = await ours(Seeings.conclude_seeing, SeeingDone(task_id=start.task_id, end=await task))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return seen.outcome

    @workflow.update
    async def see(self, act: SeePerson) -> Progress:
        """The person chose a slot: a manager has it from now on."""
        await workflow.wait_condition(lambda: self._begun)
        return Progress(stage="identity", version=0)

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed; the task has its own wait."""
        self._clock.move()
