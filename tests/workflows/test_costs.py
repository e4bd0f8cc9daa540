"""What a story costs Temporal, counted in its own history: the design's limits, held."""

import uuid
from datetime import date, timedelta
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from activities.servicing import LOOKS_APART, next_look
from lending.calendars import add_months
from ops.bench import living
from ops.bench.living import YEAR
from policies.book import load
from workflows.acts import LoanSettled, StartLoan, Submit
from workflows.loan import Loan

World = Any

MARKER = EventType.EVENT_TYPE_MARKER_RECORDED
SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED


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
    """A first year with all that only a first or a last one has, looked at as often as any loan is."""
    every, looks = LOOKS_APART, YEAR // LOOKS_APART
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
    events = await living.chain(world.client, loan)
    assert len(events) <= 90
    assert living.actions(events) <= 30


def test_no_product_has_a_loan_looked_at_oftener_than_that_and_the_last_day_is_never_missed() -> None:
    live_on = date(2026, 12, 1)
    for months in {product.minimum_path.window_months for product in load().products.values()}:
        ends = [add_months(live_on, months * number) for number in range(1, 36 // months + 1)]
        looks, today = list[date](), live_on
        while today <= ends[-1]:
            looks.append(next_look(ends, today))
            today = looks[-1] + timedelta(days=1)  # at the midnight after it
        assert looks[-1] == ends[-1] and set(looks) <= set(ends)
        for year in range(3):
            first, last = add_months(live_on, 12 * year), add_months(live_on, 12 * (year + 1))
            assert sum(first < look <= last for look in looks) <= YEAR // LOOKS_APART
        assert next_look(ends, ends[-1] + timedelta(days=1)) == ends[-1] + timedelta(days=31), "a late one, monthly"


async def test_the_bench_counts_the_year_of_a_real_story_and_its_bytes(skipping: WorkflowEnvironment) -> None:
    events, actions, size = living.figures(await living.lived(skipping), 1)
    assert (events.name, actions.name, size.name) == ("loan-year-events", "loan-year-actions", "loan-year-bytes")
    assert 50 < events.ours <= 90 and 10 < actions.ours <= 30 and size.ours > 50 * events.ours
    assert all("✓" in one.verdict for one in (events, actions, size))
