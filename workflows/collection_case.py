"""A loan while it is past due: looked at each morning and at every event, until it is paid or cured."""

from temporalio import workflow

from activities.ports.collecting import CaseStanding, Collecting, CollectionLook
from lending.refusals import Refusal
from workflows.acts import ClockMoved, Progress
from workflows.calls import ours
from workflows.collection_acts import CaseEvent, OpenCase, StartCase
from workflows.waiting import BusinessClock

# A month of mornings in one history.
LOOKS_A_RUN = 30


@workflow.defn(failure_exception_types=[Refusal])
class CollectionCase:
    """``case/{id}``: nothing in it contacts anybody; it writes steps, and the sender's rules decide when they leave."""

    @workflow.init
    def __init__(self, start: StartCase) -> None:
        self._look = CollectionLook(start.case_id)
        self._clock = BusinessClock(start.clock_id)
        self._events = 0

    @workflow.run
    async def run(self, start: StartCase) -> str:
        """Look, wait, look again; returns how it ended."""
        standing = CaseStanding()
        for _ in range(LOOKS_A_RUN):
            heard = self._events
            standing = await ours(Collecting.look_at_case, self._look)
            if standing.ended is not None:
                break
            await self._wait(heard, standing)
        else:
            await self._turn_the_page(start)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return standing.ended or "gone"

    async def _wait(self, heard: int, standing: CaseStanding) -> None:
        """Until the next morning, or something that happened since the last look began."""
        await self._clock.wait(lambda: self._events > heard, until=standing.next_at, seconds=standing.seconds)

    async def _turn_the_page(self, start: StartCase) -> None:
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(
            StartCase(start.case_id, start.clock_id, start.runs + 1),
            initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
        )

    @workflow.update
    async def open_case(self, act: OpenCase) -> Progress:
        """It is begun by being started."""
        return Progress(stage="open", version=0)

    @workflow.update
    async def happened(self, act: CaseEvent) -> Progress:
        """Something that counts."""
        self._events += 1
        return Progress(stage="open", version=self._events)

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed."""
        self._clock.move()
