"""A loan that parks and wakes, a calendar that closes every day in order, a close in shards."""

import asyncio
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from workflows.acts import ClockMoved, LoanSettled, Progress, StartCalendar, StartClose, StartLoan
from workflows.calendar import DAYS_A_RUN, Calendar
from workflows.close import DailyClose
from workflows.loan import Loan

World = Any
ON = date(2026, 12, 1)


async def _lives(world: World) -> Any:
    loan_id = uuid.uuid4()
    return await world.start(Loan.run, StartLoan(loan_id, "main"), id=f"loan/{loan_id}")


async def _turns(world: World, jurisdiction: str = "CN") -> Any:
    return await world.start(Calendar.run, StartCalendar(jurisdiction, "main"), id=f"calendar/{jurisdiction}")


# --- loans ------------------------------------------------------------------------------------------------------------


async def test_a_settled_loan_wakes_from_its_parking_and_writes_its_last_page(real: World) -> None:
    loan = await _lives(real)
    await real.parks(loan)
    answer = await loan.execute_update("settled", LoanSettled(ON), id="settled/1", result_type=Progress)
    assert answer.stage == "closing"
    assert await loan.result() == "closed"
    assert real.told == ["contract filed", "welcome", "looked at", "closed out"]


async def test_a_loan_that_is_told_twice_that_it_is_settled_closes_once(world: World) -> None:
    """And whoever tells it does not wait for the paper, which may take as long as a store is away."""
    loan = await _lives(world)
    await world.parks(loan)
    printing = world.hold("close_out_loan")
    for id in ("settled/1", "settled/1", "settled/again"):
        answer = await loan.execute_update("settled", LoanSettled(ON), id=id, result_type=Progress)
        assert answer.stage == "closing"
    printing.set()
    assert await loan.result() == "closed"
    assert world.told.count("closed out") == 1


async def test_a_loan_looks_at_itself_at_each_checkpoint_and_is_welcomed_once(
    skipping: WorkflowEnvironment, world: World
) -> None:
    world.checkpoints = [timedelta(days=90), timedelta(minutes=30), timedelta(days=90), timedelta(days=90)]
    loan = await _lives(world)
    await world.parks(loan)
    await skipping.sleep(timedelta(days=91))
    await world.until(lambda: len(world.told) == 4)
    assert world.told == ["contract filed", "welcome", "looked at", "looked at"]
    await loan.execute_update("settled", LoanSettled(ON))
    assert await loan.result() == "closed"


async def test_a_clock_that_jumps_makes_a_parked_loan_look_again(real: World) -> None:
    real.checkpoints = [timedelta(days=90), timedelta(days=10)]
    loan = await _lives(real)
    await real.parks(loan)
    await real.move(timedelta(days=80), loan)
    await real.until(lambda: real.told == ["contract filed", "welcome", "looked at"])
    await loan.execute_update("settled", LoanSettled(ON))
    assert await loan.result() == "closed"


async def test_a_clock_that_jumps_wakes_a_loan_that_waits_by_a_timer(real: World) -> None:
    real.checkpoints = [timedelta(minutes=30), timedelta(minutes=30)]
    loan = await _lives(real)
    await real.rests(loan)
    await real.move(timedelta(minutes=31), loan)
    await real.until(lambda: real.told == ["contract filed", "welcome", "looked at"])
    await loan.execute_update("settled", LoanSettled(ON))
    assert await loan.result() == "closed"


async def test_a_loan_that_was_repaid_before_it_began_only_says_goodbye(world: World) -> None:
    world.loan_state = "closed"
    assert await (await _lives(world)).result() == "closed"
    assert world.told == ["contract filed", "welcome", "closed out"]


# --- the calendar -----------------------------------------------------------------------------------------------------


async def test_the_calendar_closes_each_day_once_and_in_order(skipping: WorkflowEnvironment, world: World) -> None:
    calendar = await _turns(world)
    for number in range(1, 4):
        await world.rests(calendar)
        await skipping.sleep(timedelta(days=1))
        await world.until(lambda number=number: len(world.closed_days) >= number)
    days = world.closed_days
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]


async def test_a_catch_up_closes_every_missed_day_and_turns_the_page(world: World) -> None:
    world.days_behind = DAYS_A_RUN + 5
    calendar = await _turns(world)
    await world.until(lambda: len(world.closed_days) == world.days_behind)
    assert world.closed_days == [world.closed_days[0] + timedelta(days=n) for n in range(world.days_behind)]
    now = world.client.get_workflow_handle(calendar.id)
    await world.rests(now)
    assert (await now.describe()).run_id != calendar.first_execution_run_id
    assert len((await now.fetch_history()).events) < 25 * 7


async def test_a_clock_that_jumps_three_days_closes_three_days(real: World) -> None:
    jurisdiction = uuid.uuid4().hex
    calendar = await _turns(real, jurisdiction)
    await real.rests(calendar)
    await real.move(timedelta(days=3), calendar)
    await real.until(lambda: len(real.closed_days) == 3)
    await real.rests(calendar)
    await calendar.execute_update("clock_moved", ClockMoved(1))
    assert len(real.closed_days) == 3
    await calendar.terminate()


async def test_a_close_that_cannot_be_started_is_asked_for_again(world: World, skipping: WorkflowEnvironment) -> None:
    world.days_behind = 1
    world.fails["start_close"] = ApplicationError("temporal is away", non_retryable=True)
    calendar = await _turns(world)
    await world.begins("start_close")
    await world.rests(calendar)
    world.fails.clear()
    await skipping.sleep(timedelta(minutes=2))
    await world.until(lambda: len(world.closed_days) >= 1)  # two, if the two minutes pass midnight


# --- the close --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("instructed", [0, 100])
async def test_a_close_takes_every_shard_once_and_collects_where_something_is_due(
    world: World, instructed: int
) -> None:
    world.instructed = instructed
    close = await world.start(DailyClose.run, StartClose("CN", ON), id="close/CN/2026-12-01")
    await close.result()
    assert sorted(told for told in world.told if told.startswith("shard")) == ["shard 0", "shard 1", "shard 2"]
    assert len([told for told in world.told if told.startswith("collected")]) == (3 if instructed else 0)
    assert world.told[-2:] == ["woken", "finished"]


async def test_a_close_takes_no_more_than_two_shards_at_once(world: World) -> None:
    world.shards = tuple(range(6))
    closing = world.hold("close_shard")
    close = await world.start(DailyClose.run, StartClose("CN", ON), id="close/CN/2026-12-01")
    await world.until(lambda: world.calls["close_shard"] == 2)
    await asyncio.sleep(0.3)
    assert world.calls["close_shard"] == 2
    closing.set()
    await close.result()
    assert world.calls["close_shard"] == 6
