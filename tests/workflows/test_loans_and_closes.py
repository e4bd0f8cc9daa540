"""A loan that parks and wakes, a calendar that closes every day in order, a close in shards."""

import asyncio
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from temporalio.common import WorkflowIDReusePolicy
from temporalio.testing import WorkflowEnvironment

from workflows.acts import LoanSettled, StartCalendar, StartClose, StartLoan
from workflows.calendar import Calendar
from workflows.close import DailyClose
from workflows.loan import Loan

QUEUE = "tests"


async def _until(condition: Any, seconds: float = 10) -> None:
    for _ in range(int(seconds * 20)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came")


async def test_a_settled_loan_wakes_from_its_parking_and_writes_its_last_page(
    skipping: WorkflowEnvironment, world: Any
) -> None:
    handle = await skipping.client.start_workflow(
        Loan.run, StartLoan(uuid.uuid4(), "main"), id="loan/1", task_queue=QUEUE
    )
    await _until(lambda: "welcome" in world.told)
    await asyncio.sleep(0.5)  # it parks: this run ends, the next one waits for its checkpoint
    answer = await handle.execute_update("settled", LoanSettled(date(2026, 12, 1)), id="settled/1")
    assert answer["stage"] == "closed"
    assert world.told.count("welcome") == 1
    assert world.told[-1] == "closed out"


async def test_a_loan_looks_at_itself_at_each_checkpoint_and_is_welcomed_once(
    skipping: WorkflowEnvironment, world: Any
) -> None:
    world.checkpoints = [timedelta(minutes=30), timedelta(minutes=30), timedelta(minutes=30)]
    handle = await skipping.client.start_workflow(
        Loan.run, StartLoan(uuid.uuid4(), "main"), id="loan/2", task_queue=QUEUE
    )
    await _until(lambda: "welcome" in world.told)
    await skipping.sleep(timedelta(minutes=70))
    assert world.told == ["welcome", "looked at", "looked at"]
    await handle.execute_update("settled", LoanSettled(date(2026, 12, 1)))
    assert await handle.result() == "closed"


async def test_the_calendar_closes_each_day_once_and_in_order(skipping: WorkflowEnvironment, world: Any) -> None:
    await skipping.client.start_workflow(
        Calendar.run,
        StartCalendar("CN", "main"),
        id="calendar/CN",
        task_queue=QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )
    await asyncio.sleep(0.3)
    for _ in range(4):
        await skipping.sleep(timedelta(days=1))
        await asyncio.sleep(0.3)
    days = world.closed_days
    assert len(days) >= 4
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]


@pytest.mark.parametrize("instructed", [0, 100])
async def test_a_close_takes_every_shard_once_and_collects_where_something_is_due(
    skipping: WorkflowEnvironment, world: Any, instructed: int
) -> None:
    world.instructed = instructed
    await skipping.client.execute_workflow(
        DailyClose.run, StartClose("CN", date(2026, 12, 1)), id="close/CN/2026-12-01", task_queue=QUEUE
    )
    assert sorted(told for told in world.told if told.startswith("shard")) == ["shard 0", "shard 1", "shard 2"]
    assert len([told for told in world.told if told.startswith("collected")]) == (3 if instructed else 0)
    assert world.told[-2:] == ["woken", "finished"]
