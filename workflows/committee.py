"""A sitting of the committee: votes come in for days, are counted once, and become minutes."""

from datetime import timedelta

from temporalio import workflow

from activities.ports.committee import Committees, SittingCase
from lending.refusals import Refusal, SittingClosed
from workflows.acts import ClockMoved, Progress
from workflows.calls import ours, outside
from workflows.committee_acts import HearCommittee, StartCommittee
from workflows.waiting import BusinessClock

# A page of minutes is printed in half a second; half a minute is a store or a signing authority that is away.
ONE_PRINTING = timedelta(seconds=30)
# The votes are counted by then; the paper may wait for a store or an authority as long as it takes to mend one.
PRINT_FOR = timedelta(days=30)


@workflow.defn(failure_exception_types=[Refusal])
class Committee:
    """``committee/{id}``: at most as long as whoever called it gave, and the time to print."""

    @workflow.init
    def __init__(self, start: StartCommittee) -> None:
        self._case = SittingCase(start.sitting_id)
        self._clock = BusinessClock(start.clock_id)
        self._heard = False
        self._over = False

    @workflow.run
    async def run(self, start: StartCommittee) -> str:
        """Wait for the members or the hour, count, write down; returns ``decided``, or ``nothing`` if nothing was."""
        while not await self._is_over():
            pass
        self._over = True
        counted = await ours(Committees.count_votes, self._case)
        await outside(Committees.seal_minutes, self._case, within=ONE_PRINTING, try_for=PRINT_FOR)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return "decided" if counted.decided else "nothing"

    async def _is_over(self) -> bool:
        self._heard = False
        plan = await ours(Committees.plan_sitting, self._case)
        if not plan.over:
            await self._clock.wait(lambda: self._heard, until=plan.due_at, seconds=plan.seconds)
        return plan.over

    @workflow.update
    async def hear(self, act: HearCommittee) -> Progress:
        """Somebody spoke: what they said is in the rows, and the vote is looked at again."""
        if self._over:
            raise SittingClosed()
        self._heard = True
        return Progress(stage="voting", version=0)

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed."""
        self._clock.move()
