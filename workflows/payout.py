"""Money to a borrower, once: wait as the tier says, claim, submit, and believe only the rail."""

import contextlib
from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError, CancelledError, ChildWorkflowError

from activities.ports.payouts import CalledBack, PayoutCase, Payouts, PayoutState
from lending.refusals import PayoutNotCancellable, Refusal
from lending.release import UNDER_WAY
from workflows.acts import CancelPayout, ClockMoved, LookAgain, PayoutEnd, Progress, RailSaid, StartPayout, StartTask
from workflows.calls import ours, outside
from workflows.offline_task import OfflineTask
from workflows.waiting import BusinessClock

# One call of the rail, a little longer than the gateway's own timeout.
ONE_CALL = timedelta(seconds=15)
# How often the rail is asked while it has not said: often at first, since most payments take a second.
ASK_FIRST = timedelta(milliseconds=400)
ASK_AT_MOST = timedelta(seconds=30)
# Once a person has it, or the history of a month of silence would end the workflow; a callback still wakes it at once.
ASK_RARELY = timedelta(hours=1)
# A rail that cannot be reached for this long is a matter for the desk too.
ONE_ASKING = timedelta(minutes=30)


@workflow.defn(failure_exception_types=[Refusal])
class Payout:
    """``payout/{id}``: minutes to days."""

    @workflow.init
    def __init__(self, start: StartPayout) -> None:
        self._case = PayoutCase(payout_id=start.payout_id)
        self._clock = BusinessClock(start.clock_id)
        self._cancelling = False
        self._looking, self._looked = False, 0
        self._rail_spoke = False
        self._state = PayoutState(state="scheduled")

    @workflow.run
    async def run(self, start: StartPayout) -> PayoutEnd:
        """From scheduled to credited, cancelled or returned."""
        await self._wait_for_the_hour()
        await self._claim()
        if self._state.state == "submitting":
            self._state = await self._submit()
        await self._hear_from_the_rail()
        loan = await ours(Payouts.settle_payout, self._case)
        if self._state.state == "credited":
            await outside(Payouts.start_loan, loan, within=ONE_CALL)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return PayoutEnd(state=self._state.state)

    async def _wait_for_the_hour(self) -> None:
        plan = await ours(Payouts.plan_payout, self._case)
        if plan.seconds > 0:
            await self._clock.wait(self._is_spoken_to, until=plan.pay_at, seconds=plan.seconds)

    async def _claim(self) -> None:
        """The claim or the cancellation; while the money waits for people, look again when one of them has answered.

        Each wait ends by itself: the step that finds its last hour past undoes the payout.
        """
        while self._state.state == "scheduled":
            self._looking = False
            step = Payouts.cancel_payout if self._cancelling else Payouts.claim_payout
            self._state = await ours(step, self._case)
            self._looked += 1
            if self._state.task_id is not None:
                await self._call_back(self._state.task_id)
            elif self._state.state == "scheduled":
                await self._clock.wait(self._is_spoken_to, until=self._state.until, seconds=self._state.seconds)

    async def _call_back(self, task_id: UUID) -> None:
        """A person calls the owner; meanwhile the payout can still be cancelled."""
        task = await workflow.start_child_workflow(
            OfflineTask.run, StartTask(task_id=task_id, clock_id=self._clock.clock_id), id=f"task/{task_id}"
        )
        await workflow.wait_condition(lambda: task.done() or self._cancelling)
        if not task.done():
            task.cancel()
            with contextlib.suppress(ChildWorkflowError, CancelledError):
                await task
            return
        called = CalledBack(payout_id=self._case.payout_id, task_id=task_id, end=await task)
        self._state = await ours(Payouts.apply_call_back, called)

    def _is_spoken_to(self) -> bool:
        return self._cancelling or self._looking

    async def _submit(self) -> PayoutState:
        try:
            return await outside(Payouts.submit_payout, self._case, within=ONE_CALL, attempts=1)
        except ActivityError:
            return PayoutState(state="unknown", reason="no_answer")

    async def _hear_from_the_rail(self) -> None:
        pause, longest = ASK_FIRST, ASK_AT_MOST
        while self._state.state in UNDER_WAY:
            await self._rail_or(pause)
            pause = min(pause * 2, longest)
            self._state = await self._ask()
            if self._state.reason == "overdue" and longest != ASK_RARELY:
                longest = ASK_RARELY
                await ours(Payouts.hand_to_desk, self._case)
            if self._state.state == "scheduled":  # the rail never got it, and says so after its cut-off
                await self._claim()
                if self._is("submitting"):
                    self._state = await self._submit()
                pause = min(pause, ASK_AT_MOST)

    async def _ask(self) -> PayoutState:
        try:
            return await outside(Payouts.ask_rail, self._case, within=ONE_CALL, try_for=ONE_ASKING)
        except ActivityError:
            return PayoutState(state="unknown", reason="overdue")

    async def _rail_or(self, pause: timedelta) -> None:
        try:
            await workflow.wait_condition(lambda: self._rail_spoke, timeout=pause)
        except TimeoutError:
            return
        self._rail_spoke = False

    @workflow.update
    async def cancel(self, act: CancelPayout) -> Progress:
        """Stop the money if it has not left; the database decides which came first."""
        if self._state.state != "scheduled":
            raise PayoutNotCancellable()
        self._cancelling = True
        await workflow.wait_condition(lambda: self._has_left("scheduled"))
        if not self._is("cancelled"):
            raise PayoutNotCancellable()
        return Progress(stage="withdrawn", version=0)

    def _is(self, state: str) -> bool:
        return self._state.state == state

    def _has_left(self, state: str) -> bool:
        return self._state.state != state

    @workflow.update
    async def look_again(self, act: LookAgain) -> Progress:
        """The owner, or a second person of the lender, has answered: it is in the rows."""
        if self._state.state == "scheduled" and not self._state.task_id:
            self._looking, before = True, self._looked
            await workflow.wait_condition(lambda: self._looked > before)
        return Progress(stage="paying", version=0)

    @workflow.update
    async def rail_said(self, event: RailSaid) -> None:
        """A callback came in: it proves nothing, the rail is asked."""
        self._rail_spoke = True

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed."""
        self._clock.move()
