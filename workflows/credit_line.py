"""A credit line, for as long as it can be drawn on. Its money is in its draws; this lets them in one at a time."""

import asyncio
from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.lines import (
    Drawn,
    Draws,
    DrawWanted,
    LineActWanted,
    LineCase,
    LineDone,
    Lines,
    LineStanding,
    TaskToEnd,
)
from lending.refusals import LineNeedsALook, LineOver, Refusal, RegistersSilent
from workflows.acts import ActOnLine, AskLineReview, ClockMoved, Draw, Progress, StartLine
from workflows.answering import Hearing
from workflows.calls import ours, outside
from workflows.waiting import BusinessClock

# Shorter waits cost less as a timer than as a new run.
PARK_FROM = timedelta(hours=1)
# A contract is printed in half a second; half a minute is a store that is away.
PRINTING = timedelta(seconds=30)
# Nobody asks again for the signed contract, so a store that is away is waited for.
PRINT_FOR = timedelta(days=30)
# A draw on old knowledge: its owner waits, so that a register that is away is told, not waited for.
ONE_ANSWER = timedelta(seconds=30)
ASK_FOR = timedelta(minutes=2)
# Starting a payout or a task is one call of the engine.
ONE_CALL = timedelta(seconds=15)

LineAct = Draw | ActOnLine | AskLineReview


@workflow.defn(failure_exception_types=[Refusal])
class CreditLine:
    """``line/{id}``: parked between its dates, woken by updates only."""

    @workflow.init
    def __init__(self, start: StartLine) -> None:
        self._id = start.line_id
        self._clock = BusinessClock(start.clock_id)
        self._hearing = Hearing[LineAct]()
        self._over = False

    @workflow.run
    async def run(self, start: StartLine) -> str:
        """File the contract, let draws in until the last day; returns ``over``."""
        # Beside the first draw, which does not wait for a printer.
        filing = asyncio.ensure_future(self._file(start))
        standing = await self._look()
        while standing.state != "over":
            if standing.review:
                await self._review()
            await self._take_all()
            if filing.done() and standing.seconds >= PARK_FROM.total_seconds():
                await self._park(start, standing)
            await self._clock.wait(
                lambda: bool(self._hearing.waiting) or filing.done(), until=standing.wakes_at, seconds=standing.seconds
            )
            await self._take_all()
            standing = await self._look()
        self._over = True
        await self._take_all()
        await filing
        await workflow.wait_condition(workflow.all_handlers_finished)
        return "over"

    async def _file(self, start: StartLine) -> None:
        if not start.filed:
            await outside(Lines.file_line_contract, self._case(self._id), within=PRINTING, try_for=PRINT_FOR)

    async def _look(self) -> LineStanding:
        return await ours(Lines.look_at_line, self._case(self._id))

    async def _park(self, start: StartLine, standing: LineStanding) -> None:
        """End this run and begin the next at the next date: one event while it waits, however long."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._hearing.waiting:
            return
        workflow.continue_as_new(
            StartLine(
                line_id=start.line_id,
                clock_id=start.clock_id,
                filed=True,
                runs=start.runs + 1,
            ),
            backoff_start_interval=timedelta(seconds=standing.seconds),
            initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
        )

    # --- its acts -----------------------------------------------------------------------------------------------------

    async def _take_all(self) -> None:
        while self._hearing.waiting:
            act = self._hearing.waiting.pop(0)
            try:
                self._hearing.answer(act, await self._take(act))
            except Refusal as refusal:
                self._hearing.answer(act, refusal)

    async def _take(self, act: LineAct) -> Progress:
        match act:
            case Draw():
                return await self._draw(act)
            case ActOnLine():
                wanted = LineActWanted(line_id=self._id, cause=act.command_id)
                done = await ours(Lines.act_on_line, wanted)
                if done.task_id is not None:
                    ending = TaskToEnd(task_id=done.task_id, cause=act.command_id)
                    await outside(Lines.end_line_task, ending, within=ONE_CALL)
                return _told(done)
            case AskLineReview():
                return await self._have_looked(await ours(Lines.open_line_review, self._case(act.command_id)))

    async def _draw(self, act: Draw) -> Progress:
        """Money on its way, or why not. What is known too long ago is asked again first, without a word."""
        if self._over:
            raise LineOver(on="")
        wanted = DrawWanted(
            line_id=self._id,
            cause=act.command_id,
            amount_minor=act.amount_minor,
            share=act.share,
            entrusted=act.entrusted,
            signs=act.signs,
        )
        drawn = await ours(Draws.draw, wanted)
        if drawn.state == "stale":
            drawn = await self._ask_again(wanted)
        await outside(Draws.start_draw, drawn, within=ONE_CALL)
        return Progress(stage="paying", version=drawn.version)

    async def _ask_again(self, wanted: DrawWanted) -> Drawn:
        try:
            await outside(Draws.ask_again, wanted, within=ONE_ANSWER, try_for=ASK_FOR)
        except ActivityError:  # a refusal is raised as itself; this is a register that is away
            raise RegistersSilent from None
        judged = await ours(Draws.judge_again, wanted)
        if judged.state != "fresh":
            await self._have_looked(judged)
            raise LineNeedsALook
        return await ours(Draws.draw, wanted)

    async def _review(self) -> None:
        """The yearly look: the same as before a draw on old knowledge. Nothing is changed by it; a person may."""
        wanted = DrawWanted(line_id=self._id, cause=workflow.uuid4(), amount_minor=0)
        try:
            await outside(Draws.ask_again, wanted, within=ONE_ANSWER, try_for=ASK_FOR)
            await self._have_looked(await ours(Draws.judge_again, wanted))
        except (Refusal, ActivityError):  # a permission is missing, or a register is away: before the next draw then
            workflow.logger.info("line not reviewed")

    async def _have_looked(self, done: LineDone) -> Progress:
        if done.task_id is not None:
            task = TaskToEnd(task_id=done.task_id, cause=done.task_id)
            await outside(Lines.start_line_task, task, within=ONE_CALL)
        return _told(done)

    def _case(self, cause: UUID) -> LineCase:
        return LineCase(line_id=self._id, cause=cause)

    # --- what people say ----------------------------------------------------------------------------------------------

    @workflow.update
    async def draw(self, act: Draw) -> Progress:
        """The owner draws."""
        return await self._hearing.say(act)

    @workflow.update
    async def act_on(self, act: ActOnLine) -> Progress:
        """Somebody of the lender changes the line, or has looked at it."""
        return await self._hearing.say(act)

    @workflow.update
    async def ask_review(self, act: AskLineReview) -> Progress:
        """The owner wants a person to look."""
        return await self._hearing.say(act)

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed; a parked run that wakes for this looks again by itself."""
        self._clock.move()


def _told(done: LineDone) -> Progress:
    return Progress(stage=done.state, version=done.version)
