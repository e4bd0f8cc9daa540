"""A receivable's story: asked about every day, proven or confirmed, pledged, watched, and ended by a name."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from workflows.receivable import Receivable
from workflows.receivable_acts import (
    JudgeReceivable,
    LookAtReceivable,
    NoteReceivable,
    OfferReceivable,
    PledgeReceivable,
    ProveReceivable,
    ReleaseReceivable,
    StartReceivable,
)

AWAY = ApplicationError("the register is away", non_retryable=True)
PROOFS = {"order": "1", "delivery": "2", "payments": "3"}


async def offered(world: Any, state: str = "asked") -> Any:
    receivable_id, world.claim_state = uuid.uuid4(), state
    start = StartReceivable(receivable_id, "main")
    story = await world.start(Receivable.run, start, id=f"receivable/{receivable_id}")
    await story.execute_update(Receivable.offer, OfferReceivable(uuid.uuid4()))
    return story


async def test_d2_a_confirmed_receivable_is_pledged_watched_and_released_once_it_is_paid(world: Any) -> None:
    world.buyer_confirms = True
    story = await offered(world)
    pledged = await story.execute_update(Receivable.pledge, PledgeReceivable(uuid.uuid4(), uuid.uuid4()))
    assert pledged.stage == "pledged"
    await world.rests(story)
    await world.move(timedelta(days=31), story)
    await world.until(lambda: "verified again" in world.told)
    paid = await story.execute_update(Receivable.note, NoteReceivable(uuid.uuid4(), "paid", 100))
    assert paid.stage == "released"
    assert await story.result() == "released"
    assert world.told[:3] == ["receivable asked", "buyer confirmed", "pledged"]


async def test_a_buyer_is_looked_for_every_day_and_one_that_never_answers_ends_it(world: Any) -> None:
    story = await offered(world)
    for _ in range(31):
        asked = world.told.count("buyer asked")
        await world.rests(story)
        await world.move(timedelta(days=1), story)
        await world.until(lambda before=asked: world.told.count("buyer asked") > before)
        if world.claim_state == "lapsed":
            break
    assert await story.result() == "lapsed"


async def test_d6_papers_that_prove_nothing_are_a_refusal_and_the_story_goes_on(world: Any) -> None:
    story = await offered(world)
    with pytest.raises(WorkflowUpdateFailedError) as wrong:
        await story.execute_update(Receivable.prove, ProveReceivable(uuid.uuid4(), {}))
    assert wrong.value.cause.type == "NotSupported"
    assert (await story.execute_update(Receivable.prove, ProveReceivable(uuid.uuid4(), PROOFS))).stage == "supported"


async def test_d1_one_that_is_like_another_waits_for_a_word(world: Any) -> None:
    story = await offered(world, "review")
    assert "buyer asked" not in world.told
    cleared = await story.execute_update(Receivable.judge, JudgeReceivable(uuid.uuid4(), clears=True))
    assert cleared.stage == "asked"
    assert world.told[-1] == "buyer asked"


async def test_one_that_nobody_compares_or_pledges_lapses(world: Any) -> None:
    story = await offered(world, "review")
    await world.rests(story)
    await world.move(timedelta(days=6), story)
    assert await story.result() == "lapsed"


async def test_a_register_that_is_away_while_its_owner_pledges_is_told_and_loses_nothing(world: Any) -> None:
    world.buyer_confirms = True
    story = await offered(world)
    world.fails["pledge_receivable"] = AWAY
    with pytest.raises(WorkflowUpdateFailedError) as away:
        await story.execute_update(Receivable.pledge, PledgeReceivable(uuid.uuid4(), uuid.uuid4()))
    assert away.value.cause.type == "RegistersSilent"
    world.fails.clear()
    again = PledgeReceivable(uuid.uuid4(), uuid.uuid4())
    assert (await story.execute_update(Receivable.pledge, again)).stage == "pledged"


async def test_a_platform_that_is_away_puts_it_off_and_whoever_says_something_is_heard(world: Any) -> None:
    story = await offered(world)
    world.fails["ask_buyer"] = AWAY
    await world.rests(story)
    await world.move(timedelta(days=1), story)
    await world.until(lambda: "put off" in world.told)
    assert (await story.execute_update(Receivable.prove, ProveReceivable(uuid.uuid4(), PROOFS))).stage == "supported"


async def test_what_is_paid_and_could_not_be_released_is_released_when_it_is_looked_at_next(world: Any) -> None:
    world.buyer_confirms = True
    story = await offered(world)
    await story.execute_update(Receivable.pledge, PledgeReceivable(uuid.uuid4(), uuid.uuid4()))
    world.fails["release_receivable"] = AWAY
    with pytest.raises(WorkflowUpdateFailedError):
        await story.execute_update(Receivable.note, NoteReceivable(uuid.uuid4(), "paid", 100))
    world.fails.clear()
    world.claim_paid = True
    await world.rests(story)
    await world.move(timedelta(days=31), story)
    assert await story.result() == "released"


async def test_the_same_word_twice_is_one_and_after_the_end_there_is_none(world: Any) -> None:
    story = await offered(world)
    look = LookAtReceivable(uuid.uuid4())
    for _ in range(2):
        assert (await story.execute_update(Receivable.look, look, id=str(uuid.uuid4()))).problem == "no_answer"
    assert world.told.count("buyer asked") == 2
    await story.execute_update(Receivable.release, ReleaseReceivable(uuid.uuid4()))
    assert await story.result() == "released"
    with pytest.raises(Exception):  # noqa: B017  refused, or the workflow is over
        await story.execute_update(Receivable.look, LookAtReceivable(uuid.uuid4()))
