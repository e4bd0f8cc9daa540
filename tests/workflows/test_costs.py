"""What a story costs Temporal, counted in its own history: the design's limits, held."""

import uuid
from datetime import date, timedelta
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from policies.book import load
from workflows.acts import LoanSettled, StartLoan, Submit
from workflows.loan import Loan

World = Any

MARKER = EventType.EVENT_TYPE_MARKER_RECORDED
SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
# What is billed as one action each; a local activity rides in its workflow task, which is billed by its marker.
ACTIONS = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    SCHEDULED,
    MARKER,
}


async def test_from_submit_to_decision_at_most_four_activities(world: World) -> None:
    applicant = await world.apply()
    await applicant.reaches_evidence()
    before = len((await applicant.handle.fetch_history()).events)
    assert (await applicant.does("submit", Submit(uuid.uuid4()))).stage == "offered"
    events = (await applicant.handle.fetch_history()).events[before:]
    assert sum(event.event_type in (MARKER, SCHEDULED) for event in events) <= 4


async def test_from_start_to_money_a_small_loan_costs_no_more_than_it_must(world: World) -> None:
    """Measured 136 events in all; one more step costs some ten."""
    applicant = await world.apply()
    await applicant.reaches_offers()
    await applicant.signs()
    assert await applicant.handle.result() == "funded"
    payout = world.client.get_workflow_handle(f"payout/{applicant.payout_id}")
    events = [event for story in (applicant.handle, payout) for event in (await story.fetch_history()).events]
    assert len(events) <= 145


async def test_a_loan_costs_at_most_ninety_events_and_thirty_actions_a_year(
    world: World, skipping: WorkflowEnvironment
) -> None:
    """A first year with all that only a first or a last one has, looked at more often than any product asks."""
    every = timedelta(days=20 * min(product.minimum_path.window_months for product in load().products.values()))
    looks = timedelta(days=360) // every
    world.checkpoints = [every] * (looks + 1)
    loan_id = uuid.uuid4()
    loan = await world.start(Loan.run, StartLoan(loan_id, "main"), id=f"loan/{loan_id}")
    for looked in range(looks):
        await world.until(lambda looked=looked: world.told.count("looked at") == looked and "welcome" in world.told)
        await skipping.sleep(every + timedelta(minutes=1))
    await world.until(lambda: world.told.count("looked at") == looks)
    await loan.execute_update("settled", LoanSettled(date(2027, 12, 1)))
    assert await loan.result() == "closed"
    assert world.told == ["contract filed", "welcome", *["looked at"] * (looks + 1), "closed out"]
    events = await _chain(world, loan)
    assert len(events) <= 90
    assert sum(event.event_type in ACTIONS for event in events) <= 30


async def _chain(world: World, loan: Any) -> list[Any]:
    """The events of all runs, first to last."""
    run, events = loan.first_execution_run_id, []
    while run:
        found = (await world.client.get_workflow_handle(loan.id, run_id=run).fetch_history()).events
        events += found
        run = found[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return events
