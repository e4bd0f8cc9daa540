"""A part in somebody's loan: proven and signed by the party itself, declined by a word, or ended by the clock."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from workflows.acts import EndPart, FinishTask, InviteParty, ProveParty, SeePerson, SignPart, StartParty, StartSeeing
from workflows.offline_task import OfflineTask
from workflows.party import Party
from workflows.seeing import Seeing

AWAY = ApplicationError("the provider is away", non_retryable=True)


async def invited(world: Any) -> Any:
    party_id = uuid.uuid4()
    story = await world.start(Party.run, StartParty(party_id, "main"), id=f"party/{party_id}")
    said = await story.execute_update(Party.invite, InviteParty(uuid.uuid4()))
    assert said.stage == "invited"
    return story


async def proves(story: Any) -> str:
    return (await story.execute_update(Party.prove_party, ProveParty(uuid.uuid4()))).stage


async def test_p2_a_party_proves_itself_and_signs_and_may_sign_again_for_another_plan(world: Any) -> None:
    story = await invited(world)
    assert await proves(story) == "proven"
    for terms in ("these", "others"):
        signed = await story.execute_update(Party.sign_part, SignPart(uuid.uuid4(), uuid.uuid4(), terms))
        assert signed.stage == "signed"
    assert world.told == ["invited", "party proven", "party signed", "party signed"]
    assert world.calls["ask_party_check"] == 2


async def test_p2_a_party_who_declines_ends_its_part_with_a_name(world: Any) -> None:
    story = await invited(world)
    ended = await story.execute_update(Party.end_part, EndPart(uuid.uuid4(), "declined"))
    assert (ended.stage, await story.result()) == ("declined", "declined")


async def test_p2_a_party_who_does_not_answer_ends_its_part_with_a_name(world: Any) -> None:
    story = await invited(world)
    await world.rests(story)
    await world.move(timedelta(days=15), story)
    assert await story.result() == "lapsed"
    assert world.told[-1] == "party lapsed"


async def test_a_check_that_does_not_match_or_a_provider_that_is_away_loses_nothing(world: Any) -> None:
    story = await invited(world)
    world.checks["liveness"] = "mismatch"
    assert await proves(story) == "invited"
    world.fails["ask_party_check"] = AWAY
    assert await proves(story) == "invited"
    world.checks.clear()
    world.fails.clear()
    assert await proves(story) == "proven"


@pytest.mark.parametrize("end", ["declined", "removed"])
async def test_nothing_can_be_signed_after_the_end(world: Any, end: str) -> None:
    story = await invited(world)
    await story.execute_update(Party.end_part, EndPart(uuid.uuid4(), end))
    with pytest.raises(Exception):  # noqa: B017  refused, or the workflow is over
        await story.execute_update(Party.sign_part, SignPart(uuid.uuid4(), uuid.uuid4(), "these"))


async def test_p17_whoever_asks_to_be_seen_has_a_task_with_a_manager_and_what_they_saw_is_concluded(world: Any) -> None:
    task_id = uuid.uuid4()
    story = await world.start(Seeing.run, StartSeeing(task_id, "main"), id=f"seeing/{task_id}")
    assert (await story.execute_update(Seeing.see, SeePerson(uuid.uuid4()))).stage == "identity"
    task = world.client.get_workflow_handle(f"task/{task_id}")
    await world.rests(task)
    await task.execute_update(OfflineTask.finish, FinishTask(uuid.uuid4()))
    assert await story.result() == "match"
    assert world.told[-1] == "seen done"
