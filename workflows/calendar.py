"""The calendar of a jurisdiction: at each business midnight it starts the close of the day that ended."""

import contextlib
from datetime import date, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.clockwork import Clockwork, NextClose
from activities.ports.servicing import Closing, DayToClose
from workflows.acts import ClockMoved, DayClosed, StartCalendar
from workflows.calls import ours, outside
from workflows.waiting import BusinessClock

# A close that reports later than this is asked for again; starting it twice starts it once.
ASK_AGAIN = timedelta(minutes=1)
# In a catch-up many days pass in one run; in ordinary life one.
DAYS_A_RUN = 60


@workflow.defn
class Calendar:
    """``calendar/{jurisdiction}``: for ever. The same code in production, catch-up, time-lapse and tests."""

    @workflow.init
    def __init__(self, start: StartCalendar) -> None:
        self._clock = BusinessClock(start.clock_id)
        self._jurisdiction = start.jurisdiction
        self._closed: date | None = start.last_closed

    @workflow.run
    async def run(self, start: StartCalendar) -> None:
        """Close every day in order."""
        closed_here = 0
        while True:
            if closed_here >= DAYS_A_RUN or workflow.info().is_continue_as_new_suggested():
                await self._turn_the_page()
            due = await ours(Clockwork.next_close, NextClose(self._jurisdiction, self._clock.clock_id, self._closed))
            if due.ready:
                await self._close(DayToClose(self._jurisdiction, due.on))
                closed_here += 1
            else:
                await self._clock.wait(lambda: False, until=due.ends_at, seconds=due.seconds)

    async def _turn_the_page(self) -> None:
        """Begin a new run, so that no history grows for ever, in years of quiet and in a catch-up alike."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(
            StartCalendar(self._jurisdiction, self._clock.clock_id, self._closed),
            initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
        )

    async def _close(self, day: DayToClose) -> None:
        while not self._is_closed(day.on):
            with contextlib.suppress(ActivityError):  # a calendar never ends: the day is asked for again
                await outside(Closing.start_close, day, within=timedelta(seconds=10))
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(lambda: self._is_closed(day.on), timeout=ASK_AGAIN)

    def _is_closed(self, on: date) -> bool:
        return self._closed is not None and self._closed >= on

    @workflow.update
    async def day_closed(self, day: DayClosed) -> None:
        """A close reports; told twice is told once."""
        if self._closed is None or day.on > self._closed:
            self._closed = day.on

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed."""
        self._clock.move()
