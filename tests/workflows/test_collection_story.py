"""A case of lateness on real servers: a look each morning, at once after an event, across runs, until it is over."""

import uuid
from datetime import timedelta

from temporalio.testing import WorkflowEnvironment

from tests.workflows.conftest import World
from workflows.acts import Progress
from workflows.collection_acts import CaseEvent, OpenCase, StartCase
from workflows.collection_case import LOOKS_A_RUN, CollectionCase


async def test_a_case_is_looked_at_each_morning_and_at_once_when_something_happens(
    world: World, skipping: WorkflowEnvironment
) -> None:
    case_id = uuid.uuid4()
    case = await world.start(CollectionCase.run, StartCase(case_id, "main"), id=f"case/{case_id}")
    await case.execute_update("open_case", OpenCase(uuid.uuid4()), result_type=Progress)
    await world.rests(case)
    assert world.told == ["case looked at"]
    await skipping.sleep(timedelta(hours=3))
    assert len(world.told) == 1
    await case.execute_update("happened", CaseEvent(uuid.uuid4()), result_type=Progress)
    await world.until(lambda: len(world.told) == 2)
    await skipping.sleep(timedelta(days=3, hours=1))
    assert len(world.told) == 5
    world.cured = True
    await case.execute_update("happened", CaseEvent(uuid.uuid4()), result_type=Progress)
    assert await case.result() == "cured"


async def test_a_case_of_months_turns_the_page_and_its_history_stays_short(
    world: World, skipping: WorkflowEnvironment
) -> None:
    case_id = uuid.uuid4()
    case = await world.start(CollectionCase.run, StartCase(case_id, "main"), id=f"case/{case_id}")
    await world.rests(case)
    await skipping.sleep(timedelta(days=LOOKS_A_RUN + 2))
    newest = world.client.get_workflow_handle(f"case/{case_id}")
    described = await newest.describe()
    assert described.run_id != case.first_execution_run_id
    assert described.history_length < 40
    assert len(world.told) > LOOKS_A_RUN, "a look for each day, whichever run it belongs to"
    world.cured = True
    await newest.execute_update("happened", CaseEvent(uuid.uuid4()))
    assert await newest.result() == "cured"
