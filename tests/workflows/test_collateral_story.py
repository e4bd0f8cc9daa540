"""A piece of collateral's story: valued, signed on, registered, valued anew each year, and ended by a name."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from workflows.acts import FinishTask
from workflows.collateral import Collateral
from workflows.collateral_acts import (
    AddCollateral,
    Appraise,
    HoldAgainst,
    OfferCollateral,
    ReleaseCollateral,
    Revalue,
    Search,
    Secure,
    StartCollateral,
    Unwind,
)

AWAY = ApplicationError("the register is away", non_retryable=True)


async def offered(world: Any) -> Any:
    piece = uuid.uuid4()
    story = await world.start(Collateral.run, StartCollateral(piece, "main"), id=f"collateral/{piece}")
    await story.execute_update(Collateral.offer, OfferCollateral(uuid.uuid4()))
    await world.until(lambda: world.piece.task_id is not None)
    return story


async def visited(world: Any) -> None:
    """Whoever was sent has been there."""
    heard = world.told.count("collateral task done")
    task = world.client.get_workflow_handle(f"task/{world.piece.task_id}")
    await world.rests(task)
    await task.execute_update("finish", FinishTask(uuid.uuid4()))
    await world.until(lambda: world.told.count("collateral task done") > heard)


async def valued(world: Any) -> Any:
    story = await offered(world)
    await visited(world)
    assert (await story.execute_update(Collateral.appraise, Appraise(uuid.uuid4()))).stage == "valued"
    return story


async def test_b4_the_second_valuer_is_another_task_of_the_same_story(world: Any) -> None:
    world.second = True
    story = await offered(world)
    first = world.piece.task_id
    await visited(world)
    assert (await story.execute_update(Collateral.appraise, Appraise(uuid.uuid4()))).stage == "second"
    assert world.piece.task_id != first
    await visited(world)
    assert (await story.execute_update(Collateral.appraise, Appraise(uuid.uuid4()))).stage == "valued"


async def test_p18_a_registered_piece_is_valued_anew_each_year_until_the_loan_is_paid(world: Any) -> None:
    story = await valued(world)
    assert (await story.execute_update(Collateral.secure, Secure(uuid.uuid4()))).stage == "registered"
    assert (await story.execute_update(Collateral.search, Search(uuid.uuid4()))).stage == "registered"
    for year in (1, 2):
        await world.rests(story)
        await world.move(timedelta(days=366), story)
        await world.until(lambda year=year: world.told.count("revaluing") == year)
        await visited(world)
        assert (await story.execute_update(Collateral.appraise, Appraise(uuid.uuid4()))).stage == "registered"
    assert (await story.execute_update(Collateral.release, ReleaseCollateral(uuid.uuid4()))).stage == "released"
    assert await story.result() == "released"


async def test_d3_an_invoice_that_was_credited_is_valued_at_once_and_not_at_its_day(world: Any) -> None:
    story = await valued(world)
    await story.execute_update(Collateral.secure, Secure(uuid.uuid4()))
    before = world.told.count("revaluing")
    assert (await story.execute_update(Collateral.revalue, Revalue(uuid.uuid4()))).stage == "registered"
    assert world.told.count("revaluing") == before + 1


async def test_b8_a_piece_that_is_added_later_is_registered_at_once_and_ends_anothers_cure(world: Any) -> None:
    story = await valued(world)
    assert (await story.execute_update(Collateral.add, AddCollateral(uuid.uuid4(), uuid.uuid4()))).stage == "registered"
    assert world.told[-2:] == ["collateral added", "collateral registered"]
    world.piece = world.stood("registered", timedelta(days=30), task_id=uuid.uuid4())  # somebody seeks a cure
    assert (await story.execute_update(Collateral.hold, HoldAgainst(uuid.uuid4()))).stage == "registered"
    assert world.told[-1] == "cured"


async def test_b6_a_registration_that_waits_is_asked_again_and_somebody_goes_to_its_window(world: Any) -> None:
    story = await valued(world)
    world.register_says = "waits"
    assert (await story.execute_update(Collateral.secure, Secure(uuid.uuid4()))).stage == "securing"
    await world.rests(story)
    await world.move(timedelta(hours=2), story)
    await world.until(lambda: "collateral registered" in world.told)
    await world.until(lambda: "task cancelled" in world.told), "nobody needs to go any more"


async def test_b6_a_number_that_somebody_brings_from_the_window_is_taken_at_once(world: Any) -> None:
    story = await valued(world)
    world.register_says = "waits"
    await story.execute_update(Collateral.secure, Secure(uuid.uuid4()))
    await visited(world)
    await world.until(lambda: world.told[-1] == "collateral registered")


async def test_b6_a_registration_that_fails_ends_it_and_what_is_said_later_is_a_refusal(world: Any) -> None:
    story = await valued(world)
    world.register_says = "failed"
    assert (await story.execute_update(Collateral.secure, Secure(uuid.uuid4()))).stage == "failed"
    assert await story.result() == "failed"


async def test_what_nothing_comes_of_is_unwound_and_whoever_was_sent_is_called_back(world: Any) -> None:
    story = await offered(world)
    assert (await story.execute_update(Collateral.unwind, Unwind(uuid.uuid4()))).stage == "unwound"
    assert await story.result() == "unwound"
    assert "task cancelled" in world.told


async def test_a_register_that_is_away_is_told_and_asked_again_by_itself(world: Any) -> None:
    story = await valued(world)
    world.piece = world.stood("securing", timedelta(days=30))  # the contract was signed
    world.fails["register_collateral"] = AWAY
    with pytest.raises(WorkflowUpdateFailedError) as away:
        await story.execute_update(Collateral.secure, Secure(uuid.uuid4()))
    assert away.value.cause.type == "RegistersSilent"
    world.fails.clear()
    await world.rests(story)
    await world.move(timedelta(hours=2), story)
    await world.until(lambda: "collateral registered" in world.told)


async def test_one_that_is_valued_and_never_used_lapses_with_its_valuation(world: Any) -> None:
    story = await valued(world)
    await world.rests(story)
    await world.move(timedelta(days=366), story)
    assert await story.result() == "lapsed"


async def test_a_piece_that_nobody_goes_to_see_lapses_by_its_name(world: Any) -> None:
    story = await offered(world)
    task = world.client.get_workflow_handle(f"task/{world.piece.task_id}")
    for days in (7, 7, 130):
        await world.rests(task)
        await world.move(timedelta(days=days), task, story)
    await world.until(lambda: "collateral task unanswered" in world.told or "collateral lapsed" in world.told)
    assert await story.result() == "lapsed"
