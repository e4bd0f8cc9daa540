"""Somebody of the lender goes away: on the day, their open tasks have another owner."""

from temporalio import workflow

from activities.ports.leaves import LeaveCase, Leaves
from lending.refusals import Refusal
from workflows.acts import ClockMoved, Progress
from workflows.calls import ours
from workflows.offline_acts import SayLeave, StartLeave
from workflows.waiting import BusinessClock


@workflow.defn(failure_exception_types=[Refusal])
class Leave:
    """``leave/{id}``: from the word to the day."""

    @workflow.init
    def __init__(self, start: StartLeave) -> None:
        self._case = LeaveCase(start.leave_id)
        self._clock = BusinessClock(start.clock_id)

    @workflow.run
    async def run(self, start: StartLeave) -> str:
        """Wait for the day; returns ``handed_over``, or ``nothing`` where there was nothing to give."""
        plan = await ours(Leaves.plan_leave, self._case)
        await self._clock.wait(lambda: False, until=plan.begins_at, seconds=plan.seconds)
        handed = await ours(Leaves.hand_over, self._case)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return "handed_over" if handed.tasks else "nothing"

    @workflow.update
    async def say(self, act: SayLeave) -> Progress:
        """It is written down; the day is awaited."""
        return Progress(stage="said", version=0)

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed."""
        self._clock.move()
