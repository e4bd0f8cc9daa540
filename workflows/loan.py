"""A loan, for as long as it lives. The daily close does the daily work; this wakes for what is the loan's own."""

from datetime import timedelta

from temporalio import workflow

from activities.ports.servicing import LoanCase, LoanStanding, Servicing
from lending.refusals import Refusal
from workflows.acts import ClockMoved, LoanSettled, Progress, StartLoan
from workflows.calls import ours, outside
from workflows.waiting import BusinessClock

# Shorter waits cost less as a timer than as a new run.
PARK_FROM = timedelta(hours=1)
# A certificate is printed in a tenth of a second; half a minute is a store that is away.
PRINTING = timedelta(seconds=30)
# Nobody asks again for the last paper of a loan, so a store that is away is waited for.
PRINT_FOR = timedelta(days=30)


@workflow.defn(failure_exception_types=[Refusal])
class Loan:
    """``loan/{id}``: parked between checkpoints, woken by updates only."""

    @workflow.init
    def __init__(self, start: StartLoan) -> None:
        self._id = start.loan_id
        self._clock = BusinessClock(start.clock_id)
        self._settled: LoanSettled | None = None

    @workflow.run
    async def run(self, start: StartLoan) -> str:
        """Welcome, live, close; returns ``closed``."""
        standing = await self._look(start)
        while standing.state == "live" and self._settled is None:
            if standing.seconds >= PARK_FROM.total_seconds():
                await self._park(start, standing)
            await self._clock.wait(
                lambda: self._settled is not None, until=standing.checkpoint, seconds=standing.seconds
            )
            if self._settled is None:
                standing = await ours(Servicing.check_loan, LoanCase(self._id, "checkpoint"))
        settled = LoanCase(self._id, "settled")
        await outside(Servicing.close_out_loan, settled, within=PRINTING, try_for=PRINT_FOR)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return "closed"

    async def _look(self, start: StartLoan) -> LoanStanding:
        if start.welcomed:
            return await ours(Servicing.check_loan, LoanCase(self._id, "checkpoint"))
        case = LoanCase(self._id, "welcome")
        await outside(Servicing.file_contract, case, within=PRINTING, try_for=PRINT_FOR)
        return await ours(Servicing.welcome_borrower, case)

    async def _park(self, start: StartLoan, standing: LoanStanding) -> None:
        """End this run and begin the next at the checkpoint: one event while it waits, however long."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._settled is not None:
            return
        workflow.continue_as_new(
            StartLoan(loan_id=start.loan_id, clock_id=start.clock_id, welcomed=True, runs=start.runs + 1),
            backoff_start_interval=timedelta(seconds=standing.seconds),
            initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
        )

    @workflow.update
    async def settled(self, act: LoanSettled) -> Progress:
        """Nothing is owed any more. Answered before the last page is written: the day's close does not wait for it."""
        self._settled = act
        return Progress(stage="closing", version=0)

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed; a parked run that wakes for this looks again by itself."""
        self._clock.move()
