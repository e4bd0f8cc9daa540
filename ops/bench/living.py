"""``loan-year``: what a loan's first year costs Temporal, counted in its own history: events, actions and bytes."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.ports.clockwork import Left, Until
from activities.ports.servicing import LoanCase, LoanStanding, Servicing
from activities.servicing import LOOKS_APART
from infra.temporal import data_converter
from ops.bench.figures import Bar, Figure
from ops.stack import testing
from ops.stack.binaries import program_path
from worker import sandbox
from worker.interceptors import OurActivities
from workflows.acts import LoanSettled, StartLoan
from workflows.loan import Loan

# The design's limits for a year of one loan; tests/workflows holds the first two.
EVENTS_MOST, ACTIONS_MOST, BYTES_MOST = 90, 30, 16 * 1024
# What is billed as one action each; a local activity rides in its workflow task, which is billed by its marker.
ACTIONS = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_MARKER_RECORDED,
    }
)
YEAR = timedelta(days=360)
PATIENCE = 120  # seconds for all of it; it takes five
MEANING = {
    "loan-year-events": "history events of a first year with all that only a first or a last one has",
    "loan-year-actions": "of these, what is billed as an action",
    "loan-year-bytes": "of these events, sealed as in production",
}


async def measure(seed: int) -> list[Figure]:
    """On a server on which months pass in a moment, with the payloads sealed; nothing of a seed is in it."""
    async with (
        asyncio.timeout(PATIENCE),
        await WorkflowEnvironment.start_time_skipping(
            data_converter=data_converter(testing.settings_for()),
            test_server_existing_path=str(program_path("temporal-test-server")),
        ) as server,
    ):
        return figures(await lived(server), seed)


async def lived(server: WorkflowEnvironment) -> list[Any]:
    """The events of one loan from its money to its certificate a year later, looked at as often as any is."""
    looks = YEAR // LOOKS_APART
    steps = _Remembered(server)
    async with Worker(
        server.client,
        task_queue="loan-year",
        workflows=[Loan],
        activities=[
            steps.file_contract, steps.welcome_borrower, steps.check_loan, steps.close_out_loan, steps.how_long,
        ],
        workflow_runner=sandbox.runner(),
        interceptors=[OurActivities()],
    ):  # fmt: skip
        loan_id = uuid4()
        start = StartLoan(loan_id, "main")
        loan = await server.client.start_workflow(Loan.run, start, id=f"loan/{loan_id}", task_queue="loan-year")
        for looked in range(looks):
            await steps.until(looked)
            await server.sleep(LOOKS_APART + timedelta(minutes=1))
        await steps.until(looks)
        await loan.execute_update(Loan.settled, LoanSettled((await server.get_current_time()).date()))
        await loan.result()
        return await chain(server.client, loan)


def figures(events: Sequence[Any], seed: int) -> list[Figure]:
    """Counts: there is nothing to hold them against but their bars."""
    counts = {
        "loan-year-events": ("events", len(events), EVENTS_MOST),
        "loan-year-actions": ("actions", actions(events), ACTIONS_MOST),
        "loan-year-bytes": ("bytes", sum(event.ByteSize() for event in events), BYTES_MOST),
    }
    return [
        Figure(
            name=name, unit=unit, ours=ours, floor=None, n=1, seed=seed, meaning=MEANING[name],
            bars=(Bar("ours", most),),
        )
        for name, (unit, ours, most) in counts.items()
    ]  # fmt: skip


def actions(events: Sequence[Any]) -> int:
    """How many of them are billed."""
    return sum(event.event_type in ACTIONS for event in events)


async def chain(client: Client, story: WorkflowHandle[Any, Any]) -> list[Any]:
    """The events of all its runs, first to last."""
    run, events = story.first_execution_run_id, list[Any]()
    while run:
        found = (await client.get_workflow_handle(story.id, run_id=run).fetch_history()).events
        events += found
        run = found[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return events


class _Remembered(Servicing):
    """A loan's steps that only remember: the book's own work is not what is counted here."""

    def __init__(self, server: WorkflowEnvironment) -> None:
        self._server = server
        self._filed, self._welcomed, self._looks = False, False, 0

    async def until(self, looks: int) -> None:
        """Wait until the borrower is welcome and the loan was looked at so often."""
        while not (self._welcomed and self._looks == looks):  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    @activity.defn
    async def file_contract(self, case: LoanCase) -> None:
        self._filed = True

    @activity.defn
    async def welcome_borrower(self, case: LoanCase) -> LoanStanding:
        self._welcomed = self._filed
        return await self._live()

    @activity.defn
    async def check_loan(self, case: LoanCase) -> LoanStanding:
        self._looks += 1
        return await self._live()

    @activity.defn
    async def close_out_loan(self, case: LoanCase) -> LoanStanding:
        return LoanStanding(state="closed", checkpoint=None, seconds=0)

    @activity.defn
    async def how_long(self, until: Until) -> Left:
        """Business time is the server's."""
        now = await self._server.get_current_time()
        return Left(now=now, seconds=max((until.instant - now).total_seconds(), 0.0))

    async def _live(self) -> LoanStanding:
        now: datetime = await self._server.get_current_time()
        return LoanStanding(state="live", checkpoint=now + LOOKS_APART, seconds=LOOKS_APART.total_seconds())
