"""P34: a sitting waits for days, hears each word, is counted once, and ends in sealed minutes."""

import uuid
from datetime import timedelta
from typing import Any

from temporalio.testing import WorkflowEnvironment

from workflows.acts import Progress
from workflows.committee import Committee
from workflows.committee_acts import HearCommittee, StartCommittee

World = Any


async def called(world: World) -> Any:
    sitting_id = uuid.uuid4()
    sitting = await world.start(Committee.run, StartCommittee(sitting_id, "main"), id=f"committee/{sitting_id}")
    await sitting.execute_update("hear", HearCommittee(uuid.uuid4()), result_type=Progress)
    await world.rests(sitting)
    return sitting


async def test_p34_a_sitting_waits_days_and_is_counted_at_its_hour(world: World, skipping: WorkflowEnvironment) -> None:
    world.votes_within = timedelta(days=9)
    sitting = await called(world)
    await skipping.sleep(timedelta(days=8))
    assert "votes counted" not in world.told
    await skipping.sleep(timedelta(days=2))
    assert await sitting.result() == "decided"
    assert world.told[-2:] == ["votes counted", "minutes sealed"]


async def test_p34_a_sitting_is_counted_as_soon_as_the_last_member_has_spoken(world: World) -> None:
    sitting = await called(world)
    await sitting.execute_update("hear", HearCommittee(uuid.uuid4()), result_type=Progress)
    await world.rests(sitting)
    assert "votes counted" not in world.told
    world.all_voted = True
    await sitting.execute_update("hear", HearCommittee(uuid.uuid4()), result_type=Progress)
    assert await sitting.result() == "decided"
    assert world.told.count("votes counted") == 1
